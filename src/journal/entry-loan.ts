// Owns the loan of an entry number as the store keeps it (types only): one number of a platform's pool, lent to one handoff at a
// time. A row per number: what was lent last stays until the number is lent anew, so that a late caller is still recognised.

import type { HandoffId, Instant, InteractionId, PlatformName } from '../ids.ts';

/** What a call that arrives is recognised by. Hashes only: nothing in the clear is the customer's. */
export type EntryMarks = {
  /** SHA-256 of what the destination's entry redeems. */
  readonly tokenHash: Uint8Array;
  /** Keyed hash of the number the customer calls from, where it is known. */
  readonly aniHash: Uint8Array | null;
};

export type EntryWish = EntryMarks & {
  readonly handoffId: HandoffId;
  readonly interactionId: InteractionId;
  readonly platform: PlatformName;
  /** The pool, in the order of preference among numbers that were never lent. */
  readonly numbers: readonly string[];
  readonly until: Instant;
  /** From when on it may be lent to others. Not before `until`. */
  readonly freeFrom: Instant;
};

export type EntryLoan = {
  readonly handoffId: HandoffId;
  readonly interactionId: InteractionId;
  readonly platform: PlatformName;
  readonly number: string;
  readonly until: Instant;
  readonly aniHash: Uint8Array | null;
};

/** A place that the destination holds itself, and under which id: its calls are recognised as ours by that. */
export type EntryHeld = Omit<EntryWish, 'numbers'> & { readonly reservationId: string };

/** What stands in the place of a number for it. No number begins so. */
export const RESERVATION_PREFIX = 'reservation:';

export type EntryTaken = { readonly number: string; readonly until: Instant };

/** Each finds the loan that stands, over or not; by `aniHash` the two newest that were not over at `since`. */
export type EntrySearch =
  | { readonly platform: PlatformName; readonly tokenHash: Uint8Array }
  | { readonly platform: PlatformName; readonly number: string }
  | { readonly platform: PlatformName; readonly aniHash: Uint8Array; readonly since: Instant };
