// Owns the vendor's paths that read and change a conversation, but for its transfers. Writes are accepted with 202 where
// the vendor does so.

import { isRecord, type TwinRequest } from '../exchange.ts';
import { type ApiCall, type ApiResult, notFound, type Refusal, type Route, refuse } from './api.ts';
import { divisionRefusal } from './api-directory.ts';
import { type Conversation, divisionsOf, isLive, type Participant } from './conversation.ts';
import { wireConversation, wireMediaConversation } from './conversation-view.ts';
import type { Conversations } from './conversations.ts';
import type { MediaType, WireCallbackCreated, WireWrapup } from './genesys-schema.ts';
import type { Organisation } from './organisation.ts';

/** The vendor's word in paths for each kind of media. */
export const MEDIA_PATHS = { calls: 'call', messages: 'message', emails: 'email', callbacks: 'callback' } as const;
const BASE = '/api/v2/conversations';

type ConversationHandler = (call: ApiCall, conversation: Conversation) => ApiResult;
type ParticipantHandler = (call: ApiCall, conversation: Conversation, participant: Participant) => ApiResult;

export function conversationRoutes(conversations: Conversations, organisation: Organisation): readonly Route[] {
  const onOne = withConversation(conversations);
  const onParty = withParticipant(conversations);
  const attributes = onParty((call, conversation, participant) =>
    patchAttributes(conversations, call, conversation, participant),
  );
  const disconnect = onOne((_call, conversation) => {
    conversations.disconnectAll(conversation);
    return { status: 202 };
  });
  const perMedia = Object.entries(MEDIA_PATHS).flatMap(([word, media]): Route[] => [
    {
      method: 'GET',
      path: `${BASE}/${word}/:cid`,
      handle: onOne((_call, conversation) => {
        conversations.looked(conversation);
        return readMedia(conversation, media);
      }),
    },
    { method: 'PATCH', path: `${BASE}/${word}/:cid/participants/:pid/attributes`, handle: attributes },
    {
      method: 'PATCH',
      path: `${BASE}/${word}/:cid/participants/:pid`,
      handle: onParty((call, conversation, participant) =>
        patchParticipant(conversations, call, conversation, participant),
      ),
    },
    {
      method: 'POST',
      path: `${BASE}/${word}/:cid/participants/:pid/communications/:comm/wrapup`,
      handle: onParty((call, conversation, participant) => applyWrapup(conversations, call, conversation, participant)),
    },
  ]);
  return [
    { method: 'POST', path: `${BASE}/callbacks`, handle: (call) => createCallback(conversations, organisation, call) },
    { method: 'POST', path: `${BASE}/calls`, handle: (call) => createCall(conversations, organisation, call) },
    ...perMedia,
    {
      method: 'GET',
      path: `${BASE}/:cid`,
      handle: onOne((_call, conversation) => {
        conversations.looked(conversation);
        return { status: 200, body: wireConversation(conversation) };
      }),
    },
    { method: 'PATCH', path: `${BASE}/:cid/participants/:pid/attributes`, handle: attributes },
    {
      method: 'PUT',
      path: `${BASE}/:cid/tags`,
      handle: onOne((call, conversation) => putTag(conversations, call, conversation)),
    },
    { method: 'POST', path: `${BASE}/:cid/disconnect`, handle: disconnect },
    { method: 'DELETE', path: `${BASE}/:cid`, handle: disconnect },
  ];
}

export function withConversation(conversations: Conversations): (handle: ConversationHandler) => Route['handle'] {
  return (handle) => (call) => {
    const conversation = conversations.get(call.param('cid'));
    if (conversation === undefined) return notFound(`conversation ${call.param('cid')}`);
    return (
      divisionRefusal(call.client, divisionsOf(conversation), 'conversation:communication:view') ??
      handle(call, conversation)
    );
  };
}

function withParticipant(conversations: Conversations): (handle: ParticipantHandler) => Route['handle'] {
  const onOne = withConversation(conversations);
  return (handle) =>
    onOne((call, conversation) => {
      const participant = participantOf(call, conversation);
      return isRefusal(participant) ? participant : handle(call, conversation, participant);
    });
}

/** The participant that the path names. */
export function participantOf(call: ApiCall, conversation: Conversation): Participant | Refusal {
  const id = call.param('pid');
  return conversation.participants.find((each) => each.id === id) ?? notFound(`participant ${id}`);
}

/** The request's JSON object, or the vendor's refusal of anything else. */
export function objectBody(request: TwinRequest): Readonly<Record<string, unknown>> | Refusal {
  return isRecord(request.body)
    ? request.body
    : refuse(400, 'bad.request', 'The request could not be understood by the server');
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value && 'code' in value;
}

function readMedia(conversation: Conversation, media: MediaType): ApiResult {
  if (conversation.media !== media) return notFound(`conversation ${conversation.id} as ${media}`);
  return { status: 200, body: wireMediaConversation(conversation) };
}

/** Media variants are lax: any of them patches any conversation's attributes, as the vendor's own blueprints do. */
function patchAttributes(
  conversations: Conversations,
  call: ApiCall,
  conversation: Conversation,
  participant: Participant,
): ApiResult {
  const body = objectBody(call.request);
  if (isRefusal(body)) return body;
  const attributes = stringMap(body.attributes);
  if (attributes === undefined) return refuse(400, 'bad.request', 'attributes must be a map of strings to strings');
  conversations.setAttributes(conversation, participant, attributes);
  return { status: 202, body: { attributes: participant.attributes } };
}

