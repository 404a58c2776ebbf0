// Owns the machine's own clock, for every process that runs in real time.

import type { Clock } from './clock.ts';

/** Where time comes from, in milliseconds: the system's date, which may be set, and a count that only ever grows. */
export type TimeSources = { readonly date: () => number; readonly monotonic: () => number };

const CHECK_EVERY_MS = 1_000;
/** The date comes in whole milliseconds, so a smaller difference is no step. */
const STEP_MS = 2;

/**
 * A clock that is finer than the date and steady between the steps of one handoff, and still follows the date where it was set
 * or ran on while the machine slept: within `CHECK_EVERY_MS` of the count, to `STEP_MS`.
 */
export function machineClockOn({ date, monotonic }: TimeSources): Clock {
  let startsAt = date() - monotonic();
  let checkedAt = monotonic();
  return {
    now() {
      const elapsed = monotonic();
      if (elapsed - checkedAt >= CHECK_EVERY_MS) {
        checkedAt = elapsed;
        const today = date() - elapsed;
        if (Math.abs(today - startsAt) > STEP_MS) startsAt = today;
      }
      return startsAt + elapsed;
    },
    monotonic,
    sleep,
  };
}

export const machineClock: Clock = machineClockOn({ date: Date.now, monotonic: () => performance.now() });

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, Math.min(ms, 2 ** 31 - 1));
    signal?.addEventListener('abort', wake, { once: true });
  });
}
