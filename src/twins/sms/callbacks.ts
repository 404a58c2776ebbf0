// Owns the posts of the two vendors to their customers' hooks: signed by whoever sends them, a bounded number under way, each with
// its time-out, repeated as the vendor repeats (Twilio once and only where no answer came, Vonage for as long as the hook
// says 429 or 5xx), and met by faults that drop, repeat and reorder.

import type { Clock } from '../../clock.ts';
import { UnreliableSender } from '../event-delivery.ts';
import type { EventFault } from '../faults.ts';
import type { Hook, PostToHook } from '../hook-post.ts';
import type { Schedule } from '../schedule.ts';

export type Callback = {
  /** Names it to the faults, such as `twilio.SM….delivered`. */
  readonly topic: string;
  readonly hook: Hook;
  readonly body: string;
  readonly repeats: 'where-unanswered' | 'while-refused';
};

export type Callbacks = {
  send(callback: Callback): void;
  /** Forgets what waits. */
  clear(): void;
  /** Forgets what waits, and aborts what is under way. */
  close(): void;
};

const TIMEOUT_MS = 15_000;
const FIRST_REPEAT_MS = 5_000;
const LONGEST_REPEAT_MS = 900_000;
const GIVE_UP_AFTER_MS = 86_400_000;
const POSTS_UNDER_WAY = 64;

export function createCallbacks(parts: {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly post: PostToHook;
  readonly faultFor: (topic: string) => EventFault | undefined;
}): Callbacks {
  const { clock, schedule, post } = parts;
  const sender = new UnreliableSender(schedule, parts.faultFor);
  const underWay = new Set<AbortController>();
  let waiting: { readonly callback: Callback; readonly since: number; readonly attempt: number }[] = [];
  let closed = false;

  async function statusOf({ hook, body }: Callback): Promise<number | undefined> {
    const limit = new AbortController();
    const done = new AbortController();
    underWay.add(limit);
    void clock.sleep(TIMEOUT_MS, done.signal).then(() => {
      if (!done.signal.aborted) limit.abort();
    });
    try {
      return await post(hook, body, limit.signal);
    } catch {
      return undefined;
    } finally {
      underWay.delete(limit);
      done.abort();
    }
  }

  function pump(): void {
    while (!closed && underWay.size < POSTS_UNDER_WAY) {
      const next = waiting.shift();
      if (next === undefined) return;
      void statusOf(next.callback).then((status) => {
        const again = afterMs(next.callback.repeats, status, next.attempt);
        if (again !== undefined && clock.now() - next.since < GIVE_UP_AFTER_MS) {
          schedule.after(again, () => push({ ...next, attempt: next.attempt + 1 }));
        }
        pump();
      });
    }
  }

  function push(entry: (typeof waiting)[number]): void {
    if (closed) return;
    waiting.push(entry);
    pump();
  }

  function clear(): void {
    sender.clear();
    waiting = [];
  }

  return {
    send: (callback) => sender.send(callback.topic, () => push({ callback, since: clock.now(), attempt: 1 })),
    clear,
    close() {
      clear();
      closed = true;
      for (const limit of underWay) limit.abort();
    },
  };
}

/** When to post again, or undefined when that was it. */
function afterMs(repeats: Callback['repeats'], status: number | undefined, attempt: number): number | undefined {
  if (repeats === 'where-unanswered') return status === undefined && attempt === 1 ? 0 : undefined;
  if (status !== undefined && status !== 429 && status < 500) return undefined;
  return Math.min(FIRST_REPEAT_MS * 2 ** (attempt - 1), LONGEST_REPEAT_MS);
}
