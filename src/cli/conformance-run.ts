// Owns one run of the conformance suite: every check in order, each with what became of it. A check that breaks stops no other.

import { BASICS, type Check } from './conformance-basics.ts';
import { Bench, Broken, NoAnswer, NotTried, type Step, type Target } from './conformance-bench.ts';
import { EVENTS } from './conformance-events.ts';
import { INTERACTIONS } from './conformance-interactions.ts';
import { RESERVATIONS } from './conformance-reservations.ts';
import { TRANSFERS } from './conformance-transfers.ts';

export const CHECKS: readonly Check[] = [...BASICS, ...RESERVATIONS, ...INTERACTIONS, ...TRANSFERS, ...EVENTS];

export type Checked = {
  readonly name: string;
  readonly promise: string;
  readonly result: 'kept' | 'broken' | 'not-tried';
  /** Why it was not tried. */
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
    const one = await judged(check, bench);
    if (wanted(check.name)) checked.push(one);
  }
  return checked;
}

async function judged({ name, promise, run }: Check, bench: Bench): Promise<Checked> {
  try {
    await run(bench);
    return { name, promise, result: 'kept', steps: bench.takeSteps() };
  } catch (error) {
    const steps = bench.takeSteps();
    if (error instanceof NotTried) return { name, promise, result: 'not-tried', reason: error.message, steps };
    if (error instanceof Broken) return { name, promise, result: 'broken', steps };
    if (!(error instanceof NoAnswer)) throw error;
    const silence = { sent: error.message, expected: 'an answer', came: 'none', kept: false };
    return { name, promise, result: 'broken', steps: [...steps, silence] };
  } finally {
    await bench.tidy();
    bench.takeSteps();
  }
}
