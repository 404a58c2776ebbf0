// Owns how an open escalation goes on: which command each step stands for, and what follows from its answer, from what the platform
// tells, and from time. Keeps H5 and H6; the steps themselves are in escalation.ts (prepare) and confirmation.ts (confirm), and in first-message.ts where the first message makes it.

import type { ConversationEvent } from '../context/conversation.ts';
import type { Failure } from '../outcome.ts';
import type { Command, CommandValue } from './command.ts';
import { looked, provesArrival, provesElsewhere, wentElsewhere } from './confirmation.ts';
import { settled } from './ending.ts';
import { attached, inspected } from './escalation.ts';
import type { EventBody } from './event.ts';
import {
  conversationOpened,
  openingCommand,
  openingFailed,
  openingOutOfTime,
  openingTakenOver,
} from './first-message.ts';
import type { Interaction } from './interaction.ts';
import { commandKey, type EscalationMove, isSameLeg } from './move.ts';
import { failed, type Judged, outOfTime } from './setback.ts';

/** The command that must be under way; null while the move waits. */
export function escalationCommand(move: EscalationMove, { id: tag, customer }: Interaction): Command | null {
  const { progress, limits, leg } = move;
  if (progress.task.kind !== 'running') return null;
  const { platform, externalId, channel } = leg;
  const base = { key: commandKey(move), timeoutMs: limits.commandTimeoutMs, platform, externalId, channel };
  switch (progress.step) {
    case 'opening':
      return openingCommand(move, progress, customer.name);
    case 'inspecting':
      return { ...base, kind: 'Inspect', safety: 'repeatable', queueName: move.wish.name };
    case 'attaching': {
      const { attributes, target } = progress;
      return { ...base, kind: 'AttachContext', safety: 'repeatable', customer: target.customer, attributes, tag };
    }
    case 'transferring': {
      const { leaving, queue } = progress.target;
      return leaving === undefined ? null : { ...base, kind: 'TransferToQueue', safety: 'lookable', leaving, queue };
    }
    case 'verifying':
    case 'awaiting-flow':
    case 'confirming':
      return { ...base, kind: 'Look', safety: 'repeatable' };
  }
}

/** What follows from the answer to its command. */
export function escalationAchieved(
  state: Interaction,
  move: EscalationMove,
  value: CommandValue,
  judged: Judged,
): readonly EventBody[] {
  switch (value.of) {
    case 'Inspect':
      return inspected(state, move, value.result, judged.vendorMs);
    case 'AttachContext':
      return attached(move, value.result, judged.vendorMs);
    case 'TransferToQueue':
      return [{ type: 'TransferAccepted', vendorMs: judged.vendorMs }];
    case 'OpenConversation':
      return conversationOpened(state, move, value.result, judged.vendorMs);
    case 'Look':
      return looked(state, move, value.result, judged);
    default:
      return [];
  }
}

/** What the platform's event proves for it. */
export function escalationTold(
  state: Interaction,
  move: EscalationMove,
  event: ConversationEvent,
): readonly EventBody[] {
  if (!isSameLeg(move.leg, event)) return [];
  const elsewhere = provesElsewhere(move.progress, event);
  if (elsewhere !== undefined) return [wentElsewhere(state, move, elsewhere, 0)];
  if (!provesArrival(move.progress, event)) return [];
  if (move.progress.step !== 'attaching') return [settled(move, 'completed', { vendorMs: 0 })];
  return move.progress.arrived ? [] : [{ type: 'ArrivalSeen' }];
}

/** Its command came back without success. */
export function escalationFailed(move: EscalationMove, failure: Failure, judged: Judged): readonly EventBody[] {
  if (move.progress.step === 'opening') return openingFailed(move, failure, judged);
  return failed(move, failure, judged);
}

/** Its time is up (H6). */
export function escalationOutOfTime(move: EscalationMove): readonly EventBody[] {
  return move.progress.step === 'opening' ? openingOutOfTime(move) : outOfTime(move);
}

/** Only a transfer that was under way needs a look first; everything else may simply be done again (H5). */
export function escalationTakenOver(move: EscalationMove): readonly EventBody[] {
  const { progress } = move;
  if (progress.step === 'opening') return openingTakenOver(move);
  if (progress.step !== 'transferring' || progress.task.kind !== 'running') return [];
  return [{ type: 'TransferUncertain', code: 'taken-over', vendorMs: 0 }];
}

/** Once the transfer was asked for nobody can take it back (Genesys Cloud has no such call): it will settle by itself. */
export function isEscalationBeyondCancel({ progress }: EscalationMove): boolean {
  const { step, task } = progress;
  if (step === 'opening') return task.kind === 'running';
  if (step === 'attaching') return progress.arrived !== undefined;
  return step === 'transferring' || step === 'verifying' || step === 'confirming';
}
