// Owns one run of the conformance suite: every check in order, each with what became of it. A check that breaks stops no other.

import { BASICS, type Check } from './conformance-basics.ts';
import { Bench, Broken, NotPromised, NotTried, type Step, type Target } from './conformance-bench.ts';
import { CONSULTATIONS } from './conformance-consultations.ts';
import { DENIED } from './conformance-denied.ts';
import { EVENTS } from './conformance-events.ts';
import { INTERACTIONS } from './conformance-interactions.ts';
import { NoAnswer } from './conformance-line.ts';
import { RESERVATIONS } from './conformance-reservations.ts';
import { TRANSFERS } from './conformance-transfers.ts';

export const CHECKS: readonly Check[] = [
  ...BASICS,
  ...DENIED,
  ...RESERVATIONS,
  ...INTERACTIONS,
  ...TRANSFERS,
  ...CONSULTATIONS,
  ...EVENTS,
];

/** What the contract promises and nobody can make a stranger's server show. */
export const BEYOND: readonly string[] = [
  '429: it is not provoked. Where one came, it was held against the contract (a Problem, Retry-After) and waited for.',
  'That metadata.token travels with the call as User-to-User, and that a call which brings one is known by it.',
  'That the number which a reservation lends rings, and that a reserved call is found by it.',
  'That the same Idempotency-Key is known for a day, and that an event is sent again for two minutes.',
];

export type Checked = {
  readonly name: string;
  readonly promise: string;
  /** Not promised: the gateway does not say that it does this. Not tried: something is missing that can be given. */
  readonly result: 'kept' | 'broken' | 'not-promised' | 'not-tried';
  /** Why it is not promised, or was not tried. */
  readonly reason?: string;
  /** What was sent, expected and came; the last one is where it broke. */
  readonly steps: readonly Step[];
};

/** Runs them one after another. What the wanted ones need to know is asked all the same. */
export async function runConformance(
  target: Target,
  {
    wanted = () => true,
    onCheck = () => {},
  }: { readonly wanted?: (name: string) => boolean; readonly onCheck?: (check: Check, n: number) => void } = {},
): Promise<readonly Checked[]> {
  const bench = new Bench(target);
  const checked: Checked[] = [];
  for (const [index, check] of CHECKS.entries()) {
    if (!wanted(check.name) && check.name !== 'capabilities') continue;
    onCheck(check, index + 1);
    const one = await judgedInPeace(check, bench);
    if (wanted(check.name)) checked.push(one);
  }
  return checked;
}

/** In a check that had to wait for a quota, what was held may have run out meanwhile: it is tried anew, with the quota that has come. */
async function judgedInPeace(check: Check, bench: Bench): Promise<Checked> {
  for (let tries = 1; ; tries += 1) {
    bench.takePaused();
    const one = await judged(check, bench);
    if (one.result !== 'broken' || !bench.takePaused() || tries === MOST_TRIES) return one;
  }
}
const MOST_TRIES = 3;

async function judged({ name, promise, run }: Check, bench: Bench): Promise<Checked> {
  try {
    await run(bench);
    return { name, promise, result: 'kept', steps: bench.takeSteps() };
  } catch (error) {
    const steps = bench.takeSteps();
    if (error instanceof NotTried) return { name, promise, result: 'not-tried', reason: error.message, steps };
    if (error instanceof NotPromised) return { name, promise, result: 'not-promised', reason: error.message, steps };
    if (error instanceof Broken) return { name, promise, result: 'broken', steps };
    if (!(error instanceof NoAnswer)) throw error;
    const silence = { sent: error.message, expected: 'an answer', came: 'none', kept: false };
    return { name, promise, result: 'broken', steps: [...steps, silence] };
  } finally {
    await bench.tidy();
    bench.takeSteps();
  }
}
