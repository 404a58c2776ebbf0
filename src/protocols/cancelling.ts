// Owns until when a handoff can be cancelled: as long as nothing can have moved.

import { isEscalationBeyondCancel } from './escalation-course.ts';
import type { Move } from './move.ts';
import { isLettingGo } from './transfer-course.ts';

/** Once the platform was asked to move the customer nobody can take it back: it will settle by itself. */
export function isTooLateToCancel(move: Move): boolean {
  if (move.kind === 'callback') return move.progress.task.kind === 'running';
  return move.kind === 'transfer' ? isLettingGo(move) : isEscalationBeyondCancel(move);
}
