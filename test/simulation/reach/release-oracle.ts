// Owns the check of the promise that a call is never let go on an undelivered message (seed 000, edge case 4): not by us, and not by a flow
// that believes us; and that a call which an agent has taken is not ended beneath them.

import { isLive } from '../../../src/twins/genesys/conversation.ts';
import type { GenesysTwin } from '../../../src/twins/genesys/genesys-twin.ts';
import { LEASE_MS } from '../limits.ts';
import { Violation } from '../violation.ts';
import type { WireCall } from '../wire-call.ts';
import type { KnownOffer } from './offer-book.ts';

export type ReleaseOracleParts = {
  readonly twin: GenesysTwin;
  readonly report: (violation: Violation) => void;
};

export class ReleaseOracle {
  readonly #parts: ReleaseOracleParts;

  constructor(parts: ReleaseOracleParts) {
    this.#parts = parts;
  }

  /** We end the call of this offer. */
  closing(call: WireCall, offer: KnownOffer): void {
    if (!offer.delivered) this.#broken(offer, 'ends its call, and no provider has told that its message was delivered');
    if (offer.source !== 'disconnect') this.#broken(offer, `ends its call, which was to ${offer.source}`);
    const conversation = this.#parts.twin.conversations.get(call.conversationId ?? '');
    const talking = conversation?.participants.find(
      ({ purpose, phase }) =>
        purpose === 'agent' && phase.kind === 'connected' && phase.since < call.writtenAt - LEASE_MS,
    );
    if (talking) this.#broken(offer, 'ends a call in which an agent talks');
    if (offer.terms && offer.terms.conversationId !== call.conversationId)
      this.#broken(offer, `ends ${call.conversationId}, which was never its call`);
  }

  /** A flow was told that it may let go. `claimed`: somebody has asked for the link. */
  mayRelease(offer: KnownOffer, claimed: boolean): void {
    if (!offer.delivered && !claimed) this.#broken(offer, 'lets its flow let go, and no message was delivered');
  }

  /** Whether the customer can be put down by their flow at all. */
  isOnTheLine(conversationId: string): boolean {
    const conversation = this.#parts.twin.conversations.get(conversationId);
    return conversation?.participants.some((one) => one.purpose === 'customer' && isLive(one)) === true;
  }

  #broken({ id, interactionId, terms }: KnownOffer, message: string): void {
    const concerns = [interactionId, ...(terms ? [terms.conversationId] : [])];
    this.#parts.report(new Violation('H3', `${id} ${message}`, concerns));
  }
}
