// Owns how an event begins and advances an escalation. Pure and total: null when the event does not fit its step.

import { fieldOf } from '../context/fields.ts';
import { withUnwritten } from '../context/packing.ts';
import type { ParticipantId } from '../ids.ts';
import { CLOCKS_APART_MS } from './clocks.ts';
import type { Event } from './event.ts';
import { type EscalationMove, givenUpBy, type Progress } from './move.ts';
import { noted } from './noted.ts';
import { running, waiting } from './task.ts';

export function escalated(
  move: EscalationMove,
  event: Event,
  present: readonly ParticipantId[],
): EscalationMove | null {
  const progress = advance(move, event, present);
  if (!progress) return null;
  const opensAgain = progress.step === 'opening' && event.type === 'StepRetried';
  const asks = opensAgain || (progress.step === 'transferring' && move.progress.step !== 'transferring');
  const loss = event.type === 'ContextAttached' ? withUnwritten(move.loss, event.unwritten?.map(fieldOf)) : move.loss;
  return noted(move, event, { ...move, progress, loss, attempts: move.attempts + (asks ? 1 : 0) });
}

export function beginEscalation(
  event: Extract<Event, { type: 'EscalationRequested' }>,
  present: readonly ParticipantId[],
): EscalationMove {
  return {
    ...event.handoff,
    attempts: event.handoff.desk ? 1 : 0,
    vendorMs: 0,
    timeline: [{ at: event.at, event: event.type }],
    progress: event.handoff.desk
      ? { step: 'opening', task: running(event.at, 1), attributes: event.attributes }
      : { step: 'inspecting', task: running(event.at, 1), attributes: event.attributes, known: present },
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
