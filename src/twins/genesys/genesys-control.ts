// Owns what the control surface does on the Genesys twin: conversations come in, customers hang up, virtual agents answer
// and wrap up, and settings change while it runs.

import { z } from 'zod';
import { type ControlActs, controlRefusal } from '../control-surface.ts';
import type { TwinResponse } from '../exchange.ts';
import { type Hook, hookSchema } from '../hook-post.ts';
import { newAgentSchema } from '../virtual-agent.ts';
import { wrapupOf } from './api-conversations.ts';
import { type Conversation, customerOf, isLive, lastQueueOf, type Participant } from './conversation.ts';
import { recentTransfers, wireConversation } from './conversation-view.ts';
import type { ActRefusal, Conversations } from './conversations.ts';
import type { EntrySettings } from './entry-flow.ts';
import { isOpenAct, openView, speak } from './open-acts.ts';
import type { OpenMessages } from './open-messages.ts';
import { type GenesysAccess, isEntryNumber, type Organisation, type Queue } from './organisation.ts';

export type GenesysSettings = {
  latencyMs: number;
  settleMs: number;
  rateLimitPerMinute: number;
  tokenTtlSec: number;
  hook: Hook | undefined;
  /** Whom the entry flow asks. */
  entry: EntrySettings | undefined;
  /** How long the entry flow waits for the user it asked for. */
  entryTimeoutMs: number;
  /** Whether the platform leaves the path of calls it hands to numbers. */
  releaseLink: boolean;
};

export type ControlParts = {
  readonly conversations: Conversations;
  readonly organisation: Organisation;
  readonly access: GenesysAccess;
  readonly settings: GenesysSettings;
  readonly open: OpenMessages;
  /** Forgets what is scheduled and what waits to be delivered. */
  readonly onReset: () => void;
};

const createSchema = z.strictObject({
  channel: z.enum(['voice', 'message', 'webchat', 'sms', 'email', 'callback']),
  from: z.string().min(1).default('anonymous'),
  to: z.string().optional(),
  queue: z.string().optional(),
  flow: z.literal('bot').optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  uui: z.string().optional(),
});
const settingsSchema = z.strictObject({
  latencyMs: z.number().min(0).optional(),
  settleMs: z.number().min(0).optional(),
  rateLimitPerMinute: z.number().positive().optional(),
  tokenTtlSec: z.number().positive().optional(),
  hook: hookSchema.nullable().optional(),
  entry: hookSchema
    .extend({ timeoutMs: z.number().min(1_000).max(60_000).optional() })
    .nullable()
    .optional(),
  entryTimeoutMs: z.number().min(0).optional(),
  releaseLink: z.boolean().optional(),
});
const answerSchema = z.strictObject({ agentId: z.string().optional() });
const flowTransferSchema = z.strictObject({ to: z.string().min(1), uui: z.string().optional() });
const closeSchema = z.strictObject({ customer: z.enum(['stays', 'leaves']).optional() });

const CHANNELS = {
  voice: { media: 'call', messageType: '', to: '+18005550100' },
  message: { media: 'message', messageType: 'webmessaging', to: 'deployment' },
  webchat: { media: 'message', messageType: 'webmessaging', to: 'deployment' },
  sms: { media: 'message', messageType: 'sms', to: '+18005550100' },
  email: { media: 'email', messageType: '', to: 'care@example.com' },
  callback: { media: 'callback', messageType: '', to: '' },
} as const;

const REFUSALS = {
  ended: [409, 'the conversation has ended'],
  'not-waiting': [409, 'the conversation waits in no queue'],
  'no-such-agent': [404, 'no such agent'],
  'nobody-to-close': [409, 'neither an agent nor a flow is in the conversation'],
  'no-flow': [409, 'no flow has a call here'],
} as const satisfies Record<ActRefusal, [number, string]>;

