// Owns the command line of the simulation: `npm run simulate -- --seed N --steps M`.

import { parseArgs } from 'node:util';
import { type LongRun, longRun } from './long-run.ts';
import { proveGuards } from './prove-guards.ts';
import { run } from './run.ts';

const HELP = `Runs the whole system in one process on a virtual clock while everything goes wrong, and checks H1 to H8 after every step.

  npm run simulate -- [--seed N] [--steps M]
  npm run simulate -- --total-steps M [--seed N] [--jobs J]

  --seed N    where all chance comes from (default: drawn); the same seed gives the same run
  --steps M   how many steps (default 20000)
  --total-steps M  a long run: many short ones, each in a process of its own, to the end whatever breaks
  --jobs J    with --total-steps and --guards: how many processes at once (default 1)
  --quiet     no progress
  --json      the verdict as JSON
  --guards    takes every guard away, one at a time, in a copy, and shows that it is missed
  --only TEXT with --guards: only those whose name has this text
  --within S  with --guards: how many seconds one is hunted at most (default 300)
  --help      this text

Exits with 1 when a promise is broken, and tells how to repeat it.`;

const PROGRESS_EVERY_MS = 5_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    steps: { type: 'string', default: '20000' },
    'total-steps': { type: 'string' },
    jobs: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    guards: { type: 'boolean', default: false },
    only: { type: 'string' },
    within: { type: 'string', default: '300' },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else process.exitCode = values.guards ? await guards() : await simulate();

async function guards(): Promise<number> {
  const [jobs, seconds] = [Number(values.jobs), Number(values.within)];
  if (![jobs, seconds].every((count) => Number.isSafeInteger(count) && count >= 1)) {
    console.error('--jobs and --within take a whole number of at least 1.');
    return 2;
  }
  return (await proveGuards({ only: values.only, jobs, withinMs: seconds * 1_000 })) > 0 ? 1 : 0;
}

async function simulate(): Promise<number> {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 0x1_0000_0000) : Number(values.seed);
  const steps = Number(values['total-steps'] ?? values.steps);
  const jobs = Number(values.jobs);
  const counts = [steps, jobs].every((count) => Number.isSafeInteger(count) && count >= 1);
  if (!Number.isSafeInteger(seed) || seed < 0 || !counts) {
    console.error('--seed takes a whole number; --steps, --total-steps and --jobs take one of at least 1.');
    return 2;
  }
  return values['total-steps'] === undefined ? oneRun(seed, steps) : manyRuns(seed, steps, jobs);
}

async function manyRuns(seed: number, totalSteps: number, jobs: number): Promise<number> {
  const startedAt = performance.now();
  const pace = ({ steps }: LongRun) => Math.round(steps / ((performance.now() - startedAt) / 1000));
  const done = await longRun({
    seed,
    totalSteps,
    jobs,
    onRun: (sofar, { broken }) => {
      if (broken && !values.json)
        console.log(`${broken.invariant}: ${broken.message}\n  Repeat it: ${repeating(broken)}`);
      if (values.quiet) return;
      const { steps, handoffs, breaches } = sofar;
      console.error(`${steps} steps, ${handoffs} handoffs, ${breaches.length} broken, ${pace(sofar)} steps/s`);
    },
  });
  const { runs, worlds, steps, handoffs, ends, virtualMs, breaches } = done;
  if (values.json) console.log(JSON.stringify({ seed, ...done }));
  else {
    console.log(`seed ${seed}: ${steps} steps in ${worlds} worlds and ${runs} processes, ${handoffs} handoffs`);
    console.log(table(ends));
    console.log(`${Math.round(virtualMs / 1000)} s of virtual time, ${pace(done)} steps/s`);
    console.log(breaches.length === 0 ? 'Every promise held.' : `${breaches.length} worlds broke a promise.`);
  }
  return breaches.length > 0 ? 1 : 0;
}

/** How the handoffs ended, the most frequent first. */
function table(ends: LongRun['ends']): string {
  const rows = Object.entries(ends).toSorted(([, a], [, b]) => b - a);
  return rows.map(([end, times]) => `${String(times).padStart(8)}  ${end}`).join('\n');
}

function repeating({ seed, step }: { readonly seed: number; readonly step: number }): string {
  return `npm run simulate -- --seed ${seed} --steps ${step}`;
}

async function oneRun(seed: number, steps: number): Promise<number> {
  const startedAt = performance.now();
  let toldAt = startedAt;
  const report = await run({
    seed,
    steps,
    onProgress: ({ steps: done, handoffs }) => {
      if (values.quiet || performance.now() - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = performance.now();
      console.error(
        `${done} of ${steps} steps, ${handoffs} handoffs, ${Math.round(done / ((toldAt - startedAt) / 1000))} steps/s`,
      );
    },
  });
  const { broken, worlds, handoffs, virtualMs, digest } = report;
  if (values.json) {
    const found = broken && {
      invariant: broken.violation.invariant,
      seed: broken.seed,
      step: broken.step,
      message: broken.message,
    };
    console.log(JSON.stringify({ ...report, broken: found ?? null }));
    return broken ? 1 : 0;
  }
  if (!broken) {
    console.log(
      `seed ${seed}: ${report.steps} steps in ${worlds} worlds, ${handoffs} handoffs, ${Math.round(virtualMs / 1000)} s of virtual time`,
    );
    console.log(table(report.ends));
    console.log(`trace ${digest}`);
    console.log('Every promise held.');
    if (!values.quiet) console.error(`${Math.round(report.steps / ((performance.now() - startedAt) / 1000))} steps/s`);
    return 0;
  }
  console.log(broken.trace.join('\n'));
  console.log(
    `\n${broken.violation.invariant} is broken at step ${broken.step} of the world of seed ${broken.seed} (run of seed ${seed}):`,
  );
  console.log(broken.message);
  console.log(`\nRepeat it: ${repeating(broken)}`);
  return 1;
}
