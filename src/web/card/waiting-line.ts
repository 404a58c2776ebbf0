// Owns how many cards of one desktop keep a question open at once. Over HTTP/1.1 a browser makes six connections to a service: ten
// cards that wait for a briefing must leave some to the one that has it.

const LINES = ['1', '2', '3'].map((number) => `throughline-waits-${number}`);

/** Asks, with `waits` when a line was free. `ask` never rejects. */
export async function onWaitingLine<Answer>(ask: (waits: boolean) => Promise<Answer>): Promise<Answer> {
  for (const line of LINES) {
    const held = await heldOn(line, ask);
    if (held) return held.answer;
  }
  return ask(false);
}

/** Null where the line is taken, or the browser has no locks here (on plain http, or in a frame that may keep nothing). */
async function heldOn<Answer>(
  line: string,
  ask: (waits: boolean) => Promise<Answer>,
): Promise<{ readonly answer: Answer } | null> {
  try {
    return await navigator.locks.request(line, { ifAvailable: true }, async (lock) =>
      lock ? { answer: await ask(true) } : null,
    );
  } catch {
    return null;
  }
}
