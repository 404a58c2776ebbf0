import { describe, expect, it } from 'vitest';
import { createSchedule } from '../schedule.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { type Callback, createCallbacks } from './callbacks.ts';

const hook = { url: 'http://127.0.0.1:1/hook' };
const twilio: Callback = { topic: 't', hook, body: 'a=1', repeats: 'where-unanswered' };
const vonage: Callback = { topic: 'v', hook, body: '{}', repeats: 'while-refused' };

function stage(answer: (nth: number) => number | 'hang' | 'break') {
  const clock = createVirtualClock();
  const schedule = createSchedule(clock);
  const at: number[] = [];
  let underWay = 0;
  let most = 0;
  const callbacks = createCallbacks({
    clock,
    schedule,
    faultFor: () => undefined,
    async post(_hook, _body, signal) {
      at.push(clock.monotonic());
      underWay += 1;
      most = Math.max(most, underWay);
      try {
        const said = answer(at.length);
        if (typeof said === 'number') return said;
        if (said === 'break') throw new Error('broken off');
        return await new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      } finally {
        underWay -= 1;
      }
    },
  });
  return { clock, callbacks, at, most: () => most, underWay: () => underWay };
}

describe('posts to a hook', () => {
  it.each([
    ['Twilio’s, answered with any status', twilio, 500, 1],
    ['Twilio’s, not answered', twilio, 'break', 2],
    ['Vonage’s, taken', vonage, 204, 1],
    ['Vonage’s, refused for good', vonage, 401, 1],
  ] as const)('%s: %o is tried %i times', async (_what, callback, answer, times) => {
    const { clock, callbacks, at } = stage(() => answer);
    callbacks.send(callback);
    await clock.advance(3_600_000);
    expect(at).toHaveLength(times);
  });

  it('of Vonage’s come again after 5 s, 10 s … 15 min, for a day', async () => {
    const { clock, callbacks, at } = stage((nth) => (nth % 2 === 0 ? 429 : 503));
    callbacks.send(vonage);
    await clock.advance(60_000);
    expect(at).toEqual([0, 5_000, 15_000, 35_000]);
    await clock.advance(2 * 86_400_000);
    const gaps = at.slice(1).map((each, index) => each - (at[index] ?? 0));
    expect(Math.max(...gaps)).toBe(900_000);
    expect(at.at(-1)).toBeLessThan(86_400_000 + 900_000 + 1);
    expect(at.at(-1)).toBeGreaterThan(86_400_000 - 900_000);
  });

  it('are given up on after 15 s without an answer', async () => {
    const { clock, callbacks, at, underWay } = stage(() => 'hang');
    callbacks.send(twilio);
    await clock.advance(14_999);
    expect(underWay()).toBe(1);
    await clock.advance(1);
    expect(at).toEqual([0, 15_000]);
    await clock.advance(15_000);
    expect(underWay()).toBe(0);
  });

  it('are at most 64 at a time', async () => {
    const { clock, callbacks, at, most } = stage(() => 'hang');
    for (let n = 0; n < 100; n += 1) callbacks.send(vonage);
    await clock.advance(1);
    expect(at).toHaveLength(64);
    await clock.advance(15_000);
    expect(most()).toBe(64);
    expect(at.length).toBeGreaterThanOrEqual(100);
  });

  it('end with the twin', async () => {
    const { clock, callbacks, at, underWay } = stage(() => 'hang');
    callbacks.send(vonage);
    await clock.advance(1);
    callbacks.close();
    await clock.advance(60_000);
    expect(underWay()).toBe(0);
    callbacks.send(vonage);
    await clock.advance(60_000);
    expect(at).toHaveLength(1);
  });
});
