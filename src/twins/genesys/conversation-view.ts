// Owns how a conversation looks on the wire: the generic form (per-media arrays, no state on a participant) and the
// per-media form (flattened participants with a state).

import {
  type Conversation,
  divisionsOf,
  isLive,
  type Message,
  type Participant,
  type Phase,
  type Transfer,
} from './conversation.ts';
import { providerOf } from './detail-event.ts';
import type {
  CommunicationState,
  WireCall,
  WireCommunication,
  WireConversation,
  WireDivisionMembership,
  WireMediaConversation,
  WireMediaParticipant,
  WireMessage,
  WireMessageDetails,
  WireParticipant,
  WireTransfer,
} from './genesys-schema.ts';

const TRANSFERS_LISTED = 20;

export function wireConversation(conversation: Conversation): WireConversation {
  return {
    id: conversation.id,
    startTime: iso(conversation.startedAt),
    ...optional('endTime', conversation.endedAt, iso),
    address: conversation.from,
    ...optional('externalTag', conversation.externalTag, same),
    participants: conversation.participants.map((each) => wireParticipant(conversation, each)),
    recentTransfers: recentTransfers(conversation),
    recordingState: 'NONE',
    divisions: wireDivisions(conversation),
    selfUri: `/api/v2/conversations/${conversation.id}`,
  };
}

export function wireMediaConversation(conversation: Conversation): WireMediaConversation {
  return {
    id: conversation.id,
    participants: conversation.participants.map((each) => wireMediaParticipant(conversation, each)),
    otherMediaUris: [],
    recentTransfers: recentTransfers(conversation),
    divisions: wireDivisions(conversation),
    selfUri: `/api/v2/conversations/${conversation.media}s/${conversation.id}`,
  };
}

/** The newest 20, oldest first; one that was only just accepted is not listed yet. */
export function recentTransfers(conversation: Conversation): readonly WireTransfer[] {
  const listed: WireTransfer[] = [];
  for (const { id, state, issuedAt, target, type } of conversation.transfers) {
    if (state === 'accepted') continue;
    listed.push({ id, state, dateIssued: iso(issuedAt), destination: destination(target), transferType: type });
  }
  return listed.slice(-TRANSFERS_LISTED);
}

function destination(target: Transfer['target']): WireTransfer['destination'] {
  switch (target.kind) {
    case 'queue':
      return { address: target.queue.id };
    case 'agent':
      return { userId: target.agent.id };
    case 'address':
      return { address: target.address };
  }
}

function wireParticipant(conversation: Conversation, participant: Participant): WireParticipant {
  const { agent, queue, phase } = participant;
  const name = nameOf(participant);
  return {
    id: participant.id,
    ...optional('name', name, same),
    purpose: participant.purpose,
    startTime: iso(participant.startedAt),
    ...optional('connectedTime', connectedAt(phase), iso),
    ...optional('endTime', phase.kind === 'ended' ? phase.at : undefined, iso),
    ...optional('userId', agent?.id, same),
    ...optional('queueId', queue?.id, same),
    ...optional('queueName', queue?.name, same),
    ...optional('address', participant.address, same),
    ...(conversation.media === 'call' ? { ani: conversation.from, dnis: conversation.to } : {}),
    ...optional('consultParticipantId', participant.consult?.object.id, same),
    wrapupRequired: wrapUpDue(participant),
    ...optional('wrapup', participant.wrapup, same),
    attributes: participant.attributes,
    calls: conversation.media === 'call' ? [wireCall(conversation, participant)] : [],
    callbacks: conversation.media === 'callback' ? [wireCallback(conversation, participant)] : [],
    emails:
      conversation.media === 'email' ? [{ ...wireCommunication(conversation, participant), messagesSent: 0 }] : [],
    messages: conversation.media === 'message' ? [wireMessage(conversation, participant)] : [],
  };
}

function wireMediaParticipant(conversation: Conversation, participant: Participant): WireMediaParticipant {
  const { agent, queue, phase } = participant;
  return {
    id: participant.id,
    ...optional('name', nameOf(participant), same),
    purpose: participant.purpose,
    state: stateOf(conversation, participant),
    direction: 'inbound',
    held: participant.held,
    ...optional('address', participant.address, same),
    startTime: iso(participant.startedAt),
    ...optional('connectedTime', connectedAt(phase), iso),
    ...optional('endTime', phase.kind === 'ended' ? phase.at : undefined, iso),
    ...optional('disconnectType', phase.kind === 'ended' ? phase.disconnectType : undefined, same),
    ...optional('queue', queue, ({ id }) => ({ id, selfUri: `/api/v2/routing/queues/${id}` })),
    ...optional('user', agent, ({ id }) => ({ id, selfUri: `/api/v2/users/${id}` })),
    attributes: participant.attributes,
    wrapupRequired: wrapUpDue(participant),
    ...optional('wrapup', participant.wrapup, same),
    provider: providerOf(conversation),
  };
}

