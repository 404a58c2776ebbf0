// Tests how long is waited before a step is tried again.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelayMs } from './retry.ts';

describe('the delay before the next try', () => {
  it('doubles from a quarter of a second, with half of it left to chance, up to 15 s', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 50].map((attempt) => retryDelayMs(attempt, 0))).toEqual([
      125, 250, 500, 1_000, 2_000, 4_000, 7_500, 7_500, 7_500,
    ]);
    expect(retryDelayMs(0, 0.999)).toBe(250);
    expect(retryDelayMs(50, 0.999)).toBe(14_993);
  });

  it('is whole, positive, never longer than 15 s and never shorter than for an earlier try', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
        const delay = retryDelayMs(attempt, chance);
        expect(Number.isInteger(delay) && delay > 0 && delay <= 15_000).toBe(true);
        expect(retryDelayMs(attempt + 1, chance)).toBeGreaterThanOrEqual(delay);
      }),
    );
  });

  it('is never shorter than what the far side asked for, and hardly longer', () => {
    expect(retryDelayMs(0, 0, 30_000)).toBe(30_000);
    expect(retryDelayMs(9, 0.999, 30_000)).toBe(30_250);
  });

  it('is never nothing, though the far side asks for no wait: that would be a storm', () => {
    expect(retryDelayMs(0, 0, 0)).toBe(125);
    expect(retryDelayMs(9, 0, 0)).toBe(125);
  });
});
