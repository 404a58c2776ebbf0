// Owns how an event changes the state: `evolve(state, event)`. Pure and total: an event that does not fit changes nothing but
// the time, since the journal must fold whatever it holds.

import type { Instant, ParticipantId } from '../ids.ts';
import { evolveChores } from './chore.ts';
import { consultEndOf } from './consult-end.ts';
import { erased, evolveErased } from './erased-interaction.ts';
import type { Event } from './event.ts';
import { driven, evolveAsked, evolveChats } from './evolve-chat.ts';
import { beginEscalation, escalated } from './evolve-escalation.ts';
import { evolveOffers } from './evolve-offer.ts';
import { advanceTransfer, withCycle } from './evolve-transfer.ts';
import { type HeldLeg, type Interaction, isErased, type State } from './interaction.ts';
import {
  type CallbackMove,
  type HandoffRecord,
  isOpenDeadLetter,
  isSameLeg,
  type Leg,
  type Move,
  type SettledHandoff,
  type TransferMove,
} from './move.ts';
import { noted } from './noted.ts';
import { NOBODY_YET } from './ownership.ts';
import { agentLetGo, type ReleaseChore, releaseOf, replaced } from './release.ts';
import { running, waiting } from './task.ts';
import { beingWritten, landed, type WrittenContext, writing } from './vendor-copy.ts';

export function evolve(state: State, event: Event): State {
  if (event.type === 'InteractionOpened') return opened(event);
  // The event alone says what is left: the fold of an erased interaction begins with it.
  if (event.type === 'InteractionErased') return erased(event);
  if (!state) return state;
  if (isErased(state)) return evolveErased(state, event);
  const lastAt = Math.max(state.lastAt, event.at);
  const known = active(state, event);
  const after =
    evolveMove(known, event, lastAt) ??
    evolveOffers({ ...known, lastAt }, event) ??
    evolveChats({ ...known, lastAt }, event) ??
    evolveInteraction({ ...known, lastAt }, event);
  return driven(evolveAsked(after, event), event.at);
}

/** An alert that nobody takes is tried for ever: it keeps no customer's data from its end (retention). */
function active(state: Interaction, event: Event): Interaction {
  const { type } = event;
  if (type === 'ChoreDelayed' || type === 'ChoreRetried' || type === 'ChoreDone') {
    const fits = state.chores.some(({ id }) => id === event.id);
    return fits ? { ...state, activeAt: state.activeAt ?? state.lastAt } : state;
  }
  if (state.activeAt === undefined) return state;
  const { activeAt: _, ...rest } = state;
  return rest;
}

function opened(event: Extract<Event, { type: 'InteractionOpened' }>): Interaction {
  return {
    id: event.id,
    channel: event.channel,
    direction: event.direction,
    customer: event.customer,
    context: event.context,
    masked: event.masked,
    legs: [],
    holder: event.holder,
    attendance: NOBODY_YET,
    move: null,
    offers: [],
    settled: [],
    chores: [],
    resumeBot: false,
    openedAt: event.at,
    lastAt: event.at,
    ...(event.retention && { retention: event.retention }),
  };
}

/** The events that concern the interaction rather than its open move. */
function evolveInteraction(state: Interaction, event: Event): Interaction {
  switch (event.type) {
    case 'LegAttached':
      return { ...state, legs: [...without(state, event.leg), heldBy(event)] };
    case 'LegDetached':
      return { ...state, legs: without(state, event.leg) };
    case 'LegEnded':
      return {
        ...state,
        legs: state.legs.map((leg) => (isSameLeg(leg, event.leg) ? { ...leg, state: 'ended' } : leg)),
      };
    case 'ContextChanged':
      return { ...state, customer: event.customer, context: event.context, masked: event.masked };
    case 'HolderChanged':
      return { ...state, holder: event.holder, attendance: event.attendance };
    case 'AttendanceChanged':
      return { ...state, attendance: event.attendance };
    case 'AgentHoldBegun':
      return { ...state, held: [...(state.held ?? []), event.handoffId], chores: evolveChores(state.chores, event) };
    case 'AgentPresenceRead':
    case 'AgentHeld':
    case 'AgentReleased':
    case 'ChoreAdded':
    case 'PlaceStrayed':
    case 'ClosingAdded':
    case 'ChoreDelayed':
    case 'ChoreRetried':
    case 'ChoreDone':
      return { ...state, chores: evolveChores(state.chores, event) };
    case 'ErasureRequested': {
      const { reason, erasureId } = event;
      return { ...state, erasing: { reason, ...(erasureId !== undefined && { erasureId }) } };
    }
    case 'WrapupRecorded':
      return { ...state, wrapup: { code: event.code, ...(event.notes === undefined ? {} : { notes: event.notes }) } };
    case 'SurveyRecorded':
      return {
        ...state,
        survey: { score: event.score, ...(event.comment === undefined ? {} : { comment: event.comment }) },
      };
    case 'ReservationRedeemed':
      return { ...state, settled: state.settled.map((one) => arrivedAfter(one, event)) };
    case 'DeadLetterResolved':
      return {
        ...resolved(state, event.at, ({ id }) => event.handoffId === undefined || id === event.handoffId),
        chores: evolveChores(state.chores, event),
      };
    case 'DeadLetterRetried':
      // What became of a handoff is not settled by going on with it.
      if (event.handoffId !== undefined) return state;
      return resolved(state, event.at, ({ reason }) => reason === 'quarantined');
    case 'InteractionEnded':
      return { ...state, endedAt: event.at };
    default:
      return state;
  }
}

