// Owns the reading of what Genesys tells: detail events by EventBridge or bare, and the conversation topics of the Notifications
// API, all into our words. Pure; never throws. Each event carries an id that is the same when it is sent again, so that the
// journal keeps it once.

import { canonicalJson } from '../../context/canonical-json.ts';
import type { ConversationChange, ConversationEvent, Queue } from '../../context/conversation.ts';
import { deeperThan } from '../../context/nesting.ts';
import type { AgentId, ExternalId, Instant, ParticipantId, PlatformName, QueueId } from '../../ids.ts';
import { conversationView } from './conversation-view.ts';
import { type WireDetailEvent, wireConversation, wireDetailEvent } from './genesys-wire.ts';

export type DetailEventContext = {
  readonly platform: PlatformName;
  /** A digest of any text, for senders that give no message id. */
  readonly digest: (text: string) => string;
  /** When it reached us: the time of a pushed conversation, which carries none of its own. */
  readonly receivedAt: Instant;
  readonly queues: readonly Queue[];
};

export type DetailEvents = {
  readonly events: readonly ConversationEvent[];
  /** What could not be read, one line each, without the content. */
  readonly problems: readonly string[];
};

/** Genesys nests a handful; what is far beyond would only exhaust the stack. */
const MAX_LEVELS = 64;
const DETAIL_TOPIC = /^v2\.detail\.events\.conversation\.([^.]+)\.([a-z.]+)$/;
const CONVERSATION_TOPIC = /^v2\.(?:routing\.queues|users)\.[^.]+\.conversations$/;

/**
 * Reads one payload: an EventBridge envelope (`{id, "detail-type", source, detail}`), a bare event (`{topicName, version,
 * eventBody, metadata}`), or a list of them. Topics we do not use give no event and no problem.
 */
export function readDetailEvents(payload: unknown, context: DetailEventContext): DetailEvents {
  const read = (Array.isArray(payload) ? payload : [payload]).map((one) => readOne(one, context));
  return {
    events: read.flatMap((one) => (one.kind === 'event' ? [one.event] : [])),
    problems: read.flatMap((one) => (one.kind === 'problem' ? [one.problem] : [])),
  };
}

type Reading =
  | { readonly kind: 'event'; readonly event: ConversationEvent }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'problem'; readonly problem: string };

const problem = (text: string): Reading => ({ kind: 'problem', problem: text });

function readOne(payload: unknown, context: DetailEventContext): Reading {
  if (!isRecord(payload)) return problem('an event is not an object');
  const enveloped = isRecord(payload.detail);
  const event = isRecord(payload.detail) ? payload.detail : payload;
  const { topicName, eventBody } = event;
  if (typeof topicName !== 'string') return problem('an event has no topicName');
  if (deeperThan(eventBody, MAX_LEVELS)) return problem('an event is nested too deeply');
  const own = enveloped && typeof payload.id === 'string' && payload.id !== '' ? payload.id : undefined;
  const messageId = own ?? context.digest(`${topicName}\n${canonicalJson(eventBody)}`);

  const detail = DETAIL_TOPIC.exec(topicName);
  if (detail !== null) return readDetail(detail[1] ?? '', detail[2] ?? '', eventBody, messageId, context);
  if (CONVERSATION_TOPIC.test(topicName)) return readConversation(eventBody, messageId, context);
  return { kind: 'nothing' };
}

function readDetail(id: string, name: string, body: unknown, messageId: string, context: DetailEventContext): Reading {
  const change = CHANGES.get(name);
  if (change === undefined) return { kind: 'nothing' };
  const read = wireDetailEvent.safeParse(body);
  if (!read.success) return problem(`${name}: eventBody is not of the documented shape`);
  // A topic may carry the literal text {id}, as triggers and EventBridge rules do.
  const externalId = read.data.conversationId ?? (id === '{id}' ? undefined : id);
  if (externalId === undefined) return problem(`${name}: no conversationId`);
  const changed = change(read.data);
  if (changed === undefined) return problem(`${name}: the participant, its queue or its user is missing`);
  const at = read.data.eventTime ?? context.receivedAt;
  const common = { platform: context.platform, externalId: externalId as ExternalId, messageId, at };
  return { kind: 'event', event: { ...common, ...changed } };
}

