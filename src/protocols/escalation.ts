// Owns what is decided about an escalation: bot to queue on the same platform (seeds 001 and 004). Prepare (queue by exact name,
// look, context attached before anything moves), commit (by us or by the vendor's flow), confirm by evidence, never by the
// vendor's 202. Keeps H1, H4, H5 and H6.

import { briefingOf } from '../context/briefing.ts';
import type { ConversationChange, ConversationView } from '../context/conversation.ts';
import { pack } from '../context/packing.ts';
import { agentContextSummary } from '../context/summary.ts';
import type { HandoffId, Instant } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import type { CommandValue } from './command.ts';
import { customerLeft, settled } from './ending.ts';
import type { EventBody, RefusalCode } from './event.ts';
import { agentsIn, customerOf, newestTransferAt, readEvidence, replaceableIn } from './evidence.ts';
import type { RequestEscalation } from './input.ts';
import type { Interaction } from './interaction.ts';
import { type Leg, type Move, type Progress, type Target, targetOf } from './move.ts';
import { agentHolder, type NextHolder, succeed } from './ownership.ts';
import { chooseQueue } from './queue-rules.ts';
import { retryDelayMs } from './retry.ts';

/** A request to escalate: the events that open the move, or one refusal. A request already answered gives no events. */
export function requestEscalation(state: Interaction, input: RequestEscalation, now: Instant): readonly EventBody[] {
  const asked = [state.move, ...state.settled].find(
    (handoff) => input.request && handoff?.request?.key === input.request.key,
  );
  if (asked)
    return asked.request?.digest === input.request?.digest ? [] : [refused('idempotency-key-reused', asked.id)];
  if (state.endedAt !== undefined) return [refused('interaction-ended')];
  if (state.move) return [refused('handoff-in-progress', state.move.id)];
  if (state.holder.kind === 'agent') return [refused('already-with-agent')];
  const leg = state.legs.findLast((held) => held.state === 'live' && input.policy.platforms[held.platform]);
  const platform = leg && input.policy.platforms[leg.platform];
  if (!leg || !platform) return [refused('no-platform-leg')];

  const superseded = state.offers.map(
    (offer): EventBody => ({ type: 'OfferSettled', handoffId: offer.id, outcome: 'superseded' }),
  );
  const { platform: name, externalId, channel } = leg;
  return [...superseded, begin(state, input, { platform: name, externalId, channel }, platform, now)];
}

function refused(code: RefusalCode, handoffId?: HandoffId): EventBody {
  return { type: 'RequestRefused', request: 'escalation', code, ...(handoffId === undefined ? {} : { handoffId }) };
}

function begin(
  state: Interaction,
  input: RequestEscalation,
  leg: Leg,
  platform: RequestEscalation['policy']['platforms'][Leg['platform']] & {},
  now: Instant,
): EventBody {
  const { policy, manifest } = input;
  const n = state.settled.length + 1;
  const packed = pack({
    interactionId: state.id,
    channel: leg.channel,
    customer: state.customer,
    context: state.context,
    limits: platform.limits,
    ...(manifest === undefined ? {} : { manifest }),
    ...(input.manifestRef === undefined ? {} : { ref: input.manifestRef }),
  });
  const masked = [...state.masked, ...input.masked].map((field) => ({
    field,
    limit: 'masked',
    carriedBy: 'masked' as const,
  }));
  return {
    type: 'EscalationRequested',
    attributes: packed.attributes,
    handoff: {
      id: `${state.id}.${n}` as HandoffId,
      n,
      kind: 'escalation',
      commitBy: input.commitBy,
      resumeBot: input.resumeBot,
      leg,
      wish: chooseQueue(policy.rules, {
        context: state.context,
        channel: leg.channel,
        ...(input.queue === undefined ? {} : { requested: input.queue }),
        ...(manifest === undefined ? {} : { manifest }),
        ...(state.customer.segment === undefined ? {} : { segment: state.customer.segment }),
      }),
      requestedAt: now,
      ...(input.request === undefined ? {} : { request: input.request }),
      ...(input.manifestRef === undefined ? {} : { manifestRef: input.manifestRef }),
      briefing: briefingOf(manifest ?? {}, state.context),
      summary: agentContextSummary({ channel: leg.channel, context: state.context, ...(manifest && { manifest }) }),
      loss: [...packed.loss, ...masked],
      limits: { ...policy.limits, settleMs: platform.settleMs, settleBy: now + policy.settleWithinMs },
    },
  };
}

