// Owns a clock that moves only when a test says so, for everything that waits.

import type { Clock } from '../../src/clock.ts';

type Sleeper = { readonly at: number; readonly wake: () => void };

export type ManualClock = Clock & {
  /** Moves on by `ms`, waking in order those whose time comes and letting what they started settle. */
  advance(ms: number): Promise<void>;
  /** Resolves as soon as at least `count` sleepers wait. */
  whenSleeping(count: number): Promise<void>;
  sleepers(): number;
};

export function manualClock(startsAt = Date.UTC(2026, 10, 20)): ManualClock {
  let elapsed = 0;
  const sleeping = new Set<Sleeper>();
  const watchers = new Set<() => void>();

  const settle = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const next = (until: number): Sleeper | undefined =>
    [...sleeping].filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0];

  return {
    now: () => startsAt + elapsed,
    monotonic: () => elapsed,
    sleepers: () => sleeping.size,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          sleeping.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper: Sleeper = { at: elapsed + Math.max(0, ms), wake };
        sleeping.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
        for (const watch of watchers) watch();
      });
    },
    async advance(ms) {
      const until = elapsed + ms;
      for (let due = next(until); due !== undefined; due = next(until)) {
        elapsed = Math.max(elapsed, due.at);
        due.wake();
        await settle();
      }
      elapsed = until;
      await settle();
    },
    whenSleeping(count) {
      return new Promise((resolve) => {
        const watch = () => {
          if (sleeping.size < count) return;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
        watch();
      });
    },
  };
}

/** Lets time pass until `work` is over, so slowly that no answer on this machine comes late. */
export async function outlast<Value>(clock: ManualClock, work: Promise<Value>): Promise<Value> {
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  while (!over) {
    await clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return done;
}
