// Owns who may send next on one credential, and how long somebody waits at most: live handoffs first, then reconciliation, then
// reports. Overload becomes an honest refusal with a time, never an endless wait (H6). The counting is `quota-window.ts`'s.

import type { Clock } from '../clock.ts';
import type { Outcome } from '../outcome.ts';
import type { Call, CallPriority } from './platform.ts';
import { type QuotaWindow, quotaWindow } from './quota-window.ts';
import { type HeaderReader, toldDelayMs } from './retry-timing.ts';

/** The right to send one request. It is given back by exactly one of the two; what comes after the first does nothing. */
export type Turn = {
  /** The vendor may have counted it; with what it answered, if it did. */
  spent(answer?: { readonly status: number; readonly headers: HeaderReader }): void;
  /** Nothing was sent. */
  unused(): void;
};

export type Governor = {
  /** Waits for a turn, at most `maxWaitMs`; otherwise `rate-limited` with the time after which one is likely. */
  turn(call: Pick<Call, 'signal' | 'priority'>): Promise<Outcome<Turn>>;
  budget(): ReturnType<QuotaWindow['budget']>;
  load(): GovernorLoad;
};

/** What the quota is used for now; `waiting` are calls that have no turn yet. */
export type GovernorLoad = {
  readonly limitPerMinute: number;
  readonly usedInLastMinute: number;
  readonly waiting: number;
};

export type GovernorOptions = {
  readonly rateLimitPerMinute: number;
  readonly clock: Clock;
  readonly maxWaitMs?: number;
  /** The part of the budget that only live handoffs may use. */
  readonly reservedForLive?: number;
};

type Waiter = {
  readonly priority: CallPriority;
  readonly until: number;
  readonly signal: AbortSignal;
  readonly answer: (outcome: Outcome<Turn>) => void;
};

/** A 429 without a time is a vendor that needs a moment. */
const UNTOLD_PAUSE_MS = 1_000;
const RANK: Readonly<Record<CallPriority, number>> = { live: 0, reconcile: 1, report: 2 };

export function governor(options: GovernorOptions): Governor {
  const { rateLimitPerMinute, clock, maxWaitMs = 4_000, reservedForLive = 0.1 } = options;
  const quota = quotaWindow(rateLimitPerMinute, reservedForLive);
  let waiting: Waiter[] = [];
  let nap = new AbortController();

  const grant = () => openTurn(quota, clock, () => nap.abort());

  /** Answers everybody who can be answered now, in order of rank. */
  const serve = () => {
    const now = clock.monotonic();
    const ordered = waiting.toSorted((a, b) => RANK[a.priority] - RANK[b.priority]);
    const answered = new Set<Waiter>();
    for (const one of ordered) {
      const freeAt = quota.freeAt(one.priority, 0, now);
      if (!one.signal.aborted && freeAt > now && now < one.until) continue;
      answered.add(one);
      if (one.signal.aborted) one.answer({ kind: 'transient', code: 'not-sent' });
      else one.answer(freeAt > now ? limited(freeAt - now) : { kind: 'done', value: grant() });
    }
    waiting = waiting.filter((one) => !answered.has(one));
  };

  /** Runs while somebody waits. */
  const attend = async () => {
    while (waiting.length > 0) {
      nap = new AbortController();
      const now = clock.monotonic();
      const wakeAt = Math.min(...waiting.map((one) => Math.min(one.until, quota.freeAt(one.priority, 0, now))));
      await clock.sleep(Math.max(1, wakeAt - now), nap.signal);
      serve();
    }
  };

  const wait = ({ signal, priority }: Pick<Call, 'signal' | 'priority'>): Promise<Outcome<Turn>> =>
    new Promise((resolve) => {
      const wake = () => nap.abort();
      const answer = (outcome: Outcome<Turn>) => {
        signal.removeEventListener('abort', wake);
        resolve(outcome);
      };
      signal.addEventListener('abort', wake, { once: true });
      waiting.push({ priority, until: clock.monotonic() + maxWaitMs, signal, answer });
      if (waiting.length === 1) void attend();
      else nap.abort();
    });

  return {
    async turn(call) {
      if (call.signal.aborted) return { kind: 'transient', code: 'not-sent' };
      const now = clock.monotonic();
      const ahead = waiting.filter((one) => RANK[one.priority] <= RANK[call.priority]).length;
      const waitMs = quota.freeAt(call.priority, ahead, now) - now;
      if (waitMs <= 0) return { kind: 'done', value: grant() };
      return waitMs > maxWaitMs ? limited(waitMs) : wait(call);
    },
    budget: () => quota.budget(clock.monotonic()),
    load() {
      const now = clock.monotonic();
      const { limitPerMinute } = quota.budget(now);
      return { limitPerMinute, usedInLastMinute: quota.used(now), waiting: waiting.length };
    },
  };
}

function openTurn(quota: QuotaWindow, clock: Clock, changed: () => void): Turn {
  let open = true;
  quota.start();
  const giveBack = (how: () => void) => {
    if (!open) return;
    open = false;
    how();
    changed();
  };
  return {
    unused: () => giveBack(() => quota.cancel()),
    spent: (answer) =>
      giveBack(() => {
        const now = clock.monotonic();
        quota.finish(now);
        if (answer === undefined) return;
        quota.learn(answer.headers, now);
        if (answer.status === 429) quota.pause(now + (toldDelayMs(answer, clock.now()) ?? UNTOLD_PAUSE_MS));
      }),
  };
}

function limited(waitMs: number): Outcome<Turn> {
  return { kind: 'transient', code: 'rate-limited', retryAfterMs: Math.max(1, Math.ceil(waitMs)) };
}
