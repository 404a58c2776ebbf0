// Tests what the race says of its laps: ratios within a round, bars judged only when both sides ran, a chart on one scale.

import { describe, expect, it } from 'vitest';
import type { LapFigures } from '../../bench/load.ts';
import { barChart } from '../../bench/plot.ts';
import { ENTRANTS } from '../../bench/race-entrants.ts';
import { barsOf, type Laps, raceChart } from '../../bench/race-report.ts';

const lap = (perSecond: number): LapFigures => ({ handoffs: 1, perSecond, p50Ms: 1, p99Ms: 2 });
const laps = (speeds: Readonly<Record<string, readonly number[]>>): Laps =>
  new Map(Object.entries(speeds).map(([name, perRound]) => [name, new Map([[100, perRound.map(lap)]])]));
const at100 = (speeds: Readonly<Record<string, readonly number[]>>) =>
  barsOf(laps(speeds)).filter(({ bar }) => bar.endsWith('100 at once'));

describe('the bars of the race', () => {
  it('takes each ratio within its own round, so that a slow round of the machine counts for both', () => {
    const [embedded] = at100({ 'throughline-sqlite': [6_000, 600, 7_000], bullmq: [1_000, 100, 1_000] });
    expect(embedded).toMatchObject({ value: '6.00×', verdict: 'holds' });
  });

  it('compares with the best of the peers, not with the first', () => {
    const [embedded] = at100({ 'throughline-sqlite': [5_000], dbos: [100], restate: [2_000], bullmq: [1_000] });
    expect(embedded).toMatchObject({ value: '2.50×', verdict: 'MISSED' });
  });

  it('holds PostgreSQL against the engines on PostgreSQL by five and against BullMQ by two', () => {
    const [, engines, bullmq] = at100({
      'throughline-postgres': [2_500],
      dbos: [400],
      restate: [2_000],
      bullmq: [1_000],
    });
    expect(engines).toMatchObject({ value: '6.25×', verdict: 'holds' });
    expect(bullmq).toMatchObject({ value: '2.50×', verdict: 'holds' });
  });

  it('says that a bar was not run rather than that it holds', () => {
    expect(at100({ bullmq: [1_000] }).map(({ verdict }) => verdict)).toEqual(['not run', 'not run', 'not run']);
    expect(at100({ 'throughline-sqlite': [1_000] })[0]).toMatchObject({ verdict: 'not run' });
  });
});

describe('the chart', () => {
  it('draws every entrant of a load, the fastest first, ours in our colour', () => {
    const entrants = ENTRANTS.filter(({ name }) => ['bullmq', 'throughline-sqlite'].includes(name));
    const svg = raceChart(entrants, laps({ bullmq: [500], 'throughline-sqlite': [1_000] }), [100], 'A machine');
    expect(svg.indexOf('Throughline, embedded')).toBeLessThan(svg.indexOf('BullMQ + Redis'));
    expect(svg.match(/<rect class="\w+"/g)).toEqual(['<rect class="strong"', '<rect class="bar"']);
  });

  it('draws lengths in proportion, from zero', () => {
    const bars = [
      { label: 'a', value: 100, strong: true },
      { label: 'b', value: 25, strong: false },
    ];
    const svg = barChart({ title: 'T', groups: [{ title: 'G', bars }], footnote: '' });
    const [long, short] = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(long).toBeGreaterThan(0);
    expect((short ?? 0) / (long ?? 1)).toBeCloseTo(0.25, 2);
  });

  it('keeps what is written in it from becoming markup', () => {
    const bars = [{ label: '<b> & "c"', value: 1, strong: false }];
    const svg = barChart({ title: '<t>', groups: [{ title: 'G', bars }], footnote: '' });
    expect(svg).toContain('&lt;b&gt; &amp; &quot;c&quot;');
    expect(svg).not.toContain('<b>');
  });

  it('can be read on dark paper', () => {
    expect(barChart({ title: 'T', groups: [], footnote: '' })).toContain('prefers-color-scheme: dark');
  });
});
