// Owns a clock that moves only when told: time for simulations and tests of what takes time. Sleepers wake in order of
// their instants, and whatever they start runs to rest before the next one wakes.

import type { Clock } from '../clock.ts';

export type VirtualClock = Clock & {
  /** Moves time on by `ms`, waking every sleeper due on the way. */
  advance(ms: number): Promise<void>;
};

type Sleeper = { readonly at: number; readonly wake: () => void };

/** `startAt` is the first instant, epoch ms. `atRest` resolves when all that is ready has run; one turn of the event loop unless given. */
export function createVirtualClock(startAt = Date.UTC(2026, 0, 1), atRest = oneTurn): VirtualClock {
  // Counted from the start: a fraction of a millisecond survives there, and not behind an epoch's thirteen digits.
  let elapsed = 0;
  const sleepers = new Set<Sleeper>();

  function earliest(until: number): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const each of sleepers) if (each.at <= until && (first === undefined || each.at < first.at)) first = each;
    return first;
  }

  return {
    now: () => startAt + elapsed,
    monotonic: () => elapsed,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { at: elapsed + Math.max(0, ms), wake };
        function wake(): void {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        }
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    async advance(ms) {
      const until = elapsed + ms;
      await atRest();
      for (let next = earliest(until); next !== undefined; next = earliest(until)) {
        elapsed = Math.max(elapsed, next.at);
        next.wake();
        await atRest();
      }
      elapsed = until;
    },
  };
}

/** Long enough for every promise that is ready to have run. */
function oneTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