/** The events that open, advance or settle the open move; null for all others. */
function evolveMove(state: Interaction, event: Event, lastAt: Instant): Interaction | null {
  if (event.type === 'EscalationRequested') {
    return { ...state, lastAt, resumeBot: event.handoff.resumeBot, move: beginEscalation(event, presentIn(state)) };
  }
  if (event.type === 'TransferRequested') return { ...state, lastAt, move: beginTransfer(event) };
  if (event.type === 'CallbackRequested') return { ...state, lastAt, move: beginCallback(event) };
  const move = state.move;
  if (!move) return null;
  if (event.type === 'HandoffSettled')
    return event.handoffId === move.id ? settleIn({ ...state, lastAt }, move, event) : null;
  const moved = movedOn(state, move, event);
  if (!moved) return null;
  const written = writtenAfter(state.written ?? [], move, moved, event);
  const given = move.kind === 'transfer' ? givenBackAt(move, event) : [];
  return { ...state, lastAt, move: moved, ...(written && { written }), chores: [...state.chores, ...given] };
}

function movedOn(state: Interaction, move: Move, event: Event): Move | null {
  switch (move.kind) {
    case 'escalation':
      return escalated(move, event, presentIn(state));
    case 'transfer':
      return transferred(move, event);
    case 'callback':
      return paused(move, event);
  }
}

/** A callback has one step: it waits, or begins again. */
function paused(move: CallbackMove, event: Event): CallbackMove | null {
  const { seq, tries } = move.progress.task;
  if (event.type === 'StepDelayed') {
    const task = waiting(seq, event.until, event.code, tries);
    return noted(move, event, { ...move, progress: { step: 'booking', task } });
  }
  if (event.type !== 'StepRetried') return null;
  const task = { ...running(event.at, seq + 1), tries: tries + 1 };
  return noted(move, event, { ...move, progress: { step: 'booking', task } });
}

function beginCallback({ handoff, at, type }: Extract<Event, { type: 'CallbackRequested' }>): CallbackMove {
  const progress = { step: 'booking', task: running(at, 1) } as const;
  return { ...handoff, attempts: 1, vendorMs: 0, timeline: [{ at, event: type }], progress };
}

function settleIn(state: Interaction, move: Move, event: Extract<Event, { type: 'HandoffSettled' }>): Interaction {
  const settled = [...state.settled, settle(move, event)];
  return {
    ...state,
    move: null,
    settled,
    chores: [...state.chores, ...releaseOf(move, event.at), ...consultEndOf(state, move, event.outcome, event.at)],
  };
}

function transferred(move: TransferMove, event: Event): TransferMove | null {
  const progress = advanceTransfer(move, event);
  if (!progress) return null;
  const tells = progress.step === 'committing' && move.progress.step !== 'committing';
  const asks = tells || event.type === 'FlowTold';
  return noted(move, event, {
    ...move,
    progress,
    attempts: move.attempts + (asks ? 1 : 0),
    ...(event.type === 'ContextRepacked' && repackedWith(move, event)),
    ...('cycle' in event && { cycles: withCycle(move.cycles, event.cycle) }),
    ...(event.type === 'TransferChecked' &&
      event.route.leavingAgent !== undefined && { leavingAgent: event.route.leavingAgent }),
    ...(event.type === 'ReservationRedeemed' && { arrived: event.leg }),
    ...(event.type === 'AgentAsked' && { placeholder: event.id === undefined ? {} : { id: event.id } }),
  });
}

