// Owns the machine's own clock, for every process that runs in real time.

import type { Clock } from './clock.ts';

export const machineClock: Clock = {
  // Finer than Date.now(), and steady between the steps of one handoff.
  now: () => performance.timeOrigin + performance.now(),
  monotonic: () => performance.now(),
  sleep(ms, signal) {
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
  },
};
