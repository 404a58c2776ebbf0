// Owns how an open transfer goes on: what follows from the answers to its commands, from what either platform tells, from an agent's
// verdict, and from time. Keeps H3 (a place that has lapsed is sought anew before the source lets go), H5 and H6.

import type { ConversationEvent } from '../context/conversation.ts';
import type { Instant } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import { loseLeg } from './attendance.ts';
import { repacked } from './carrying.ts';
import type { CommandOutcome, CommandResult, CommandValue } from './command.ts';
import { customerLeft, deadLetter, settled } from './ending.ts';
import type { EventBody } from './event.ts';
import { flowSeen } from './flow-departure.ts';
import type { Interaction } from './interaction.ts';
import { givenUpBy, isSameLeg, type Leg, legOf, type TransferMove } from './move.ts';
import { reconciled } from './reconciling.ts';
import { retryDelayMs } from './retry.ts';
import type { Judged } from './setback.ts';
import { destinationIn } from './sides.ts';
import { checked, isCrossing, mayCommit, noPlace, placeStrayed, reserved } from './transfer.ts';

/** What follows from the answer to its command. */
export function transferAchieved(
  state: Interaction,
  move: TransferMove,
  value: CommandValue,
  judged: Judged,
): readonly EventBody[] {
  const { vendorMs } = judged;
  switch (value.of) {
    case 'CheckTransfer':
      return checked(state, move, value.result, vendorMs);
    case 'AskAgent':
      return [{ type: 'AgentAsked', id: value.result.id, vendorMs }];
    case 'LookForAgent':
      return [agentSeen(move, value.result, judged)];
    case 'Reserve':
      return reserved(move, value.result, judged.now, vendorMs);
    case 'TransferAway':
    case 'TransferToQueue':
      return [{ type: 'TransferAccepted', vendorMs }];
    case 'EndConsult':
      return [{ type: 'ConsultationEnded', vendorMs }];
    case 'Reconcile':
      return move.progress.step === 'awaiting-flow'
        ? flowSeen(state, move, value.result.source, judged)
        : reconciled(state, move, value.result, judged);
    case 'AttachContext':
      return [{ type: 'ContextAttached', vendorMs }];
    case 'AttachOnArrival':
      return lookedAtLast(state, move, value.result, judged);
    default:
      return [];
  }
}

/** The agent has taken what they were asked by, or is asked still; once it must show, what is not there any more was refused. */
function agentSeen(
  move: TransferMove,
  seen: CommandResult['LookForAgent'],
  { now, chance, vendorMs }: Judged,
): EventBody {
  const { progress } = move;
  if (seen === 'taken') return { type: 'AgentReady', vendorMs };
  const viewedAt = progress.task.kind === 'running' ? progress.task.since : now;
  const ripe = progress.step !== 'awaiting-agent' || viewedAt >= progress.showsBy;
  if (seen === 'none' && ripe) return settled(move, 'refused', { reason: 'agent-declined', vendorMs });
  const until = now + retryDelayMs(Math.min(progress.task.tries, MOST_DOUBLINGS), chance);
  return { type: 'StepDelayed', code: 'agent-asked', until, vendorMs };
}

/** An agent who is rung answers within seconds: looked for every second or two. */
const MOST_DOUBLINGS = 3;

/** What is known was taken at the destination, or refused: neither says that the customer is there still (H3), nor do news that are older. */
function lookedAtLast(
  state: Interaction,
  move: TransferMove,
  { after, refused }: CommandResult['AttachOnArrival'],
  judged: Judged,
): readonly EventBody[] {
  const { arrived } = move;
  const { vendorMs } = judged;
  const isOver = destinationIn(state, move, after).state === 'ended';
  if (arrived && isOver) return arrivalLost(state, arrived, vendorMs);
  const stale = repacked(state, move);
  // Refused or not, what is told of it is what is known (H4).
  if (refused) return [...stale, ...rejected(move, refused, judged)];
  // What is known has changed since: it is written anew before anybody calls that complete.
  if (stale.length > 0) return [{ type: 'ContextAttached', vendorMs }, { type: 'StepRetried' }];
  return [{ type: 'ContextAttached', vendorMs }, settled(move, 'completed', { vendorMs: 0 })];
}

