// Owns the delivery of a vendor's events to a hook: at least once, with time-out and backoff for a bounded time, a bounded
// number of posts under way, and no promise about order. Faults drop, repeat and reorder.

import type { Clock } from '../clock.ts';
import type { EventFault } from './faults.ts';
import type { Hook, PostToHook } from './hook-post.ts';
import type { Schedule } from './schedule.ts';

const POSTS_UNDER_WAY = 64;
const POST_TIMEOUT_MS = 5_000;
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 10_000;
const GIVE_UP_AFTER_MS = 120_000;
const REPEAT_AFTER_MS = 50;
const LONGEST_HOLD_MS = 1_000;

export type DeliveryCounters = {
  readonly delivered: number;
  readonly retried: number;
  readonly givenUp: number;
  readonly waiting: number;
};

export type DeliveryParts = {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly post: PostToHook;
  readonly hook: () => Hook | undefined;
};

type Post = { readonly body: string; readonly since: number; attempt: number };

export class EventDelivery {
  readonly #parts: DeliveryParts;
  #waiting: Post[] = [];
  #taken = 0;
  readonly #underWay = new Set<AbortController>();
  #closed = false;
  readonly #counts = { delivered: 0, retried: 0, givenUp: 0 };

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Posts the event to the hook, if there is one. */
  send(event: unknown): void {
    if (this.#parts.hook() === undefined || this.#closed) return;
    this.#waiting.push({ body: JSON.stringify(event), since: this.#parts.clock.now(), attempt: 0 });
    this.#pump();
  }

  counters(): DeliveryCounters {
    return { ...this.#counts, waiting: this.#waiting.length - this.#taken + this.#underWay.size };
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
    this.#taken = 0;
  }

  /** Forgets what waits, and aborts what is under way. */
  close(): void {
    this.clear();
    this.#closed = true;
    for (const limit of this.#underWay) limit.abort();
  }

  #pump(): void {
    while (this.#underWay.size < POSTS_UNDER_WAY && this.#waiting.length > this.#taken && !this.#closed) {
      const post = this.#take();
      const target = this.#parts.hook();
      if (target === undefined) continue;
      void this.#attempt(target, post).then(() => this.#pump());
    }
  }

  /** The oldest that waits. The array is cut only now and then: taking from a long one's front is slow. */
  #take(): Post {
    const post = this.#waiting[this.#taken] as Post;
    this.#taken += 1;
    if (this.#taken >= 1_000) {
      this.#waiting = this.#waiting.slice(this.#taken);
      this.#taken = 0;
    }
    return post;
  }

  async #attempt(target: Hook, post: Post): Promise<void> {
    post.attempt += 1;
    if (await this.#accepted(target, post.body)) this.#counts.delivered += 1;
    else this.#again(post);
  }

  async #accepted(target: Hook, body: string): Promise<boolean> {
    const limit = new AbortController();
    const done = new AbortController();
    this.#underWay.add(limit);
    void this.#parts.clock.sleep(POST_TIMEOUT_MS, done.signal).then(() => {
      if (!done.signal.aborted) limit.abort();
    });
    try {
      const status = await this.#parts.post(target, body, limit.signal);
      return status >= 200 && status < 300;
    } catch {
      return false;
    } finally {
      this.#underWay.delete(limit);
      done.abort();
    }
  }

  #again(post: Post): void {
    if (this.#closed) return;
    if (this.#parts.clock.now() - post.since > GIVE_UP_AFTER_MS) {
      this.#counts.givenUp += 1;
      return;
    }
    this.#counts.retried += 1;
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (post.attempt - 1), LONGEST_BACKOFF_MS);
    this.#parts.schedule.after(backoffMs, () => {
      this.#waiting.push(post);
      this.#pump();
    });
  }
}

/** Sends through the faults: not at all, twice, or after the event that follows it (or 1 s when none does). */
export class UnreliableSender {
  readonly #schedule: Schedule;
  readonly #faultFor: (topic: string) => EventFault | undefined;
  #held: (() => void)[] = [];

  constructor(schedule: Schedule, faultFor: (topic: string) => EventFault | undefined) {
    this.#schedule = schedule;
    this.#faultFor = faultFor;
  }

  send(topic: string, send: () => void): void {
    const fault = this.#faultFor(topic);
    if (fault === 'drop-event') return;
    if (fault === 'reorder-events') {
      this.#hold(once(send));
      return;
    }
    send();
    if (fault === 'repeat-event') this.#schedule.after(REPEAT_AFTER_MS, send);
    const released = this.#held;
    this.#held = [];
    for (const late of released) late();
  }

  /** Forgets what is held back. */
  clear(): void {
    this.#held = [];
  }

  #hold(late: () => void): void {
    this.#held.push(late);
    this.#schedule.after(LONGEST_HOLD_MS, late);
  }
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
