// Owns how a caller is sent to a digital channel by a text message (seed 000 §2): the call is told, the message goes out by one route after
// the other, its receipt is awaited, and the link stands. The call is never let go of on a message that was not delivered (edge case 4).
// Keeps H5: a message whose sending is uncertain is looked for, and where it cannot be, waits for its receipt.

import { ATTRIBUTE } from '../context/fields.ts';
import { deflectionSummary } from '../context/summary.ts';
import type { HandoffId, Instant } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import { purged } from './claim.ts';
import { mayClose } from './closing.ts';
import type { Command, CommandResult } from './command.ts';
import { offerEnded } from './ending.ts';
import type { EventBody } from './event.ts';
import type { Input, RequestDeflection } from './input.ts';
import { findByRequest, type Interaction, nextNumber, underWay } from './interaction.ts';
import { commandKey, type Leg, legOf } from './move.ts';
import type { Asking, DeflectionRecord, Offer } from './offer.ts';
import { nextAsking, receiptBy } from './receipt-asking.ts';
import { refusal } from './refusal.ts';
import { retryDelayMs } from './retry.ts';
import type { Judged } from './setback.ts';

const OURS = 'deflection';
/** What is told to the call itself is a kindness; the customer waits for the message. */
const MOST_TELLINGS = 3;
const ANSWERED = 'answered-by-agent';

/** A request to deflect: the events that open the offer, or one refusal. A number that cannot be texted settles it at once. */
export function requestDeflection(state: Interaction, input: RequestDeflection, now: Instant): readonly EventBody[] {
  const asked = input.request && findByRequest(state, input.request.key);
  if (asked)
    return asked.request?.digest === input.request?.digest ? [] : [refusal(OURS, 'idempotency-key-reused', asked)];
  if (state.endedAt !== undefined) return [refusal(OURS, 'interaction-ended')];
  // A second link beside the first would be a second way to the same place.
  const open = underWay(state) ?? state.offers[0];
  if (open) return [refusal(OURS, 'handoff-in-progress', open)];
  // A caller goes from their call to a digital channel: there is no other way round by a link.
  const leg = state.legs.findLast((held) => held.state === 'live' && held.channel === 'voice');
  if (!leg) return [refusal(OURS, 'no-platform-leg')];
  const requested = begin(state, input, legOf(leg), now);
  // A conversation that keeps no attributes need not be told.
  const untold: EventBody = { type: 'SmsRouteChosen', handoffId: requested.handoff.id, route: 0 };
  if (input.number.ok) return input.policy.told.includes(leg.platform) ? [requested] : [requested, untold];
  const { reason } = input.number;
  return [requested, { type: 'OfferSettled', handoffId: requested.handoff.id, outcome: 'refused', reason }];
}

function begin(
  state: Interaction,
  { number, policy, text, claim, source, ttlMs, request }: RequestDeflection,
  leg: Leg,
  now: Instant,
): Extract<EventBody, { type: 'DeflectionRequested' }> {
  const n = nextNumber(state);
  const expiresAt = now + ttlMs;
  return {
    type: 'DeflectionRequested',
    handoff: {
      id: `${state.id}.${n}` as HandoffId,
      n,
      kind: 'deflection',
      commitBy: 'us',
      resumeBot: false,
      leg,
      wish: { name: '', because: 'requested' },
      requestedAt: now,
      ...(request && { request }),
      briefing: '',
      summary: deflectionSummary({ conversation: leg.externalId, at: now }, state.context),
      loss: [...state.masked],
      limits: { ...policy.limits, confirmWithinMs: 0, flowWithinMs: 0, transferAttempts: 1, settleBy: expiresAt },
      terms: {
        to: number.ok ? number.to : '',
        text,
        ...(claim !== undefined && { claim }),
        routes: number.ok ? number.routes : [],
        ...(state.context.intent !== undefined && !policy.purge.includes('intent') && { intent: state.context.intent }),
        receiptWaitMs: policy.receiptWaitMs,
        ...(policy.asked && policy.asked.length > 0 && { asked: policy.asked }),
        source,
        expiresAt,
        purge: policy.purge,
        digital: policy.digital,
      },
    },
  };
}

