// Owns open messaging: a customer's own middleware puts messages in, each into the customer's running conversation or a new one, which an
// inbound message flow routes; what agents write goes out to the middleware. Who the customer is, is what the middleware calls them.

import type { Clock } from '../../clock.ts';
import type { Schedule } from '../schedule.ts';
import { answerTo, greetingOf, type Talk, WRITING_MS } from '../virtual-talk.ts';
import { type Conversation, customerOf, liveParticipant, type Message, type Participant } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import type { OpenIntegration } from './open-integrations.ts';
import type { WireOpenContent, WireOpenFrom, WireOpenOutbound } from './open-schema.ts';
import { outboundMessage, publishedReceipt, typingEvent } from './open-views.ts';
import type { Organisation, Queue } from './organisation.ts';

export type InboundOpen = {
  readonly from: WireOpenFrom;
  readonly providerId?: string | undefined;
  readonly text: string;
  readonly content: readonly WireOpenContent[];
  readonly attributes: Readonly<Record<string, string>>;
};

export type OpenThread = {
  readonly integration: OpenIntegration;
  readonly from: WireOpenFrom;
  readonly conversation: Conversation;
  /** How often the customer was said to be writing. */
  typings: number;
  /** The agent whose talk it is, and how often the customer has been heard in it. */
  talk?: { readonly agent: Participant; heard: number };
};

export type OpenMessagesParts = {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly uuid: () => string;
  readonly organisation: Organisation;
  readonly conversations: Conversations;
  /** How long the flow takes, ms. */
  readonly flowMs: () => number;
  readonly post: (thread: OpenThread, payload: WireOpenOutbound, settled: (taken: boolean) => void) => void;
};

/** Help, "Configure conversation threading": 72 hours unless it is changed. */
const THREADING_MINUTES = 72 * 60;
const DEFAULT_QUEUE = 'General_Support';

export class OpenMessages {
  readonly #parts: OpenMessagesParts;
  /** The newest conversation of each customer. */
  readonly #threads = new Map<string, OpenThread>();
  readonly #byConversation = new Map<Conversation, OpenThread>();
  readonly #byMessage = new Map<string, { readonly thread: OpenThread; readonly message: Message }>();
  threadingMinutes = THREADING_MINUTES;

  constructor(parts: OpenMessagesParts) {
    this.#parts = parts;
  }

  threadOf(conversation: Conversation): OpenThread | undefined {
    return this.#byConversation.get(conversation);
  }

  message(id: string): { readonly thread: OpenThread; readonly message: Message } | undefined {
    return this.#byMessage.get(id);
  }

  receive(
    integration: OpenIntegration,
    inbound: InboundOpen,
  ): { readonly thread: OpenThread; readonly message: Message } {
    const thread = this.#running(integration, inbound) ?? this.#begin(integration, inbound);
    const { text, content, providerId } = inbound;
    const by = customerOf(thread.conversation);
    const message = this.#note(thread, { by, direction: 'inbound', text, content, providerId, status: 'received' });
    this.#parts.post(thread, publishedReceipt(thread, message), () => {});
    this.#answer(thread, text);
    return { thread, message };
  }

