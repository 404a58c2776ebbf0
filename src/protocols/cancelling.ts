// Owns until when a handoff can be cancelled: as long as nothing can have moved.

import { isEscalationBeyondCancel } from './escalation-course.ts';
import type { Move, TransferMove } from './move.ts';
import { isLettingGo } from './transfer-course.ts';

/** Once the platform was asked to move the customer nobody can take it back: it will settle by itself. */
export function isTooLateToCancel(move: Move): boolean {
  if (move.kind === 'callback') return move.progress.task.kind === 'running';
  if (move.kind === 'transfer') return isLettingGo(move) && !mayStillBeIdle(move);
  return isEscalationBeyondCancel(move);
}

/** A flow that was told is asked nothing, so nobody has moved anything that we know of. Should it let go all the same, the caller comes late. */
function mayStillBeIdle({ commitBy, progress }: TransferMove): boolean {
  return commitBy === 'flow' && (progress.step === 'awaiting-flow' || progress.step === 'reserving');
}
