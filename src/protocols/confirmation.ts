// Owns how a transfer is confirmed: by evidence, never by the vendor's 202. What a look or an event proves completes the move;
// a transfer that has provably failed or never showed is asked for again or given up. Keeps H5 and H6, and spends few looks.

import type { ConversationChange, ConversationView } from '../context/conversation.ts';
import type { Instant, QueueId } from '../ids.ts';
import { become, observe } from './attendance.ts';
import { customerLeft, settled } from './ending.ts';
import type { EventBody } from './event.ts';
import { elsewhereIn, isNewElsewhere, newestTransferAt, readEvidence } from './evidence.ts';
import type { Interaction } from './interaction.ts';
import { type EscalationMove, givenUpBy, type Progress, type Target, targetOf } from './move.ts';
import { retryDelayMs } from './retry.ts';
import type { Judged } from './setback.ts';

/** A look is back while the transfer's fate is open, or while its effect is awaited. */
export function looked(
  state: Interaction,
  move: EscalationMove,
  view: ConversationView,
  judged: Judged,
): readonly EventBody[] {
  const target = targetOf(move.progress);
  if (!target) return [];
  const evidence = readEvidence(view, target);
  if (evidence === 'customer-gone') return customerLeft(state, move.leg, judged.vendorMs);
  const shown = become(state, observe(state, view, move.leg));
  const chosen = move.progress.step === 'awaiting-flow' ? elsewhereIn(view, target) : undefined;
  if (chosen !== undefined) return [wentElsewhere(state, move, chosen, judged.vendorMs), ...shown];
  switch (evidence) {
    case 'arrived':
      return [settled(move, 'completed', { vendorMs: judged.vendorMs }), ...shown];
    case 'on-the-way':
      return [lookLater(move, 'on-the-way', judged), ...shown];
    case 'failed':
      return [repeatOrCompensate(move, target, 'transfer-failed', view, judged), ...shown];
    case 'not-moved':
      return [notMoved(move, target, view, judged), ...shown];
  }
}

function notMoved(move: EscalationMove, target: Target, view: ConversationView, judged: Judged): EventBody {
  const { progress } = move;
  const { vendorMs } = judged;
  const rejectedAs = progress.step === 'verifying' ? progress.rejectedAs : undefined;
  if (rejectedAs !== undefined && isThere(target.leaving, view)) {
    return settled(move, 'compensated', { reason: rejectedAs, vendorMs });
  }
  // The view may be as old as the look's beginning, and what it does not show may have happened since (H5).
  const viewedAt = progress.task.kind === 'running' ? progress.task.since : judged.now;
  if (viewedAt < mayStillMoveUntil(move)) return lookLater(move, 'not-moved', judged);
  if (progress.step === 'awaiting-flow') return settled(move, 'expired', { reason: 'flow-did-not-transfer', vendorMs });
  return repeatOrCompensate(move, target, rejectedAs ?? 'not-moved', view, judged);
}

/**
 * Looks cost the vendor's quota, and events end the wait anyhow: wait as long again as has been waited, the platform's settle time
 * at least, so that the pauses double. There is a look when the transfer can no longer show (anew from there for what is under way
 * still), and a last one that can be answered before the move's time is up.
 */
function lookLater(move: EscalationMove, code: string, { now, chance, vendorMs }: Judged): EventBody {
  const { progress, limits } = move;
  const bound = mayStillMoveUntil(move);
  const since = now < bound ? mayMoveSince(move) : bound;
  const spaced = now + retryDelayMs(progress.task.tries, chance, Math.max(limits.settleMs, now - since));
  const bounds = [bound, limits.settleBy - limits.commandTimeoutMs, limits.settleBy].filter((instant) => instant > now);
  return { type: 'StepDelayed', code, until: Math.min(spaced, ...bounds), vendorMs };
}

/** Since when the transfer may have been taking effect. */
function mayMoveSince({ progress, limits }: EscalationMove): Instant {
  switch (progress.step) {
    case 'awaiting-flow':
      return progress.until - limits.flowWithinMs;
    case 'confirming':
      return progress.acceptedAt;
    case 'verifying':
      return progress.mayMoveUntil - limits.settleMs - givenUpBy(0, limits);
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** Until when a transfer that does not show may still take effect. */
function mayStillMoveUntil({ progress, limits }: EscalationMove): Instant {
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
  move: EscalationMove,
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

/** The flow has transferred, to another queue than it was told. Its name is known when an earlier handoff went there, else its id stands for it. */
export function wentElsewhere(
  { settled: earlier }: Interaction,
  move: EscalationMove,
  id: QueueId,
  vendorMs: number,
): EventBody {
  const queue = earlier.findLast((handoff) => handoff.queue?.id === id)?.queue ?? { id, name: id };
  return settled(move, 'completed', { reason: 'flow-chose-another-queue', queue, vendorMs });
}

/** The other queue to which a change the platform told of proves that the flow has transferred. */
export function provesElsewhere(progress: Progress, change: ConversationChange): QueueId | undefined {
  if (progress.step !== 'awaiting-flow') return undefined;
  switch (change.kind) {
    case 'queue-entered':
    case 'queue-left':
    case 'agent-joined':
      return isNewElsewhere(progress.target, change.participantId, change.queueId) ? change.queueId : undefined;
    case 'seen':
      return elsewhereIn(change.view, progress.target);
    default:
      return undefined;
  }
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
