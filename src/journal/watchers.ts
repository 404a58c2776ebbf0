// Owns who waits for an interaction to reach a state, and lets nobody wait past their time or past the stop.

import type { Clock } from '../clock.ts';
import type { InteractionId } from '../ids.ts';
import type { Known } from '../protocols/interaction.ts';

type Watcher = {
  readonly tell: (state: Known) => void;
  /** Ends the pause before the next look. */
  wake: () => void;
};

/** A constant, since an error with its stack costs more than the waiting. */
const ENOUGH = 'enough';

export type Wait = {
  readonly until: (state: Known) => boolean;
  readonly withinMs: number;
  /** How often to look by oneself, where others may change it unseen. */
  readonly lookEveryMs: number;
  readonly look: () => Promise<Known | null>;
};

export class Watchers {
  readonly #clock: Clock;
  readonly #waiting = new Set<AbortController>();
  readonly #watching = new Map<InteractionId, Set<Watcher>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells those who wait for this interaction how it stands. */
  tell(id: InteractionId, state: Known): void {
    for (const { tell } of this.#watching.get(id) ?? []) tell(state);
  }

  /** Somebody else may have changed it: whoever waits looks now. */
  wake(id: InteractionId): void {
    for (const watcher of this.#watching.get(id) ?? []) watcher.wake();
  }

  wakeAll(): void {
    for (const id of this.#watching.keys()) this.wake(id);
  }

  /** Resolves with the first state that satisfies `until`, or with null after `withinMs` or at a stop. */
  async wait(id: InteractionId, { until, withinMs, lookEveryMs, look }: Wait): Promise<Known | null> {
    const enough = new AbortController();
    let found: Known | null = null;
    const tell = (state: Known) => {
      if (found || !until(state)) return;
      found = state;
      enough.abort(ENOUGH);
    };
    let pause = new AbortController();
    const watcher: Watcher = { tell, wake: () => pause.abort(ENOUGH) };
    const endsAt = this.#clock.monotonic() + withinMs;
    this.#add(id, watcher);
    this.#waiting.add(enough);
    enough.signal.addEventListener('abort', () => pause.abort(ENOUGH));
    try {
      for (;;) {
        // Renewed before the look, so that a change during the look is not slept through.
        pause = new AbortController();
        const now = await look();
        if (now) tell(now);
        const leftMs = endsAt - this.#clock.monotonic();
        if (enough.signal.aborted || leftMs <= 0) return found;
        await this.#clock.sleep(Math.min(leftMs, lookEveryMs), pause.signal);
        if (enough.signal.aborted) return found;
      }
    } finally {
      this.#waiting.delete(enough);
      this.#remove(id, watcher);
    }
  }

  /** Nobody waits any longer. */
  stop(): void {
    for (const enough of this.#waiting) enough.abort(ENOUGH);
  }

  #add(id: InteractionId, watcher: Watcher): void {
    const watchers = this.#watching.get(id) ?? new Set();
    this.#watching.set(id, watchers.add(watcher));
  }

  #remove(id: InteractionId, watcher: Watcher): void {
    const watchers = this.#watching.get(id);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watching.delete(id);
  }
}