/** The command that must be under way for the offer; null while it waits. */
export function offerCommand(state: Interaction, offer: Offer): Command | null {
  const { progress, limits, terms, leg, claimed } = offer;
  if (progress.task.kind !== 'running') return null;
  const base = { key: commandKey(offer), timeoutMs: limits.commandTimeoutMs } as const;
  switch (progress.step) {
    case 'deflecting':
      return {
        ...base,
        ...leg,
        kind: 'WriteContext',
        safety: 'repeatable',
        attributes: markOf(state, offer),
        tag: state.id,
      };
    case 'sending':
    case 'finding': {
      const route = terms.routes[progress.route];
      if (route === undefined) return null;
      const message = { route, to: terms.to, text: terms.text, ref: refOf(offer, progress.route) };
      if (progress.step === 'sending') return { ...base, ...message, kind: 'SendSms', safety: 'lookable' };
      return { ...base, ...message, kind: 'FindSms', safety: 'repeatable', since: progress.askedAt };
    }
    case 'restoring': {
      if (!claimed) return null;
      const attributes = restoredTo(state, offer);
      return { ...base, ...claimed.leg, kind: 'WriteContext', safety: 'repeatable', attributes, tag: state.id };
    }
    case 'awaiting-receipt':
    case 'standing': {
      const { asks } = progress;
      const route = asks && terms.routes[asks.route];
      if (route === undefined) return null;
      return { ...base, kind: 'AskReceipt', safety: 'repeatable', route, messageId: asks?.messageId ?? '' };
    }
  }
}

/** Our opaque name of a send: nothing personal, since it travels in a call-back's URL. */
function refOf({ id }: Pick<DeflectionRecord, 'id'>, route: number): string {
  return `${id}.${route}`;
}

/** Seed 000 §2, step 2. Our own id correlates; what the link holds is nobody's but the customer's. */
function markOf({ id }: Interaction, { requestedAt }: Offer): Readonly<Record<string, string>> {
  return { correlationId: id, deflectionChannel: 'sms', deflectionTimestamp: new Date(requestedAt).toISOString() };
}

/** What is being written in this step, and where. */
function writingOf(state: Interaction, offer: Offer): { readonly leg: Leg; readonly names: readonly string[] } {
  const { progress, claimed, leg } = offer;
  if (progress.step !== 'restoring' || !claimed) return { leg, names: Object.keys(markOf(state, offer)) };
  return { leg: claimed.leg, names: Object.keys(restoredTo(state, offer)) };
}

/** Seed 000 §3: what the digital conversation is told of the call, within its limits. */
function restoredTo({ id, context, customer }: Interaction, { leg, terms, summary }: Offer): Record<string, string> {
  const told: readonly (readonly [string, string | undefined])[] = [
    [ATTRIBUTE.interactionId, id],
    ['originVoiceConversationId', leg.externalId],
    ['authenticationStatus', context.authenticationStatus],
    ['priorIntent', context.intent],
    ['accountId', context.accountNumber ?? customer.customerId],
    [ATTRIBUTE.summary, summary],
  ];
  const fits = told.filter(
    (one): one is readonly [string, string] =>
      one[1] !== undefined && new TextEncoder().encode(one[1]).length <= terms.digital.attributeValueBytes,
  );
  return Object.fromEntries(fits.slice(0, terms.digital.attributeCount));
}

/** What follows from the answer to an offer's command. */
export function offerAchieved(
  state: Interaction,
  offer: Offer,
  value: { readonly of: keyof CommandResult; readonly result: unknown },
  { now, vendorMs }: Judged,
): readonly EventBody[] {
  const handoffId = offer.id;
  switch (value.of) {
    case 'WriteContext': {
      const { customer, unwritten } = value.result as CommandResult['WriteContext'];
      const lost = unwritten ? { unwritten } : {};
      const written: EventBody = {
        type: 'ContextWritten',
        handoffId,
        customer,
        ...writingOf(state, offer),
        ...lost,
        vendorMs,
      };
      return [written, ...afterWriting(state, offer, now)];
    }
    case 'SendSms': {
      const { messageId } = value.result as CommandResult['SendSms'];
      const taken: EventBody = { type: 'SmsTaken', handoffId, ...(messageId !== undefined && { messageId }), vendorMs };
      return [taken, ...alreadyFailed(state, offer, now)];
    }
    case 'FindSms':
      return found(state, offer, value.result as CommandResult['FindSms'], now, vendorMs);
    case 'AskReceipt':
      return receiptGiven(state, offer, value.result as CommandResult['AskReceipt'], now, vendorMs);
    default:
      return [];
  }
}

/** The call has been told, or need not be: the message goes out. The digital conversation has been told: that is the end. */
function afterWriting(state: Interaction, offer: Offer, now: Instant): readonly EventBody[] {
  if (offer.progress.step === 'restoring') return [...purged(state, offer), ...offerEnded(state, offer, 'completed')];
  return nextRoute(state, offer, -1, now);
}

/** Its receipt was faster than the answer to its sending, and says that it failed. */
function alreadyFailed(state: Interaction, offer: Offer, now: Instant): readonly EventBody[] {
  const { progress } = offer;
  const failed = (progress.step === 'sending' || progress.step === 'finding') && progress.failed;
  return failed ? nextRoute(state, offer, progress.route, now) : [];
}

