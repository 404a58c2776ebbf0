// Owns how a handoff settles and how an interaction ends: when the customer leaves, at any moment, what is open is cancelled
// and nobody holds the conversation any more (H6).

import type { EventBody } from './event.ts';
import type { Interaction } from './interaction.ts';
import { type HandoffOutcome, type Leg, type Move, targetOf } from './move.ts';
import { succeed } from './ownership.ts';

type Settled = Extract<EventBody, { type: 'HandoffSettled' }>;

export function settled(
  move: Move,
  outcome: HandoffOutcome,
  rest: Omit<Settled, 'type' | 'handoffId' | 'outcome'>,
): Settled {
  const queue = targetOf(move.progress)?.queue;
  return { type: 'HandoffSettled', handoffId: move.id, outcome, ...(queue && { queue }), ...rest };
}

/** The customer is gone from `leg`: its move is cancelled, and with the last live leg the interaction ends. */
export function customerLeft(state: Interaction, leg: Leg, vendorMs = 0): readonly EventBody[] {
  const is = (other: Leg) => other.platform === leg.platform && other.externalId === leg.externalId;
  const { platform, externalId, channel } = leg;
  const events: EventBody[] = [{ type: 'LegEnded', leg: { platform, externalId, channel } }];
  if (state.move && is(state.move.leg)) {
    events.unshift(settled(state.move, 'cancelled', { reason: 'customer-left', vendorMs }));
  }
  if (state.legs.some((held) => held.state === 'live' && !is(held))) return events;
  for (const offer of state.offers) events.push({ type: 'OfferSettled', handoffId: offer.id, outcome: 'cancelled' });
  const holder = succeed(state.holder, { kind: 'none' });
  if (holder !== state.holder) events.push({ type: 'HolderChanged', holder, attendance: state.attendance });
  return [...events, { type: 'InteractionEnded' }];
}
