// Owns the delivery of a vendor's events to a hook: at least once, with time-out and backoff for a bounded time, a bounded
// number of posts under way, and no promise about order. Faults drop, repeat and reorder.

import type { Clock } from '../clock.ts';
import type { EventFault } from './faults.ts';
import type { Schedule } from './schedule.ts';

const POSTS_UNDER_WAY = 64;
const POST_TIMEOUT_MS = 5_000;
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 10_000;
const GIVE_UP_AFTER_MS = 120_000;
const REPEAT_AFTER_MS = 50;
const LONGEST_HOLD_MS = 1_000;

export type Hook = { readonly url: string; readonly headers?: Readonly<Record<string, string>> | undefined };

export type DeliveryCounters = {
  readonly delivered: number;
  readonly retried: number;
  readonly givenUp: number;
  readonly waiting: number;
};

export type EventDelivery = {
  /** Posts the event to the hook, if there is one. */
  send(event: unknown): void;
  counters(): DeliveryCounters;
  /** Forgets what waits. */
  clear(): void;
  /** Forgets what waits, and aborts what is under way. */
  close(): void;
};

export type DeliveryParts = {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly fetch: typeof fetch;
  readonly hook: () => Hook | undefined;
};

type Post = { readonly body: string; readonly since: number; attempt: number };

export function createEventDelivery({ clock, schedule, fetch, hook }: DeliveryParts): EventDelivery {
  const closing = new AbortController();
  let waiting: Post[] = [];
  let taken = 0;
  let underWay = 0;
  const counts = { delivered: 0, retried: 0, givenUp: 0 };

  /** The oldest that waits. The array is cut only now and then: taking from a long one's front is slow. */
  function take(): Post {
    const post = waiting[taken] as Post;
    taken += 1;
    if (taken >= 1_000) {
      waiting = waiting.slice(taken);
      taken = 0;
    }
    return post;
  }

  function forget(): void {
    waiting = [];
    taken = 0;
  }

  function pump(): void {
    while (underWay < POSTS_UNDER_WAY && waiting.length > taken && !closing.signal.aborted) {
      const post = take();
      const target = hook();
      if (target === undefined) continue;
      underWay += 1;
      void attempt(target, post).finally(() => {
        underWay -= 1;
        pump();
      });
    }
  }

  async function attempt(target: Hook, post: Post): Promise<void> {
    post.attempt += 1;
    if (await accepted(target, post.body)) counts.delivered += 1;
    else again(post);
  }

  async function accepted(target: Hook, body: string): Promise<boolean> {
    const limit = new AbortController();
    const done = new AbortController();
    void clock.sleep(POST_TIMEOUT_MS, done.signal).then(() => limit.abort());
    try {
      const response = await fetch(target.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...target.headers },
        body,
        signal: AbortSignal.any([limit.signal, closing.signal]),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    } finally {
      done.abort();
    }
  }

  function again(post: Post): void {
    if (closing.signal.aborted) return;
    if (clock.now() - post.since > GIVE_UP_AFTER_MS) {
      counts.givenUp += 1;
      return;
    }
    counts.retried += 1;
    schedule.after(Math.min(FIRST_BACKOFF_MS * 2 ** (post.attempt - 1), LONGEST_BACKOFF_MS), () => {
      waiting.push(post);
      pump();
    });
  }

  return {
    send(event) {
      if (hook() === undefined || closing.signal.aborted) return;
      waiting.push({ body: JSON.stringify(event), since: clock.now(), attempt: 0 });
      pump();
    },
    counters: () => ({ ...counts, waiting: waiting.length - taken + underWay }),
    clear: forget,
    close() {
      forget();
      closing.abort();
    },
  };
}

/** Sends through the faults: not at all, twice, or after the event that follows it (or 1 s when none does). */
export function createUnreliableSender(schedule: Schedule, faultFor: (topic: string) => EventFault | undefined) {
  let held: (() => void)[] = [];
  return (topic: string, send: () => void): void => {
    const fault = faultFor(topic);
    if (fault === 'drop-event') return;
    if (fault === 'reorder-events') {
      const late = once(send);
      held.push(late);
      schedule.after(LONGEST_HOLD_MS, late);
      return;
    }
    send();
    if (fault === 'repeat-event') schedule.after(REPEAT_AFTER_MS, send);
    const released = held;
    held = [];
    for (const late of released) late();
  };
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