/** It had them, and has them no more: the end would call that an arrival. */
function arrivalLost(state: Interaction, arrived: Leg, vendorMs: number): readonly EventBody[] {
  const leg = legOf(arrived);
  const isNews = state.legs.some((held) => held.state === 'live' && isSameLeg(held, leg));
  const ended: readonly EventBody[] = isNews ? [{ type: 'LegEnded', leg }, ...loseLeg(state, leg)] : [];
  return [...ended, { type: 'ArrivalLost', vendorMs }];
}

/** A command came back without success. */
export function transferFailed(move: TransferMove, failure: Failure, judged: Judged): readonly EventBody[] {
  if (failure.kind === 'rejected') return rejected(move, failure, judged);
  const { step } = move.progress;
  const { code } = failure;
  const { vendorMs } = judged;
  if (failure.kind === 'ambiguous' && step === 'asking') return [{ type: 'AgentAsked', uncertain: code, vendorMs }];
  const mayHaveMoved = step === 'committing' || step === 'returning' || step === 'concluding';
  if (failure.kind === 'ambiguous' && mayHaveMoved) return [{ type: 'TransferUncertain', code, vendorMs }];
  const retryAfterMs = failure.kind === 'transient' ? failure.retryAfterMs : undefined;
  const until = judged.now + retryDelayMs(move.progress.task.tries, judged.chance, retryAfterMs);
  // Nobody waits for a try that comes too late: whoever asked is told at once.
  if (until >= givenUpFrom(move, judged.now)) return [untried(move, code, vendorMs)];
  return [{ type: 'StepDelayed', code, until, vendorMs }];
}

/**
 * From when on another try comes too late. Of an asking that was provably not taken nobody has moved, and the customer may be kept for a
 * place no longer than was asked; where an agent was asked first, or it was let go of before, so long once more. What a flow was told it may
 * do at any time.
 */
function givenUpFrom(move: TransferMove, now: Instant): Instant {
  const { progress, commitBy, attempts, requestedAt, terms, limits } = move;
  if (!isPreparing(progress.step) && progress.step !== 'committing') return Number.POSITIVE_INFINITY;
  if (attempts === 0) return Math.min(preparedBy(move), limits.settleBy);
  if (commitBy === 'flow') return Number.POSITIVE_INFINITY;
  const keptFrom = attempts === 1 && terms.asksAgent !== true ? requestedAt : now;
  return Math.min(keptFrom + terms.holdLimitMs, limits.settleBy);
}

/** Its next try would come too late. */
function untried(move: TransferMove, code: string, vendorMs: number): EventBody {
  const reason = move.progress.step === 'committing' ? 'platform-unavailable' : 'no-place-in-time';
  return settled(move, outcomeBefore(move), { reason, detail: code, vendorMs });
}

function rejected(
  move: TransferMove,
  failure: Extract<Failure, { kind: 'rejected' }>,
  { now, chance, vendorMs }: Judged,
): readonly EventBody[] {
  const { code } = failure;
  const detail = failure.detail === undefined ? {} : { detail: failure.detail };
  switch (move.progress.step) {
    case 'checking':
    case 'asking':
    case 'reserving': {
      // That the target is unknown is an answer of the check, so this is the source's conversation.
      const reason = code === 'not-found' ? 'conversation-not-found' : code;
      return [noPlace(move, { reason, now, vendorMs, ...detail })];
    }
    case 'marking':
      // The two records could not be joined, and the source's agent would know nothing of it (H4).
      return [settled(move, 'refused', { reason: 'context-not-attached', vendorMs, ...detail })];
    case 'injecting':
      // The entry has given the briefing and the reference; what is missing is named.
      return [settled(move, 'completed', { reason: 'context-not-attached', vendorMs, ...detail })];
    case 'committing':
    case 'returning':
    case 'concluding':
      // Somebody may be moving the customer already: look.
      return [{ type: 'TransferUncertain', code, rejected: true, vendorMs }];
    case 'reconciling':
    case 'consulting':
    case 'awaiting-agent':
    case 'awaiting-flow': {
      const until = now + retryDelayMs(move.progress.task.tries, chance);
      return [{ type: 'StepDelayed', code, until, vendorMs }];
    }
  }
}

