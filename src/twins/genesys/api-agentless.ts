// Owns the vendor's paths for text messages without an agent: sent with 202 and nothing promised, and their status for whoever asks
// (GitHub MyPureCloud/developer-center-blog 2024-09-27-agentless-sms-api). What becomes of a text is the customer's
// telephone's (`../sms/`).

import { drawUuid } from '../seeded-random.ts';
import { createHandsets } from '../sms/handsets.ts';
import { type Control, withPhones } from '../sms/phone-control.ts';
import { beginJourney, type JourneyParts, type Sent, type Stage } from '../sms/sms-journey.ts';
import { type ApiCall, type ApiResult, notFound, type Route, refuse } from './api.ts';
import { isRefusal, objectBody } from './api-conversations.ts';
import type { WireAgentlessSent, WireMessageData } from './genesys-schema.ts';

const BASE = '/api/v2/conversations/messages';
const E164 = /^\+[1-9]\d{6,14}$/;
const LONGEST_TEXT = 765;
const STATUSES: Readonly<Record<Stage, string>> = {
  queued: 'queued',
  sent: 'sent',
  delivered: 'delivery-success',
  undelivered: 'delivery-failed',
  failed: 'failed',
};

type Text = Sent & { readonly conversationId: string };

export type AgentlessTexts = {
  readonly routes: readonly Route[];
  /** The control surface, with the customers' telephones in front of it. */
  withPhones(control: Control): Control;
  clear(): void;
};

export type AgentlessParts = Omit<JourneyParts, 'handsets'> & {
  readonly random: () => number;
  /** A message of another kind, which the same paths read. */
  readonly elsewhere?: (messageId: string) => { readonly conversationId: string } | undefined;
};

export function agentlessTexts(given: AgentlessParts): AgentlessTexts {
  const handsets = createHandsets();
  const parts = { ...given, handsets };
  const texts = new Map<string, Text>();
  const read = (id: string, conversationId?: string): ApiResult => {
    const text = texts.get(id);
    const body = text === undefined ? given.elsewhere?.(id) : wireText(text);
    const isMeant = body !== undefined && (conversationId ?? body.conversationId) === body.conversationId;
    return isMeant ? { status: 200, body } : notFound(`message ${id}`);
  };
  return {
    routes: [
      { method: 'POST', path: `${BASE}/agentless`, handle: (call) => send(parts, texts, call) },
      { method: 'GET', path: `${BASE}/:mid/details`, handle: ({ param }) => read(param('mid')) },
      { method: 'GET', path: `${BASE}/:cid/messages/:mid`, handle: ({ param }) => read(param('mid'), param('cid')) },
    ],
    withPhones: (control) => withPhones(control, { handsets }),
    clear() {
      texts.clear();
      handsets.clear();
    },
  };
}

function send(parts: AgentlessParts & JourneyParts, texts: Map<string, Text>, call: ApiCall): ApiResult {
  const body = objectBody(call.request);
  if (isRefusal(body)) return body;
  const { fromAddress, toAddress, toAddressMessengerType, textBody } = body;
  if (toAddressMessengerType !== 'sms') return refuse(400, 'bad.request', 'The twin sends sms only');
  if (typeof fromAddress !== 'string' || !E164.test(fromAddress))
    return refuse(400, 'bad.request', 'fromAddress is required');
  if (typeof toAddress !== 'string' || !E164.test(toAddress))
    return refuse(400, 'bad.request', 'toAddress must be E.164');
  if (typeof textBody !== 'string' || textBody === '') return refuse(400, 'bad.request', 'textBody is required');
  if (textBody.length > LONGEST_TEXT) return refuse(400, 'bad.request', 'textBody is longer than 765 characters');
  const begin = { id: uuid(parts), vendor: 'genesys', from: fromAddress, to: toAddress, text: textBody };
  // Nobody is told of its stages: Genesys calls no hook for a message.
  const sent = Object.assign(beginJourney(parts, { ...begin, onStage: () => {} }), { conversationId: uuid(parts) });
  texts.set(sent.id, sent);
  const answer: WireAgentlessSent = {
    id: sent.id,
    conversationId: sent.conversationId,
    fromAddress,
    toAddress,
    messengerType: 'sms',
    timestamp: new Date(sent.createdAt).toISOString(),
    selfUri: `${BASE}/${sent.conversationId}/messages/${sent.id}`,
  };
  return { status: 202, body: answer };
}

function wireText(text: Text): WireMessageData {
  return {
    id: text.id,
    conversationId: text.conversationId,
    timestamp: new Date(text.createdAt).toISOString(),
    fromAddress: text.from,
    toAddress: text.to,
    direction: 'outbound',
    messengerType: 'sms',
    status: STATUSES[text.stage],
    selfUri: `${BASE}/${text.conversationId}/messages/${text.id}`,
  };
}

function uuid({ random }: { readonly random: () => number }): string {
  return drawUuid(random);
}
