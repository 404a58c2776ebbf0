// Owns the detail events of a conversation (`v2.detail.events.conversation.{id}.*`) in the vendor's shape: epoch-millisecond
// numbers, upper-case disconnect types, and the EventBridge envelope they travel in.

import type { Conversation, Participant } from './conversation.ts';
import type { DisconnectType } from './genesys-schema.ts';

export type DetailEventType =
  | 'customer.start'
  | 'customer.end'
  | 'acd.start'
  | 'acd.end'
  | 'user.start'
  | 'user.end'
  | 'attributes'
  | 'acw'
  | 'wrapup';

export type DetailEvent = {
  readonly type: DetailEventType;
  readonly conversationId: string;
  readonly at: number;
  readonly body: Readonly<Record<string, unknown>>;
};

/** The event-side words for REST's disconnect types: the two differ in more than case. */
const EVENT_DISCONNECT_TYPES = {
  endpoint: 'ENDPOINT',
  client: 'CLIENT',
  peer: 'PEER',
  transfer: 'TRANSFER',
  'transfer.consult': 'CONSULT_TRANSFER',
  'transfer.noanswer': 'NO_ANSWER_TRANSFER',
  error: 'ERROR',
} as const satisfies Record<DisconnectType, string>;

const PROVIDERS = {
  call: 'Edge',
  message: 'PureCloud Messaging',
  email: 'PureCloud Email',
  callback: 'PureCloud Callback',
};

/** The provider's name, the same in events and in conversations. */
export function providerOf(conversation: Conversation): string {
  return PROVIDERS[conversation.media];
}

/** One event about one participant; `extra` is what this type adds to the common fields. */
export function detailEvent(
  type: DetailEventType,
  conversation: Conversation,
  participant: Participant,
  at: number,
  extra: Readonly<Record<string, unknown>> = {},
): DetailEvent {
  return { type, conversationId: conversation.id, at, body: { ...common(conversation, participant, at), ...extra } };
}

/** What an end event adds: how it ended and how long the participant talked (0 when only rung). */
export function endFields(participant: Participant): Readonly<Record<string, unknown>> {
  const { phase } = participant;
  if (phase.kind !== 'ended') return {};
  return {
    disconnectType: EVENT_DISCONNECT_TYPES[phase.disconnectType],
    interactingDurationMs: phase.connectedAt === undefined ? 0 : Math.round(phase.at - phase.connectedAt),
  };
}

function common(conversation: Conversation, participant: Participant, at: number) {
  const { media, messageType, from, to } = conversation;
  const addresses =
    media === 'message' || media === 'email' ? { addressFrom: from, addressTo: to } : { ani: from, dnis: to };
  return {
    eventTime: Math.round(at),
    conversationId: conversation.id,
    participantId: participant.id,
    sessionId: participant.communicationId,
    mediaType: media === 'call' ? 'VOICE' : media.toUpperCase(),
    ...(media === 'message' ? { messageType: messageType.toUpperCase() } : {}),
    provider: providerOf(conversation),
    direction: 'INBOUND',
    ...addresses,
    divisionId: (participant.queue?.division ?? conversation.home).id,
    ...(participant.queue === undefined ? {} : { queueId: participant.queue.id }),
    ...(participant.agent === undefined ? {} : { userId: participant.agent.id }),
  };
}

/** The event as Amazon EventBridge hands it on (Genesys "About the Amazon EventBridge integration"). */
export function eventBridgeEnvelope(
  event: DetailEvent,
  ids: { eventId: string; organisationId: string; correlationId: string },
) {
  const { type, conversationId, at, body } = event;
  return {
    version: '0',
    id: ids.eventId,
    'detail-type': `v2.detail.events.conversation.{id}.${type}`,
    source: `aws.partner/genesys.com/cloud/${ids.organisationId}/twin`,
    account: '000000000000',
    time: new Date(at).toISOString(),
    region: 'us-east-1',
    resources: [],
    detail: {
      topicName: `v2.detail.events.conversation.${conversationId}.${type}`,
      version: '2',
      eventBody: body,
      metadata: { CorrelationId: ids.correlationId },
    },
  };
}
