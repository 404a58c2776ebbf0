// Owns what may stand beside the seals: the columns that lists, reports and audits run on. Never personal: a field is clear
// only because it is named here.

import type { Event } from '../protocols/event.ts';
import { type Interaction, isErased, type Known } from '../protocols/interaction.ts';
import { isOpenDeadLetter, type Move, phaseOf, queueOf, type SettledHandoff } from '../protocols/move.ts';
import type { Offer } from '../protocols/offer.ts';
import { offerColumns, offerEventColumns } from './offer-columns.ts';
import type { EventRow, InteractionSummary } from './store.ts';
import { transferColumns, transferEventColumns } from './transfer-columns.ts';

/** Intents and segments are codes of the operator's own making; a free text or a number in their place stays sealed. */
const CODE = /^(?!.*\d{5})[a-z][\w.:-]{0,63}$/i;

/** The event's clear columns as canonical JSON: hashed as they stand, so their order is part of the record. */
export function clearColumns(event: Event, after: Known): string {
  const columns = isErased(after)
    ? { ...ofErased(event), ...ofEvent(event) }
    : { ...ofEvent(event), ...ofHandoff(event, after) };
  return JSON.stringify(columns);
}

/** Everything an event of an erased interaction carries: it has no other place (docs/decisions/0013). */
function ofErased({ type: _type, at: _at, actor: _actor, ...body }: Event): Record<string, unknown> {
  return body;
}

/** The events as they stand in the clear from an erasure on; null for the rows before, whose bodies were sealed. */
export function bodiesInClear(rows: readonly EventRow[]): readonly (Event | null)[] {
  const from = rows.findLastIndex(({ type }) => type === 'InteractionErased');
  return rows.map(({ type, at, actor, clear }, index) =>
    from < 0 || index < from ? null : ({ ...JSON.parse(clear), type, at, actor } as Event),
  );
}

function ofEvent(event: Event): Record<string, unknown> {
  switch (event.type) {
    case 'InteractionOpened':
      return {
        channel: event.channel,
        direction: event.direction,
        ...code('intent', event.context.intent),
        ...code('segment', event.customer.segment),
        piiMasked: event.customer.piiMasked === true,
      };
    case 'LegAttached':
    case 'LegDetached':
    case 'LegEnded':
      return { platform: event.leg.platform, channel: event.leg.channel };
    case 'ContextChanged':
      return { ...code('intent', event.context.intent), piiMasked: event.customer.piiMasked === true };
    case 'RequestRefused':
      return {
        request: event.request,
        reason: event.code,
        ...(event.handoffId && { handoffId: event.handoffId }),
        ...(event.because && { because: event.because }),
      };
    case 'TransferUncertain':
    case 'TransferRepeated':
    case 'StepDelayed':
      return { reason: event.code };
    case 'InteractionEnded':
    case 'ErasureRequested':
      return { ...(event.reason && { reason: event.reason }) };
    case 'AgentHoldBegun':
      return { handoffId: event.handoffId, platform: event.platform, agentId: event.agentId };
    case 'AgentReleased':
      return { restored: event.restored };
    case 'ChatOpened':
      return { platform: event.leg.platform, channel: event.leg.channel };
    case 'MessageSaid':
      return { platform: event.leg.platform, channel: event.leg.channel, speaker: event.from.kind, epoch: event.epoch };
    case 'ChatMarked':
      return { mark: event.mark };
    case 'BotRelieved':
    case 'PersonNotFound':
    case 'DeliveryUncertain':
    case 'DeliveryFailed':
      return { reason: event.code };
    case 'DeadLetterResolved':
    case 'DeadLetterRetried':
      return { ...(event.handoffId && { handoffId: event.handoffId }), ...(event.by && { by: event.by }) };
    case 'HolderChanged': {
      const { kind, epoch, queueId, agentId } = event.holder;
      return { holder: kind, epoch, ...(queueId && { queueId }), ...(agentId && { agentId }) };
    }
    case 'WrapupRecorded':
      return code('wrapup', event.code);
    case 'SurveyRecorded':
      return { score: event.score };
    default:
      return offerEventColumns(event) ?? transferEventColumns(event);
  }
}

