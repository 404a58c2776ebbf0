// Owns the reading of what a gateway tells (`interaction:updated`, `interaction:completed`; seed 002 §4) into our words. Pure; never
// throws. A reservation that arrives with a call is news of its own: it comes before the view of the interaction that brought it.

import type { ConversationEvent } from '../../context/conversation.ts';
import type { ExternalId, Instant, PlatformName } from '../../ids.ts';
import { interactionEvent } from './gateway-contract.ts';
import { gatewayView } from './gateway-view.ts';

/** A reserved call has come: which reservation, and the conversation it is now. Told again with every event of it. */
export type GatewayRedemption = {
  readonly platform: PlatformName;
  readonly reservationId: string;
  readonly externalId: ExternalId;
  readonly at: Instant;
};

export type GatewayNews =
  | { readonly kind: 'redemption'; readonly redemption: GatewayRedemption }
  | { readonly kind: 'event'; readonly event: ConversationEvent };

export type GatewayReading = {
  /** In the order in which it must be taken. */
  readonly news: readonly GatewayNews[];
  /** What could not be read, one line each, without the content. */
  readonly problems: readonly string[];
};

/** Reads one message, already JSON. */
export function readGatewayEvent(payload: unknown, platform: PlatformName): GatewayReading {
  const read = interactionEvent.safeParse(payload);
  if (!read.success) {
    const where = read.error.issues[0]?.path.join('.') ?? '';
    return { news: [], problems: [`an event is not of the contract's shape at "${where.slice(0, 80)}"`] };
  }
  const { id, interactionId, reservationId, at } = read.data;
  const common = { platform, externalId: interactionId as ExternalId, at: Date.parse(at) };
  const event: ConversationEvent = { ...common, messageId: id, kind: 'seen', view: gatewayView(read.data) };
  return {
    news: [
      ...(reservationId === undefined
        ? []
        : [{ kind: 'redemption' as const, redemption: { ...common, reservationId } }]),
      { kind: 'event', event },
    ],
    problems: [],
  };
}
