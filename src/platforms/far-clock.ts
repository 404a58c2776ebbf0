// Owns what a platform's answers say of our clock: each `Date` header (RFC 9110 §6.6.1, whole seconds) bounds how far the two can be apart,
// and several together bound it closely.

import type { Instant } from '../ids.ts';
import { readHttpDate } from './retry-timing.ts';

/** How far the platform's clock is ahead of ours: not less than `fromMs`, not more than `toMs`. */
export type ClockOffset = { readonly fromMs: number; readonly toMs: number };

export type FarClock = {
  /** An answer, by our own clock: when its request was sent, and when it was read to its end. */
  saw(date: string | null, sentAt: Instant, readAt: Instant): void;
  /** Undefined before there are several answers of late that agree. */
  offset(now: Instant): ClockOffset | undefined;
};

const RESOLUTION_MS = 1_000;
const KEPT = 8;
const SEVERAL = 3;
/** Clocks drift and are set. */
const FRESH_MS = 5 * 60_000;

type Seen = ClockOffset & { readonly at: Instant };

export function farClock(): FarClock {
  let seen: readonly Seen[] = [];
  return {
    saw(date, sentAt, readAt) {
      const there = date === null ? undefined : readHttpDate(date);
      if (there === undefined) return;
      const one = { fromMs: there - readAt, toMs: there + RESOLUTION_MS - sentAt, at: readAt };
      // One that cannot agree with those before it tells that a clock was set meanwhile.
      const agreeing = within([...seen, one]) === undefined ? [] : seen;
      seen = [...agreeing, one].slice(-KEPT);
    },
    offset(now) {
      const fresh = seen.filter(({ at }) => Math.abs(now - at) <= FRESH_MS);
      return fresh.length < SEVERAL ? undefined : within(fresh);
    },
  };
}

/** What all of them allow. */
function within(offsets: readonly ClockOffset[]): ClockOffset | undefined {
  const fromMs = Math.max(...offsets.map((one) => one.fromMs));
  const toMs = Math.min(...offsets.map((one) => one.toMs));
  return fromMs <= toMs ? { fromMs, toMs } : undefined;
}
