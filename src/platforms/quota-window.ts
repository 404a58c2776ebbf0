// Owns the arithmetic of one credential's quota: a sliding minute of its own calls, which no fixed window of the vendor's can
// outdo wherever that window begins, corrected by the vendor's own count (other nodes and programs use the credential too).
// Pure but for its own numbers: instants are arguments, `now` being monotonic milliseconds.

import type { CallPriority } from './platform.ts';
import type { HeaderReader } from './retry-timing.ts';

/** The vendor's own count of its current window. */
type VendorWindow = { readonly count: number; readonly allowed: number; readonly endsAt: number };

export type QuotaWindow = {
  /** The instant at which a call of this priority, with `ahead` others before it, may be sent; `now` when it may at once. */
  freeAt(priority: CallPriority, ahead: number, now: number): number;
  /** The same, were all of the quota this node's. */
  freeAtOfAll(priority: CallPriority, ahead: number, now: number): number;
  start(): void;
  /** A started call that never left. */
  cancel(): void;
  /** A started call is over. It counts from here: the vendor read it at the latest now. */
  finish(now: number): void;
  /** Believes the vendor's rate headers. */
  learn(headers: HeaderReader, now: number): void;
  /** From now on at most what `share` says at the moment, of what is shared with other nodes. */
  allow(share: () => number): void;
  /** Nothing is free before then. */
  pause(until: number): void;
  budget(now: number): { readonly limitPerMinute: number; readonly remaining: number };
  /** Our own calls of the last minute, those under way included. */
  used(now: number): number;
};

const WINDOW_MS = 60_000;

/** `reservedForLive` is the part of the budget, in [0, 1), that only live handoffs may use. */
export function quotaWindow(rateLimitPerMinute: number, reservedForLive: number): QuotaWindow {
  const minute = slidingMinute();
  let inFlight = 0;
  let pausedUntil = 0;
  let vendor: VendorWindow | undefined;
  let share = () => rateLimitPerMinute;

  const whole = () => Math.min(rateLimitPerMinute, vendor?.allowed ?? rateLimitPerMinute);
  const limit = () => Math.min(whole(), share());
  const current = (now: number) => (vendor !== undefined && vendor.endsAt > now ? vendor : undefined);

  const freeWithin = (most: number, priority: CallPriority, ahead: number, now: number) => {
    const kept = priority === 'live' ? 0 : Math.max(0, Math.min(most - 1, Math.ceil(most * reservedForLive)));
    const used = inFlight + ahead + 1;
    let at = Math.max(now, pausedUntil);
    const over = minute.count(now) + used - (most - kept);
    if (over > 0) at = Math.max(at, minute.gone(over, now));
    const theirs = current(now);
    const full = theirs !== undefined && theirs.count + used > theirs.allowed - kept;
    return full ? Math.max(at, theirs.endsAt) : at;
  };

  return {
    freeAt: (priority, ahead, now) => freeWithin(limit(), priority, ahead, now),
    freeAtOfAll: (priority, ahead, now) => freeWithin(whole(), priority, ahead, now),
    start() {
      inFlight += 1;
    },
    cancel() {
      inFlight -= 1;
    },
    finish(now) {
      inFlight -= 1;
      minute.add(now);
    },
    learn(headers, now) {
      vendor = laterWindow(vendor, readWindow(headers, now));
    },
    allow(granted) {
      share = granted;
    },
    pause(until) {
      pausedUntil = Math.max(pausedUntil, until);
    },
    budget(now) {
      const own = limit() - minute.count(now) - inFlight;
      const theirs = current(now);
      const left = theirs === undefined ? own : Math.min(own, theirs.allowed - theirs.count - inFlight);
      return { limitPerMinute: whole(), remaining: Math.max(0, left) };
    },
    used: (now) => minute.count(now) + inFlight,
  };
}

/** Instants of the last minute, oldest first. What is older is passed over, and now and then cut off. */
function slidingMinute() {
  let instants: number[] = [];
  let first = 0;
  const pass = (now: number) => {
    while (first < instants.length && (instants[first] ?? 0) + WINDOW_MS <= now) first += 1;
    if (first < 1_024 || first * 2 < instants.length) return;
    instants = instants.slice(first);
    first = 0;
  };
  return {
    add(now: number) {
      instants.push(now);
    },
    count(now: number) {
      pass(now);
      return instants.length - first;
    },
    /** When the oldest `many` will be older than a minute; a minute from now where there are not that many. */
    gone: (many: number, now: number) => (instants[first + many - 1] ?? now) + WINDOW_MS,
  };
}

/** Genesys dev-center rate limits: `count` used of `allowed`, `reset` seconds left in the window. */
function readWindow(headers: HeaderReader, now: number): VendorWindow | undefined {
  const [count, allowed, reset] = ['count', 'allowed', 'reset'].map((part) => {
    const value = headers.get(`inin-ratelimit-${part}`)?.trim() ?? '';
    return /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  });
  if (count === undefined || allowed === undefined || reset === undefined || allowed === 0) return undefined;
  return { count, allowed, endsAt: now + Math.min(reset * 1000, WINDOW_MS) };
}

/** Answers overtake each other: within one window the higher count is the newer. Reset is in whole seconds, hence the slack. */
function laterWindow(known: VendorWindow | undefined, seen: VendorWindow | undefined): VendorWindow | undefined {
  if (seen === undefined || known === undefined) return seen ?? known;
  if (Math.abs(seen.endsAt - known.endsAt) > 2_000) return seen.endsAt > known.endsAt ? seen : known;
  return {
    count: Math.max(seen.count, known.count),
    allowed: seen.allowed,
    endsAt: Math.max(seen.endsAt, known.endsAt),
  };
}
