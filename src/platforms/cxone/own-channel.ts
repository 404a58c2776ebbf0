// Owns a CXone digital channel of our own ("bring your own channel") as the people's side of our conversations: messages in by REST, which
// make customer, thread and case; messages out by posts that carry a token of ours. What is done with a duplicate is documented nowhere, so
// de-duplication is not claimed (H5).

import { z } from 'zod';
import type { Queue } from '../../context/conversation.ts';
import { type AgentPost, sayingWith } from '../../context/desk-news.ts';
import { richWords } from '../../context/rich-words.ts';
import type { ExternalId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { CredentialRequest } from '../credential.ts';
import type { Desk, DeskDelivery, DeskFile } from '../desk.ts';
import { type HttpAnswer, readJson } from '../http.ts';
import type { Call } from '../platform.ts';

export type OwnChannelOptions = {
  readonly line: { digital(request: CredentialRequest, call: Call): Promise<Outcome<HttpAnswer>> };
  /** The skill of exactly this name. */
  readonly resolveQueue: (name: string, call: Call) => Promise<Outcome<Queue>>;
  readonly channelId: string;
  readonly linkTo: (file: DeskFile) => string;
  readonly fileOrigins?: readonly string[];
};

const answered = z.looseObject({
  consumerContact: z.looseObject({ id: z.union([z.string(), z.number()]).optional() }).optional(),
});

export function ownChannelDesk(options: OwnChannelOptions): Desk {
  const { line, resolveQueue, channelId, fileOrigins = [] } = options;
  const path = `/channels/${encodeURIComponent(channelId)}/messages`;
  const send = (body: unknown, call: Call) => line.digital({ method: 'POST', path, body }, call);
  return {
    deduplicates: false,
    fileOrigins,
    async open({ queueName, attributes, ...delivery }, call) {
      const queue = await resolveQueue(queueName, call);
      if (queue.kind !== 'done') return queue;
      const customFields = Object.entries(attributes).map(([ident, value]) => ({ ident, value }));
      const contact = { skillId: skillIdOf(queue.value), customFields };
      const sent = await send({ ...messageOf(delivery, options), contact }, call);
      if (sent.kind !== 'done') return sent;
      const read = answered.safeParse(sent.value.body === undefined ? {} : readJson(sent.value.body));
      const id = read.success ? read.data.consumerContact?.id : undefined;
      const known = id === undefined ? {} : { externalId: String(id) as ExternalId };
      return { kind: 'done', value: { queue: queue.value, ...known } };
    },
    async deliver(delivery, call) {
      const sent = await send(messageOf(delivery, options), call);
      return sent.kind === 'done' ? { kind: 'done', value: null } : sent;
    },
  };
}

/** Skills are numbers there. */
function skillIdOf({ id }: Queue): number | string {
  return /^\d{1,15}$/.test(id) ? Number(id) : id;
}

function messageOf({ far, message, name }: DeskDelivery, { linkTo }: OwnChannelOptions) {
  const { id, text, at, attachments = [] } = message;
  return {
    idOnExternalPlatform: id,
    direction: 'inbound',
    createdAtWithMilliseconds: new Date(at).toISOString(),
    thread: { idOnExternalPlatform: far, threadName: name ?? 'Web chat' },
    messageContent: { type: 'TEXT', payload: { text }, fallbackText: text },
    authorEndUserIdentity: { idOnExternalPlatform: far, firstName: name ?? 'Customer', lastName: '' },
    ...(attachments.length > 0 && {
      attachments: attachments.map((file) => ({ url: linkTo(file), friendlyName: file.name, mimeType: file.mime })),
    }),
  };
}

/** No public page settles this body: what is needed is looked for where the published message object has it, and the rest let be. */
const outbound = z.looseObject({
  id: z.union([z.string().min(1).max(256), z.number()]),
  thread: z.looseObject({ idOnExternalPlatform: z.string().min(1).max(256) }).optional(),
  recipients: z.array(z.looseObject({ idOnExternalPlatform: z.string().min(1).max(256) })).optional(),
  messageContent: z.looseObject({
    type: z.string().max(64).optional(),
    payload: z.unknown().optional(),
    fallbackText: z.string().nullish(),
  }),
  attachments: z
    .array(z.looseObject({ friendlyName: z.string().optional(), url: z.string().max(4_096).optional() }))
    .optional(),
  authorUser: z.looseObject({ firstName: z.string().optional(), nickname: z.string().optional() }).optional(),
});

/** Reads an authorised post. What says nothing is refused: a message that was not made has no id to answer. Never throws. */
export function readOwnChannelPost(payload: unknown): AgentPost {
  const read = outbound.safeParse(payload);
  if (!read.success) return unread(`not of a known shape at "${read.error.issues[0]?.path.join('.') ?? ''}"`);
  const { id, thread, recipients = [], messageContent, attachments = [], authorUser } = read.data;
  const far = thread?.idOnExternalPlatform ?? recipients[0]?.idOnExternalPlatform;
  if (far === undefined) return unread('names neither a thread nor a recipient');
  const sent = attachments.map(({ friendlyName: name = 'file', url }) => ({ name, url }));
  const { text, files } = sayingWith(wordsIn(messageContent), sent);
  if (text === '' && !files) return unread('has neither words nor files');
  const name = (authorUser?.nickname || authorUser?.firstName)?.trim();
  return { kind: 'said', far: far as ExternalId, id: String(id), text, ...(name && { name }), ...(files && { files }) };
}

/**
 * A rich message (NICE's published types: QUICK_REPLIES, LIST_PICKER, RICH_LINK, ADAPTIVE_CARD, PLUGIN) by what it contains: its fallback text is
 * shorter, and often without the address. One of which nothing can be read is named, since the agent has sent something.
 */
function wordsIn({ type = 'TEXT', payload, fallbackText }: z.output<typeof outbound>['messageContent']): string {
  const words = richWords(payload) || (fallbackText ?? '').trim();
  return words === '' && type !== 'TEXT' ? `[${type}]` : words;
}

function unread(problem: string): AgentPost {
  return { kind: 'nothing', problem };
}
