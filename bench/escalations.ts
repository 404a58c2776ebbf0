// Owns the measure of whole escalations: how many durable ones a second with many at once, and how long one takes alone.

import { type Figure, median, quantile } from './figures.ts';
import { openHouse } from './house.ts';

const ROUNDS = 5;
const ESCALATIONS = 4_000;
const UNLOADED = 1_000;

export async function escalationsPerSecond(concurrency: number): Promise<Figure> {
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    await using house = await openHouse();
    const ids = await house.open(ESCALATIONS);
    const queue = ids.values();
    const started = performance.now();
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        for (const id of queue) await house.escalate(id);
      }),
    );
    const rate = (ESCALATIONS / (performance.now() - started)) * 1_000;
    // The first round warms the machine up and is not counted.
    if (round > 0) rates.push(rate);
  }
  const value = `${Math.round(median(rates))}/s`;
  return { measure: `durable escalations, ${concurrency} at once`, value, bar: '', holds: null };
}

export async function unloadedTimes(): Promise<readonly Figure[]> {
  await using house = await openHouse();
  const ids = await house.open(UNLOADED + 200);
  const times: number[] = [];
  for (const id of ids) times.push(await house.escalate(id));
  const counted = times.slice(200);
  const p50 = quantile(counted, 0.5);
  const p99 = quantile(counted, 0.99);
  return [
    {
      measure: 'our own time per escalation, unloaded, p50',
      value: `${p50.toFixed(2)} ms`,
      bar: '< 2 ms',
      holds: p50 < 2,
    },
    {
      measure: 'our own time per escalation, unloaded, p99',
      value: `${p99.toFixed(2)} ms`,
      bar: '< 10 ms',
      holds: p99 < 10,
    },
  ];
}
