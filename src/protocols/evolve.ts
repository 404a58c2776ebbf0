// Owns how an event changes the state: `evolve(state, event)`. Pure and total: an event that does not fit changes nothing but
// the time, since the journal must fold whatever it holds.

import type { Instant, ParticipantId } from '../ids.ts';
import { evolveChores } from './chore.ts';
import { CLOCKS_APART_MS } from './clocks.ts';
import { erased, evolveErased } from './erased-interaction.ts';
import type { Event } from './event.ts';
import { evolveOffers } from './evolve-offer.ts';
import { advanceTransfer, withCycle } from './evolve-transfer.ts';
import { type HeldLeg, type Interaction, isErased, type State } from './interaction.ts';
import {
  type EscalationMove,
  givenUpBy,
  type HandoffRecord,
  isOpenDeadLetter,
  isSameLeg,
  type Leg,
  type Move,
  type Progress,
  type SettledHandoff,
  type TransferMove,
} from './move.ts';
import { NOBODY_YET } from './ownership.ts';
import { releaseOf } from './release.ts';
import { running, waiting } from './task.ts';
import { beingWritten, landed, type WrittenContext, writing } from './vendor-copy.ts';

export function evolve(state: State, event: Event): State {
  if (event.type === 'InteractionOpened') return opened(event);
  // The event alone says what is left: the fold of an erased interaction begins with it.
  if (event.type === 'InteractionErased') return erased(event);
  if (!state) return state;
  if (isErased(state)) return evolveErased(state, event);
  const lastAt = Math.max(state.lastAt, event.at);
  return (
    evolveMove(state, event, lastAt) ??
    evolveOffers({ ...state, lastAt }, event) ??
    evolveInteraction({ ...state, lastAt }, event)
  );
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
    case 'DeadLetterResolved':
      return resolved(state, event.at, ({ id }) => event.handoffId === undefined || id === event.handoffId);
    case 'DeadLetterRetried':
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
    return { ...state, lastAt, resumeBot: event.handoff.resumeBot, move: begin(event, state) };
  }
  if (event.type === 'TransferRequested') return { ...state, lastAt, move: beginTransfer(event) };
  const move = state.move;
  if (!move) return null;
  if (event.type === 'HandoffSettled')
    return event.handoffId === move.id ? settleIn({ ...state, lastAt }, move, event) : null;
  const moved = move.kind === 'escalation' ? escalated(move, event, presentIn(state)) : transferred(move, event);
  if (!moved) return null;
  const written = writtenAfter(state.written ?? [], move, moved, event);
  // A place that is given up while the handoff goes on is given back beside it.
  const given = event.type === 'ReservationLapsed' ? releaseOf(move, event.at) : [];
  return { ...state, lastAt, move: moved, ...(written && { written }), chores: [...state.chores, ...given] };
}

function settleIn(state: Interaction, move: Move, event: Extract<Event, { type: 'HandoffSettled' }>): Interaction {
  const settled = [...state.settled, settle(move, event)];
  return { ...state, move: null, settled, chores: [...state.chores, ...releaseOf(move, event.at)] };
}

function escalated(move: EscalationMove, event: Event, present: readonly ParticipantId[]): EscalationMove | null {
  const progress = advance(move, event, present);
  if (!progress) return null;
  const asks = progress.step === 'transferring' && move.progress.step !== 'transferring';
  return note(move, event, { ...move, progress, attempts: move.attempts + (asks ? 1 : 0) });
}

