// Owns the proof that the simulation can fail: each guard is taken away, one at a time, and the simulation must find that out.

import { GUARDS } from './guards.ts';
import { hunt } from './without-guard.ts';

const STEPS = 1_000_000;

export type Hunting = {
  /** Only guards whose name has this text. */
  readonly only?: string | undefined;
  /** How many hunts at once, each in a process of its own. */
  readonly jobs: number;
  /** After which a guard counts as not missed. */
  readonly withinMs: number;
};

/** Prints one row of a table per guard, in the order in which they are found out. Returns how many were not missed. */
export async function proveGuards({ only = '', jobs, withinMs }: Hunting): Promise<number> {
  console.log('| guard | keeps | broken | seed | step |\n|---|---|---|---|---|');
  const left = GUARDS.filter(({ name }) => name.includes(only));
  let unnoticed = 0;
  const hunting = async () => {
    for (let guard = left.shift(); guard; guard = left.shift()) {
      const found = await hunt(guard, { seed: 1, steps: STEPS, withinMs });
      if (!found) unnoticed += 1;
      const row = found ? [found.invariant, found.seed, found.step] : ['nothing was noticed', '', ''];
      console.log(`| ${[guard.name, guard.keeps, ...row].join(' | ')} |`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, hunting));
  return unnoticed;
}
