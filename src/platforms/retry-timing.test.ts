// Tests what a vendor's headers say about when to come back.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, toldDelayMs } from './retry-timing.ts';

const NOW = Date.UTC(2026, 10, 20, 12, 0, 0);
const told = (status: number, headers: Record<string, string>) =>
  toldDelayMs({ status, headers: new Headers(headers) }, NOW);

describe('toldDelayMs', () => {
  it('reads Retry-After in seconds, MUST per RFC 9110 §10.2.3', () => {
    expect(told(429, { 'retry-after': '7' })).toBe(7_000);
    expect(told(503, { 'retry-after': ' 0 ' })).toBe(0);
  });

  it('reads Retry-After as an HTTP date, and a date gone by as no wait', () => {
    expect(told(429, { 'retry-after': 'Fri, 20 Nov 2026 12:00:30 GMT' })).toBe(30_000);
    expect(told(429, { 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' })).toBe(0);
  });

  it('prefers Retry-After to the rate header of Genesys', () => {
    expect(told(429, { 'retry-after': '3', 'inin-ratelimit-reset': '40' })).toBe(3_000);
  });

  it('falls back to inin-ratelimit-reset on a 429, and only there', () => {
    expect(told(429, { 'inin-ratelimit-reset': '40' })).toBe(40_000);
    expect(told(503, { 'inin-ratelimit-reset': '40' })).toBeUndefined();
  });

  it('caps what it is told, so that no answer parks a handoff for ever (H6)', () => {
    expect(told(429, { 'retry-after': '999999' })).toBe(120_000);
    expect(told(429, { 'retry-after': 'Fri, 20 Nov 2099 12:00:00 GMT' })).toBe(120_000);
  });

  it.each(['', '-1', '1.5', 'soon', '2026-11-20', 'Fri, 99 Nov 2026 12:00:00 GMT', '99999999999999'])(
    'says nothing for an unreadable time %j',
    (value) => {
      expect(told(429, { 'retry-after': value })).toBeUndefined();
      expect(told(429, { 'inin-ratelimit-reset': value })).toBeUndefined();
    },
  );
});

describe('backoffMs', () => {
  const bounds = { baseMs: 100, capMs: 5_000 };

  it('doubles its ceiling with each attempt up to the cap', () => {
    expect([1, 2, 3, 10, 1_000].map((attempt) => backoffMs(attempt, 0.999_999, bounds))).toEqual([
      99, 199, 399, 4_999, 4_999,
    ]);
  });

  it('is always between nothing and the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (attempt, chance) => {
          const delay = backoffMs(attempt, chance, bounds);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThan(bounds.capMs);
        },
      ),
    );
  });
});
