// Owns this node's slice of a quota that it shares with other nodes: how many calls it may send within any minute. It is asked for ahead
// of need and given back when it lies idle, so that no vendor call waits for the book and none costs it a call.
//
// 1. Before it asks, a node binds itself to what it says it keeps; an answer that is lost or late therefore lets nobody send too much.
// 2. A slice is good for as long as its lease. Out of reach of the book a node keeps to what it was granted until then, and sends
//    nothing afterwards: others may have it by now. What it cannot journal it would not send anyway.

import type { Clock } from '../clock.ts';
import type { QuotaWindow } from './quota-window.ts';

/** One credential's page in the book that all its nodes read. Bounded in time; rejects when out of reach. */
export type SliceBook = {
  /** Null when a later question of this node was answered before. */
  take(question: {
    /** 1, 2, 3 …: which of the node's questions it is. */
    readonly asked: number;
    /** Calls within a minute to which the node keeps until it is answered. */
    readonly keeps: number;
    readonly wants: number;
    readonly quota: number;
    readonly leaseMs: number;
  }): Promise<{ readonly granted: number; readonly nodes: number; readonly short: number } | null>;
};

export type QuotaSlice = {
  /** Whether asking may bring more than there is: not when it brought too little a moment ago. */
  mayGrow(): boolean;
  /** Asks, unless it is being asked. `changed` is called when the answer is there. */
  ask(): void;
  /** Asks when little is left. */
  topUp(): void;
  size(): number;
  /** Gives back what is not used. */
  close(): Promise<void>;
};

export type QuotaSliceOptions = {
  readonly book: SliceBook;
  readonly quota: Pick<QuotaWindow, 'used' | 'allow'>;
  readonly limitPerMinute: number;
  /** The part of a slice, in [0, 1), that only live handoffs may use. */
  readonly reservedForLive: number;
  readonly clock: Clock;
  /** Who waits for a turn. */
  readonly waiting: () => { readonly calls: number; readonly areAllLive: boolean };
  readonly changed: () => void;
};

const LEASE_MS = 60_000;
const RENEW_MS = 15_000;
/** While somebody is short of a fair part. */
const RENEW_SHORT_MS = 1_000;
const ASK_AGAIN_MS = 1_000;
const FEW_NODES = 4;

/** Asks at once, and goes on until closed. */
export function quotaSlice(options: QuotaSliceOptions): QuotaSlice {
  const { book, quota, limitPerMinute, reservedForLive, clock, waiting, changed } = options;
  const closing = new AbortController();
  let granted = 0;
  let leaseUntil = Number.NEGATIVE_INFINITY;
  let nodes = 1;
  let short = 0;
  let asked = 0;
  let underWay: Promise<void> | undefined;
  let tooLittleAt = Number.NEGATIVE_INFINITY;

  const size = () => (clock.monotonic() < leaseUntil ? granted : 0);
  /** What stands idle on all nodes together is at most a quarter. */
  const spare = () => Math.floor(limitPerMinute / (4 * Math.max(FEW_NODES, nodes)));
  quota.allow(size);

  const question = async () => {
    const began = clock.monotonic();
    const used = quota.used(began);
    const { calls, areAllLive } = waiting();
    const needs = (used + calls + spare()) / (areAllLive ? 1 : 1 - reservedForLive);
    const wants = closing.signal.aborted ? 0 : Math.min(limitPerMinute, Math.ceil(needs));
    const had = size();
    granted = Math.min(size(), wants);
    asked += 1;
    const leaseMs = closing.signal.aborted ? 0 : LEASE_MS;
    const wish = { asked, keeps: Math.max(used, granted), wants, quota: limitPerMinute, leaseMs };
    const answer = await book.take(wish).catch(() => null);
    if (answer !== null) {
      ({ granted, nodes, short } = answer);
      leaseUntil = began + leaseMs;
    }
    if (answer === null || answer.granted < wants || answer.granted <= had) tooLittleAt = clock.monotonic();
  };
  const ask = (): Promise<void> => {
    underWay ??= question().finally(() => {
      underWay = undefined;
      changed();
    });
    return underWay;
  };
  const mayGrow = () =>
    underWay !== undefined ||
    (size() < limitPerMinute && clock.monotonic() - tooLittleAt >= ASK_AGAIN_MS && !closing.signal.aborted);

  const renewing = (async () => {
    while (!closing.signal.aborted) {
      await ask();
      await clock.sleep(short > 0 ? RENEW_SHORT_MS : RENEW_MS, closing.signal);
    }
  })();

  return {
    mayGrow,
    ask: () => void ask(),
    topUp() {
      if (size() - quota.used(clock.monotonic()) < spare() / 2 && mayGrow()) void ask();
    },
    size,
    async close() {
      closing.abort();
      await renewing;
      await ask();
    },
  };
}
