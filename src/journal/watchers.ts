// Owns who waits for an interaction to reach a state, and lets nobody wait past their time or past the stop.

import type { Clock } from '../clock.ts';
import type { InteractionId } from '../ids.ts';
import type { Known } from '../protocols/interaction.ts';
import { type TimeLimit, TimeLimits } from './time-limits.ts';

type Watcher = {
  /** Also after it has ended. */
  readonly tell: (state: Known) => void;
  /** Looks by itself, now. */
  readonly look: () => void;
  readonly end: (found: Known | null) => void;
};

export type Wait = {
  readonly until: (state: Known) => boolean;
  readonly withinMs: number;
  /** How often to look by oneself, where others may change it unseen. */
  readonly lookEveryMs: number;
  readonly look: () => Promise<Known | null>;
};

export class Watchers {
  readonly #limits: TimeLimits;
  readonly #watching = new Map<InteractionId, Set<Watcher>>();
  #stopped = false;

  constructor(clock: Clock) {
    this.#limits = new TimeLimits(clock);
  }

  /** Tells those who wait for this interaction how it stands. */
  tell(id: InteractionId, state: Known): void {
    const watchers = this.#watching.get(id);
    if (watchers) for (const { tell } of watchers) tell(state);
  }

  /** Somebody else may have changed it: whoever waits looks now. */
  wake(id: InteractionId): void {
    for (const { look } of this.#watching.get(id) ?? []) look();
  }

  wakeAll(): void {
    for (const id of this.#watching.keys()) this.wake(id);
  }

  /** Resolves with the first state that satisfies `until`, or with null after `withinMs` or at a stop. Looks once at least. */
  wait(id: InteractionId, { until, withinMs, lookEveryMs, look }: Wait): Promise<Known | null> {
    return new Promise((resolve, reject) => {
      let ended = false;
      let outOfTime: TimeLimit | null = null;
      let nextLook: TimeLimit | null = null;
      let looking = false;
      let again = false;
      const over = () => {
        ended = true;
        if (outOfTime) this.#limits.lift(withinMs, outOfTime);
        if (nextLook) this.#limits.lift(lookEveryMs, nextLook);
        this.#remove(id, watcher);
      };
      const end = (found: Known | null) => {
        if (ended) return;
        over();
        resolve(found);
      };
      const tell = (state: Known) => {
        if (!ended && until(state)) end(state);
      };
      const lookNow = () => {
        // A change during a look is not slept through.
        again = looking;
        if (ended || looking) return;
        looking = true;
        if (nextLook) this.#limits.lift(lookEveryMs, nextLook);
        nextLook = null;
        look().then(looked, (error) => {
          if (ended) return;
          over();
          reject(error);
        });
      };
      const looked = (state: Known | null) => {
        looking = false;
        if (state) tell(state);
        if (ended) return;
        if (this.#stopped || withinMs <= 0) return end(null);
        if (again) return lookNow();
        if (lookEveryMs < withinMs) nextLook = this.#limits.set(lookEveryMs, lookNow);
      };
      const watcher: Watcher = { tell, look: lookNow, end };
      this.#add(id, watcher);
      if (withinMs > 0) outOfTime = this.#limits.set(withinMs, () => end(null));
      lookNow();
    });
  }

  /** Nobody waits any longer. */
  stop(): void {
    this.#stopped = true;
    for (const watchers of this.#watching.values()) for (const { end } of watchers) end(null);
    this.#limits.stop();
  }

  #add(id: InteractionId, watcher: Watcher): void {
    const watchers = this.#watching.get(id);
    if (watchers) watchers.add(watcher);
    else this.#watching.set(id, new Set([watcher]));
  }

  #remove(id: InteractionId, watcher: Watcher): void {
    const watchers = this.#watching.get(id);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watching.delete(id);
  }
}