function repackedWith({ terms }: TransferMove, event: Extract<Event, { type: 'ContextRepacked' }>) {
  const { carried, loss, briefing, summary } = event;
  return { terms: { ...terms, carried }, loss, briefing, summary };
}

/** From the asking on the context may be there, whatever its command says; null when the event is about no writing. */
function writtenAfter(
  written: readonly WrittenContext[],
  before: Move,
  after: Move,
  event: Event,
): readonly WrittenContext[] | null {
  const begun = after.progress.task.kind === 'running' && event.type !== 'ContextAttached' && beingWritten(after);
  if (begun) return writing(written, after, begun, event.at);
  const done = event.type === 'ContextAttached' && beingWritten(before);
  // An earlier try whose fate is unknown may still land.
  return done && before.progress.task.tries === 0 ? landed(written, done, event.at) : null;
}

/** What an event gives back while the transfer goes on. */
function givenBackAt(move: TransferMove, event: Event): readonly ReleaseChore[] {
  if (event.type === 'ReservationLapsed') return replaced(move, event.at);
  return event.type === 'ReservationRedeemed' && !move.arrived ? agentLetGo(move, event.at) : [];
}

function presentIn({ attendance }: Interaction): readonly ParticipantId[] {
  return attendance.present.map((party) => party.participantId);
}

function beginTransfer({ handoff, attributes, at, type }: Extract<Event, { type: 'TransferRequested' }>): TransferMove {
  const progress = { step: 'checking', task: running(at, 1), attributes } as const;
  return { ...handoff, attempts: 0, vendorMs: 0, timeline: [{ at, event: type }], cycles: [], progress };
}

function settle(move: Move, event: Extract<Event, { type: 'HandoffSettled' }>): SettledHandoff {
  const { progress: _, ...record } = noted(move, event, move);
  return {
    ...packedAway(record as HandoffRecord, event),
    vendorMs: record.vendorMs + waitedForVendor(move, event.at),
    outcome: event.outcome,
    settledAt: event.at,
    ...(event.reason === undefined ? {} : { reason: event.reason }),
    ...(event.detail === undefined ? {} : { detail: event.detail }),
    ...(event.queue === undefined ? {} : { queue: event.queue }),
    ...(event.booked === undefined ? {} : { booked: event.booked }),
  };
}

/** Only what is gone on with may have something to write yet. */
function packedAway(
  record: HandoffRecord,
  { outcome }: { readonly outcome: SettledHandoff['outcome'] },
): HandoffRecord {
  if (record.kind !== 'transfer' || outcome === 'dead_lettered') return record;
  const { packing: _, ...terms } = record.terms;
  return { ...record, terms };
}

/** While the transfer is the vendor's to show or its flow's to make, all of the time is the vendor's. */
function waitedForVendor(move: Move, now: number): number {
  if (move.kind !== 'escalation') return 0;
  const { progress, limits } = move;
  if (progress.step === 'confirming') return Math.max(0, now - progress.acceptedAt);
  if (progress.step === 'awaiting-flow') return Math.max(0, now - (progress.until - limits.flowWithinMs));
  return 0;
}

function heldBy({ leg, later }: Extract<Event, { type: 'LegAttached' }>): HeldLeg {
  return { ...leg, state: 'live', ...(later && { later }) };
}

/** A call that came in after its handoff had settled. */
function arrivedAfter(
  handoff: SettledHandoff,
  { handoffId, leg }: Extract<Event, { type: 'ReservationRedeemed' }>,
): SettledHandoff {
  return handoff.kind === 'transfer' && handoff.id === handoffId ? { ...handoff, arrived: leg } : handoff;
}

function resolved(state: Interaction, at: number, which: (handoff: SettledHandoff) => boolean): Interaction {
  const settled = state.settled.map((handoff) =>
    isOpenDeadLetter(handoff) && which(handoff) ? { ...handoff, resolvedAt: at } : handoff,
  );
  return { ...state, settled };
}

function without(state: Interaction, leg: Leg) {
  return state.legs.filter((held) => !isSameLeg(held, leg));
}