/** The handoff the event belongs to, when it belongs to one. */
function ofHandoff(event: Event, after: Interaction): Record<string, unknown> {
  if (event.type === 'HandoffSettled' || event.type === 'OfferSettled') {
    const handoff = after.settled.find((one) => one.id === event.handoffId);
    return handoff ? settledColumns(handoff, after) : {};
  }
  if (OFFER_EVENTS.has(event.type)) return ofOffer(event, after);
  if (!after.move || !MOVE_EVENTS.has(event.type)) return {};
  // A call may come late for an earlier transfer, while another handoff is open.
  if (event.type === 'ReservationRedeemed' && event.handoffId !== after.move.id) return {};
  return moveColumns(after.move, after);
}

/** The offer it is of; a conversation may also move to another device when its offer has settled. */
function ofOffer(event: Event, after: Interaction): Record<string, unknown> {
  const id = 'handoff' in event ? event.handoff.id : 'handoffId' in event ? event.handoffId : undefined;
  const offer = after.offers.find((one) => one.id === id);
  return offer ? moveColumns(offer, after) : { ...(id !== undefined && { handoffId: id }) };
}

const OFFER_EVENTS: ReadonlySet<Event['type']> = new Set([
  'DeflectionRequested',
  'ContextWritten',
  'ContextNotWritten',
  'SmsRouteChosen',
  'SmsTaken',
  'SmsUncertain',
  'SmsFailed',
  'SmsReported',
  'SmsUnconfirmed',
  'OfferClaimed',
  'OfferDelayed',
  'OfferRetried',
]);

const MOVE_EVENTS: ReadonlySet<Event['type']> = new Set([
  'EscalationRequested',
  'ConversationInspected',
  'ContextAttached',
  'ContextRepacked',
  'ArrivalSeen',
  'TransferAccepted',
  'TransferUncertain',
  'TransferRepeated',
  'StepDelayed',
  'StepRetried',
  'TransferRequested',
  'TransferChecked',
  'PlaceReserved',
  'ReservationLapsed',
  'AgentAsked',
  'AgentReady',
  'FlowTold',
  'FlowRecalled',
  'ReservationRedeemed',
  'CycleObserved',
  'ConsultationBegun',
  'VerdictGiven',
  'ConsultationEnded',
  'ReturnBegun',
  'DestinationReached',
  'ArrivalLost',
  'CallbackRequested',
]);

function moveColumns(move: Move | Offer, after: Interaction): Record<string, unknown> {
  const { id, kind, leg } = move;
  const queueId = queueOf(move)?.id;
  return {
    handoffId: id,
    kind,
    phase: phaseOf(move),
    platform: leg.platform,
    channel: leg.channel,
    ...(queueId && { queueId }),
    ...transferColumns(move, after),
    ...offerColumns(move),
  };
}

function settledColumns(handoff: SettledHandoff, after: Interaction): Record<string, unknown> {
  const { id, kind, leg, outcome, reason, queue, requestedAt, settledAt, vendorMs, attempts } = handoff;
  return {
    handoffId: id,
    kind,
    phase: 'settled',
    platform: leg.platform,
    channel: leg.channel,
    outcome,
    ...(reason && { reason }),
    ...(queue && { queueId: queue.id }),
    ...transferColumns(handoff, after),
    ...offerColumns(handoff),
    attempts,
    durationMs: round(settledAt - requestedAt),
    vendorMs: round(vendorMs),
  };
}

function code(name: string, value: string | undefined): Record<string, string> {
  return value !== undefined && CODE.test(value) ? { [name]: value } : {};
}

/** To microseconds, as durations are told everywhere. */
export function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

export function summaryOf(state: Known): InteractionSummary {
  if (isErased(state)) {
    const { channel, platform, handoffs, holder, outcome, openedAt, endedAt } = state;
    const phase = handoffs > 0 ? 'settled' : null;
    return { channel, platform, phase, holder: holder.kind, outcome, openedAt, endedAt, deadLetters: 0 };
  }
  const handoff = state.move ?? state.offers.at(-1) ?? state.settled.at(-1);
  return {
    channel: state.channel,
    platform: state.legs.at(-1)?.platform ?? null,
    phase: handoff ? phaseOf(handoff) : null,
    holder: state.holder.kind,
    outcome: state.settled.at(-1)?.outcome ?? null,
    openedAt: state.openedAt,
    endedAt: state.endedAt ?? null,
    deadLetters: state.settled.filter(isOpenDeadLetter).length,
  };
}
