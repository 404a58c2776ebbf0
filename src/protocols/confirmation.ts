// Owns how a transfer is confirmed: by evidence, never by the vendor's 202. What a look or an event proves completes the move;
// a transfer that has provably failed or never showed is asked for again or given up. Keeps H5 and H6.

import type { ConversationChange, ConversationView } from '../context/conversation.ts';
import type { Instant } from '../ids.ts';
import { become, observe } from './attendance.ts';
import { customerLeft, settled } from './ending.ts';
import type { EventBody } from './event.ts';
import { newestTransferAt, readEvidence } from './evidence.ts';
import type { Interaction } from './interaction.ts';
import { type Move, type Progress, type Target, targetOf } from './move.ts';
import { again, type Judged } from './setback.ts';

/** A look is back while the transfer's fate is open, or while its effect is awaited. */
export function looked(state: Interaction, move: Move, view: ConversationView, judged: Judged): readonly EventBody[] {
  const target = targetOf(move.progress);
  if (!target) return [];
  const evidence = readEvidence(view, target);
  if (evidence === 'customer-gone') return customerLeft(state, move.leg, judged.vendorMs);
  const shown = become(state, observe(state, view, move.leg));
  switch (evidence) {
    case 'arrived':
      return [settled(move, 'completed', { vendorMs: judged.vendorMs }), ...shown];
    case 'on-the-way':
      return [again(move, 'on-the-way', judged), ...shown];
    case 'failed':
      return [repeatOrCompensate(move, target, 'transfer-failed', view, judged), ...shown];
    case 'not-moved':
      return [notMoved(move, target, view, judged), ...shown];
  }
}

function notMoved(move: Move, target: Target, view: ConversationView, judged: Judged): EventBody {
  const { progress } = move;
  const { vendorMs } = judged;
  const rejectedAs = progress.step === 'verifying' ? progress.rejectedAs : undefined;
  if (rejectedAs !== undefined && isThere(target.leaving, view)) {
    return settled(move, 'compensated', { reason: rejectedAs, vendorMs });
  }
  // The view may be as old as the look's beginning, and what it does not show may have happened since (H5).
  const viewedAt = progress.task.kind === 'running' ? progress.task.since : judged.now;
  if (viewedAt < mayStillMoveUntil(move)) return again(move, 'not-moved', judged);
  if (progress.step === 'awaiting-flow') return settled(move, 'expired', { reason: 'flow-did-not-transfer', vendorMs });
  return repeatOrCompensate(move, target, rejectedAs ?? 'not-moved', view, judged);
}

/** Until when a transfer that does not show may still take effect. */
function mayStillMoveUntil({ progress, limits }: Move): Instant {
  switch (progress.step) {
    case 'awaiting-flow':
      return progress.until;
    case 'confirming':
      return progress.acceptedAt + limits.confirmWithinMs;
    case 'verifying':
      return progress.mayMoveUntil;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** The transfer has not been made: ask again while that is ours to do and can help, else the bot goes on. */
function repeatOrCompensate(
  move: Move,
  target: Target,
  code: string,
  view: ConversationView,
  { now, vendorMs }: Judged,
): EventBody {
  const { progress, attempts, limits } = move;
  const ours = progress.step === 'confirming' || (progress.step === 'verifying' && progress.rejectedAs === undefined);
  if (ours && isThere(target.leaving, view) && attempts < limits.transferAttempts && now < limits.settleBy) {
    const known = [...new Set([...target.known, ...view.parties.map((party) => party.id)])];
    return { type: 'TransferRepeated', code, transfersAfter: newestTransferAt(view), known, vendorMs };
  }
  return settled(move, 'compensated', { reason: code, vendorMs });
}

function isThere(leaving: Target['leaving'], view: ConversationView): boolean {
  return view.parties.some((party) => party.id === leaving && party.state !== 'ended');
}

/** Whether a change the platform told of proves that the customer has arrived. */
export function provesArrival(progress: Progress, change: ConversationChange): boolean {
  const target = targetOf(progress);
  if (!target) return false;
  switch (change.kind) {
    case 'queue-entered':
    case 'queue-left':
      return change.queueId === target.queue.id && !target.known.includes(change.participantId);
    case 'agent-joined':
      return !target.known.includes(change.participantId);
    case 'seen':
      return readEvidence(change.view, target) === 'arrived';
    default:
      return false;
  }
}