export function createGenesysControl(parts: ControlParts): ControlActs {
  const { conversations, organisation, access, settings, open } = parts;
  const view = (conversation: Conversation) => twinView(conversation, open);
  const shown = (conversation: Conversation, refusal: ActRefusal | undefined): TwinResponse => {
    if (refusal === undefined) return { status: 200, body: view(conversation) };
    const [status, words] = REFUSALS[refusal];
    return controlRefusal(status, words);
  };
  return {
    createConversation(body) {
      const asked = createSchema.safeParse(body);
      if (!asked.success) return controlRefusal(400, 'not a conversation', asked.error.issues);
      return create(conversations, organisation, asked.data);
    },
    viewConversation(id) {
      const conversation = conversations.get(id);
      return conversation === undefined ? unknown(id) : { status: 200, body: view(conversation) };
    },
    viewsFrom(caller) {
      const called = `tel:${caller}`;
      return [...conversations.all()].filter(({ from }) => from === caller || from === called).map(view);
    },
    act(id, act, body) {
      const conversation = conversations.get(id);
      if (conversation === undefined) return unknown(id);
      const given = body ?? {};
      switch (act) {
        case 'hangup':
          return shown(conversation, conversations.hangUp(conversation));
        case 'answer': {
          const asked = answerSchema.safeParse(given);
          if (!asked.success) return controlRefusal(400, 'takes {agentId?}', asked.error.issues);
          return shown(conversation, conversations.answer(conversation, asked.data.agentId));
        }
        case 'close': {
          const asked = closeSchema.safeParse(given);
          if (!asked.success) return controlRefusal(400, 'takes {customer?: stays|leaves}', asked.error.issues);
          const { customer } = asked.data;
          return shown(
            conversation,
            conversations.close(conversation, customer === undefined ? undefined : customer === 'stays'),
          );
        }
        case 'wrapup':
          return wrapUp(conversations, conversation, given) ?? shown(conversation, undefined);
      }
    },
    further(id, word, body) {
      if (word !== 'transfer' && !isOpenAct(word)) return undefined;
      const conversation = conversations.get(id);
      if (conversation === undefined) return unknown(id);
      if (word === 'transfer') return flowTransfers(conversations, conversation, body, shown);
      return speak(open, conversation, word, body) ?? shown(conversation, undefined);
    },
    addAgent: (body) => addAgent(conversations, organisation, body),
    readSettings: () => ({ status: 200, body: shownSettings(settings) }),
    changeSettings(body) {
      const asked = settingsSchema.safeParse(body);
      if (!asked.success) return controlRefusal(400, 'not settings', asked.error.issues);
      const { hook, entry, ...plain } = asked.data;
      Object.assign(settings, plain);
      if (hook !== undefined) settings.hook = hook ?? undefined;
      if (entry !== undefined) settings.entry = entry ?? undefined;
      return { status: 200, body: shownSettings(settings) };
    },
    replaces: (conversationId) => replaces(conversations, conversationId),
    reset() {
      parts.onReset();
      conversations.reset();
      access.clearQuotas();
    },
  };
}

function addAgent(conversations: Conversations, organisation: Organisation, body: unknown): TwinResponse {
  const asked = newAgentSchema.safeParse(body);
  if (!asked.success) return controlRefusal(400, 'not an agent', asked.error.issues);
  const { name, queues, answers, afterMs, talks = false } = asked.data;
  const found = queues.map((each) => findQueue(organisation, each));
  const missing = queues.filter((_each, index) => found[index] === undefined);
  if (missing.length > 0) return controlRefusal(400, `no such queue: ${missing.join(', ')}`);
  const queueIds = new Set(found.flatMap((queue) => (queue === undefined ? [] : [queue.id])));
  const agent = conversations.addAgent({ name, queueIds, answers, afterMs, talks });
  return { status: 201, body: { agentId: agent.id, name, queues, answers, afterMs } };
}

/** What `GET /twin/conversations/{id}` shows: the vendor's whole view, and what a test wants at hand. */
function twinView(conversation: Conversation, open: OpenMessages) {
  const { id, transfersAsked, transfersAccepted, transfers, media, messageType, endedAt, writtenAt, lookedAt } =
    conversation;
  const queue = lastQueueOf(conversation);
  return {
    ...wireConversation(conversation),
    conversationId: id,
    media,
    messageType: media === 'message' ? messageType : null,
    ended: endedAt !== undefined,
    attributes: customerOf(conversation).attributes,
    queue: queue === undefined ? null : { id: queue.id, name: queue.name },
    holder: holderOf(conversation),
    releasedToNumber: conversation.releasedTo !== undefined,
    transfers: [
      ...recentTransfers(conversation),
      ...transfers.filter(({ state }) => state === 'accepted').map(unlisted),
    ],
    replaces: transfersAccepted,
    replacesAsked: transfersAsked,
    writtenAt: writtenAt === undefined ? null : new Date(writtenAt).toISOString(),
    lookedAt: lookedAt === undefined ? null : new Date(lookedAt).toISOString(),
    ...openView(open, conversation),
  };
}