  /** The agent who has the customer writes. */
  write(thread: OpenThread, by: Participant, text: string, content: Message['content'] = []): Message {
    const message = this.#note(thread, { by, direction: 'outbound', text, content, status: 'queued' });
    this.#parts.post(thread, outboundMessage(thread, message), (taken) => {
      if (message.status === 'queued') message.status = taken ? 'sent' : 'delivery-failed';
    });
    return message;
  }

  /** Somebody writes at a message; kept nowhere. */
  typing(thread: OpenThread, durationMs?: number): void {
    const { uuid, clock } = this.#parts;
    this.#parts.post(thread, typingEvent(thread, { id: uuid(), at: clock.now(), durationMs }), () => {});
  }

  /** The customer writes at a message, where they have a conversation. */
  typed(integration: OpenIntegration, from: WireOpenFrom): void {
    const thread = this.#threads.get(keyOf(integration, from));
    if (thread !== undefined) thread.typings += 1;
  }

  /** Who has the customer of this conversation and may write to them. */
  speakerIn(conversation: Conversation): Participant | undefined {
    const agent = liveParticipant(conversation, 'agent');
    return agent?.phase.kind === 'connected' ? agent : undefined;
  }

  /** Told of every change of a conversation: whoever has come to talk greets. */
  conversationChanged(conversation: Conversation): void {
    const thread = this.#byConversation.get(conversation);
    const agent = thread && this.speakerIn(conversation);
    if (!thread || agent?.agent?.talks !== true || thread.talk?.agent === agent) return;
    thread.talk = { agent, heard: 0 };
    const { Topic: topic, intent = topic } = customerOf(conversation).attributes;
    this.#speak(thread, agent, { says: [greetingOf(agent.agent.name, intent)], leaves: false });
  }

  clear(): void {
    for (const each of [this.#threads, this.#byConversation, this.#byMessage]) each.clear();
  }

  /** The customer's conversation goes on while somebody has it, and as long after that as the threading timeline says. */
  #running(integration: OpenIntegration, { from, attributes }: InboundOpen): OpenThread | undefined {
    const thread = this.#threads.get(keyOf(integration, from));
    if (thread === undefined || thread.conversation.endedAt !== undefined) return undefined;
    const { conversation } = thread;
    if (liveParticipant(conversation, 'botflow', 'acd', 'agent') === undefined) {
      const lastAt = conversation.messages.at(-1)?.at ?? conversation.startedAt;
      if (this.#parts.clock.now() - lastAt >= this.threadingMinutes * 60_000) return undefined;
      this.#parts.conversations.flowAgain(conversation);
      this.#runFlow(conversation);
    }
    if (Object.keys(attributes).length > 0)
      this.#parts.conversations.setAttributes(conversation, customerOf(conversation), attributes);
    return thread;
  }

  #begin(integration: OpenIntegration, { from, attributes }: InboundOpen): OpenThread {
    const conversation = this.#parts.conversations.create({
      media: 'message',
      messageType: 'open',
      from: from.id,
      to: integration.id,
      customerName: from.nickname ?? ([from.firstName, from.lastName].filter(Boolean).join(' ') || undefined),
      flow: true,
      attributes,
    });
    const thread: OpenThread = { integration, from, conversation, typings: 0 };
    this.#threads.set(keyOf(integration, from), thread);
    this.#byConversation.set(conversation, thread);
    this.#runFlow(conversation);
    return thread;
  }

  /** The flow "Throughline open messages": Find Queue by name, else by id, else the default; then Transfer to ACD. */
  #runFlow(conversation: Conversation): void {
    this.#parts.schedule.after(this.#parts.flowMs(), () => {
      this.#parts.conversations.leaveFlow(conversation, this.#queueFor(customerOf(conversation).attributes));
    });
  }

  #queueFor({ queueName = '', queueId = '' }: Readonly<Record<string, string>>): Queue {
    const { organisation } = this.#parts;
    const found = organisation.queueByName(queueName) ?? organisation.queueById(queueId);
    return found ?? organisation.queueByName(DEFAULT_QUEUE) ?? (organisation.queues[0] as Queue);
  }

  #note(thread: OpenThread, message: Omit<Message, 'id' | 'at'>): Message {
    const noted: Message = { ...message, id: this.#parts.uuid(), at: this.#parts.clock.now() };
    thread.conversation.messages.push(noted);
    this.#byMessage.set(noted.id, { thread, message: noted });
    return noted;
  }

  #answer(thread: OpenThread, text: string): void {
    const { talk } = thread;
    if (talk === undefined || talk.agent.phase.kind !== 'connected') return;
    talk.heard += 1;
    this.#speak(thread, talk.agent, answerTo(text, talk.heard - 1));
  }

  #speak(thread: OpenThread, agent: Participant, { says, leaves }: Talk): void {
    const { schedule, conversations } = this.#parts;
    const isThere = () => agent.phase.kind === 'connected';
    for (const [index, text] of says.entries()) {
      schedule.after(index * WRITING_MS, () => isThere() && this.typing(thread, WRITING_MS));
      schedule.after((index + 1) * WRITING_MS, () => isThere() && this.write(thread, agent, text));
    }
    if (!leaves) return;
    schedule.after((says.length + 1) * WRITING_MS, () => {
      if (isThere()) conversations.disconnect(thread.conversation, agent);
    });
  }
}

function keyOf({ id }: OpenIntegration, from: WireOpenFrom): string {
  return `${id} ${from.idType} ${from.id}`;
}
