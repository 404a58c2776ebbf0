// Owns the links that deflections send: 128 random bits each, of which only a SHA-256 is kept, bound to the number that they go to. Whoever
// has the token has the link; a number that is presented later proves nothing (seed 000, the trap of the ANI as the key).

import { createHash } from 'node:crypto';
import type { Instant, InteractionId } from '../ids.ts';
import type { Journal } from './journal.ts';
import { unavailable } from './journal-unavailable.ts';
import type { RandomBytes } from './vault.ts';

const TOKEN_BYTES = 16;
/** As 16 bytes are written in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{22}$/;

export type MintedClaim = {
  /** The customer's alone: in no log, and in no answer but the message. */
  readonly token: string;
  /** Its SHA-256, by which the handoff names it. */
  readonly claim: string;
};

export type FoundClaim = {
  readonly interactionId: InteractionId;
  readonly claim: string;
  readonly expiresAt: Instant;
};

export class ClaimBook {
  readonly #journal: Journal;
  readonly #random: RandomBytes;

  constructor(journal: Journal, random: RandomBytes) {
    this.#journal = journal;
    this.#random = random;
  }

  mint(): MintedClaim {
    const token = Buffer.from(this.#random(TOKEN_BYTES)).toString('base64url');
    return { token, claim: hashOf(token).toString('hex') };
  }

  /** Keeps it, before anybody is told of it. False where the interaction is unknown or erased. Rejects with `JournalUnavailable`. */
  keep(
    minted: MintedClaim,
    of: { readonly interactionId: InteractionId; readonly number: string; readonly expiresAt: Instant },
  ) {
    const { interactionId, number, expiresAt } = of;
    const numberHash = this.#journal.keyedHash('claim', number);
    const row = { tokenHash: hashOf(minted.token), interactionId, numberHash, expiresAt };
    return this.#journal.store.reach.putClaim(row).catch(unavailable);
  }

  /** Whose link it is, or null. Rejects with `JournalUnavailable`. */
  async find(token: string): Promise<FoundClaim | null> {
    if (!TOKEN.test(token)) return null;
    const tokenHash = hashOf(token);
    const row = await this.#journal.store.reach.findClaim(tokenHash).catch(unavailable);
    return row && { interactionId: row.interactionId, claim: tokenHash.toString('hex'), expiresAt: row.expiresAt };
  }

  /** Whether the link was sent to that number. */
  async isBoundTo(token: string, number: string): Promise<boolean> {
    const row = await this.#journal.store.reach.findClaim(hashOf(token)).catch(unavailable);
    return row !== null && Buffer.compare(row.numberHash, this.#journal.keyedHash('claim', number)) === 0;
  }

  /** What a device is known by in the journal: nothing of what it called itself is in it. */
  device(name: string): string {
    return this.#journal.keyedName('device', name);
  }
}

/** 128 random bits are not guessed from their hash. */
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
