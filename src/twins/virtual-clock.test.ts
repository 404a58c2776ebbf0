import { expect, it } from 'vitest';
import { createVirtualClock } from './virtual-clock.ts';

it('stands still until it is told to move, and wakes sleepers at their instants', async () => {
  const clock = createVirtualClock(1_000);
  const woken: number[] = [];
  void clock.sleep(20).then(() => woken.push(clock.now()));
  void clock.sleep(10).then(() => woken.push(clock.now()));
  await clock.advance(5);
  expect(woken).toEqual([]);
  await clock.advance(100);
  expect(woken).toEqual([1_010, 1_020]);
  expect(clock.now()).toBe(1_105);
  expect(clock.monotonic()).toBe(105);
});

it('wakes at once, without rejecting, when the signal aborts before or during the sleep', async () => {
  const clock = createVirtualClock();
  await clock.sleep(1_000, AbortSignal.abort());
  const stop = new AbortController();
  const sleeping = clock.sleep(1_000, stop.signal);
  stop.abort();
  await sleeping;
  expect(clock.monotonic()).toBe(0);
});

it('wakes no sleeper early by a rounding, so that what waits for an instant need not wait again', async () => {
  const clock = createVirtualClock();
  await clock.advance(3_499.78271484375);
  const wakes = clock.monotonic() + 0.1;
  const woken = clock.sleep(wakes - clock.monotonic()).then(() => clock.monotonic());
  await clock.advance(1);
  expect(await woken).toBe(wakes);
});
