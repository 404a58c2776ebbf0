// Owns how an event changes the state: `evolve(state, event)`. Pure and total: an event that does not fit changes nothing but
// the time, since the journal must fold whatever it holds.

import type { Instant, ParticipantId } from '../ids.ts';
import { evolveChores } from './chore.ts';
import { CLOCKS_APART_MS } from './clocks.ts';
import { erased, evolveErased } from './erased-interaction.ts';
import type { Event } from './event.ts';
import { type HeldLeg, type Interaction, isErased, type State } from './interaction.ts';
import {
  givenUpBy,
  isOpenDeadLetter,
  isSameLeg,
  type Leg,
  type Move,
  type Progress,
  type SettledHandoff,
  type Task,
} from './move.ts';
import { NOBODY_YET } from './ownership.ts';
import { landed, type WrittenContext, writing } from './vendor-copy.ts';

export function evolve(state: State, event: Event): State {
  if (event.type === 'InteractionOpened') return opened(event);
  // The event alone says what is left: the fold of an erased interaction begins with it.
  if (event.type === 'InteractionErased') return erased(event);
  if (!state) return state;
  if (isErased(state)) return evolveErased(state, event);
  const lastAt = Math.max(state.lastAt, event.at);
  return evolveMove(state, event, lastAt) ?? evolveInteraction({ ...state, lastAt }, event);
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
    case 'OfferSettled':
      return { ...state, offers: state.offers.filter((offer) => offer.id !== event.handoffId) };
    case 'AgentHoldBegun':
      return { ...state, held: [...(state.held ?? []), event.handoffId], chores: evolveChores(state.chores, event) };
    case 'AgentPresenceRead':
    case 'AgentHeld':
    case 'AgentReleased':
    case 'ChoreAdded':
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
  const move = state.move;
  if (!move) return null;
  if (event.type === 'HandoffSettled') {
    return event.handoffId === move.id
      ? { ...state, lastAt, move: null, settled: [...state.settled, settle(move, event)] }
      : null;
  }
  const progress = advance(move, event, presentIn(state));
  if (!progress) return null;
  const asks = progress.step === 'transferring' && move.progress.step !== 'transferring';
  const moved = note(move, event, { progress, attempts: move.attempts + (asks ? 1 : 0) });
  const written = writtenAfter(state.written ?? [], move, progress, event);
  return written ? { ...state, lastAt, move: moved, written } : { ...state, lastAt, move: moved };
}

/** From the asking on the context may be there, whatever its command says; null when the event is about no writing. */
function writtenAfter(
  written: readonly WrittenContext[],
  move: Move,
  progress: Progress,
  event: Event,
): readonly WrittenContext[] | null {
  const begun = event.type === 'ConversationInspected' || event.type === 'StepRetried';
  if (begun && progress.step === 'attaching') return writing(written, move, progress, event.at);
  // An earlier try whose fate is unknown may still land.
  const sure = event.type === 'ContextAttached' && move.progress.step === 'attaching' && move.progress.task.tries === 0;
  return sure ? landed(written, move, move.progress, event.at) : null;
}

function presentIn({ attendance }: Interaction): readonly ParticipantId[] {
  return attendance.present.map((party) => party.participantId);
}

function begin(event: Extract<Event, { type: 'EscalationRequested' }>, state: Interaction): Move {
  return {
    ...event.handoff,
    attempts: 0,
    vendorMs: 0,
    timeline: [{ at: event.at, event: event.type }],
    progress: {
      step: 'inspecting',
      task: running(event, 1),
      attributes: event.attributes,
      known: presentIn(state),
    },
  };
}

/** Where the open move stands after the event, or null when the event does not fit its step. */
function advance(move: Move, event: Event, present: readonly ParticipantId[]): Progress | null {
  const { progress } = move;
  const fresh = running(event, progress.task.seq + 1);
  switch (event.type) {
    case 'ConversationInspected':
      if (progress.step !== 'inspecting') return null;
      return {
        step: 'attaching',
        task: fresh,
        attributes: emptying(progress.attributes, event.empties),
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

/** What is attached, and nothing in the place of what would mislead. */
function emptying(attributes: Readonly<Record<string, string>>, names: readonly string[] = []) {
  return names.length === 0 ? attributes : { ...Object.fromEntries(names.map((name) => [name, ''])), ...attributes };
}

/** What a step remembers of the moment at which its command begins. */
function begunAnew({ step }: Progress, event: Event, present: readonly ParticipantId[]) {
  if (step === 'transferring') return { askedAt: event.at };
  return step === 'inspecting' ? { known: present } : {};
}

function afterAttaching(
  move: Move,
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
  return { step: 'transferring', task: running(event, seq), target, askedAt: event.at };
}

function settle(move: Move, event: Extract<Event, { type: 'HandoffSettled' }>): SettledHandoff {
  const { progress, ...record } = note(move, event);
  return {
    ...record,
    vendorMs: record.vendorMs + waitedForVendor(progress, move, event.at),
    outcome: event.outcome,
    settledAt: event.at,
    ...(event.reason === undefined ? {} : { reason: event.reason }),
    ...(event.detail === undefined ? {} : { detail: event.detail }),
    ...(event.queue === undefined ? {} : { queue: event.queue }),
  };
}

/** While the transfer is the vendor's to show or its flow's to make, all of the time is the vendor's. */
function waitedForVendor(progress: Progress, { limits }: Move, now: number): number {
  if (progress.step === 'confirming') return Math.max(0, now - progress.acceptedAt);
  if (progress.step === 'awaiting-flow') return Math.max(0, now - (progress.until - limits.flowWithinMs));
  return 0;
}

/** The move with the event in its timeline and the vendor's time added up: one copy of it for each event. */
function note(move: Move, event: Event, { progress, attempts }: Pick<Move, 'progress' | 'attempts'> = move): Move {
  const counted = move.progress.step !== 'confirming' && move.progress.step !== 'awaiting-flow' && 'vendorMs' in event;
  return {
    ...move,
    progress,
    attempts,
    vendorMs: move.vendorMs + (counted ? event.vendorMs : 0),
    timeline: [...move.timeline, { at: event.at, event: event.type }],
  };
}

function running(event: Event, seq: number): Extract<Task, { kind: 'running' }> {
  return { kind: 'running', seq, since: event.at, tries: 0 };
}

function waiting(seq: number, until: number, code: string, tries = 0): Task {
  return { kind: 'waiting', seq, until, tries, code };
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
