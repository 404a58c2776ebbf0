// Owns how the voice comes back (seed 000 §5 A): a callback in the platform's queue, with what is known as its data. When and whether the
// customer may be called is decided first. Keeps H5: no platform takes a key for a callback nor shows that it was taken, so one whose fate
// is unknown is left to a person, never asked for again.

import { agentContextSummary } from '../context/summary.ts';
import type { HandoffId, Instant } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import { forbiddenFrom, mayCall, nextCall, zonesFor } from './calling-hours.ts';
import type { Command, CommandResult } from './command.ts';
import { deflectedTo } from './deflected.ts';
import { deadLetter, settled, withdrawn } from './ending.ts';
import type { EventBody } from './event.ts';
import type { RequestCallback } from './input.ts';
import { findByRequest, type Interaction, nextNumber, underWay } from './interaction.ts';
import { type CallbackMove, type CallbackTerms, commandKey, givenUpBy, legOf } from './move.ts';
import { refusal } from './refusal.ts';
import { retryDelayMs } from './retry.ts';
import type { Judged } from './setback.ts';

const OURS = 'callback';
const NO_ZONE = 'no zone is known for the country of the number: give timeZone, or configure callbacks.otherwiseIn';

/** A request for a callback: the events that open the move, or one refusal. A number or an hour that may not be called settles it at once. */
export function requestCallback(state: Interaction, input: RequestCallback, now: Instant): readonly EventBody[] {
  const asked = input.request && findByRequest(state, input.request.key);
  if (asked)
    return asked.request?.digest === input.request?.digest ? [] : [refusal(OURS, 'idempotency-key-reused', asked)];
  if (state.endedAt !== undefined) return [refusal(OURS, 'interaction-ended')];
  const open = underWay(state);
  if (open) return [refusal(OURS, 'handoff-in-progress', open)];
  const leg = state.legs.at(-1);
  if (!leg) return [refusal(OURS, 'no-platform-leg')];
  const { refused, ...slot } = slotFor(input, now);
  const requested = begin(state, input, { leg: legOf(leg), slot, now });
  const settles: readonly EventBody[] = refused
    ? [{ type: 'HandoffSettled', handoffId: requested.handoff.id, outcome: 'refused', vendorMs: 0, ...refused }]
    : [];
  // A callback that is refused takes no link away.
  return refused ? [requested, ...settles] : [...withdrawn(state.offers, 'superseded'), requested];
}

type Slot = {
  readonly at?: Instant;
  readonly notAfter?: Instant;
  readonly refused?: { readonly reason: string; readonly detail?: string };
};

/** When to call: as asked, else as soon as it is allowed; never at an hour at which it is not. */
function slotFor({ number, at, timeZone, policy, pattern }: RequestCallback, now: Instant): Slot {
  if (!number.ok) return { refused: { reason: number.reason } };
  if (policy.platform === null) return { refused: { reason: 'no-platform-for-callbacks' } };
  const zones = zonesFor(number.country, timeZone, policy.otherwiseIn);
  const wanted = Math.max(at ?? now, now);
  const atOnce = pattern === 'bridged';
  if (mayCall(wanted, zones, policy.hours)) {
    const later = at !== undefined && at > now;
    const notAfter =
      atOnce || !later ? forbiddenFrom(now, now + policy.settleWithinMs, zones, policy.hours) : undefined;
    return { ...(later && { at }), ...(notAfter !== undefined && { notAfter }) };
  }
  if (zones.length === 0) return { refused: { reason: 'time-zone-unknown', detail: NO_ZONE } };
  const next = nextCall(wanted, zones, policy.hours);
  const detail = next === null ? undefined : `allowed again at ${new Date(next).toISOString()}`;
  // What was asked for by the hour, or at once, is not moved without asking.
  if (at !== undefined || atOnce || next === null) {
    return { refused: { reason: 'outside-calling-hours', ...(detail !== undefined && { detail }) } };
  }
  return { at: next };
}

type Beginning = {
  readonly leg: CallbackMove['leg'];
  readonly slot: Omit<Slot, 'refused'>;
  readonly now: Instant;
};

