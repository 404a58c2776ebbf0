// Owns what must be true before the service is ready: every queue that a rule names exists on some platform, and every fallback
// queue on its own (found at start, not at 3 a.m.). A platform that cannot be reached makes the service wait, not stop (docs/decisions/0004).

import type { Clock } from './clock.ts';
import type { Queue } from './context/conversation.ts';
import type { Outcome } from './outcome.ts';
import { type QueueRules, unknownQueues } from './protocols/queue-rules.ts';

export type CheckedPlatform = {
  readonly name: string;
  readonly queues: () => Promise<Outcome<readonly Queue[]>>;
  /** Where callers whose transfer failed are put: it must be one of its own. */
  readonly fallbackQueue?: string;
};

export type StartCheck = {
  /** Null while a platform has not answered yet; `faults` are sentences that say what to do. */
  readonly verdict: () => { readonly faults: readonly string[] } | { readonly waitingFor: readonly string[] };
  /** The faults that every platform's first answer showed: reason enough not to start. None when one did not answer. */
  readonly atStart: Promise<readonly string[]>;
  /** Resolves with the faults once every platform has answered; later than at start they leave the service unready. */
  readonly done: Promise<readonly string[]>;
};

const ASK_AGAIN_MS = 5_000;

/** Reads every platform's queues, again and again until all have answered, and then holds the rules to them. */
export function startCheck(
  rules: QueueRules,
  platforms: readonly CheckedPlatform[],
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): StartCheck {
  const known = new Map<string, readonly Queue[]>();
  let failures: string[] = [];
  let faults: readonly string[] | null = null;

  async function round(): Promise<void> {
    const missing = platforms.filter(({ name }) => !known.has(name));
    const outcomes = await Promise.all(missing.map(async ({ name, queues }) => ({ name, outcome: await queues() })));
    failures = [];
    for (const { name, outcome } of outcomes) {
      if (outcome.kind === 'done') known.set(name, outcome.value);
      else failures.push(`${name}: ${outcome.code}${outcome.detail ? ` (${outcome.detail})` : ''}`);
    }
  }

  const firstRound = round();
  const done = (async () => {
    await firstRound;
    while (known.size < platforms.length && !signal.aborted) {
      await clock.sleep(ASK_AGAIN_MS, signal);
      await round();
    }
    if (known.size < platforms.length) return [];
    faults = [...faultsOf(rules, known), ...platforms.flatMap((platform) => withoutFallback(platform, known))];
    return faults;
  })();
  const atStart = firstRound.then(() => (known.size === platforms.length ? done : []));
  return { verdict: () => (faults ? { faults } : { waitingFor: failures }), atStart, done };
}

function withoutFallback(
  { name, fallbackQueue }: CheckedPlatform,
  known: ReadonlyMap<string, readonly Queue[]>,
): readonly string[] {
  const queues = known.get(name) ?? [];
  if (fallbackQueue === undefined || queues.some((queue) => queue.name === fallbackQueue)) return [];
  return [
    `platforms.${name}.transfers.fallbackQueue is "${fallbackQueue}", which ${name} does not show to its credentials. Correct the name, or ` +
      `give the credentials the queue's division. Visible: ${queues.map((queue) => queue.name).join(', ') || 'none'}.`,
  ];
}

function faultsOf(rules: QueueRules, known: ReadonlyMap<string, readonly Queue[]>): readonly string[] {
  const queues = [...known.values()].flat();
  return unknownQueues(rules, new Set(queues.map(({ name }) => name))).map(
    ({ queue, where }) =>
      `${where} sends to the queue "${queue}", which no platform shows to its credentials. Correct the name, or give the ` +
      `credentials the queue's division. Visible: ${queues.map(({ name }) => name).join(', ') || 'none'}.`,
  );
}
