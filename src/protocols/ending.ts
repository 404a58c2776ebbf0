// Owns how a handoff settles and how an interaction ends: when the customer leaves, at any moment, what is open is cancelled
// and nobody holds the conversation any more (H6).

import { loseLeg } from './attendance.ts';
import { deadLetterAlert } from './chore.ts';
import { consultedIn } from './consult-end.ts';
import type { EventBody } from './event.ts';
import type { Interaction } from './interaction.ts';
import { type HandoffOutcome, isSameLeg, type Leg, legOf, type Move, queueOf, type TransferMove } from './move.ts';
import type { Offer } from './offer.ts';
import { succeed } from './ownership.ts';

type Settled = Extract<EventBody, { type: 'HandoffSettled' }>;

export function settled(
  move: Move,
  outcome: HandoffOutcome,
  rest: Omit<Settled, 'type' | 'handoffId' | 'outcome'>,
): Settled {
  const queue = queueOf(move);
  return { type: 'HandoffSettled', handoffId: move.id, outcome, ...(queue && { queue }), ...rest };
}

/** Standing offers that nobody can accept any more. */
export function withdrawn(
  offers: readonly Offer[],
  outcome: Extract<EventBody, { type: 'OfferSettled' }>['outcome'],
): readonly EventBody[] {
  return offers.map(({ id }) => ({ type: 'OfferSettled', handoffId: id, outcome }));
}

/** An offer settles; where nothing else is open and no conversation is left, the interaction is over with it. */
export function offerEnded(
  state: Interaction,
  offer: Offer,
  outcome: HandoffOutcome,
  reason?: string,
): readonly EventBody[] {
  const settled: EventBody = {
    type: 'OfferSettled',
    handoffId: offer.id,
    outcome,
    ...(reason !== undefined && { reason }),
  };
  const rest = state.offers.filter((one) => one.id !== offer.id);
  const claimed = offer.claimed !== undefined || outcome === 'completed';
  const goesOn =
    claimed || state.move !== null || rest.length > 0 || state.legs.some(({ state: how }) => how === 'live');
  if (goesOn || state.endedAt !== undefined) return [settled];
  return [settled, ...over({ ...state, offers: rest }), { type: 'InteractionEnded' }];
}

/**
 * The customer is gone from `leg`: its move is cancelled, and with the last live leg the interaction ends. What an open transfer is to find
 * out of its own two sides is waited for: the interaction ends with it (H6). A callback is for who has left: it goes on, and the interaction
 * with it.
 */
export function customerLeft(state: Interaction, leg: Leg, vendorMs = 0): readonly EventBody[] {
  const cancelled =
    state.move && state.move.kind !== 'callback' && isSameLeg(state.move.leg, leg)
      ? [settled(state.move, 'cancelled', { reason: 'customer-left', vendorMs })]
      : [];
  // Who was consulted talks to nobody's customer any more (H2).
  const consulted = cancelled.length > 0 ? consultedIn(state, state.move) : [];
  const isOver = (held: Leg) => isSameLeg(held, leg) || consulted.some((one) => isSameLeg(one, held));
  const gone = [...cancelled, ...[leg, ...consulted].map((one): EventBody => ({ type: 'LegEnded', leg: legOf(one) }))];
  // A link that stands is a way back: the call may be over, and the matter is not.
  const isSought = state.move !== null && cancelled.length === 0 && state.move.kind !== 'escalation';
  const hasLegs = state.legs.some((held) => held.state === 'live' && !isOver(held));
  const without = state.legs.filter((held) => !isOver(held) || isSameLeg(held, leg));
  if (isSought || hasLegs || state.offers.length > 0) return [...gone, ...loseLeg({ ...state, legs: without }, leg)];
  return [...gone, ...over(state), { type: 'InteractionEnded' }];
}

/** Nothing has happened for so long that its end must have been missed: what is told of its conversations later is too late. */
export function takenAsEnded(state: Interaction): readonly EventBody[] {
  const live = state.legs.filter((held) => held.state === 'live');
  const ended = live.map((held): EventBody => ({ type: 'LegEnded', leg: legOf(held) }));
  return [...ended, ...over(state), { type: 'InteractionEnded', reason: 'idle' }];
}

function over(state: Interaction): readonly EventBody[] {
  const holder = succeed(state.holder, { kind: 'none' });
  const released: readonly EventBody[] =
    holder === state.holder ? [] : [{ type: 'HolderChanged', holder, attendance: state.attendance }];
  return [...withdrawn(state.offers, 'cancelled'), ...released];
}

/** A person has to see to it: it settles, and they are told until they are (a chore). */
export function deadLetter(
  move: Move,
  reason: string,
  rest: { readonly vendorMs: number; readonly detail?: string },
): readonly EventBody[] {
  const alert: EventBody = { type: 'ChoreAdded', id: deadLetterAlert(move.id), code: reason, handoffId: move.id };
  return [settled(move, 'dead_lettered', { reason, ...rest }), alert];
}

/** Nobody is there any more, and nothing is waited for. */
export function interactionOver(state: Interaction): readonly EventBody[] {
  return [...over(state), { type: 'InteractionEnded' }];
}

/**
 * The customer of a transfer is on neither side any more. Where nobody saw them leave, a person has to call them back, and they may still
 * arrive: then the interaction goes on.
 */
export function gone(state: Interaction, move: TransferMove, hungUp: boolean): readonly EventBody[] {
  const live = state.legs.filter((held) => held.state === 'live');
  const ours = live.filter((leg) => isSameLeg(leg, move.leg) || (move.arrived && isSameLeg(leg, move.arrived)));
  const ended = ours.map((leg): EventBody => ({ type: 'LegEnded', leg: legOf(leg) }));
  const end = hungUp
    ? [settled(move, 'cancelled', { reason: 'customer-left', vendorMs: 0 })]
    : deadLetter(move, 'caller-lost', { vendorMs: 0 });
  return [...end, ...ended];
}
