// Owns the proof that the simulation can fail: each guard is taken away, one at a time, and the simulation must find that out.

import { GUARDS } from './guards.ts';
import { hunt } from './without-guard.ts';

const STEPS = 1_000_000;
const WITHIN_MS = 300_000;

/** Prints one row of a table per guard. Returns how many were not missed. */
export async function proveGuards(only: string | undefined): Promise<number> {
  console.log('| guard | keeps | broken | seed | step |\n|---|---|---|---|---|');
  let unnoticed = 0;
  for (const guard of GUARDS) {
    if (only !== undefined && !guard.name.includes(only)) continue;
    const found = await hunt(guard, { seed: 1, steps: STEPS, withinMs: WITHIN_MS });
    if (!found) unnoticed += 1;
    const row = found ? [found.invariant, found.seed, found.step] : ['nothing was noticed', '', ''];
    console.log(`| ${[guard.name, guard.keeps, ...row].join(' | ')} |`);
  }
  return unnoticed;
}
