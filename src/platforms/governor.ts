// Owns who may send next on one credential, and how long somebody waits at most: live handoffs first, then reconciliation, then
// reports. Overload becomes an honest refusal with a time, never an endless wait (H6). The counting is `quota-window.ts`'s, how much of
// the quota is this node's `quota-slice.ts`'s, and the waiting `waiting-line.ts`'s.

import type { Clock } from '../clock.ts';
import type { Outcome } from '../outcome.ts';
import type { Call, CallPriority } from './platform.ts';
import { type QuotaSlice, quotaSlice, type SliceBook } from './quota-slice.ts';
import { type QuotaWindow, quotaWindow } from './quota-window.ts';
import { type HeaderReader, toldDelayMs } from './retry-timing.ts';
import { limited, type Prospect, waitingLine } from './waiting-line.ts';

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
  /** Lets go of what is shared. */
  close(): Promise<void>;
};

/** What the quota is used for now; `waiting` are calls that have no turn yet. */
export type GovernorLoad = {
  readonly limitPerMinute: number;
  readonly usedInLastMinute: number;
  readonly waiting: number;
  /** How much of it this node may use at the moment, where it is shared. */
  readonly slice?: number;
};

export type GovernorOptions = {
  readonly rateLimitPerMinute: number;
  readonly clock: Clock;
  readonly maxWaitMs?: number;
  /** The part of the budget that only live handoffs may use. */
  readonly reservedForLive?: number;
  /** Where other nodes that use the same quota look, too. Without one all of it is ours. */
  readonly book?: SliceBook | undefined;
};

const RESERVED_FOR_LIVE = 0.1;
/** A 429 without a time is a vendor that needs a moment. */
const UNTOLD_PAUSE_MS = 1_000;
/** What other nodes hold may be free sooner than what we sent is forgotten. */
const OTHERS_PAUSE_MS = 5_000;

export function governor(options: GovernorOptions): Governor {
  const { rateLimitPerMinute, clock, maxWaitMs = 4_000, reservedForLive = RESERVED_FOR_LIVE, book } = options;
  const quota = quotaWindow(rateLimitPerMinute, reservedForLive);

  /** With what is ours, and with what asking for more may bring. */
  const prospect = (priority: CallPriority, ahead = 0): Prospect => {
    const now = clock.monotonic();
    const waitMs = quota.freeAt(priority, ahead, now) - now;
    if (slice === undefined || waitMs <= 0) return { waitMs, mayImprove: false, toldMs: waitMs };
    const ofAllMs = quota.freeAtOfAll(priority, ahead, now) - now;
    const toldMs = Math.max(ofAllMs, Math.min(waitMs, OTHERS_PAUSE_MS));
    return { waitMs, mayImprove: ofAllMs < waitMs && slice.mayGrow(), toldMs };
  };
  const grant = (): Outcome<Turn> => {
    const turn = openTurn(quota, clock, line.wake);
    slice?.topUp();
    return { kind: 'done', value: turn };
  };
  const line = waitingLine<Outcome<Turn>>({ clock, maxWaitMs, prospect, grant, improve: () => slice?.ask() });
  const slice: QuotaSlice | undefined =
    book &&
    quotaSlice({
      book,
      quota,
      limitPerMinute: rateLimitPerMinute,
      reservedForLive,
      clock,
      waiting: line.waiting,
      changed: line.wake,
    });

  return {
    async turn(call) {
      if (call.signal.aborted) return { kind: 'transient', code: 'not-sent' };
      const { waitMs, mayImprove, toldMs } = prospect(call.priority, line.ahead(call.priority));
      if (waitMs <= 0) return grant();
      if (waitMs > maxWaitMs && !mayImprove) return limited(toldMs);
      const turn = line.wait(call);
      if (mayImprove) slice?.ask();
      return turn;
    },
    budget: () => quota.budget(clock.monotonic()),
    load() {
      const now = clock.monotonic();
      const { limitPerMinute } = quota.budget(now);
      const load = { limitPerMinute, usedInLastMinute: quota.used(now), waiting: line.waiting().calls };
      return slice === undefined ? load : { ...load, slice: slice.size() };
    },
    close: async () => slice?.close(),
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