function found(
  state: Interaction,
  offer: Offer,
  result: CommandResult['FindSms'],
  now: Instant,
  vendorMs: number,
): readonly EventBody[] {
  const { progress, id: handoffId } = offer;
  if (progress.step !== 'finding') return [];
  const failed = alreadyFailed(state, offer, now);
  if (result.kind === 'taken')
    return [{ type: 'SmsTaken', handoffId, messageId: result.messageId, vendorMs }, ...failed];
  // Who cannot say leaves it to the receipt.
  if (result.kind === 'unsure') return [{ type: 'SmsTaken', handoffId, vendorMs }, ...failed];
  if (now < progress.landsBy)
    return [{ type: 'OfferDelayed', handoffId, code: 'not-there', until: progress.landsBy, vendorMs }];
  return [
    { type: 'SmsFailed', handoffId, code: 'not-sent', vendorMs },
    ...nextRoute(state, offer, progress.route, now),
  ];
}

/** What its provider knows of it: its end, or nothing yet. */
function receiptGiven(
  state: Interaction,
  offer: Offer,
  { status, reason }: CommandResult['AskReceipt'],
  now: Instant,
  vendorMs: number,
): readonly EventBody[] {
  const { progress, id: handoffId } = offer;
  const asks = 'asks' in progress ? progress.asks : undefined;
  if (!asks) return [];
  if (status === 'pending') return [askedLater(offer, asks, now, vendorMs)];
  const { route } = asks;
  return smsReported(state, { handoffId, route, status, ...(reason !== undefined && { reason }) }, now);
}

/** Asked again, or not: in the end silence is what is known. */
function askedLater(offer: Offer, asks: Asking, now: Instant, vendorMs: number, notBefore = 0): EventBody {
  const { progress, terms, id: handoffId } = offer;
  const end = progress.step === 'standing' ? terms.expiresAt : receiptBy(asks, terms);
  const until = Math.min(end, Math.max(nextAsking(asks, terms, now) ?? end, notBefore));
  return { type: 'OfferDelayed', handoffId, code: 'receipt', until, vendorMs };
}

/** A command of an offer's came back without success. */
export function offerFailed(
  state: Interaction,
  offer: Offer,
  failure: Failure,
  { now, chance, vendorMs }: Judged,
): readonly EventBody[] {
  const { progress, id: handoffId } = offer;
  const { code } = failure;
  const told = failure.kind === 'transient' ? failure.retryAfterMs : undefined;
  const until = now + retryDelayMs(progress.task.tries, chance, told);
  const delayed: EventBody = { type: 'OfferDelayed', handoffId, code, until, vendorMs };
  switch (progress.step) {
    case 'deflecting':
    case 'restoring': {
      const uncertain = failure.kind === 'ambiguous';
      if (failure.kind !== 'rejected' && progress.task.tries + 1 < MOST_TELLINGS) return [{ ...delayed, uncertain }];
      const maybe = progress.uncertain || uncertain;
      const what = writingOf(state, offer);
      const given: EventBody = { type: 'ContextNotWritten', handoffId, code, uncertain: maybe, ...what, vendorMs };
      const restoring = progress.step === 'restoring';
      return restoring
        ? [given, ...purged(state, offer), ...offerEnded(state, offer, 'completed', 'context-not-attached')]
        : [given, ...nextRoute(state, offer, -1, now)];
    }
    case 'sending':
      if (failure.kind === 'ambiguous') return [{ type: 'SmsUncertain', handoffId, code, vendorMs }];
      if (failure.kind === 'transient' && progress.task.tries + 1 < MOST_TELLINGS) return [delayed];
      return [{ type: 'SmsFailed', handoffId, code, vendorMs }, ...nextRoute(state, offer, progress.route, now)];
    case 'finding':
      if (now < progress.landsBy) return [delayed];
      return [{ type: 'SmsTaken', handoffId, vendorMs }, ...alreadyFailed(state, offer, now)];
    case 'awaiting-receipt':
    case 'standing': {
      const { asks } = progress;
      if (!asks) return [];
      // What its provider does not know it will not know later either.
      const notBefore = failure.kind === 'rejected' ? Number.POSITIVE_INFINITY : until;
      return [askedLater(offer, asks, now, vendorMs, notBefore)];
    }
  }
}

/** The message by the next route; by none left, the caller stays where they are and a person follows up. */
function nextRoute(state: Interaction, offer: Offer, route: number, now: Instant): readonly EventBody[] {
  if (now >= offer.terms.expiresAt) return offerEnded(state, offer, 'expired');
  if (offer.terms.routes[route + 1] !== undefined)
    return [{ type: 'SmsRouteChosen', handoffId: offer.id, route: route + 1 }];
  return [followUp(offer, 'sms-not-delivered'), ...offerEnded(state, offer, 'compensated', 'sms-not-delivered')];
}

