// Owns what is checked of links as wholes after every step: that none is open beyond its time (H6), that what was marked as too sensitive to
// keep goes with the first use, and that nothing of a link is left when its interaction is erased.

import { createHash } from 'node:crypto';
import type { Store } from '../../../src/journal/store.ts';
import type { Event } from '../../../src/protocols/event.ts';
import type { Ledger } from '../ledger.ts';
import { SETTLE_WITHIN_MS, SLACK_MS } from '../limits.ts';
import { type Invariant, Violation } from '../violation.ts';
import type { KnownOffer, OfferBook } from './offer-book.ts';
import type { Telephones } from './telephones.ts';
import { PURGED } from './terms.ts';

/** A day: more than any link may stand. */
const LONGEST_MS = 24 * 60 * 60_000;

export type OfferOracleParts = {
  readonly book: OfferBook;
  readonly phones: Telephones;
  readonly ledger: Ledger;
  readonly store: Store;
  readonly upMs: () => number;
  readonly isReadable: (interactionId: string) => boolean;
  readonly events: (interactionId: string) => Promise<readonly Event[]>;
  readonly report: (violation: Violation) => void;
};

export class OfferOracle {
  readonly #parts: OfferOracleParts;
  readonly #erased = new Set<string>();

  constructor(parts: OfferOracleParts) {
    this.#parts = parts;
  }

  async check(): Promise<void> {
    const { book, isReadable } = this.#parts;
    for (const offer of book.settledNow.splice(0)) {
      if (offer.settled?.outcome === 'completed' && isReadable(offer.interactionId)) await this.#purged(offer);
    }
    for (const offer of book.open()) this.#inTime(offer);
    await this.#forgotten();
  }

  #inTime(offer: KnownOffer): void {
    const { ledger, upMs } = this.#parts;
    const known = ledger.get(offer.interactionId);
    const standsMs = offer.terms ? offer.terms.expiresAt - offer.requestedAt : LONGEST_MS;
    const due = Math.max(offer.upMsThen + standsMs + SETTLE_WITHIN_MS, known?.releasedUpMs ?? 0);
    const late = upMs() - due - SLACK_MS;
    if (late > 0 && !known?.quarantined) this.#broken('H6', offer, `is open ${Math.round(late)} ms beyond its bound`);
  }

  async #purged(offer: KnownOffer): Promise<void> {
    const events = await this.#parts.events(offer.interactionId);
    const until = events.findIndex((event) => event.type === 'OfferSettled' && event.handoffId === offer.id);
    const then = events
      .slice(0, until + 1)
      .findLast((event) => event.type === 'ContextChanged' || event.type === 'InteractionOpened');
    if (then && 'context' in then && PURGED in then.context)
      this.#broken('purge', offer, `is completed, and ${PURGED} is known still`);
  }

  /** No token leads anywhere once the interaction is erased. */
  async #forgotten(): Promise<void> {
    const { book, phones, store } = this.#parts;
    for (const { token } of phones.links) {
      const offer = book.ofToken(token);
      if (!offer || this.#erased.has(token) || book.erasedAt(offer) === undefined) continue;
      this.#erased.add(token);
      const row = await store.reach.findClaim(createHash('sha256').update(token).digest());
      if (row) this.#broken('erasure', offer, 'is erased, and its link is there');
    }
  }

  #broken(invariant: Invariant, { id, interactionId }: KnownOffer, message: string): void {
    this.#parts.report(new Violation(invariant, `${id} ${message}`, [interactionId]));
  }
}