function transferred(move: TransferMove, event: Event): TransferMove | null {
  const progress = advanceTransfer(move, event);
  if (!progress) return null;
  const asks = progress.step === 'committing' && move.progress.step !== 'committing';
  return note(move, event, {
    ...move,
    progress,
    attempts: move.attempts + (asks ? 1 : 0),
    ...('cycle' in event && { cycles: withCycle(move.cycles, event.cycle) }),
    ...(event.type === 'ReservationRedeemed' && { arrived: event.leg }),
  });
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

function presentIn({ attendance }: Interaction): readonly ParticipantId[] {
  return attendance.present.map((party) => party.participantId);
}

function beginTransfer({ handoff, attributes, at, type }: Extract<Event, { type: 'TransferRequested' }>): TransferMove {
  const progress = { step: 'checking', task: running(at, 1), attributes } as const;
  return { ...handoff, attempts: 0, vendorMs: 0, timeline: [{ at, event: type }], cycles: [], progress };
}

function begin(event: Extract<Event, { type: 'EscalationRequested' }>, state: Interaction): EscalationMove {
  return {
    ...event.handoff,
    attempts: 0,
    vendorMs: 0,
    timeline: [{ at: event.at, event: event.type }],
    progress: {
      step: 'inspecting',
      task: running(event.at, 1),
      attributes: event.attributes,
      known: presentIn(state),
    },
  };
}

/** Where the open move stands after the event, or null when the event does not fit its step. */
function advance(move: EscalationMove, event: Event, present: readonly ParticipantId[]): Progress | null {
  const { progress } = move;
  const fresh = running(event.at, progress.task.seq + 1);
  switch (event.type) {
    case 'ConversationInspected':
      if (progress.step !== 'inspecting') return null;
      return {
        step: 'attaching',
        task: fresh,
        attributes: progress.attributes,
        target: event.target,
        ...(event.arrived && { arrived: 'already' }),
      };
    case 'ArrivalSeen':
      return progress.step === 'attaching' ? { ...progress, arrived: progress.arrived ?? 'meanwhile' } : null;
    case 'ContextAttached':
      return progress.step === 'attaching' ? afterAttaching(move, progress, event) : null;
    case 'TransferAccepted':
      if (progress.step !== 'transferring') return null;
      return {
        step: 'confirming',
        task: waiting(progress.task.seq + 1, event.at + move.limits.settleMs, 'accepted'),
        target: progress.target,
        acceptedAt: event.at,
      };
    case 'TransferUncertain':
      if (progress.step !== 'transferring') return null;
      return {
        step: 'verifying',
        task: fresh,
        target: progress.target,
        // Whoever sent it may have begun later than it was asked for, but is done by now or by its time-out.
        mayMoveUntil:
          Math.max(givenUpBy(progress.askedAt, move.limits), event.at + CLOCKS_APART_MS) + move.limits.settleMs,
        ...(event.rejected && { rejectedAs: event.code }),
      };
    case 'TransferRepeated':
      if (progress.step !== 'verifying' && progress.step !== 'confirming') return null;
      return {
        step: 'transferring',
        task: fresh,
        target: { ...progress.target, transfersAfter: event.transfersAfter, known: event.known },
        askedAt: event.at,
      };
    case 'StepDelayed':
      return { ...progress, task: waiting(progress.task.seq, event.until, event.code, progress.task.tries) };
    case 'StepRetried':
      return {
        ...progress,
        task: { ...fresh, tries: progress.task.tries + 1 },
        ...begunAnew(progress, event, present),
      };
    default:
      return null;
  }
}

/** What a step remembers of the moment at which its command begins. */
function begunAnew({ step }: Progress, event: Event, present: readonly ParticipantId[]) {
  if (step === 'transferring') return { askedAt: event.at };
  return step === 'inspecting' ? { known: present } : {};
}

function afterAttaching(
  move: EscalationMove,
  { target, task, arrived }: Extract<Progress, { step: 'attaching' }>,
  event: Event,
): Progress {
  const seq = task.seq + 1;
  if (move.commitBy === 'flow') {
    const until = event.at + move.limits.flowWithinMs;
    return {
      step: 'awaiting-flow',
      // The flow takes its time and events tell of it: half of that is soon enough for a look.
      task: waiting(seq, event.at + move.limits.flowWithinMs / 2, 'flow-transfers'),
      target,
      until,
    };
  }
  if (target.leaving === undefined || arrived) {
    // The customer is there or on the way to this queue: nothing to ask for, only to confirm.
    const task = waiting(seq, event.at + move.limits.settleMs, 'on-the-way');
    return { step: 'confirming', task, target, acceptedAt: event.at };
  }
  return { step: 'transferring', task: running(event.at, seq), target, askedAt: event.at };
}

function settle(move: Move, event: Extract<Event, { type: 'HandoffSettled' }>): SettledHandoff {
  const { progress: _, ...record } = note(move, event, move);
  return {
    ...(record as HandoffRecord),
    vendorMs: record.vendorMs + waitedForVendor(move, event.at),
    outcome: event.outcome,
    settledAt: event.at,
    ...(event.reason === undefined ? {} : { reason: event.reason }),
    ...(event.detail === undefined ? {} : { detail: event.detail }),
    ...(event.queue === undefined ? {} : { queue: event.queue }),
  };
}

/** While the transfer is the vendor's to show or its flow's to make, all of the time is the vendor's. */
function waitedForVendor({ progress, limits }: Move, now: number): number {
  if (progress.step === 'confirming') return Math.max(0, now - progress.acceptedAt);
  if (progress.step === 'awaiting-flow') return Math.max(0, now - (progress.until - limits.flowWithinMs));
  return 0;
}

/** The move `after` the event, with it in its timeline and the vendor's time added up: one copy of it for each event. */
function note<One extends Move>(before: Move, event: Event, after: One): One {
  const { step } = before.progress;
  const counted = step !== 'confirming' && step !== 'awaiting-flow' && 'vendorMs' in event;
  return {
    ...after,
    vendorMs: after.vendorMs + (counted ? event.vendorMs : 0),
    timeline: [...after.timeline, { at: event.at, event: event.type }],
  };
}

function heldBy({ leg, later }: Extract<Event, { type: 'LegAttached' }>): HeldLeg {
  return { ...leg, state: 'live', ...(later && { later }) };
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
