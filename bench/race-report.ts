// Owns what the race says: the table, the bars and the chart. A ratio is taken within each round and its median is reported.

import { median } from './figures.ts';
import type { LapFigures } from './load.ts';
import { type Bar, barChart } from './plot.ts';
import { ENTRANTS, type EntrantEntry } from './race-entrants.ts';

/** Entrant → callers at once → one lap per counted round. */
export type Laps = ReadonlyMap<string, ReadonlyMap<number, LapFigures[]>>;

const of = (laps: Laps, name: string, atOnce: number) => laps.get(name)?.get(atOnce) ?? [];
const speed = (laps: Laps, name: string, atOnce: number) => median(of(laps, name, atOnce).map((lap) => lap.perSecond));

/** The fastest of those who took part, by its median. */
function bestOf(laps: Laps, names: readonly string[], atOnce: number): string | null {
  const present = names.filter((name) => of(laps, name, atOnce).length > 0);
  return present.toSorted((a, b) => speed(laps, b, atOnce) - speed(laps, a, atOnce))[0] ?? null;
}

/** The median over the rounds of one's speed by the other's. */
function ratio(laps: Laps, name: string, against: string, atOnce: number): number {
  const others = of(laps, against, atOnce);
  return median(of(laps, name, atOnce).map((lap, round) => lap.perSecond / (others[round]?.perSecond ?? Number.NaN)));
}

const PEERS = ENTRANTS.filter(({ ours }) => !ours);
const peerNames = (on?: EntrantEntry['on']) =>
  PEERS.filter((peer) => on === undefined || peer.on === on).map(({ name }) => name);

export function printRace(entrants: readonly EntrantEntry[], laps: Laps, loads: readonly number[]): void {
  for (const atOnce of loads) {
    const best = bestOf(laps, peerNames(), atOnce);
    console.log(`\n${atOnce} at once${' '.repeat(20)}handoffs/s    p50      p99     to the best peer  durable by`);
    for (const { name, label, durability } of entrants) {
      const counted = of(laps, name, atOnce);
      const cells = [
        label.padEnd(26),
        Math.round(speed(laps, name, atOnce))
          .toLocaleString('en')
          .padStart(9),
        milliseconds(counted.map(({ p50Ms }) => p50Ms)),
        milliseconds(counted.map(({ p99Ms }) => p99Ms)),
        (best ? `${ratio(laps, name, best, atOnce).toFixed(2)}×` : '–').padStart(12),
        `     ${durability}`,
      ];
      console.log(cells.join(' '));
    }
  }
  console.log('');
}

const milliseconds = (times: readonly number[]) => `${median(times).toFixed(1)} ms`.padStart(10);

type Judged = { readonly bar: string; readonly value: string; readonly verdict: 'holds' | 'MISSED' | 'not run' };

/** The bars of the race, each at 100 and at 400 at once. */
export function barsOf(laps: Laps): readonly Judged[] {
  const [embedded, cluster] = ['throughline-sqlite', 'throughline-postgres'];
  return [100, 400].flatMap((atOnce) => [
    judge(laps, atOnce, embedded, peerNames(), 5, 'embedded ≥ 5× the best peer'),
    judge(laps, atOnce, cluster, peerNames('postgres'), 5, 'on PostgreSQL ≥ 5× the best engine on PostgreSQL'),
    judge(laps, atOnce, cluster, ['bullmq'], 2, 'on PostgreSQL ≥ 2× BullMQ'),
  ]);
}

function judge(
  laps: Laps,
  atOnce: number,
  name: string,
  against: readonly string[],
  least: number,
  says: string,
): Judged {
  const bar = `${says}, ${atOnce} at once`;
  const best = bestOf(laps, against, atOnce);
  if (!best || of(laps, name, atOnce).length === 0) return { bar, value: '–', verdict: 'not run' };
  const value = ratio(laps, name, best, atOnce);
  return { bar, value: `${value.toFixed(2)}×`, verdict: value >= least ? 'holds' : 'MISSED' };
}

export function raceChart(
  entrants: readonly EntrantEntry[],
  laps: Laps,
  loads: readonly number[],
  machine: string,
): string {
  const groups = loads.map((atOnce) => ({
    title: `${atOnce} callers at once`,
    bars: entrants
      .map(({ name, label, ours }): Bar => ({ label, value: speed(laps, name, atOnce), strong: ours }))
      .toSorted((a, b) => b.value - a.value),
  }));
  return barChart({ title: 'Durable handoffs a second', groups, footnote: machine });
}