function unlisted({ id, state, issuedAt }: Conversation['transfers'][number]) {
  return { id, state, dateIssued: new Date(issuedAt).toISOString() };
}

/** Who speaks to the customer now: agent before queue before bot. */
function holderOf(conversation: Conversation): 'agent' | 'queue' | 'bot' | 'none' {
  const connected = conversation.participants.filter(
    (each) => isLive(each) && each.phase.kind !== 'alerting' && each.phase.kind !== 'dialing',
  );
  const purposes = new Set(connected.map((each) => each.purpose));
  if (purposes.has('agent') || purposes.has('external')) return 'agent';
  if (purposes.has('acd')) return 'queue';
  return purposes.has('ivr') || purposes.has('botflow') ? 'bot' : 'none';
}

function create(
  conversations: Conversations,
  organisation: Organisation,
  asked: z.infer<typeof createSchema>,
): TwinResponse {
  const queue = asked.queue === undefined ? undefined : findQueue(organisation, asked.queue);
  if (asked.queue !== undefined && queue === undefined) return controlRefusal(400, `no such queue: ${asked.queue}`);
  const { media, messageType, to } = CHANNELS[asked.channel];
  const voice = (address: string) => (media === 'call' && address.startsWith('+') ? `tel:${address}` : address);
  const conversation = conversations.create({
    media,
    messageType,
    from: voice(asked.from),
    to: voice(asked.to ?? to),
    flow: asked.flow === 'bot' || queue === undefined,
    queue,
    attributes: asked.attributes ?? {},
    uuiData: asked.uui,
    entry: media === 'call' && isEntryNumber(asked.to),
  });
  return { status: 201, body: { conversationId: conversation.id, participants: idsByRole(conversation) } };
}

/** Under the vendor's purpose and, where that differs between media and vendors, under the role as well. */
function idsByRole(conversation: Conversation): Readonly<Record<string, string>> {
  const roles: Partial<Record<Participant['purpose'], string>> = { ivr: 'bot', botflow: 'bot', acd: 'queue' };
  return Object.fromEntries(
    conversation.participants.flatMap(({ id, purpose }) => [
      [purpose, id],
      [roles[purpose] ?? purpose, id],
    ]),
  );
}

type Shown = (conversation: Conversation, refusal: ActRefusal | undefined) => TwinResponse;

/** The flow that has the caller transfers them by itself. */
function flowTransfers(
  conversations: Conversations,
  conversation: Conversation,
  body: unknown,
  shown: Shown,
): TwinResponse {
  const asked = flowTransferSchema.safeParse(body);
  if (!asked.success) return controlRefusal(400, 'takes {to, uui?}', asked.error.issues);
  return shown(conversation, conversations.flowTransfers(conversation, asked.data.to, asked.data.uui));
}

/** Undefined where it was done. */
function wrapUp(conversations: Conversations, conversation: Conversation, body: unknown): TwinResponse | undefined {
  const wrapup = wrapupOf(body);
  if (wrapup === undefined) return controlRefusal(400, 'takes {code, name?, notes?, durationSeconds?}');
  const participant = conversation.participants.findLast((each) => each.purpose === 'agent');
  if (participant === undefined) return controlRefusal(409, 'no agent was in the conversation yet');
  conversations.wrapUp(conversation, participant, wrapup);
  return undefined;
}

function replaces(conversations: Conversations, only: string | undefined): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { id, transfersAccepted } of conversations.all()) {
    if (transfersAccepted > 0 && (only === undefined || only === id)) counts[id] = transfersAccepted;
  }
  return counts;
}

/** The hook's headers may hold a secret, so they are not shown. */
function shownSettings({ hook, entry, ...rest }: GenesysSettings) {
  return {
    ...rest,
    hook: hook === undefined ? null : { url: hook.url },
    entry: entry === undefined ? null : { url: entry.url },
  };
}

function findQueue(organisation: Organisation, nameOrId: string): Queue | undefined {
  return organisation.queueByName(nameOrId) ?? organisation.queueById(nameOrId);
}

function unknown(id: string): TwinResponse {
  return controlRefusal(404, `no conversation ${id}`);
}
