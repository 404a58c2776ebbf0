import { describe, expect, it } from 'vitest';
import { createSchedule } from './schedule.ts';
import { createVirtualClock } from './virtual-clock.ts';

describe('schedule', () => {
  it('runs entries in order of their instants, and those of one instant as they came', async () => {
    const clock = createVirtualClock();
    const schedule = createSchedule(clock);
    const ran: string[] = [];
    schedule.after(30, () => ran.push('late'));
    schedule.after(10, () => ran.push('early, first'));
    schedule.after(10, () => ran.push('early, second'));
    schedule.after(20, () => ran.push('middle'));
    await clock.advance(29);
    expect(ran).toEqual(['early, first', 'early, second', 'middle']);
    await clock.advance(1);
    expect(ran.at(-1)).toBe('late');
  });

  it('never runs in the same turn, even with no delay', async () => {
    const clock = createVirtualClock();
    let ran = false;
    createSchedule(clock).after(0, () => {
      ran = true;
    });
    expect(ran).toBe(false);
    await clock.advance(0);
    expect(ran).toBe(true);
  });

  it('takes new entries from within an entry', async () => {
    const clock = createVirtualClock();
    const schedule = createSchedule(clock);
    const at: number[] = [];
    const start = clock.now();
    const again = () => {
      at.push(clock.now() - start);
      if (at.length < 3) schedule.after(5, again);
    };
    schedule.after(5, again);
    await clock.advance(100);
    expect(at).toEqual([5, 10, 15]);
  });

  it('drops what waits when cancelled, and goes on with what comes after', async () => {
    const clock = createVirtualClock();
    const schedule = createSchedule(clock);
    const ran: string[] = [];
    schedule.after(10, () => ran.push('cancelled'));
    schedule.cancelAll();
    schedule.after(10, () => ran.push('kept'));
    await clock.advance(50);
    expect(ran).toEqual(['kept']);
  });

  it('goes on when the clock wakes it a little early', async () => {
    const clock = createVirtualClock();
    let early = 1;
    const sleep = (ms: number, signal?: AbortSignal) => clock.sleep(ms - early--, signal);
    let ranAt = 0;
    createSchedule({ ...clock, sleep }).after(10, () => {
      ranAt = clock.monotonic();
    });
    await clock.advance(20);
    expect(ranAt).toBe(10);
  });
});
