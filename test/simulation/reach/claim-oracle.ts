// Owns the check of H7 over all devices and nodes, from what they were answered: a link has one winner, whoever takes it over says so, and
// nobody is told that it is theirs when its time was over, when it was withdrawn, or when it was erased. Nor is a link that somebody has on
// their telephone ever unknown, or called over while it stands.

import { CLOCKS_APART_MS } from '../../../src/protocols/clocks.ts';
import { Violation } from '../violation.ts';
import type { KnownOffer, OfferBook } from './offer-book.ts';

export type Verdict = 'yours' | 'theirs' | 'over' | 'unknown';

/** One who asks for a link, from the question to the answer. */
export type Claim = {
  readonly token: string;
  readonly by: string;
  readonly move: boolean;
  readonly askedAt: number;
};

export type ClaimOracleParts = {
  readonly book: OfferBook;
  readonly now: () => number;
  readonly report: (violation: Violation) => void;
};

type Race = {
  /** Who was told that it is theirs without ever having asked for it to be moved. */
  readonly winners: Set<string>;
  readonly movers: Set<string>;
  /** Who was told so at all. */
  readonly told: Set<string>;
  asked: number;
};

export class ClaimOracle {
  readonly #parts: ClaimOracleParts;
  readonly #races = new Map<string, Race>();

  constructor(parts: ClaimOracleParts) {
    this.#parts = parts;
  }

  asking(claim: Omit<Claim, 'askedAt'>): Claim {
    const race = this.#race(claim.token);
    race.asked += 1;
    if (claim.move) race.movers.add(claim.by);
    return { ...claim, askedAt: this.#parts.now() };
  }

  /** Whether anybody has asked for the link of this offer. */
  isWanted(token: string): boolean {
    return this.#race(token).asked > 0;
  }

  winnersOf(token: string): number {
    return this.#race(token).winners.size;
  }

  answered(claim: Claim, verdict: Verdict): void {
    const { book, now } = this.#parts;
    const offer = book.ofToken(claim.token);
    const race = this.#race(claim.token);
    if (verdict === 'yours') this.#yours(claim, offer, race);
    if (!offer) return;
    const erasedAt = book.erasedAt(offer);
    if (verdict === 'unknown' && !book.isLeaving(offer))
      this.#broken(offer, claim, 'is told that there is no such link');
    if (verdict === 'theirs' && offer.claimedAt === undefined)
      this.#broken(offer, claim, 'is told that another has it, and nobody has');
    const stands = offer.settled === undefined && offer.claimedAt === undefined && erasedAt === undefined;
    const inTime = offer.terms !== undefined && now() < offer.terms.expiresAt - CLOCKS_APART_MS;
    if (verdict === 'over' && stands && inTime) this.#broken(offer, claim, 'is told that it is over, and it stands');
  }

  #yours(claim: Claim, offer: KnownOffer | undefined, race: Race): void {
    const first = race.told.size === 0;
    race.told.add(claim.by);
    if (!race.movers.has(claim.by)) race.winners.add(claim.by);
    if (race.winners.size > 1) this.#broken(offer, claim, `has it, and so have ${[...race.winners].join(' and ')}`);
    if (!offer) return;
    const erasedAt = this.#parts.book.erasedAt(offer);
    if (erasedAt !== undefined && erasedAt < claim.askedAt) this.#broken(offer, claim, 'has what was erased before');
    if (!first) return;
    const lateMs = claim.askedAt - (offer.terms?.expiresAt ?? Number.POSITIVE_INFINITY);
    if (lateMs > CLOCKS_APART_MS && offer.claimedAt !== undefined && offer.claimedAt >= claim.askedAt)
      this.#broken(offer, claim, `has it ${Math.round(lateMs)} ms after its time`);
    const { settled } = offer;
    if (settled && settled.outcome !== 'completed' && settled.at < claim.askedAt)
      this.#broken(offer, claim, `has what was ${settled.outcome} before`);
  }

  #race(token: string): Race {
    const race = this.#races.get(token) ?? { winners: new Set(), movers: new Set(), told: new Set(), asked: 0 };
    this.#races.set(token, race);
    return race;
  }

  #broken(offer: KnownOffer | undefined, { by }: Claim, message: string): void {
    const concerns = offer ? [offer.interactionId] : [];
    this.#parts.report(new Violation('H7', `${by}, who asked for the link of ${offer?.id}, ${message}`, concerns));
  }
}
