// Owns a long run: many short ones, each in a process of its own, so that a million steps need no more memory than a few thousand, and
// one that breaks does not end the others. The same seed and steps give the same runs, however many go at once.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { derivedSeed } from './chance.ts';

export type Breach = {
  readonly invariant: string;
  /** Of the world, with which a run begins there. */
  readonly seed: number;
  readonly step: number;
  readonly message: string;
};

/** What `simulate --json` prints of one run. */
export type Told = {
  readonly steps: number;
  readonly worlds: number;
  readonly handoffs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly ends: Readonly<Record<string, number>>;
  readonly virtualMs: number;
  readonly broken: Breach | null;
};

export type LongRun = Omit<Told, 'broken'> & { readonly runs: number; readonly breaches: readonly Breach[] };

export type LongRunOptions = {
  readonly seed: number;
  readonly totalSteps: number;
  /** Processes at once. */
  readonly jobs: number;
  readonly onRun?: (sofar: LongRun, told: Told) => void;
};

/** Ten worlds: long enough that starting a process costs little. */
const STEPS_PER_RUN = 20_000;
const SCRIPT = fileURLToPath(new URL('simulate.ts', import.meta.url));
const NOTHING: LongRun = {
  runs: 0,
  steps: 0,
  worlds: 0,
  handoffs: 0,
  outcomes: {},
  ends: {},
  virtualMs: 0,
  breaches: [],
};

/** Plays all steps, whatever breaks on the way. Rejects when a run ends without saying anything. */
export async function longRun({ seed, totalSteps, jobs, onRun }: LongRunOptions): Promise<LongRun> {
  const shares = Array.from({ length: Math.ceil(totalSteps / STEPS_PER_RUN) }, (_, n) => ({
    seed: derivedSeed(seed, n),
    steps: Math.min(STEPS_PER_RUN, totalSteps - n * STEPS_PER_RUN),
  }));
  let sofar = NOTHING;
  const worker = async () => {
    for (let share = shares.shift(); share; share = shares.shift()) {
      const told = await played(share.seed, share.steps);
      sofar = withRun(sofar, told);
      onRun?.(sofar, told);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return sofar;
}

export function withRun(sofar: LongRun, told: Told): LongRun {
  return {
    runs: sofar.runs + 1,
    steps: sofar.steps + told.steps,
    worlds: sofar.worlds + told.worlds,
    handoffs: sofar.handoffs + told.handoffs,
    virtualMs: sofar.virtualMs + told.virtualMs,
    outcomes: added(sofar.outcomes, told.outcomes),
    ends: added(sofar.ends, told.ends),
    breaches: told.broken ? [...sofar.breaches, told.broken] : sofar.breaches,
  };
}

function added(sofar: Told['ends'], more: Told['ends']): Told['ends'] {
  const sums = { ...sofar };
  for (const [name, times] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + times;
  return sums;
}

function played(seed: number, steps: number): Promise<Told> {
  const args = [SCRIPT, '--quiet', '--json', '--seed', `${seed}`, '--steps', `${steps}`];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (stdout.trim() !== '') return resolve(JSON.parse(stdout) as Told);
      reject(new Error(`The run of seed ${seed} ended without saying what became of it: ${stderr}`, { cause: error }));
    });
  });
}