/** The inspection is back: refuse what must not be moved, else go on to attach the context. */
export function inspected(
  state: Interaction,
  move: Move,
  { queue, view }: Extract<CommandValue, { of: 'Inspect' }>['result'],
  vendorMs: number,
): readonly EventBody[] {
  const customer = customerOf(view);
  if (view.ended || !customer) return customerLeft(state, move.leg, vendorMs);
  const agent = agentsIn(view).at(-1);
  // Seed 004, edge case 3: an agent is being rung or has answered, so a second transfer would take the customer away.
  if (agent) return [settled(move, 'refused', { reason: 'already-with-agent', vendorMs })];

  const evidence = readEvidence(view, queue.id, -1);
  const alreadyThere =
    evidence.kind === 'arrived' || view.transfers.some((t) => t.state === 'pending' && t.queueId === queue.id);
  const leaving = replaceableIn(view);
  if (!alreadyThere && !leaving && move.commitBy === 'us') {
    return [settled(move, 'refused', { reason: 'nothing-to-transfer', vendorMs })];
  }
  const target: Target = {
    queue,
    customer: customer.id,
    ...(alreadyThere || !leaving ? {} : { leaving: leaving.id }),
    known: view.parties.map((party) => party.id),
    // A transfer to this queue that is under way already is the one to watch; others are not ours.
    transfersAfter: alreadyThere ? -1 : newestTransferAt(view),
  };
  const arrived = evidence.kind === 'arrived' ? { arrived: evidence.holder } : {};
  return [{ type: 'ConversationInspected', target, vendorMs, ...arrived }];
}

/** The context is attached; a customer who has arrived meanwhile completes the move at once. */
export function attached(state: Interaction, move: Move, vendorMs: number): readonly EventBody[] {
  const { progress } = move;
  const done: EventBody = { type: 'ContextAttached', vendorMs };
  if (progress.step !== 'attaching' || !progress.arrived) return [done];
  const reason = progress.target.leaving === undefined ? 'already-in-queue' : undefined;
  return [done, ...completed(state, move, progress.arrived, { vendorMs: 0, ...(reason && { reason }) })];
}

/** A look is back while the transfer's fate is open, or while its effect is awaited. */
export function looked(
  state: Interaction,
  move: Move,
  view: ConversationView,
  { now, chance, vendorMs }: { readonly now: Instant; readonly chance: number; readonly vendorMs: number },
): readonly EventBody[] {
  const { progress } = move;
  const target = targetOf(progress);
  if (!target) return [];
  const evidence = readEvidence(view, target.queue.id, target.transfersAfter);
  switch (evidence.kind) {
    case 'customer-gone':
      return customerLeft(state, move.leg, vendorMs);
    case 'arrived':
      return completed(state, move, evidence.holder, { vendorMs });
    case 'on-the-way':
      return [again(move, 'on-the-way', now, chance, vendorMs)];
    case 'failed':
      return repeatOrCompensate(move, 'transfer-failed', view, vendorMs);
    case 'not-moved':
      if (now < mayStillMoveUntil(move)) return [again(move, 'not-moved', now, chance, vendorMs)];
      if (progress.step === 'awaiting-flow') {
        return [settled(move, 'expired', { reason: 'flow-did-not-transfer', vendorMs })];
      }
      return repeatOrCompensate(move, 'not-moved', view, vendorMs);
  }
}

