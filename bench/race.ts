// `npm run race`: the same durable handoff on Throughline and on its peers, side by side, lap by lap in turn, as medians. Exits
// non-zero only when the bench itself fails; a missed bar is printed as MISSED.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { absence, ENTRANTS, type EntrantEntry, runLapOf } from './race-entrants.ts';
import { barsOf, type Laps, printRace, raceChart } from './race-report.ts';

const AT_ONCE = [1, 100, 400] as const;

const HELP = `npm run race -- [options]

Runs the same four-step durable handoff on Throughline and on BullMQ, Restate, Graphile Worker and DBOS in one run, with 1, 100 and
400 callers at once. Installs the peers' packages below bench/peers on first use. Needs redis-server on PATH for BullMQ; without
it that entrant is left out. All data goes below the system's temporary folder (set TMPDIR for another file system).

  --rounds <n>      rounds that count (5); one more before them warms the machine up
  --seconds <n>     about how long one lap is (3)
  --quick           one round of one-second laps, no warm-up round: to see that it works
  --only <a,b,…>    only these entrants: ${ENTRANTS.map(({ name }) => name).join(', ')}
  --help            this text

A full run writes docs/race.svg; every run writes its raw figures as JSON and says where.`;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

async function race(): Promise<void> {
  const rounds = positive('rounds', options.rounds, options.quick ? 1 : 5);
  const seconds = positive('seconds', options.seconds, options.quick ? 1 : 3);
  install();
  const entrants = chosen(options.only);
  const shared = mkdtempSync(join(tmpdir(), 'throughline-race-'));
  const startedAt = performance.now();
  const stop = new AbortController();
  const interrupted = () => stop.abort(new Error('interrupted'));
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  try {
    const machine = describeMachine(shared);
    console.log(`${machine}\n`);
    const laps: Laps = new Map(entrants.map(({ name }) => [name, new Map(AT_ONCE.map((atOnce) => [atOnce, []]))]));
    // The warm-up round has the number 0 and is not counted.
    for (let round = options.quick ? 1 : 0; round <= rounds; round += 1) {
      const length = round === 0 ? 1 : seconds;
      await runRound(round, length, entrants, laps, shared, stop.signal);
    }
    report(entrants, laps, machine, rounds);
    console.log(`Took ${Math.round((performance.now() - startedAt) / 1_000)} s.`);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error('Interrupted; the servers are stopped and their data is gone.');
    process.exitCode = 130;
  } finally {
    rmSync(shared, { recursive: true, force: true });
  }
}

/** Every entrant at every load; who begins moves on by one from round to round. */
async function runRound(
  round: number,
  seconds: number,
  entrants: readonly EntrantEntry[],
  laps: Laps,
  shared: string,
  signal: AbortSignal,
): Promise<void> {
  const first = round % entrants.length;
  for (const atOnce of AT_ONCE) {
    for (const entrant of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      const figures = await runLapOf(entrant, { atOnce, seconds }, shared, signal);
      if (round > 0) laps.get(entrant.name)?.get(atOnce)?.push(figures);
      const speed = `${Math.round(figures.perSecond)}/s`.padStart(8);
      const which = round === 0 ? 'warm-up' : `round ${round}`;
      console.log(`${which}  ${String(atOnce).padStart(3)} at once  ${entrant.label.padEnd(24)} ${speed}`);
    }
  }
}

function report(entrants: readonly EntrantEntry[], laps: Laps, machine: string, rounds: number): void {
  printRace(entrants, laps, AT_ONCE);
  const bars = barsOf(laps);
  for (const { bar, value, verdict } of bars) console.log(`${bar.padEnd(66)} ${value.padStart(8)}  ${verdict}`);
  const raw = join(mkdtempSync(join(tmpdir(), 'throughline-race-figures-')), 'race.json');
  const byEntrant = Object.fromEntries([...laps].map(([name, loads]) => [name, Object.fromEntries(loads)]));
  writeFileSync(raw, `${JSON.stringify({ machine, rounds, laps: byEntrant, bars }, null, 2)}\n`);
  console.log(`\nRaw figures: ${raw}`);
  if (options.quick || options.only) return;
  const chart = fileURLToPath(new URL('../docs/race.svg', import.meta.url));
  writeFileSync(chart, raceChart(entrants, laps, [100, 400], machine));
  console.log('Plot: docs/race.svg');
}

function install(): void {
  const script = fileURLToPath(new URL('../scripts/ensure-installed.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [script, 'bench/peers'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function chosen(only: string | undefined): readonly EntrantEntry[] {
  const names = only?.split(',').map((name) => name.trim());
  const unknown = names?.filter((name) => !ENTRANTS.some((entrant) => entrant.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`No entrant is called ${unknown.join(' or ')}; see --help.`);
  const entrants = ENTRANTS.filter((entrant) => {
    if (names && !names.includes(entrant.name)) return false;
    const reason = absence(entrant);
    if (reason) console.log(`Left out: ${entrant.label}: ${reason}`);
    return reason === null;
  });
  if (entrants.length === 0) throw new Error('Nobody is left to race.');
  return entrants;
}

function positive(name: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0, not ${given}.`);
  return value;
}

if (options.help) console.log(HELP);
else await race();
