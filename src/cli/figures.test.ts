import { describe, expect, it } from 'vitest';
import { countBy, countsLine, milliseconds, percentile, table } from './figures.ts';

describe('figures', () => {
  it('take percentiles by nearest rank, and none of nothing', () => {
    const hundred = Array.from({ length: 100 }, (_none, index) => 100 - index);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([], 0.5)).toBeUndefined();
  });

  it('count words, the most frequent first', () => {
    expect(Object.entries(countBy(['b', 'a', 'a']))).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(countsLine({ completed: 78, refused: 2 })).toBe('completed 78, refused 2');
    expect(countsLine({})).toBe('none');
  });

  it('show milliseconds as finely as they matter', () => {
    expect([milliseconds(1.234), milliseconds(1234.5), milliseconds(undefined)]).toEqual(['1.2 ms', '1,235 ms', '-']);
  });

  it('stand in two columns', () => {
    expect(
      table([
        ['a', '1'],
        ['long', '2'],
      ]),
    ).toBe('  a     1\n  long  2');
  });
});
