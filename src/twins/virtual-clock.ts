// Owns a clock that moves only when told: time for simulations and tests of what takes time. Sleepers wake in order of
// their instants, and whatever they start runs to rest before the next one wakes.

import type { Clock } from '../clock.ts';

export type VirtualClock = Clock & {
  /** Moves time on by `ms`, waking every sleeper due on the way. */
  advance(ms: number): Promise<void>;
};

type Sleeper = { readonly at: number; readonly wake: () => void };

/** `startAt` is the first instant, epoch ms. */
export function createVirtualClock(startAt = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = startAt;
  const sleepers = new Set<Sleeper>();

  function earliest(until: number): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const each of sleepers) if (each.at <= until && (first === undefined || each.at < first.at)) first = each;
    return first;
  }

  return {
    now: () => now,
    monotonic: () => now - startAt,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { at: now + Math.max(0, ms), wake };
        function wake(): void {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        }
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    async advance(ms) {
      const until = now + ms;
      await atRest();
      for (let next = earliest(until); next !== undefined; next = earliest(until)) {
        now = Math.max(now, next.at);
        next.wake();
        await atRest();
      }
      now = until;
    },
  };
}

/** Long enough for every promise that is ready to have run. */
function atRest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