/** Nobody was let go of: the first time that is a refusal, later the end of trying. */
function outcomeBefore({ attempts }: TransferMove): 'refused' | 'compensated' {
  return attempts > 0 ? 'compensated' : 'refused';
}

/** What either platform tells calls for a look at once: it alone shows both sides, and whom to write to. */
export function transferTold(state: Interaction, move: TransferMove, event: ConversationEvent): readonly EventBody[] {
  if (!isCrossing(move, event)) return [];
  return mayLook(move) && state.legs.some((leg) => isSameLeg(leg, event)) ? [{ type: 'StepRetried' }] : [];
}

/**
 * The customer is no longer on `leg`. Before the source was told to let go, or when they hung up, the move is over; else it is news
 * of one side, to be held against the other.
 */
export function transferLost(
  state: Interaction,
  move: TransferMove,
  { leg, hungUp }: { readonly leg: TransferMove['leg']; readonly hungUp: boolean },
): readonly EventBody[] {
  const ended: readonly EventBody[] = [{ type: 'LegEnded', leg }, ...loseLeg(state, leg)];
  if (!isLettingGo(move)) return customerLeft(state, leg);
  const isLost = move.progress.step === 'injecting' && move.arrived !== undefined && isSameLeg(leg, move.arrived);
  if (isLost && !hungUp) return arrivalLost(state, leg, 0);
  // The destination has them already: what the source tells is the end of its own part.
  const reached = move.progress.step === 'injecting' && isSameLeg(leg, move.leg);
  if (hungUp && isSameLeg(leg, move.leg) && !reached) return customerLeft(state, leg);
  return mayLook(move) ? [...ended, { type: 'StepRetried' }] : ended;
}

/** Whether a place is still being sought. */
function isPreparing(step: TransferMove['progress']['step']): boolean {
  return step === 'checking' || step === 'marking' || step === 'reserving';
}

/** Whether the step waits for what a look would show. */
function mayLook({ progress: { step, task } }: TransferMove): boolean {
  const waits = step === 'reconciling' || step === 'consulting' || step === 'awaiting-flow';
  return waits && task.kind === 'waiting';
}

/** Whether the source may have been told to let go, now or by an earlier asking. */
export function isLettingGo({ attempts }: TransferMove): boolean {
  return attempts > 0;
}

/** The verdict of the source's agent on a consultation. */
export function verdictOn({ progress }: TransferMove, accept: boolean): readonly EventBody[] {
  return progress.step === 'consulting' && !progress.agreed ? [{ type: 'VerdictGiven', accept }] : [];
}

/** Until when a place is sought: no longer than the customer may be kept for it. One that was there before is a flow's to ask for again. */
export function preparedBy({ requestedAt, terms, attempts, progress }: TransferMove): Instant {
  const found = attempts > 0 || 'reservation' in progress || ('held' in progress && progress.held !== undefined);
  return found ? Number.POSITIVE_INFINITY : requestedAt + terms.holdLimitMs;
}