/** Until when a transfer that does not show may still take effect; before that it is never repeated (H5). */
function mayStillMoveUntil({ progress, limits }: Move): Instant {
  switch (progress.step) {
    case 'awaiting-flow':
      return progress.until;
    case 'confirming':
      return progress.acceptedAt + limits.confirmWithinMs;
    case 'verifying':
      return progress.askedAt + limits.commandTimeoutMs + limits.settleMs;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

function repeatOrCompensate(move: Move, code: string, view: ConversationView, vendorMs: number): readonly EventBody[] {
  const leaving = targetOf(move.progress)?.leaving;
  const stillThere = view.parties.some((party) => party.id === leaving && party.state !== 'ended');
  if (stillThere && move.attempts < move.limits.transferAttempts) {
    return [{ type: 'TransferRepeated', code, transfersAfter: newestTransferAt(view), vendorMs }];
  }
  return [settled(move, 'compensated', { reason: code, vendorMs })];
}

/** A command came back without success. */
export function failed(
  move: Move,
  failure: Failure,
  { now, chance, vendorMs }: { readonly now: Instant; readonly chance: number; readonly vendorMs: number },
): readonly EventBody[] {
  const { step } = move.progress;
  if (failure.kind === 'rejected') return rejected(move, failure, vendorMs);
  if (failure.kind === 'ambiguous' && step === 'transferring') {
    return [{ type: 'TransferUncertain', code: failure.code, vendorMs }];
  }
  const retryAfterMs = failure.kind === 'transient' ? failure.retryAfterMs : undefined;
  return [again(move, failure.code, now, chance, vendorMs, retryAfterMs)];
}

function rejected(move: Move, failure: Extract<Failure, { kind: 'rejected' }>, vendorMs: number): readonly EventBody[] {
  const detail = failure.detail === undefined ? {} : { detail: failure.detail };
  switch (move.progress.step) {
    case 'inspecting':
      return [settled(move, 'refused', { reason: reasonOf(failure.code), vendorMs, ...detail })];
    case 'attaching':
      // Nothing has moved and the bot still has the customer; moving them without what is known would break H4 unseen.
      return [settled(move, 'refused', { reason: 'context-not-attached', vendorMs, ...detail })];
    case 'transferring':
      // The participant may have ended because the customer is moving already (an earlier attempt, the flow, an agent): look.
      return [{ type: 'TransferUncertain', code: failure.code, vendorMs }];
    default:
      return deadLetter(move, failure.code, vendorMs);
  }
}

function reasonOf(code: string): string {
  return code === 'not-found' ? 'conversation-not-found' : code;
}

function again(
  move: Move,
  code: string,
  now: Instant,
  chance: number,
  vendorMs: number,
  retryAfterMs?: number,
): EventBody {
  const until = Math.min(now + retryDelayMs(move.progress.task.tries, chance, retryAfterMs), move.limits.settleBy);
  return { type: 'StepDelayed', code, until, vendorMs };
}

/** Its time is up (H6): nothing has moved yet, or it may have and a person must look. */
export function outOfTime(move: Move): readonly EventBody[] {
  const { step, task } = move.progress;
  const code = task.kind === 'waiting' ? task.code : 'timed-out';
  switch (step) {
    case 'inspecting':
    case 'attaching':
      return [settled(move, 'refused', { reason: 'platform-unavailable', detail: code, vendorMs: 0 })];
    case 'transferring':
      // A waiting transfer was provably not taken; one that is under way is not known to be.
      return task.kind === 'waiting'
        ? [settled(move, 'compensated', { reason: 'platform-unavailable', detail: code, vendorMs: 0 })]
        : deadLetter(move, 'fate-unknown', 0);
    case 'awaiting-flow':
      return [settled(move, 'expired', { reason: 'flow-did-not-transfer', vendorMs: 0 })];
    default:
      return deadLetter(move, 'fate-unknown', 0);
  }
}

function deadLetter(move: Move, reason: string, vendorMs: number): readonly EventBody[] {
  const alert: EventBody = { type: 'ChoreAdded', id: `${move.id}.alert`, code: reason, handoffId: move.id };
  return [settled(move, 'dead_lettered', { reason, vendorMs }), alert];
}

/** A change the platform told of, as far as it proves that the customer has arrived. */
export function arrivalBy(progress: Progress, change: ConversationChange): NextHolder | null {
  const target = targetOf(progress);
  if (!target) return null;
  if (
    change.kind === 'queue-entered' &&
    change.queueId === target.queue.id &&
    !target.known.includes(change.participantId)
  ) {
    return { kind: 'queue', queueId: change.queueId };
  }
  if (change.kind === 'agent-joined' && !target.known.includes(change.participantId)) return agentHolder(change);
  if (change.kind === 'seen') {
    const evidence = readEvidence(change.view, target.queue.id, target.transfersAfter);
    return evidence.kind === 'arrived' ? evidence.holder : null;
  }
  return null;
}

/** The customer is with the new holder: settle, and the holder changes in the same append (H2). */
export function completed(
  state: Interaction,
  move: Move,
  holder: NextHolder,
  { reason, vendorMs }: { readonly reason?: string; readonly vendorMs: number },
): readonly EventBody[] {
  const queue = targetOf(move.progress)?.queue;
  const events: EventBody[] = [
    settled(move, 'completed', { vendorMs, ...(queue && { queue }), ...(reason && { reason }) }),
  ];
  const next = succeed(state.holder, holder);
  if (next !== state.holder) events.push({ type: 'HolderChanged', holder: next, attendance: state.attendance });
  return events;
}
