// Owns the shape of time for every room that may wait (types only): main gives the machine's clock, tests and the simulation
// give their own. Pure rooms take instants as arguments instead.

import type { Instant } from './ids.ts';

export type Clock = {
  /** Milliseconds since 1970 UTC, possibly with a fraction; may jump. */
  now(): Instant;
  /** Milliseconds from an arbitrary start that never goes back. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal aborts (never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};
