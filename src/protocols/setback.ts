// Owns what is decided when a command comes back without success or a move's time is up: try again, look first, or settle.
// Keeps H5 (no blind repeat) and H6 (every handoff settles in bounded time).

import type { Instant } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import { deadLetter, settled } from './ending.ts';
import type { EventBody } from './event.ts';
import type { EscalationMove } from './move.ts';
import { retryDelayMs } from './retry.ts';

/** When an answer is judged, chance in [0, 1) for the next delay, and how long the vendor took. */
export type Judged = { readonly now: Instant; readonly chance: number; readonly vendorMs: number };

/** A command came back without success. */
export function failed(move: EscalationMove, failure: Failure, judged: Judged): readonly EventBody[] {
  if (failure.kind === 'rejected') return rejected(move, failure, judged);
  if (failure.kind === 'ambiguous' && move.progress.step === 'transferring') {
    return [{ type: 'TransferUncertain', code: failure.code, vendorMs: judged.vendorMs }];
  }
  const retryAfterMs = failure.kind === 'transient' ? failure.retryAfterMs : undefined;
  return [again(move, failure.code, judged, retryAfterMs)];
}

function rejected(
  move: EscalationMove,
  failure: Extract<Failure, { kind: 'rejected' }>,
  judged: Judged,
): readonly EventBody[] {
  const { vendorMs } = judged;
  const detail = failure.detail === undefined ? {} : { detail: failure.detail };
  switch (move.progress.step) {
    case 'inspecting': {
      const reason = failure.code === 'not-found' ? 'conversation-not-found' : failure.code;
      return [settled(move, 'refused', { reason, vendorMs, ...detail })];
    }
    case 'attaching': {
      // Moving the customer without what is known would break H4 unseen; one who is there already came by other hands.
      const outcome = move.progress.arrived ? 'completed' : 'refused';
      return [settled(move, outcome, { reason: 'context-not-attached', vendorMs, ...detail })];
    }
    case 'transferring':
      // The participant may have ended because the customer is moving already (an earlier attempt, the flow, an agent): look.
      return [{ type: 'TransferUncertain', code: failure.code, rejected: true, vendorMs }];
    default:
      return failure.code === 'not-found' ? vanished(move, vendorMs) : [again(move, failure.code, judged)];
  }
}

/**
 * The conversation that is looked at is no more. Any other refusal of a look says nothing of it: credentials can be renewed, and
 * an event may tell meanwhile.
 */
function vanished(move: EscalationMove, vendorMs: number): readonly EventBody[] {
  // Nothing of ours is open with it: the flow can transfer it no more.
  if (move.progress.step === 'awaiting-flow') {
    return [settled(move, 'expired', { reason: 'flow-did-not-transfer', detail: 'not-found', vendorMs })];
  }
  return deadLetter(move, 'not-found', { vendorMs });
}

/** The step is tried again after a while; the move's own time may be up before (`deadline`). */
function again(
  { progress }: EscalationMove,
  code: string,
  { now, chance, vendorMs }: Judged,
  retryAfterMs?: number,
): EventBody {
  const until = now + retryDelayMs(progress.task.tries, chance, retryAfterMs);
  return { type: 'StepDelayed', code, until, vendorMs };
}

/** Its time is up (H6): nothing has moved yet, or it may have and a person must look. */
export function outOfTime(move: EscalationMove): readonly EventBody[] {
  const { progress } = move;
  const code = progress.task.kind === 'waiting' ? progress.task.code : 'timed-out';
  switch (progress.step) {
    case 'inspecting':
      return [settled(move, 'refused', { reason: 'platform-unavailable', detail: code, vendorMs: 0 })];
    case 'attaching':
      return progress.arrived
        ? [settled(move, 'completed', { reason: 'context-not-attached', detail: code, vendorMs: 0 })]
        : [settled(move, 'refused', { reason: 'platform-unavailable', detail: code, vendorMs: 0 })];
    case 'transferring':
      // A waiting transfer was provably not taken; one that is under way is not known to be.
      return progress.task.kind === 'waiting'
        ? [settled(move, 'compensated', { reason: 'platform-unavailable', detail: code, vendorMs: 0 })]
        : deadLetter(move, 'fate-unknown', { vendorMs: 0, detail: code });
    case 'awaiting-flow':
      return [settled(move, 'expired', { reason: 'flow-did-not-transfer', vendorMs: 0 })];
    default:
      return deadLetter(move, 'fate-unknown', { vendorMs: 0, detail: code });
  }
}
