// Owns how a handoff settles and how an interaction ends: when the customer leaves, at any moment, what is open is cancelled
// and nobody holds the conversation any more (H6).

import { loseLeg } from './attendance.ts';
import type { EventBody } from './event.ts';
import type { Interaction, StandingOffer } from './interaction.ts';
import { type HandoffOutcome, isSameLeg, type Leg, legOf, type Move, targetOf } from './move.ts';
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

/** Standing offers that nobody can accept any more. */
export function withdrawn(
  offers: readonly StandingOffer[],
  outcome: Extract<EventBody, { type: 'OfferSettled' }>['outcome'],
): readonly EventBody[] {
  return offers.map(({ id }) => ({ type: 'OfferSettled', handoffId: id, outcome }));
}

/** The customer is gone from `leg`: its move is cancelled, and with the last live leg the interaction ends. */
export function customerLeft(state: Interaction, leg: Leg, vendorMs = 0): readonly EventBody[] {
  const cancelled =
    state.move && isSameLeg(state.move.leg, leg)
      ? [settled(state.move, 'cancelled', { reason: 'customer-left', vendorMs })]
      : [];
  const gone: readonly EventBody[] = [...cancelled, { type: 'LegEnded', leg: legOf(leg) }];
  if (state.legs.some((held) => held.state === 'live' && !isSameLeg(held, leg))) {
    return [...gone, ...loseLeg(state, leg)];
  }
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

/** Once the transfer was asked for nobody can take it back (Genesys Cloud has no such call): it will settle by itself. */
export function isTooLateToCancel({ progress }: Move): boolean {
  const { step } = progress;
  if (step === 'attaching') return progress.arrived !== undefined;
  return step === 'transferring' || step === 'verifying' || step === 'confirming';
}
