// Owns how the source's own flow lets a caller go (DESIGN: `commitBy` `flow`): it asks for the number when it is about to, and is told only
// while that is right (H3); what it was told may happen at any time from then on, so it is looked for until it must have shown (H5, H6).

import type { ConversationView } from '../context/conversation.ts';
import type { Instant } from '../ids.ts';
import { become, observe } from './attendance.ts';
import type { CommandResult, SideView } from './command.ts';
import type { Crossing, Reservation, Route } from './crossing.ts';
import { customerLeft, settled } from './ending.ts';
import type { EventBody } from './event.ts';
import { isOver } from './evidence.ts';
import type { Input } from './input.ts';
import { findHandoff, type Interaction } from './interaction.ts';
import { isSettled, type TransferMove } from './move.ts';
import { refusal } from './refusal.ts';
import { retryDelayMs } from './retry.ts';
import type { Judged } from './setback.ts';
import { sourceIn } from './sides.ts';
import { mayCommit } from './transfer.ts';

const OURS = 'tell-flow';
const WAITS = 'flow-transfers';

type Awaiting = Extract<Crossing, { step: 'awaiting-flow' }>;

/** The flow asks where to: it is told, for as long as the place and its check suffice; else a place is sought anew. Nothing while one is sought. */
export function tellFlow(
  state: Interaction,
  { handoffId }: Extract<Input, { kind: 'tell-flow' }>,
  now: Instant,
): readonly EventBody[] {
  const handoff = findHandoff(state, handoffId);
  if (!handoff) return [refusal(OURS, 'handoff-not-found')];
  if (isSettled(handoff) || handoff.kind !== 'transfer') return [];
  const { progress, limits } = handoff;
  if (progress.step !== 'awaiting-flow' || progress.recalled !== undefined) return [];
  const { reservation, told } = progress;
  if (!mayCommit(handoff, reservation, now)) return [{ type: 'ReservationLapsed', code: 'check-too-old' }];
  // A call that comes in when its place is over would be late.
  const until = Math.min(now + limits.flowWithinMs, reservation.validUntil - limits.settleMs);
  return told ? [] : [{ type: 'FlowTold', until }];
}

/** The place that the flow may be told now, and by when it is to have let go; undefined where there is none that would be right (H3). */
export function toldNow(
  move: TransferMove,
  now: Instant,
): { readonly reservation: Reservation; readonly until: Instant } | undefined {
  const { progress } = move;
  if (progress.step !== 'awaiting-flow' || !progress.told || progress.recalled !== undefined) return undefined;
  const { reservation, until } = progress;
  return mayCommit(move, reservation, now) ? { reservation, until } : undefined;
}

/** The source was looked at while its flow is awaited. */
export function flowSeen(
  state: Interaction,
  move: TransferMove,
  view: CommandResult['Reconcile']['source'],
  judged: Judged,
): readonly EventBody[] {
  const { progress, attempts } = move;
  if (progress.step !== 'awaiting-flow') return [];
  const { vendorMs } = judged;
  // Nobody was told anything: whoever has left has left by themselves.
  if (attempts === 0 && (view === 'gone' || isOver(view))) return customerLeft(state, move.leg, vendorMs);
  const shown = view === 'gone' ? [] : become(state, observe(state, view, move.leg));
  return [followed(move, progress, view, judged), ...shown];
}

function followed(move: TransferMove, progress: Awaiting, view: SideView, judged: Judged): EventBody {
  const { vendorMs, now } = judged;
  const { state: source } = sourceIn(view, progress.route);
  const ends = (reason: string) => settled(move, outcomeOf(move), { reason: progress.recalled ?? reason, vendorMs });
  switch (source) {
    case 'moving':
    case 'completed':
    case 'ended':
      // Somebody else has moved a caller whose flow knew no number of ours.
      if (move.attempts === 0) return settled(move, 'refused', { reason: 'nothing-to-transfer', vendorMs });
      return { type: 'TransferAccepted', vendorMs };
    case 'failed':
      return settled(move, outcomeOf(move), { reason: 'transfer-failed', vendorMs });
    case 'holding':
      if (wentElsewhere(view, progress.route)) return ends('flow-chose-another-queue');
      return viewedAt(progress, now) < mayShowUntil(move, progress)
        ? lookLater(move, progress, judged)
        : notMade(move, progress, vendorMs);
  }
}

/** Nobody was let go of: where nothing was told that is a refusal. */
function outcomeOf({ attempts }: TransferMove): 'refused' | 'compensated' {
  return attempts > 0 ? 'compensated' : 'refused';
}

function notMade(move: TransferMove, { recalled }: Awaiting, vendorMs: number): EventBody {
  if (recalled !== undefined) return settled(move, 'compensated', { reason: recalled, vendorMs });
  return settled(move, 'expired', { reason: 'flow-did-not-transfer', vendorMs });
}

/** The flow has sent them to somebody at the source. */
function wentElsewhere(view: SideView, { leaving }: Route): boolean {
  return view !== 'gone' && !isThere(view, leaving);
}

function isThere({ parties }: ConversationView, id: Route['leaving']): boolean {
  return parties.some((party) => party.id === id && party.state !== 'ended');
}

/** A view may be as old as its look's beginning. */
function viewedAt({ task }: Awaiting, now: Instant): Instant {
  return task.kind === 'running' ? task.since : now;
}

/** What the flow did at the last moment has shown by then. */
function mayShowUntil({ limits }: TransferMove, { until }: Awaiting): Instant {
  return until + limits.settleMs;
}

/** Events end the wait anyhow, so the pauses double; there is a look when all must show. */
function lookLater(move: TransferMove, progress: Awaiting, { now, chance, vendorMs }: Judged): EventBody {
  const { limits, attempts } = move;
  // A flow that was told nothing does nothing: its time is all there is to wait for.
  if (attempts === 0 && progress.until > now)
    return { type: 'StepDelayed', code: WAITS, until: progress.until, vendorMs };
  const spaced = now + retryDelayMs(progress.task.tries, chance, Math.max(limits.settleMs, now - progress.askedAt));
  const bounds = [mayShowUntil(move, progress), limits.settleBy - limits.commandTimeoutMs].filter((at) => at > now);
  return { type: 'StepDelayed', code: WAITS, until: Math.min(spaced, ...bounds), vendorMs };
}
