// Owns what the store keeps of how customers are reached (types only): the links that were sent to them, and who may not be texted. Hashes
// only: nothing in the clear is the customer's, and no link can be made of what is kept.

import type { Instant, InteractionId } from '../ids.ts';

/** A link that was sent: SHA-256 of its token, whose it is, and the keyed hash of the number it went to. */
export type ClaimRow = {
  readonly tokenHash: Uint8Array;
  readonly interactionId: InteractionId;
  readonly numberHash: Uint8Array;
  readonly expiresAt: Instant;
};

export type SuppressionCause = 'keyword' | 'vendor';

export interface ReachTable {
  /** Durable when it resolves. The same again changes nothing; false where the interaction is unknown or erased: then nothing is kept. */
  putClaim(claim: ClaimRow): Promise<boolean>;
  /** Also one whose time is over. It goes with its interaction's key, in the same transaction. */
  findClaim(tokenHash: Uint8Array): Promise<ClaimRow | null>;
  /** By the keyed hash of a number; durable when it resolves, and kept for good: an erasure withdraws no STOP. Twice is once. */
  suppress(numberHash: Uint8Array, cause: SuppressionCause, at: Instant): Promise<void>;
  isSuppressed(numberHash: Uint8Array): Promise<boolean>;
  unsuppress(numberHash: Uint8Array): Promise<void>;
}
