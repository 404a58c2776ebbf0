// Owns the command line of the simulation: `npm run simulate -- --seed N --steps M`.

import { parseArgs } from 'node:util';
import { proveGuards } from './prove-guards.ts';
import { run } from './run.ts';

const HELP = `Runs the whole system in one process on a virtual clock while everything goes wrong, and checks H1 to H8 after every step.

  npm run simulate -- [--seed N] [--steps M]

  --seed N    where all chance comes from (default: drawn); the same seed gives the same run
  --steps M   how many steps (default 20000)
  --quiet     no progress
  --json      the verdict as JSON
  --guards    takes every guard away, one at a time, in a copy, and shows that it is missed
  --only TEXT with --guards: only those whose name has this text
  --help      this text

Exits with 1 when a promise is broken, and tells how to repeat it.`;

const PROGRESS_EVERY_MS = 5_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    steps: { type: 'string', default: '20000' },
    json: { type: 'boolean', default: false },
    guards: { type: 'boolean', default: false },
    only: { type: 'string' },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else if (values.guards) process.exitCode = (await proveGuards(values.only)) > 0 ? 1 : 0;
else process.exitCode = await simulate();

async function simulate(): Promise<number> {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 0x1_0000_0000) : Number(values.seed);
  const steps = Number(values.steps);
  if (!Number.isSafeInteger(seed) || seed < 0 || !Number.isSafeInteger(steps) || steps < 1) {
    console.error('--seed takes a whole number, --steps one of at least 1.');
    return 2;
  }
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
  const { broken, worlds, handoffs, outcomes, virtualMs, digest } = report;
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
    console.log(`outcomes: ${JSON.stringify(outcomes)}`);
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
  console.log(`\nRepeat it: npm run simulate -- --seed ${broken.seed} --steps ${broken.step}`);
  return 1;
}