function begin(
  state: Interaction,
  { number, policy, queue, priority, request, consent, pattern }: RequestCallback,
  { leg, slot, now }: Beginning,
): Extract<EventBody, { type: 'CallbackRequested' }> {
  const n = nextNumber(state);
  const summary = agentContextSummary({
    channel: leg.channel,
    context: state.context,
    how: 'Callback asked for',
    deflected: deflectedTo(state, leg),
  });
  const terms: CallbackTerms = {
    platform: policy.platform ?? leg.platform,
    phone: number.ok ? number.phone : '',
    pattern,
    consent,
    data: dataOf(state, leg, summary),
    ...slot,
    ...(priority !== undefined && { priority }),
    ...(state.customer.name !== undefined && { name: state.customer.name }),
  };
  return {
    type: 'CallbackRequested',
    handoff: {
      id: `${state.id}.${n}` as HandoffId,
      n,
      kind: 'callback',
      commitBy: 'us',
      resumeBot: false,
      leg,
      wish: { name: queue ?? policy.queue, because: queue === undefined ? 'default' : 'requested' },
      requestedAt: now,
      ...(request && { request }),
      briefing: '',
      summary,
      loss: [...state.masked],
      limits: { ...policy.limits, settleBy: now + policy.settleWithinMs },
      terms,
    },
  };
}

/** Seed 000 §5: what the callback's agent finds. */
function dataOf({ id, context }: Interaction, leg: CallbackMove['leg'], summary: string): Record<string, string> {
  const told: readonly (readonly [string, string | undefined])[] = [
    ['correlationId', id],
    ['priorDigitalConversationId', leg.channel === 'voice' ? undefined : leg.externalId],
    ['resolvedIntent', context.intent],
    ['authenticationStatus', context.authenticationStatus],
    ['accountId', context.accountNumber],
    ['agentContextSummary', summary],
  ];
  return Object.fromEntries(told.filter((one): one is [string, string] => one[1] !== undefined && one[1] !== ''));
}

export function callbackCommand(move: CallbackMove): Command | null {
  const { progress, limits, terms, wish } = move;
  if (progress.task.kind !== 'running') return null;
  const { platform, ...slot } = terms;
  const base = { key: commandKey(move), timeoutMs: limits.commandTimeoutMs } as const;
  return { ...base, ...slot, kind: 'BookCallback', safety: 'unlookable', platform, queueName: wish.name };
}

/** The platform holds it: its conversation, where the platform names one, is a leg from now on. */
export function booked(
  move: CallbackMove,
  { externalId, queue }: CommandResult['BookCallback'],
  vendorMs: number,
): readonly EventBody[] {
  const leg = externalId && ({ platform: move.terms.platform, externalId, channel: 'voice' } as const);
  const attached: readonly EventBody[] = leg ? [{ type: 'LegAttached', leg, later: true }] : [];
  return [...attached, settled(move, 'completed', { queue, ...(externalId && { booked: externalId }), vendorMs })];
}

/** It came back without success. What may have been taken is a person's (H5). */
export function callbackFailed(
  move: CallbackMove,
  failure: Failure,
  { now, chance, vendorMs }: Judged,
): readonly EventBody[] {
  const { code } = failure;
  const detail = failure.detail === undefined ? {} : { detail: failure.detail };
  switch (failure.kind) {
    case 'ambiguous':
      return deadLetter(move, 'fate-unknown', { vendorMs, detail: code });
    case 'rejected':
      return [settled(move, 'refused', { reason: code, vendorMs, ...detail })];
    case 'transient': {
      const until = now + retryDelayMs(move.progress.task.tries, chance, failure.retryAfterMs);
      return [{ type: 'StepDelayed', code, until, vendorMs }];
    }
  }
}

/** What the time brings. */
export function callbackDue(move: CallbackMove, now: Instant): readonly EventBody[] {
  const { task } = move.progress;
  if (now >= move.limits.settleBy) return callbackOutOfTime(move);
  if (task.kind === 'waiting') return task.until <= now ? againInHours(move, now) : [];
  return now < givenUpBy(task.since, move.limits)
    ? []
    : deadLetter(move, 'fate-unknown', { vendorMs: 0, detail: 'timed-out' });
}

/** What could not be asked for in its hours is not made up for at night. */
function againInHours(move: CallbackMove, now: Instant): readonly EventBody[] {
  const { notAfter } = move.terms;
  if (notAfter === undefined || now <= notAfter) return [{ type: 'StepRetried' }];
  const { code: detail } = move.progress.task as Extract<CallbackMove['progress']['task'], { kind: 'waiting' }>;
  return [settled(move, 'refused', { reason: 'outside-calling-hours', detail, vendorMs: 0 })];
}

export function callbackOutOfTime(move: CallbackMove): readonly EventBody[] {
  const { task } = move.progress;
  if (task.kind === 'running') return deadLetter(move, 'fate-unknown', { vendorMs: 0, detail: 'timed-out' });
  return [settled(move, 'refused', { reason: 'platform-unavailable', detail: task.code, vendorMs: 0 })];
}

/** Who had it under way is gone: it may have been booked. */
export function callbackTakenOver(move: CallbackMove): readonly EventBody[] {
  return move.progress.task.kind === 'running'
    ? deadLetter(move, 'fate-unknown', { vendorMs: 0, detail: 'taken-over' })
    : [];
}
