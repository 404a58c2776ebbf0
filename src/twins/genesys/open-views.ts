// Owns how open messages look on the wire: the answers to what comes in, what is posted to the middleware, and messages that are read again.

import type { Message } from './conversation.ts';
import type { OpenIntegration } from './open-integrations.ts';
import type { OpenThread } from './open-messages.ts';
import type {
  WireOpenChannel,
  WireOpenEvent,
  WireOpenIntegration,
  WireOpenMessage,
  WireOpenMessageData,
  WireOpenOutbound,
  WireOpenReceipt,
} from './open-schema.ts';

const CHANNEL = { platform: 'Open', type: 'Private' } as const;

/** From the customer to the integration. */
export function inboundChannel(
  { integration, from }: Pick<OpenThread, 'integration' | 'from'>,
  at: number,
  messageId?: string,
): WireOpenChannel {
  return {
    ...CHANNEL,
    id: integration.id,
    ...(messageId === undefined ? {} : { messageId }),
    to: { id: integration.id },
    from,
    time: iso(at),
  };
}

/** From the integration to the customer: the one who wrote is not named (dev-center, "Outbound messages"). */
function outboundChannel({ integration, from }: OpenThread, at: number, messageId: string): WireOpenChannel {
  return {
    ...CHANNEL,
    id: integration.id,
    messageId,
    to: { id: from.id, idType: from.idType },
    from: { nickname: integration.name, id: integration.id, idType: 'Opaque' },
    time: iso(at),
  };
}

/** `conversationId` is told where it was asked for (`prefetchConversationId`). */
export function takenMessage(thread: OpenThread, message: Message, prefetch: boolean): WireOpenMessage {
  const { id, at, text, content, providerId } = message;
  return {
    id,
    channel: inboundChannel(thread, at, providerId),
    type: content.length > 0 ? 'Structured' : 'Text',
    ...(text === '' ? {} : { text }),
    ...(content.length > 0 ? { content } : {}),
    ...(prefetch ? { conversationId: thread.conversation.id } : {}),
  };
}

export function outboundMessage(thread: OpenThread, { id, at, text, content }: Message): WireOpenOutbound {
  const channel = outboundChannel(thread, at, id);
  const files = content.length > 0 ? { content } : {};
  return { id, channel, type: 'Text', text, ...files, originatingEntity: 'Human', direction: 'Outbound' };
}

type Typing = { readonly id: string; readonly at: number; readonly durationMs?: number | undefined };

export function typingEvent(
  thread: OpenThread,
  { id, at, durationMs }: Typing,
): WireOpenEvent & { direction: 'Outbound' } {
  const typing = { type: 'On', ...(durationMs === undefined ? {} : { duration: durationMs }) } as const;
  const events = [{ eventType: 'Typing', typing }] as const;
  return { id, channel: outboundChannel(thread, at, id), type: 'Event', events, direction: 'Outbound' };
}

/** What came in is in the conversation now. */
export function publishedReceipt(thread: OpenThread, { id, at, providerId = id }: Message): WireOpenReceipt {
  const channel = outboundChannel(thread, at, providerId);
  return { id, channel, type: 'Receipt', status: 'Published', isFinalReceipt: true, direction: 'Inbound' };
}

export function messageData({ integration, from, conversation }: OpenThread, message: Message): WireOpenMessageData {
  const { id, at, text, direction, providerId, status } = message;
  const [sender, receiver] = direction === 'inbound' ? [from.id, integration.id] : [integration.id, from.id];
  return {
    id,
    ...(providerId === undefined ? {} : { providerMessageId: providerId }),
    conversationId: conversation.id,
    timestamp: iso(at),
    fromAddress: sender,
    toAddress: receiver,
    direction,
    messengerType: 'open',
    status,
    normalizedMessage: { id, type: 'Text', text, direction: direction === 'inbound' ? 'Inbound' : 'Outbound' },
    selfUri: `/api/v2/conversations/messages/${conversation.id}/messages/${id}`,
  };
}

export function wireIntegration(integration: OpenIntegration): WireOpenIntegration {
  const { id, name, webhookUrl, secret, headers, createdAt, modifiedAt } = integration;
  return {
    id,
    name,
    outboundNotificationWebhookUrl: webhookUrl,
    outboundNotificationWebhookSignatureSecretToken: secret,
    webhookHeaders: headers,
    status: 'Active',
    createStatus: 'Completed',
    dateCreated: iso(createdAt),
    dateModified: iso(modifiedAt),
    selfUri: `/api/v2/conversations/messaging/integrations/open/${id}`,
  };
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