function wireCommunication(conversation: Conversation, participant: Participant): WireCommunication {
  const { phase } = participant;
  return {
    id: participant.communicationId,
    state: stateOf(conversation, participant),
    direction: 'inbound',
    held: participant.held,
    provider: providerOf(conversation),
    ...optional('startAlertingTime', alertedAt(phase), iso),
    ...optional('connectedTime', connectedAt(phase), iso),
    ...optional('disconnectedTime', phase.kind === 'ended' ? phase.at : undefined, iso),
    ...optional('disconnectType', phase.kind === 'ended' ? phase.disconnectType : undefined, same),
    ...optional('wrapup', participant.wrapup, same),
  };
}

function wireCall(conversation: Conversation, participant: Participant): WireCall {
  const parties = { self: wireAddress(conversation.from), other: wireAddress(conversation.to) };
  return {
    ...wireCommunication(conversation, participant),
    ...(participant.purpose === 'customer' ? parties : {}),
    ...optional('uuiData', participant.uuiData, same),
  };
}

function wireMessage(conversation: Conversation, participant: Participant): WireMessage {
  return {
    ...wireCommunication(conversation, participant),
    type: conversation.messageType,
    toAddress: wireAddress(conversation.to),
    fromAddress: wireAddress(conversation.from),
    messages: conversation.messages
      .filter(({ by }) => by === participant)
      .map((each) => wireDetails(conversation, each)),
  };
}

function wireDetails({ id: conversationId }: Conversation, { id, at, status }: Message): WireMessageDetails {
  const messageURI = `/api/v2/conversations/messages/${conversationId}/messages/${id}`;
  return { messageId: id, messageURI, messageStatus: status, messageTime: iso(at) };
}

function wireCallback(conversation: Conversation, participant: Participant) {
  const { phase } = participant;
  return {
    ...wireCommunication(conversation, participant),
    callbackNumbers: [conversation.from],
    ...optional('callbackScheduledTime', phase.kind === 'scheduled' ? phase.until : undefined, iso),
  };
}

function wireAddress(address: string) {
  return { addressNormalized: address, addressRaw: address, addressDisplayable: address.replace(/^tel:/, '') };
}

/** An ended call of an agent stays `disconnected` until it is wrapped up; other ended calls are `terminated`. */
function stateOf({ media }: Conversation, { phase, purpose, wrapup }: Participant): CommunicationState {
  if (phase.kind !== 'ended') return phase.kind;
  if (media === 'message' || media === 'email') return 'disconnected';
  return purpose === 'agent' && wrapup === undefined ? 'disconnected' : 'terminated';
}

function wireDivisions(conversation: Conversation): readonly WireDivisionMembership[] {
  return divisionsOf(conversation).map(({ id, name }) => ({
    division: { id, name, selfUri: `/api/v2/authorization/divisions/${id}` },
    entities: [],
  }));
}

function nameOf({ agent, queue, purpose, name }: Participant): string | undefined {
  if (agent !== undefined) return agent.name;
  if (name !== undefined) return name;
  return purpose === 'acd' ? queue?.name : undefined;
}

function wrapUpDue(participant: Participant): boolean {
  return participant.purpose === 'agent' && !isLive(participant) && participant.wrapup === undefined;
}

function connectedAt(phase: Phase): number | undefined {
  if (phase.kind === 'connected') return phase.since;
  return phase.kind === 'ended' ? phase.connectedAt : undefined;
}

function alertedAt(phase: Phase): number | undefined {
  if (phase.kind === 'alerting') return phase.since;
  return phase.kind === 'scheduled' || phase.kind === 'dialing' ? undefined : phase.alertedAt;
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}

function same<Value>(value: Value): Value {
  return value;
}

/** The field, or nothing at all where there is no value: the vendor leaves absent fields out. */
function optional<Key extends string, Value, Shown>(
  key: Key,
  value: Value | undefined,
  show: (value: Value) => Shown,
): { readonly [Name in Key]?: Shown } {
  return value === undefined ? {} : ({ [key]: show(value) } as { readonly [Name in Key]?: Shown });
}
