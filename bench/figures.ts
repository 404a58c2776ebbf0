// Owns how the benches read a list of figures.

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

export type Figure = {
  readonly measure: string;
  readonly value: string;
  readonly bar: string;
  readonly holds: boolean | null;
};

export function printFigures(figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ measure }) => measure.length));
  for (const { measure, value, bar, holds } of figures) {
    const verdict = holds === null ? '' : holds ? 'holds' : 'MISSED';
    console.log(`${measure.padEnd(width)}  ${value.padStart(12)}  ${bar.padEnd(10)} ${verdict}`);
  }
}
