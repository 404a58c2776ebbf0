// Owns the vendor's paths of open messaging: what a middleware puts in (messages, typing, receipts), and what an agent writes and is read
// again. Bodies are held to the vendor's published models (SDK 262, `OpenInboundNormalizedMessage` and its like).

import type { Clock } from '../../clock.ts';
import { isRecord } from '../exchange.ts';
import { type ApiCall, type ApiResult, notFound, type Refusal, type Route, refuse } from './api.ts';
import { isRefusal, objectBody, stringMap } from './api-conversations.ts';
import { divisionRefusal } from './api-directory.ts';
import { divisionsOf, type Participant } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import type { OpenIntegration, OpenIntegrations } from './open-integrations.ts';
import type { InboundOpen, OpenMessages, OpenThread } from './open-messages.ts';
import type { WireOpenContent, WireOpenEvent, WireOpenFrom, WireOpenReceipt } from './open-schema.ts';
import { inboundChannel, messageData, takenMessage } from './open-views.ts';

const BASE = '/api/v2/conversations/messages';
const ID_TYPES: ReadonlySet<unknown> = new Set(['Email', 'Phone', 'Opaque']);
const OF_A_MESSAGE: ReadonlySet<string> = new Set(['channel', 'text', 'content', 'metadata']);
/** What a receipt makes of a message that was sent. */
const RECEIPTS: ReadonlyMap<unknown, 'sent' | 'delivery-success' | 'delivery-failed' | 'published' | 'removed'> =
  new Map([
    ['Sent', 'sent'],
    ['Delivered', 'delivery-success'],
    ['Failed', 'delivery-failed'],
    ['Published', 'published'],
    ['Removed', 'removed'],
  ] as const);

export type OpenRouteParts = {
  readonly open: OpenMessages;
  readonly integrations: OpenIntegrations;
  readonly conversations: Conversations;
  readonly uuid: () => string;
  readonly clock: Clock;
};

export function openMessageRoutes(parts: OpenRouteParts): readonly Route[] {
  const { open, integrations } = parts;
  const inbound = (word: string, handle: (call: ApiCall, integration: OpenIntegration) => ApiResult): Route => ({
    method: 'POST',
    path: `${BASE}/:iid/inbound/open/${word}`,
    handle(call) {
      const integration = integrations.get(call.param('iid'));
      return integration === undefined ? notFound(`integration ${call.param('iid')}`) : handle(call, integration);
    },
  });
  const spoken = (word: string, handle: OnSpeaker): Route => ({
    method: 'POST',
    path: `${BASE}/:cid/communications/:comm/${word}`,
    handle: (call) => onSpeaker(parts, call, handle),
  });
  return [
    inbound('message', (call, integration) => takeMessage(open, call, integration)),
    inbound('event', (call, integration) => takeEvent(parts, call, integration)),
    inbound('receipt', (call, integration) => takeReceipt(open, call, integration)),
    spoken('messages', (call, thread, speaker) => {
      const body = objectBody(call.request);
      if (isRefusal(body)) return body;
      const { textBody } = body;
      if (typeof textBody !== 'string' || textBody === '') return refuse(400, 'bad.request', 'textBody is required');
      const message = open.write(thread, speaker, textBody);
      return { status: 202, body: messageData(thread, message) };
    }),
    spoken('typing', (_call, thread) => {
      open.typing(thread);
      return { status: 202 };
    }),
    { method: 'POST', path: `${BASE}/:cid/messages/bulk`, handle: (call) => readMany(parts, call) },
  ];
}

function takeMessage(open: OpenMessages, call: ApiCall, integration: OpenIntegration): ApiResult {
  const message = readMessage(call);
  if (isRefusal(message)) return message;
  const taken = open.receive(integration, message);
  const prefetch = call.request.query.get('prefetchConversationId') === 'true';
  return { status: 200, body: takenMessage(taken.thread, taken.message, prefetch) };
}

function readMessage({ request }: ApiCall): InboundOpen | Refusal {
  const body = objectBody(request);
  if (isRefusal(body)) return body;
  const unknown = Object.keys(body).find((name) => !OF_A_MESSAGE.has(name));
  if (unknown !== undefined) return refuse(400, 'bad.request', `Unrecognized field "${unknown}"`);
  const { channel, text = '', content = [], metadata = {} } = body;
  const from = readFrom(channel);
  if (isRefusal(from)) return from;
  const { messageId, metadata: told } = isRecord(channel) ? channel : {};
  const attributes = isRecord(told) && told.customAttributes !== undefined ? stringMap(told.customAttributes) : {};
  if (attributes === undefined) return refuse(400, 'bad.request', 'customAttributes must be a map of strings');
  if (stringMap(metadata) === undefined) return refuse(400, 'bad.request', 'metadata must be a map of strings');
  const attached = readContent(content);
  if (attached === undefined) return refuse(400, 'bad.request', 'content is not a list of attachments');
  if (typeof text !== 'string') return refuse(400, 'bad.request', 'text must be a string');
  if (text === '' && attached.length === 0) return refuse(400, 'bad.request', 'text or content is required');
  const providerId = typeof messageId === 'string' ? messageId : undefined;
  return { from, providerId, text, content: attached, attributes };
}

