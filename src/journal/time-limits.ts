// Owns the waiting for many time limits with one timer: most are lifted long before they pass, and a timer of its own for each
// cost more than the work it guarded.

import type { Clock } from '../clock.ts';

/** A constant, since an error with its stack costs more than the timer. */
const EARLIER = 'earlier';

export type TimeLimit = { readonly endsAt: number; readonly pass: () => void };

export class TimeLimits {
  readonly #clock: Clock;
  /** By their length: those of one length pass in the order in which they were set. */
  readonly #open = new Map<number, Set<TimeLimit>>();
  #wakesAt = Number.POSITIVE_INFINITY;
  #timer = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `pass` once after `ms`. Returns what `lift` takes. */
  set(ms: number, pass: () => void): TimeLimit {
    const limit = { endsAt: this.#clock.monotonic() + ms, pass };
    const alike = this.#open.get(ms);
    if (alike) alike.add(limit);
    else this.#open.set(ms, new Set([limit]));
    if (limit.endsAt < this.#wakesAt) this.#wakeAt(limit.endsAt);
    return limit;
  }

  /** It no longer matters. The timer stays until it rings, since the next limit is mostly set at once: to have it made again cost more. */
  lift(ms: number, limit: TimeLimit): void {
    const alike = this.#open.get(ms);
    alike?.delete(limit);
    if (alike?.size === 0) this.#open.delete(ms);
  }

  /** Lets go of the timer; what is set is forgotten. */
  stop(): void {
    this.#open.clear();
    this.#wakesAt = Number.POSITIVE_INFINITY;
    this.#timer.abort(EARLIER);
  }

  #wakeAt(at: number): void {
    this.#timer.abort(EARLIER);
    const timer = new AbortController();
    this.#timer = timer;
    this.#wakesAt = at;
    void this.#clock.sleep(Math.max(0, at - this.#clock.monotonic()), timer.signal).then(() => {
      if (!timer.signal.aborted) this.#passDue();
    });
  }

  #passDue(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonic();
    const due: TimeLimit[] = [];
    for (const [ms, alike] of this.#open) {
      for (const limit of alike) {
        if (limit.endsAt > now) break;
        alike.delete(limit);
        due.push(limit);
      }
      if (alike.size === 0) this.#open.delete(ms);
    }
    for (const { pass } of due) pass();
    const next = this.#earliest();
    if (next < this.#wakesAt) this.#wakeAt(next);
  }

  #earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const alike of this.#open.values()) {
      const [first] = alike;
      if (first && first.endsAt < earliest) earliest = first.endsAt;
    }
    return earliest;
  }
}
