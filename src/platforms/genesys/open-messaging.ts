// Owns Genesys Cloud's Open Messaging as the people's side of our conversations: messages in by REST, messages out by a signed webhook.
// De-duplication by `channel.messageId` is likely and promised by no page, so it is not claimed unless the operator says so (H5).

import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Queue } from '../../context/conversation.ts';
import { type DeskNews, sayingWith } from '../../context/desk-news.ts';
import { richWords } from '../../context/rich-words.ts';
import type { AgentId, ExternalId, Instant } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { Credential } from '../credential.ts';
import type { Desk, DeskDelivery, DeskFile } from '../desk.ts';
import { readJson } from '../http.ts';
import type { Call } from '../platform.ts';
import { readAs } from '../read-as.ts';

export type OpenMessagingOptions = {
  readonly line: Pick<Credential, 'send'>;
  readonly resolveQueue: (name: string, call: Call) => Promise<Outcome<Queue>>;
  readonly integrationId: string;
  /** Tried in the operator's own organisation. */
  readonly deduplicates?: boolean;
  /** Where the platform fetches a file, absolute. */
  readonly linkTo: (file: DeskFile) => string;
  readonly fileOrigins?: readonly string[];
};

/** How many attributes the inbound flow routes by: the queue's name and its id. */
export const ROUTING_ATTRIBUTES = 2;

const answered = z.looseObject({ conversationId: z.string().min(1).optional() });

export function openMessagingDesk(options: OpenMessagingOptions): Desk {
  const { line, resolveQueue, deduplicates = false, fileOrigins = [] } = options;
  return {
    deduplicates,
    fileOrigins,
    async open({ queueName, attributes, ...delivery }, call) {
      const queue = await resolveQueue(queueName, call);
      if (queue.kind !== 'done') return queue;
      // The inbound message flow routes by these: queue names are what Architect's "Find Queue" takes.
      const routed = { ...attributes, queueName: queue.value.name, queueId: queue.value.id };
      const body = messageOf(delivery, options, routed);
      const sent = await line.send(
        { method: 'POST', path: `${pathOf(options, 'message')}?prefetchConversationId=true`, body },
        call,
      );
      if (sent.kind !== 'done') return sent;
      const read = answered.safeParse(sent.value.body === undefined ? {} : readJson(sent.value.body));
      const externalId = read.success ? read.data.conversationId : undefined;
      const known = externalId === undefined ? {} : { externalId: externalId as ExternalId };
      return { kind: 'done', value: { queue: queue.value, ...known } };
    },
    async deliver(delivery, call) {
      const body = messageOf(delivery, options);
      const sent = await line.send({ method: 'POST', path: pathOf(options, 'message'), body }, call);
      return sent.kind === 'done' ? { kind: 'done', value: null } : sent;
    },
    async typing({ far, name, at }, call) {
      // SDK model OpenInboundNormalizedEvent: an event has its kind and nothing else.
      const body = { channel: { from: senderOf(far, name), time: timeOf(at) }, events: [{ eventType: 'Typing' }] };
      const sent = await line.send({ method: 'POST', path: pathOf(options, 'event'), body }, call);
      return sent.kind === 'done' ? { kind: 'done', value: null } : sent;
    },
    nameOf: (agentId, call) => nameOf(line, agentId, call),
  };
}

const user = z.looseObject({ name: z.string().optional(), preferredName: z.string().nullish() });

/** As their profile has it: the preferred name, else the first one. Permission `directory:user:view`. */
async function nameOf(line: OpenMessagingOptions['line'], agentId: AgentId, call: Call): Promise<Outcome<string>> {
  const read = readAs(
    user,
    await line.send({ method: 'GET', path: `/api/v2/users/${encodeURIComponent(agentId)}` }, call),
  );
  if (read.kind !== 'done') return read;
  const { preferredName, name = '' } = read.value;
  const known = preferredName?.trim() || name.trim().split(/\s+/)[0];
  return known
    ? { kind: 'done', value: known }
    : { kind: 'rejected', code: 'not-found', detail: 'the user has no name' };
}