function readFrom(channel: unknown): WireOpenFrom | Refusal {
  if (!isRecord(channel)) return refuse(400, 'bad.request', 'channel is required');
  const { from, time } = channel;
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time)))
    return refuse(400, 'bad.request', 'channel.time must be ISO 8601');
  if (!isRecord(from) || typeof from.id !== 'string' || from.id === '')
    return refuse(400, 'bad.request', 'channel.from.id is required');
  if (!ID_TYPES.has(from.idType))
    return refuse(400, 'bad.request', 'channel.from.idType must be Email, Phone or Opaque');
  return from as WireOpenFrom;
}

/** Each item has an attachment and, unlike on the way out, no `contentType`. */
function readContent(content: unknown): readonly WireOpenContent[] | undefined {
  if (!Array.isArray(content)) return undefined;
  const items = content.flatMap((item: unknown) => {
    const attachment = isRecord(item) && isRecord(item.attachment) ? item.attachment : undefined;
    const { url, mediaType, mime } = attachment ?? {};
    if (typeof url !== 'string' || typeof mediaType !== 'string' || typeof mime !== 'string') return [];
    return [{ contentType: 'Attachment', attachment: attachment as NonNullable<WireOpenContent['attachment']> }];
  });
  return items.length === content.length ? items : undefined;
}

function takeEvent(
  { open, uuid, clock }: OpenRouteParts,
  { request }: ApiCall,
  integration: OpenIntegration,
): ApiResult {
  const body = objectBody(request);
  if (isRefusal(body)) return body;
  const from = readFrom(body.channel);
  if (isRefusal(from)) return from;
  const events = Array.isArray(body.events) ? body.events : [];
  const typing = events.length > 0 && events.every((event) => isRecord(event) && event.eventType === 'Typing');
  if (!typing) return refuse(400, 'bad.request', 'events must be of eventType Typing');
  open.typed(integration, from);
  const answer: WireOpenEvent = {
    id: uuid(),
    channel: inboundChannel({ integration, from }, clock.now()),
    type: 'Event',
    events: [{ eventType: 'Typing', typing: { type: 'On' } }],
  };
  return { status: 200, body: answer };
}

function takeReceipt(open: OpenMessages, { request }: ApiCall, integration: OpenIntegration): ApiResult {
  const body = objectBody(request);
  if (isRefusal(body)) return body;
  const { id, status, isFinalReceipt } = body;
  const found = typeof id === 'string' ? open.message(id) : undefined;
  if (found === undefined || found.thread.integration !== integration) return notFound(`message ${String(id)}`);
  const means = RECEIPTS.get(status);
  if (means === undefined)
    return refuse(400, 'bad.request', 'status must be Sent, Delivered, Failed, Published or Removed');
  if (found.message.direction === 'outbound') found.message.status = means;
  const answer: WireOpenReceipt = {
    id: found.message.id,
    channel: inboundChannel(found.thread, found.message.at, found.message.id),
    type: 'Receipt',
    status: String(status),
    ...(typeof isFinalReceipt === 'boolean' ? { isFinalReceipt } : {}),
    direction: 'Outbound',
  };
  return { status: 200, body: answer };
}

type OnSpeaker = (call: ApiCall, thread: OpenThread, speaker: Participant) => ApiResult;

/** The communication belongs to an agent: a person's token speaks for that person only, an application's for whoever it names. */
function onSpeaker({ open, conversations }: OpenRouteParts, call: ApiCall, handle: OnSpeaker): ApiResult {
  const conversation = conversations.get(call.param('cid'));
  const thread = conversation && open.threadOf(conversation);
  if (conversation === undefined || thread === undefined) return notFound(`conversation ${call.param('cid')}`);
  const refusal = divisionRefusal(call.client, divisionsOf(conversation), 'conversation:message:create');
  if (refusal !== undefined) return refusal;
  const speaker = conversation.participants.find((each) => each.communicationId === call.param('comm'));
  if (speaker?.agent === undefined) return notFound(`communication ${call.param('comm')}`);
  if (speaker.phase.kind !== 'connected') return refuse(409, 'conflict', 'The communication is not connected');
  if (call.user !== undefined && call.user !== speaker.agent)
    return refuse(403, 'forbidden', 'The communication is another user’s');
  return handle(call, thread, speaker);
}

function readMany({ open, conversations }: OpenRouteParts, call: ApiCall): ApiResult {
  const conversation = conversations.get(call.param('cid'));
  const thread = conversation && open.threadOf(conversation);
  if (conversation === undefined || thread === undefined) return notFound(`conversation ${call.param('cid')}`);
  const refusal = divisionRefusal(call.client, divisionsOf(conversation), 'conversation:message:view');
  if (refusal !== undefined) return refusal;
  const { body } = call.request;
  const wanted = Array.isArray(body) ? new Set<unknown>(body) : undefined;
  const found = conversation.messages.filter(({ id }) => wanted === undefined || wanted.has(id));
  return { status: 200, body: { entities: found.map((message) => messageData(thread, message)) } };
}
