// Tests how often an address may be wrong.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/contract/manual-clock.ts';
import { WrongAttempts } from './wrong-attempts.ts';

describe('wrong attempts', () => {
  it('slide: the twenty-first of a minute waits until the first is a minute old', async () => {
    const clock = manualClock();
    const attempts = new WrongAttempts(clock);
    for (let n = 0; n < 20; n += 1) {
      attempts.mayTry('a');
      attempts.note('a');
      await clock.advance(1_000);
    }
    expect(() => attempts.mayTry('a')).toThrowError(expect.objectContaining({ says: { retryAfterSec: 40 } }));
    await clock.advance(40_000);
    attempts.mayTry('a');
    attempts.note('a');
    expect(() => attempts.mayTry('a')).toThrowError(expect.objectContaining({ code: 'too-many-attempts' }));
    attempts.mayTry('b');
  });

  it('say once that an address has to wait, and again when it has waited and goes on', async () => {
    const clock = manualClock();
    const shut: number[] = [];
    const attempts = new WrongAttempts(clock, { onShut: () => shut.push(clock.monotonic()) });
    for (let n = 0; n < 19; n += 1) attempts.note('a');
    expect(shut).toHaveLength(0);
    attempts.note('a');
    attempts.note('a');
    expect(shut).toHaveLength(1);
    await clock.advance(60_001);
    for (let n = 0; n < 20; n += 1) attempts.note('a');
    expect(shut).toHaveLength(2);
  });

  it('forget the address that was wrong longest ago, rather than grow without end', () => {
    const attempts = new WrongAttempts(manualClock());
    for (let n = 0; n < 20; n += 1) attempts.note('first');
    for (let n = 0; n < 9_999; n += 1) attempts.note(`${n}`);
    expect(() => attempts.mayTry('first')).toThrowError();
    attempts.note('one more');
    attempts.mayTry('first');
  });
});