function pathOf({ integrationId }: OpenMessagingOptions, what: 'message' | 'event'): string {
  return `/api/v2/conversations/messages/${encodeURIComponent(integrationId)}/inbound/open/${what}`;
}

function senderOf(far: ExternalId, name: string | undefined) {
  return { id: far, idType: 'Opaque', ...(name !== undefined && { nickname: name }) };
}

function timeOf(at: Instant): string {
  return new Date(at).toISOString();
}

/** Attributes travel in `channel.metadata.customAttributes`: at the top level they are refused. */
function messageOf(
  { far, message, name }: DeskDelivery,
  { linkTo }: OpenMessagingOptions,
  customAttributes?: Readonly<Record<string, string>>,
) {
  const { id, text, at, attachments = [] } = message;
  return {
    channel: {
      from: senderOf(far, name),
      time: timeOf(at),
      messageId: id,
      ...(customAttributes && { metadata: { customAttributes } }),
    },
    text,
    ...(attachments.length > 0 && {
      content: attachments.map((file) => ({
        attachment: {
          mediaType: file.mime.startsWith('image/') ? 'Image' : 'File',
          url: linkTo(file),
          mime: file.mime,
          filename: file.name,
          id: file.ref,
        },
      })),
    }),
  };
}

/** True when the raw body was signed with one of the secrets: `sha256=` and base64 of HMAC-SHA-256. Without secrets: never. */
export function openMessagingVerifier(secrets: readonly string[]) {
  return (headers: { get(name: string): string | null | undefined }, rawBody: Uint8Array): boolean => {
    const offered = Buffer.from(headers.get('x-hub-signature-256') ?? '');
    const wanted = secrets
      .filter((secret) => secret !== '')
      .map((secret) => Buffer.from(`sha256=${createHmac('sha256', secret).update(rawBody).digest('base64')}`));
    // Every one is compared, whatever the earlier ones said.
    return wanted.map((one) => one.length === offered.length && timingSafeEqual(one, offered)).includes(true);
  };
}

const outbound = z.looseObject({
  id: z.string().min(1).max(256),
  channel: z.looseObject({ to: z.looseObject({ id: z.string().min(1).max(256) }) }),
  type: z.enum(['Text', 'Structured', 'Receipt', 'Event']),
  text: z.string().optional(),
  direction: z.string().optional(),
  content: z
    .array(
      z.looseObject({
        contentType: z.string().max(64).optional(),
        attachment: z
          .looseObject({ filename: z.string().optional(), url: z.string().max(4_096).optional() })
          .optional(),
      }),
    )
    .optional(),
  events: z.array(z.looseObject({ eventType: z.string().optional() })).optional(),
});

/**
 * Reads a verified post. Correlated by whom it is to: a `conversationId` is not promised there. Who wrote it is not told either: `channel.from`
 * is the integration (dev-center, "Outbound messages"). Never throws.
 */
export function readOpenMessage(payload: unknown): DeskNews {
  const read = outbound.safeParse(payload);
  if (!read.success)
    return {
      kind: 'nothing',
      problem: `not of the documented shape at "${read.error.issues[0]?.path.join('.') ?? ''}"`,
    };
  const { id, channel, type, text: words = '', content = [], events = [] } = read.data;
  const far = channel.to.id as ExternalId;
  if (type === 'Event')
    return events.some(({ eventType }) => eventType === 'Typing') ? { kind: 'typing', far } : { kind: 'nothing' };
  const sent = content.flatMap(({ attachment }) =>
    attachment ? [{ name: attachment.filename ?? 'file', url: attachment.url }] : [],
  );
  const rich = content.filter(({ attachment }) => !attachment).map(wordsIn);
  const { text, files } = sayingWith([words.trim(), ...rich].filter((line) => line !== '').join('\n'), sent);
  if (type === 'Receipt' || (text === '' && !files)) return { kind: 'nothing' };
  return { kind: 'said', far, id, text, ...(files && { files }) };
}

/** Quick replies, cards and the like are read, or named where nothing of them can be. */
function wordsIn({ contentType, ...content }: { readonly contentType?: string | undefined }): string {
  return richWords(content) || (contentType === undefined ? '' : `[${contentType}]`);
}
