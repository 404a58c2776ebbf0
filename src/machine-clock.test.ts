// Tests the machine's clock on sources that a test moves.

import { describe, expect, it } from 'vitest';
import { machineClock, machineClockOn } from './machine-clock.ts';

const START = Date.UTC(2026, 10, 20);

/** A machine whose date is in whole milliseconds and can be set; its count stands still while it sleeps. */
function machine() {
  let [real, count] = [START, 5_000];
  const asked = { date: 0 };
  const clock = machineClockOn({
    date: () => {
      asked.date += 1;
      return Math.floor(real);
    },
    monotonic: () => count,
  });
  return {
    clock,
    asked,
    pass(ms: number) {
      real += ms;
      count += ms;
    },
    set(ms: number) {
      real += ms;
    },
  };
}

describe('machineClockOn', () => {
  it('tells the date, in steps finer than its milliseconds', () => {
    const { clock, pass } = machine();
    expect(clock.now()).toBe(START);
    pass(0.25);
    expect(clock.now()).toBe(START + 0.25);
    expect(clock.monotonic()).toBe(5_000.25);
  });

  it.each([3_600_000, -3_600_000, 3, -3])('follows a date that was set by %i ms within a second', (ms) => {
    const { clock, pass, set } = machine();
    set(ms);
    pass(999);
    expect(clock.now()).toBe(START + 999);
    pass(1);
    expect(clock.now()).toBe(START + 1_000 + ms);
    pass(0.5);
    expect(clock.now()).toBe(START + 1_000.5 + ms);
  });

  it('never goes back while the date is not set, though the date is cut to milliseconds', () => {
    const { clock, pass } = machine();
    let before = clock.now();
    for (let step = 0; step < 20_000; step += 1) {
      pass(0.7);
      const now = clock.now();
      expect(now - before).toBeCloseTo(0.7, 3);
      before = now;
    }
  });

  it('asks for the date at most once a second', () => {
    const { clock, asked, pass } = machine();
    const before = asked.date;
    for (let step = 0; step < 3_000; step += 1) {
      pass(1);
      clock.now();
    }
    expect(asked.date - before).toBe(3);
  });

  it('catches up a drift that grows slowly', () => {
    const { clock, pass, set } = machine();
    for (let second = 0; second < 100; second += 1) {
      set(0.5);
      pass(1_000);
      clock.now();
    }
    expect(Math.abs(clock.now() - (START + 100_050))).toBeLessThanOrEqual(2);
  });
});

describe('machineClock', () => {
  it('is the date of this machine', () => {
    const [before, now, after] = [Date.now(), machineClock.now(), Date.now()];
    expect(now).toBeGreaterThan(before - 5);
    expect(now).toBeLessThan(after + 5);
  });

  it('wakes a sleeper at once when its signal aborts, before or during the sleep', async () => {
    const caller = new AbortController();
    const sleeping = machineClock.sleep(2 ** 40, caller.signal);
    caller.abort();
    await sleeping;
    await machineClock.sleep(2 ** 40, caller.signal);
    await machineClock.sleep(0);
  });
});
