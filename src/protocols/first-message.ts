// Owns the escalation of a conversation that we carry (DESIGN: `commitBy: first-message`): the first message begins a conversation with
// people, already routed, with what is known and a summary as its opening turn. Keeps H5: one whose fate is unknown is sent again only where
// the far side takes it once; else a person is told, and whoever answers there proves that it arrived.

import type { Failure } from '../outcome.ts';
import type { Command, CommandResult } from './command.ts';
import { deadLetter, settled } from './ending.ts';
import type { EventBody } from './event.ts';
import type { Interaction } from './interaction.ts';
import { commandKey, type EscalationMove, type Progress } from './move.ts';
import { succeed } from './ownership.ts';
import { retryDelayMs } from './retry.ts';
import type { Judged } from './setback.ts';

type Opening = Extract<Progress, { step: 'opening' }>;

export function openingCommand(
  move: EscalationMove,
  { attributes }: Opening,
  name: string | undefined,
): Command | null {
  const { desk, limits, wish, summary, id, requestedAt } = move;
  if (!desk) return null;
  return {
    kind: 'OpenConversation',
    key: commandKey(move),
    timeoutMs: limits.commandTimeoutMs,
    safety: desk.deduplicates ? 'fenced' : 'unlookable',
    platform: desk.platform,
    far: desk.far,
    queueName: wish.name,
    attributes,
    // Repeated under the same id: what de-duplicates does it by that.
    message: { id: `${id}.summary`, text: summary, at: requestedAt },
    ...(name !== undefined && { name }),
  };
}

/** People have it: their conversation is a leg of ours, and their queue the holder (H2). */
export function conversationOpened(
  state: Interaction,
  move: EscalationMove,
  { queue, externalId }: CommandResult['OpenConversation'],
  vendorMs: number,
): readonly EventBody[] {
  const { desk, progress, leg: chat, id: handoffId } = move;
  if (!desk || progress.step !== 'opening') return [];
  const leg = externalId && { platform: desk.platform, externalId, channel: 'message' as const };
  const names = Object.keys(progress.attributes);
  const holder = succeed(state.holder, { kind: 'queue', queueId: queue.id });
  return [
    { type: 'DeskOpened', leg: chat, desk: { ...desk, ...(leg && { leg }) }, handoffId, names },
    settled(move, 'completed', { queue, vendorMs }),
    ...(leg ? [{ type: 'LegAttached', leg, later: true } as const] : []),
    { type: 'HolderChanged', holder, attendance: state.attendance },
  ];
}

export function openingFailed(
  move: EscalationMove,
  failure: Failure,
  { now, chance, vendorMs }: Judged,
): readonly EventBody[] {
  const { code } = failure;
  const { desk } = move;
  if (failure.kind === 'rejected') {
    const { detail } = failure;
    return [settled(move, 'refused', { reason: code, vendorMs, ...(detail !== undefined && { detail }) })];
  }
  if (failure.kind === 'ambiguous' && desk?.deduplicates !== true) return maybeThere(move, code, vendorMs);
  const told = failure.kind === 'transient' ? failure.retryAfterMs : undefined;
  const until = now + retryDelayMs(move.progress.task.tries, chance, told);
  return [{ type: 'StepDelayed', code, until, vendorMs }];
}

/** Nobody can tell whether people have it: a person looks, and an answer from there takes the customer all the same. */
function maybeThere(move: EscalationMove, code: string, vendorMs: number): readonly EventBody[] {
  const { desk, id: handoffId, leg, progress } = move;
  const names = progress.step === 'opening' ? Object.keys(progress.attributes) : [];
  const unsure: readonly EventBody[] = desk
    ? [{ type: 'DeskOpened', leg, desk: { ...desk, unsure: true }, handoffId, names }]
    : [];
  return [...unsure, ...deadLetter(move, 'fate-unknown', { vendorMs, detail: code })];
}

export function openingTakenOver(move: EscalationMove): readonly EventBody[] {
  const { progress, desk } = move;
  if (progress.task.kind !== 'running' || desk?.deduplicates === true) return [];
  return maybeThere(move, 'taken-over', 0);
}

export function openingOutOfTime(move: EscalationMove): readonly EventBody[] {
  const { task } = move.progress;
  if (task.kind === 'running') return maybeThere(move, 'timed-out', 0);
  return [settled(move, 'refused', { reason: 'platform-unavailable', detail: task.code, vendorMs: 0 })];
}
