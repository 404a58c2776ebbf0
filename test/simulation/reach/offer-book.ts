// Owns what the simulation knows of the links that were offered, from the rows that were committed, what providers have told and what
// customers were answered. Checks at every row that one interaction offers one link at a time and none beside a move (H1), and that none
// outlives its interaction (H6).

import { createHash } from 'node:crypto';
import type { EventRow } from '../../../src/journal/store.ts';
import type { Event } from '../../../src/protocols/event.ts';
import type { Ledger } from '../ledger.ts';
import { type Invariant, Violation } from '../violation.ts';
import { handoffOf, type TextCall } from './text-call.ts';

export type OfferTerms = {
  readonly to: string;
  readonly expiresAt: number;
  readonly claim: string | undefined;
  readonly conversationId: string;
};

export type KnownOffer = {
  readonly id: string;
  readonly interactionId: string;
  readonly requestedAt: number;
  /** How long somebody had been up, in all, when it was asked for. */
  readonly upMsThen: number;
  /** Who had the customer then. */
  readonly holderThen: string;
  /** What becomes of the call: it stays, we end it, or its flow does. */
  readonly source: string;
  /** What is sealed of it; absent where it was erased before anybody could look. */
  terms?: OfferTerms;
  claimedAt?: number;
  settled?: { readonly outcome: string; readonly reason?: string; readonly by: string; readonly at: number };
  alerted: boolean;
  /** A provider has told that a message of its was delivered. */
  delivered: boolean;
  readonly sends: TextCall[];
};

type Clear = {
  readonly handoffId?: string;
  readonly source?: string;
  readonly outcome?: string;
  readonly reason?: string;
};

export type OfferBookParts = {
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly upMs: () => number;
  /** Every event of an interaction; none once it is erased. */
  readonly events: (interactionId: string) => Promise<readonly Event[]>;
  readonly report: (violation: Violation) => void;
};

export class OfferBook {
  readonly #parts: OfferBookParts;
  readonly #byId = new Map<string, KnownOffer>();
  readonly #byClaim = new Map<string, KnownOffer>();
  /** By interaction: those that have not settled. */
  readonly #open = new Map<string, KnownOffer>();
  #unread: KnownOffer[] = [];
  /** What the last step brought. */
  settledNow: KnownOffer[] = [];
  readonly #erased = new Map<string, number>();
  readonly #leaving = new Set<string>();

  constructor(parts: OfferBookParts) {
    this.#parts = parts;
  }

  get(handoffId: string): KnownOffer | undefined {
    return this.#byId.get(handoffId);
  }

  all(): Iterable<KnownOffer> {
    return this.#byId.values();
  }

  open(): Iterable<KnownOffer> {
    return this.#open.values();
  }

  openIn(interactionId: string): KnownOffer | undefined {
    return this.#open.get(interactionId);
  }

  /** Whose link it is; undefined where nobody could read it before it was erased. */
  ofToken(token: string): KnownOffer | undefined {
    return this.#byClaim.get(createHash('sha256').update(token).digest('hex'));
  }

  ofCall(call: TextCall): KnownOffer | undefined {
    return this.#byId.get(handoffOf(call));
  }

  /** When its interaction was erased. */
  erasedAt({ interactionId }: Pick<KnownOffer, 'interactionId'>): number | undefined {
    return this.#erased.get(interactionId);
  }

  /** Whether its interaction is to be erased, or has been. */
  isLeaving({ interactionId }: Pick<KnownOffer, 'interactionId'>): boolean {
    return this.#leaving.has(interactionId);
  }

  committed(row: EventRow, by: string): void {
    const { interactionId, type } = row;
    const clear = JSON.parse(row.clear) as Clear;
    const open = this.#open.get(interactionId);
    switch (type) {
      case 'DeflectionRequested':
        this.#requested(interactionId, clear, open);
        return;
      case 'OfferClaimed': {
        const offer = this.#byId.get(clear.handoffId ?? '');
        if (offer) offer.claimedAt ??= this.#parts.now();
        return;
      }
      case 'OfferSettled':
        this.#settled(interactionId, clear, by);
        return;
      case 'ErasureRequested':
        this.#leaving.add(interactionId);
        return;
      case 'InteractionErased':
      case 'InteractionEnded':
        if (type === 'InteractionErased') this.#erased.set(interactionId, this.#parts.now());
        if (open) this.#broken('H6', open, `is open in an interaction that is over (${type})`);
        return;
      default:
        return;
    }
  }

  #requested(interactionId: string, { handoffId = '', source = '' }: Clear, open: KnownOffer | undefined): void {
    const { now, upMs, ledger } = this.#parts;
    const offer: KnownOffer = {
      id: handoffId,
      interactionId,
      requestedAt: now(),
      upMsThen: upMs(),
      holderThen: ledger.get(interactionId)?.holder ?? '',
      source,
      alerted: false,
      delivered: false,
      sends: [],
    };
    if (open) this.#broken('H1', offer, `offers a second link beside ${open.id}`);
    const move = ledger.get(interactionId)?.open;
    if (move) this.#broken('H1', offer, `offers a link while ${move.id} is open`);
    this.#byId.set(handoffId, offer);
    this.#open.set(interactionId, offer);
    this.#unread.push(offer);
  }

  #settled(interactionId: string, { handoffId = '', outcome = '', reason }: Clear, by: string): void {
    const offer = this.#byId.get(handoffId);
    if (!offer || offer.settled) {
      const message = `${handoffId} settled ${outcome}, but ${offer ? `was ${offer.settled?.outcome}` : 'never opened'}`;
      this.#parts.report(new Violation('H1', message, [interactionId]));
      return;
    }
    offer.settled = { outcome, by, at: this.#parts.now(), ...(reason !== undefined && { reason }) };
    this.#open.delete(interactionId);
    this.settledNow.push(offer);
  }

  /** Reads what is sealed of the links that were asked for in this step. */
  async look(): Promise<void> {
    for (const offer of this.#unread.splice(0)) {
      const events = await this.#parts.events(offer.interactionId);
      const asked = events.find((event) => event.type === 'DeflectionRequested' && event.handoff.id === offer.id);
      if (asked?.type !== 'DeflectionRequested') continue;
      const { terms, leg } = asked.handoff;
      const { to, expiresAt, claim } = terms;
      offer.terms = { to, expiresAt, claim, conversationId: leg.externalId };
      if (claim !== undefined) this.#byClaim.set(claim, offer);
    }
    for (const offer of this.#open.values()) {
      const move = this.#parts.ledger.get(offer.interactionId)?.open;
      if (move) this.#broken('H1', offer, `stands beside ${move.id}`);
      this.#takenBack(offer);
    }
  }

  /** Its call is the only conversation, and an agent has it by now. */
  #takenBack(offer: KnownOffer): void {
    const { ledger } = this.#parts;
    const isAgents = (holder: string) => holder.startsWith('agent');
    const answered = isAgents(ledger.get(offer.interactionId)?.holder ?? '') && !isAgents(offer.holderThen);
    const only = ledger.conversationsOf(offer.interactionId);
    if (answered && offer.claimedAt === undefined && only.length === 1 && only[0] === offer.terms?.conversationId)
      this.#broken('H1', offer, 'stands though an agent has answered its call');
  }

  #broken(invariant: Invariant, { id, interactionId }: KnownOffer, message: string): void {
    this.#parts.report(new Violation(invariant, `${id} ${message}`, [interactionId]));
  }
}