function followUp({ id }: Offer, code: string): EventBody {
  return { type: 'ChoreAdded', id: `${id}.follow-up`, code, handoffId: id };
}

/** A provider tells what became of a message. Late, repeated and contradictory reports are harmless: delivered stays delivered. */
export function smsReported(
  state: Interaction,
  { handoffId, route, status, reason }: Omit<Extract<Input, { kind: 'sms-status' }>, 'kind' | 'actor'>,
  now: Instant,
): readonly EventBody[] {
  const offer = state.offers.find(({ id }) => id === handoffId);
  if (!offer || offer.sms === 'delivered') return [];
  const reported: EventBody = { type: 'SmsReported', handoffId, status, ...(reason !== undefined && { reason }) };
  if (status === 'delivered') return [reported, ...letGo(state, offer)];
  const { progress } = offer;
  const current = 'route' in progress && progress.route === route;
  if (status === 'failed' && current) {
    // While it is under way, the answer to its sending comes first.
    if (progress.step !== 'awaiting-receipt') return progress.failed ? [] : [reported];
    return [reported, ...nextRoute(state, offer, progress.route, now)];
  }
  return status === 'failed' && progress.step === 'standing' && offer.sms !== 'failed'
    ? [reported, followUp(offer, 'sms-not-delivered')]
    : [];
}

/** Only now may the call end, where that was asked for (edge case 4). */
function letGo(state: Interaction, { id, terms, leg }: Offer): readonly EventBody[] {
  return terms.source === 'disconnect' && mayClose(state, leg)
    ? [{ type: 'ClosingAdded', id: `${id}.close`, handoffId: id, leg }]
    : [];
}

/** An agent has answered the call that a link was to take its caller from: two ways to them at once would be one too many. */
export function linksTakenBack(before: Interaction, after: Interaction): readonly EventBody[] {
  if (before.holder.kind === 'agent' || after.holder.kind !== 'agent') return [];
  const answered = (leg: Leg) =>
    after.attendance.present.some((one) => one.holds.kind === 'agent' && sameConversation(one.leg, leg));
  const open = after.offers.filter(({ progress, leg }) => progress.step !== 'restoring' && answered(leg));
  return open.map(({ id }) => ({ type: 'OfferSettled', handoffId: id, outcome: 'superseded', reason: ANSWERED }));
}

function sameConversation(one: Pick<Leg, 'platform' | 'externalId'>, other: Leg): boolean {
  return one.platform === other.platform && one.externalId === other.externalId;
}

/** What the time brings for an offer. */
export function offerDue(state: Interaction, offer: Offer, now: Instant, chance: number): readonly EventBody[] {
  const { progress, limits, id: handoffId, terms } = offer;
  const { task } = progress;
  if (now >= terms.expiresAt && progress.step !== 'restoring') return offerEnded(state, offer, 'expired');
  if (task.kind === 'running') {
    if (now < task.since + limits.commandTimeoutMs + limits.settleMs) return [];
    return offerFailed(state, offer, { kind: 'ambiguous', code: 'timed-out' }, { now, chance, vendorMs: 0 });
  }
  if (task.until > now) return [];
  const asks = 'asks' in progress ? progress.asks : undefined;
  const isWorthAsking = asks !== undefined && now < receiptBy(asks, terms);
  if (progress.step !== 'awaiting-receipt' || isWorthAsking) return [{ type: 'OfferRetried', handoffId }];
  // Silence: by another route once more, else it stands unconfirmed and a person is told.
  if (terms.routes[progress.route + 1] !== undefined) return nextRoute(state, offer, progress.route, now);
  return [{ type: 'SmsUnconfirmed', handoffId }, followUp(offer, 'sms-unconfirmed')];
}

/** Another process had the offer's command under way and is gone: a message may have been sent (H5). */
export function offersTakenOver({ offers }: Interaction): readonly EventBody[] {
  return offers
    .filter(({ progress }) => progress.step === 'sending' && progress.task.kind === 'running')
    .map(({ id }) => ({ type: 'SmsUncertain', handoffId: id, code: 'taken-over', vendorMs: 0 }));
}

/** When somebody must look at the offer again. */
export function offerDeadline({ progress, limits, terms }: Offer): Instant {
  const { task } = progress;
  const step = task.kind === 'waiting' ? task.until : task.since + limits.commandTimeoutMs + limits.settleMs;
  return progress.step === 'restoring' ? step : Math.min(step, terms.expiresAt);
}
