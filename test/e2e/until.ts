// Owns the waiting of a test that looks from outside: again and again, until it is there or patience is over.

import { setTimeout as sleep } from 'node:timers/promises';

/** Answers what `look` found at last; throws with it when it does not come within `patienceMs`. */
export function untilWithin(patienceMs: number) {
  return async <Value>(look: () => Promise<Value>, isThere: (value: Value) => boolean): Promise<Value> => {
    const endsAt = Date.now() + patienceMs;
    for (;;) {
      const value = await look();
      if (isThere(value)) return value;
      if (Date.now() > endsAt) throw new Error(`It did not come: ${JSON.stringify(value)}`);
      await sleep(50);
    }
  };
}