function readConversation(body: unknown, messageId: string, context: DetailEventContext): Reading {
  const read = wireConversation.safeParse(body);
  if (!read.success || read.data.id == null) return problem('a pushed conversation is not of the documented shape');
  return {
    kind: 'event',
    event: {
      platform: context.platform,
      externalId: read.data.id as ExternalId,
      messageId,
      at: context.receivedAt,
      kind: 'seen',
      view: conversationView(read.data, context.queues),
    },
  };
}

/** Undefined when a field is missing without which the event means nothing. */
type ToChange = (body: WireDetailEvent) => ConversationChange | undefined;
const CHANGES: ReadonlyMap<string, ToChange> = new Map<string, ToChange>(
  Object.entries({
    'acd.start': ({ participantId, queueId }) => {
      if (participantId == null || queueId == null) return undefined;
      return { kind: 'queue-entered', participantId: participantId as ParticipantId, queueId: queueId as QueueId };
    },
    'acd.end': ({ participantId, queueId, acdOutcome, answeredUserId }) => {
      if (participantId == null || queueId == null) return undefined;
      const answered = acdOutcome?.toUpperCase() === 'ANSWERED' && answeredUserId != null;
      return {
        kind: 'queue-left',
        participantId: participantId as ParticipantId,
        queueId: queueId as QueueId,
        ...(answered ? { answeredBy: answeredUserId as AgentId } : {}),
      };
    },
    'user.start': ({ participantId, userId, queueId }) => {
      if (participantId == null || userId == null) return undefined;
      return {
        kind: 'agent-joined',
        participantId: participantId as ParticipantId,
        agentId: userId as AgentId,
        ...(queueId == null ? {} : { queueId: queueId as QueueId }),
      };
    },
    'user.end': ({ participantId, userId, queueId, interactingDurationMs, disconnectType }) => {
      if (participantId == null) return undefined;
      return {
        kind: 'agent-left',
        participantId: participantId as ParticipantId,
        ...(userId == null ? {} : { agentId: userId as AgentId }),
        ...(queueId == null ? {} : { queueId: queueId as QueueId }),
        talked: (interactingDurationMs ?? 0) > 0,
        transferred: isTransfer(disconnectType),
      };
    },
    'customer.end': ({ participantId, disconnectType }) => {
      if (participantId == null) return undefined;
      const how = leavingOf(disconnectType);
      return { kind: 'customer-left', participantId: participantId as ParticipantId, ...how };
    },
  } satisfies Record<string, ToChange>),
);

/** The platform, or whoever was joined with the customer, ended it, and not the customer. */
const DROPPED: ReadonlySet<string> = new Set(['PEER', 'ERROR', 'SYSTEM', 'TRANSPORT.FAILURE', 'TRANSPORT_FAILURE']);

/** How the customer left, where they did not hang up. */
function leavingOf(disconnectType: string | null | undefined): { transferred?: true; dropped?: true } {
  if (isTransfer(disconnectType)) return { transferred: true };
  return isDropped(disconnectType) ? { dropped: true } : {};
}

function isDropped(disconnectType: string | null | undefined): boolean {
  return DROPPED.has((disconnectType ?? '').toUpperCase());
}

/** REST writes `transfer.consult`, events write `CONSULT_TRANSFER`: the same family (seed 001's "bot resumes" rule). */
function isTransfer(disconnectType: string | null | undefined): boolean {
  return (disconnectType ?? '').toUpperCase().split(/[._]/).includes('TRANSFER');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