export function stringMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value) || !Object.values(value).every((each) => typeof each === 'string')) return undefined;
  return value as Readonly<Record<string, string>>;
}

function putTag(conversations: Conversations, call: ApiCall, conversation: Conversation): ApiResult {
  const body = objectBody(call.request);
  if (isRefusal(body)) return body;
  const { externalTag } = body;
  if (typeof externalTag !== 'string') return refuse(400, 'bad.request', 'externalTag is required');
  conversations.tag(conversation, externalTag);
  return { status: 202 };
}

function patchParticipant(
  conversations: Conversations,
  call: ApiCall,
  conversation: Conversation,
  participant: Participant,
): ApiResult {
  const body = objectBody(call.request);
  if (isRefusal(body)) return body;
  const { state, wrapup } = body;
  if (state !== undefined && state !== 'disconnected') {
    return refuse(400, 'bad.request', `The twin carries out the state disconnected only, not ${String(state)}`);
  }
  const entered = wrapup === undefined ? undefined : wrapupOf(wrapup);
  if (wrapup !== undefined && entered === undefined) return refuse(400, 'bad.request', 'wrapup.code is required');
  if (state === 'disconnected' && isLive(participant)) conversations.disconnect(conversation, participant);
  if (entered !== undefined) conversations.wrapUp(conversation, participant, entered);
  return { status: 202 };
}

function applyWrapup(
  conversations: Conversations,
  call: ApiCall,
  conversation: Conversation,
  participant: Participant,
): ApiResult {
  if (participant.communicationId !== call.param('comm')) return notFound(`communication ${call.param('comm')}`);
  const wrapup = wrapupOf(call.request.body);
  if (wrapup === undefined) return refuse(400, 'bad.request', 'code is required');
  conversations.wrapUp(conversation, participant, wrapup);
  return { status: 202 };
}

/** Undefined when there is no code. */
export function wrapupOf(value: unknown): WireWrapup | undefined {
  if (!isRecord(value) || typeof value.code !== 'string') return undefined;
  const { code, name, notes, durationSeconds } = value;
  return {
    code,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof notes === 'string' ? { notes } : {}),
    ...(typeof durationSeconds === 'number' ? { durationSeconds } : {}),
  };
}

function createCallback(conversations: Conversations, organisation: Organisation, call: ApiCall): ApiResult {
  const body = objectBody(call.request);
  if (isRefusal(body)) return body;
  const routing = isRecord(body.routingData) ? body.routingData : {};
  const queue = organisation.queueById(String(routing.queueId ?? body.queueId ?? ''));
  if (queue === undefined) return refuse(400, 'bad.request', 'queueId or routingData.queueId must name a queue');
  const refusal = divisionRefusal(call.client, [queue.division], 'conversation:callback:create');
  if (refusal !== undefined) return refusal;
  const numbers = body.callbackNumbers;
  const number = Array.isArray(numbers) ? numbers[0] : undefined;
  if (typeof number !== 'string') return refuse(400, 'bad.request', 'callbackNumbers is required');
  const data = body.data === undefined ? {} : stringMap(body.data);
  if (data === undefined) return refuse(400, 'bad.request', 'data must be a map of strings to strings');
  const at = body.callbackScheduledTime === undefined ? undefined : Date.parse(String(body.callbackScheduledTime));
  if (Number.isNaN(at)) return refuse(400, 'bad.request', 'callbackScheduledTime must be ISO 8601');
  const created = conversations.create({
    media: 'callback',
    from: number,
    to: '',
    queue,
    scheduledAt: at,
    attributes: data,
  });
  const answer: WireCallbackCreated = {
    conversation: { id: created.id, selfUri: `${BASE}/${created.id}` },
    callbackIdentifiers: [{ type: 'EXTERNAL', id: created.id }],
  };
  return { status: 200, body: answer };
}

/** A conference of a number and a queue; the customer is taken to answer. */
function createCall(conversations: Conversations, organisation: Organisation, call: ApiCall): ApiResult {
  const body = objectBody(call.request);
  if (isRefusal(body)) return body;
  const asked = Array.isArray(body.participants) ? body.participants.filter(isRecord) : [];
  const number = asked.find(({ address }) => typeof address === 'string')?.address;
  const queueId = asked.find((one) => one.queueId !== undefined)?.queueId;
  const queue = organisation.queueById(String(queueId ?? ''));
  if (typeof number !== 'string' || queue === undefined) {
    return refuse(400, 'bad.request', 'participants must name an address and a queue');
  }
  const refusal = divisionRefusal(call.client, [queue.division], 'conversation:conference:add');
  if (refusal !== undefined) return refusal;
  const attributes = body.attributes === undefined ? {} : stringMap(body.attributes);
  if (attributes === undefined) return refuse(400, 'bad.request', 'attributes must be a map of strings to strings');
  const { id } = conversations.create({ media: 'call', from: number, to: '', queue, attributes });
  return { status: 202, body: { id, selfUri: `${BASE}/calls/${id}` } };
}
