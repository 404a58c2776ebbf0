// Tests how a platform's Date headers bound the difference of the clocks.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { farClock } from './far-clock.ts';

const START = Date.UTC(2026, 10, 20, 12);
const httpDate = (at: number) => new Date(at).toUTCString();

/** Answers of a platform whose clock is so far ahead of ours. */
function answers(clock: ReturnType<typeof farClock>, aheadMs: number, sentAt: readonly number[], tripMs = 100) {
  for (const sent of sentAt) clock.saw(httpDate(sent + tripMs / 2 + aheadMs), sent, sent + tripMs);
  return clock.offset((sentAt.at(-1) ?? 0) + tripMs);
}

describe('farClock', () => {
  it('knows nothing before several answers, and nothing from headers it cannot read', () => {
    const clock = farClock();
    expect(answers(clock, 0, [START, START + 300])).toBeUndefined();
    clock.saw(null, START, START);
    clock.saw('yesterday', START, START);
    expect(clock.offset(START)).toBeUndefined();
    expect(answers(clock, 0, [START + 600])).toBeDefined();
  });

  it.each([0, 3_000, -3_000])('comes close to a difference of %d ms, and never beyond it', (aheadMs) => {
    const sent = Array.from({ length: 8 }, (_, n) => START + n * 1_130);
    const offset = answers(farClock(), aheadMs, sent) ?? expect.fail();
    expect(offset.fromMs).toBeLessThanOrEqual(aheadMs);
    expect(offset.toMs).toBeGreaterThanOrEqual(aheadMs);
    expect(offset.toMs - offset.fromMs).toBeLessThan(500);
  });

  it('is never wrong, however long answers take', () => {
    const step = fc.record({ waitMs: fc.nat(5_000), thereMs: fc.nat(3_000), backMs: fc.nat(3_000) });
    fc.assert(
      fc.property(fc.integer({ min: -10_000, max: 10_000 }), fc.array(step, { minLength: 3 }), (aheadMs, steps) => {
        const clock = farClock();
        let now = START;
        for (const { waitMs, thereMs, backMs } of steps) {
          now += waitMs;
          clock.saw(httpDate(now + thereMs + aheadMs), now, now + thereMs + backMs);
          now += thereMs + backMs;
        }
        const { fromMs, toMs } = clock.offset(now) ?? expect.fail();
        expect(fromMs).toBeLessThanOrEqual(aheadMs);
        expect(toMs).toBeGreaterThanOrEqual(aheadMs);
      }),
    );
  });

  it('starts anew when a clock was set, and forgets what is old', () => {
    const clock = farClock();
    answers(clock, 5_000, [START, START + 1_000, START + 2_000]);
    expect(answers(clock, 0, [START + 3_000, START + 4_000])).toBeUndefined();
    expect(answers(clock, 0, [START + 5_000])?.toMs).toBeLessThan(1_200);
    expect(clock.offset(START + 6 * 60_000)).toBeUndefined();
  });
});
