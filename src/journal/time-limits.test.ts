// Tests that many time limits pass by one timer, each in its time, and that those which were lifted never do.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/contract/manual-clock.ts';
import { TimeLimits } from './time-limits.ts';

function watched() {
  const clock = manualClock();
  const limits = new TimeLimits(clock);
  const passed: string[] = [];
  return { clock, limits, passed, set: (ms: number, name: string) => limits.set(ms, () => passed.push(name)) };
}

describe('time limits', () => {
  it('pass in the order of their ends, whatever the order in which they were set', async () => {
    const { clock, passed, set } = watched();
    set(300, 'late');
    set(100, 'early');
    await clock.advance(50);
    set(100, 'between');
    await clock.advance(60);
    expect(passed).toEqual(['early']);
    await clock.advance(1_000);
    expect(passed).toEqual(['early', 'between', 'late']);
  });

  it('share one timer', () => {
    const { clock, set } = watched();
    for (let n = 0; n < 100; n += 1) set(100 + (n % 3), `${n}`);
    expect(clock.sleepers()).toBe(1);
  });

  it('do not pass once they are lifted, while others of their length do', async () => {
    const { clock, limits, passed, set } = watched();
    const lifted = set(100, 'lifted');
    set(100, 'kept');
    limits.lift(100, lifted);
    await clock.advance(200);
    expect(passed).toEqual(['kept']);
  });

  it('keep their timer when all are lifted, for the next, until it rings', async () => {
    const { clock, limits, passed, set } = watched();
    limits.lift(100, set(100, 'lifted'));
    expect(clock.sleepers()).toBe(1);
    await clock.advance(60);
    set(100, 'next');
    expect(clock.sleepers()).toBe(1);
    await clock.advance(110);
    expect(passed).toEqual(['next']);
    limits.lift(100, set(100, 'again'));
    await clock.advance(100);
    expect(clock.sleepers()).toBe(0);
  });

  it('pass in time when they are shorter than what the timer was kept for', async () => {
    const { clock, limits, passed, set } = watched();
    limits.lift(1_000, set(1_000, 'lifted'));
    set(50, 'short');
    await clock.advance(60);
    expect(passed).toEqual(['short']);
  });

  it('may be set by one that passes', async () => {
    const { clock, limits, passed, set } = watched();
    limits.set(100, () => set(100, 'second'));
    await clock.advance(300);
    expect(passed).toEqual(['second']);
    expect(clock.sleepers()).toBe(0);
  });

  it('are all forgotten at the stop', async () => {
    const { clock, limits, passed, set } = watched();
    set(100, 'never');
    limits.stop();
    expect(clock.sleepers()).toBe(0);
    await clock.advance(500);
    expect(passed).toEqual([]);
  });
});