/** What the time brings. */
export function transferDue(move: TransferMove, { chance, now }: { readonly chance: number; readonly now: Instant }) {
  const { progress } = move;
  if (now >= move.limits.settleBy || now >= preparedBy(move)) return transferOutOfTime(move);
  const { task } = progress;
  if (task.kind === 'running') {
    if (now < givenUpBy(task.since, move.limits)) return [];
    // Its outcome should have come back by now: whoever had it under way is gone.
    return transferFailed(move, { kind: 'ambiguous', code: 'timed-out' }, { now, chance, vendorMs: 0 });
  }
  if (task.until > now) return [];
  const isUp = isNeverAsked(move) && 'until' in progress && now >= progress.until;
  return isUp ? transferOutOfTime(move) : [again(move, now)];
}

/** The step once more; a place that would no longer outlive the telling, or was asked for too long ago, is sought anew (H3). */
function again(move: TransferMove, now: Instant): EventBody {
  const { progress } = move;
  if (progress.step !== 'committing' || mayCommit(move, progress.reservation, now)) return { type: 'StepRetried' };
  return { type: 'ReservationLapsed', code: 'reservation-expired' };
}

/** A flow that has asked for no number knows none. */
function isNeverAsked({ progress, attempts }: TransferMove): boolean {
  return progress.step === 'awaiting-flow' && attempts === 0;
}

/** Its time is up (H6): nothing has moved yet, or it may have and a person must look. */
export function transferOutOfTime(move: TransferMove): readonly EventBody[] {
  const { progress } = move;
  const code = progress.task.kind === 'waiting' ? progress.task.code : 'timed-out';
  switch (progress.step) {
    case 'checking':
    case 'marking':
    case 'asking':
    case 'awaiting-agent':
    case 'reserving':
      // A flow that was told before may have let go meanwhile, and nobody has looked.
      if (move.attempts > 0 && move.commitBy === 'flow')
        return deadLetter(move, 'fate-unknown', { vendorMs: 0, detail: code });
      return [settled(move, outcomeBefore(move), { reason: 'no-place-in-time', detail: code, vendorMs: 0 })];
    case 'awaiting-flow':
      return isNeverAsked(move)
        ? [settled(move, 'expired', { reason: 'flow-did-not-transfer', vendorMs: 0 })]
        : deadLetter(move, 'fate-unknown', { vendorMs: 0, detail: code });
    case 'committing':
      // A waiting commit was provably not taken; one that is under way is not known to be.
      return progress.task.kind === 'waiting'
        ? [settled(move, 'compensated', { reason: 'platform-unavailable', detail: code, vendorMs: 0 })]
        : deadLetter(move, 'fate-unknown', { vendorMs: 0, detail: code });
    case 'injecting':
      return [settled(move, 'completed', { reason: 'context-not-attached', detail: code, vendorMs: 0 })];
    default:
      return deadLetter(move, 'fate-unknown', { vendorMs: 0, detail: code });
  }
}

/** Who had it under way is gone: what may have moved the customer is looked at first (H5). */
export function transferTakenOver({ progress }: TransferMove): readonly EventBody[] {
  if (progress.step === 'asking' && progress.task.kind === 'running')
    return [{ type: 'AgentAsked', uncertain: 'taken-over', vendorMs: 0 }];
  const moves = progress.step === 'committing' || progress.step === 'returning' || progress.step === 'concluding';
  return moves && progress.task.kind === 'running'
    ? [{ type: 'TransferUncertain', code: 'taken-over', vendorMs: 0 }]
    : [];
}

/** A place that was held after its move no longer wanted it: settled, cancelled, or sought under another key by now. */
export function strayPlace(state: Interaction, key: string, outcome: CommandOutcome): readonly EventBody[] {
  if (outcome.kind !== 'done' || outcome.of !== 'Reserve' || !outcome.result.held) return [];
  const handoff = [...state.settled, ...(state.move ? [state.move] : [])].find(({ id }) => key.startsWith(`${id}.`));
  if (handoff?.kind !== 'transfer') return [];
  const { terms } = handoff;
  // A number of ours is the same for every asking of its handoff: while that goes on, it is the one that it has.
  if (terms.reservation === 'entry-script' && state.move?.id === handoff.id) return [];
  return [placeStrayed(handoff, outcome.result.id)];
}
