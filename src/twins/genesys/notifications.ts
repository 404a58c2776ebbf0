// Owns notification channels: their subscriptions, who may have which topic, and the messages that go to whoever is
// attached. No replay and no wildcard: what nobody listens to is gone. The socket itself is in `notification-socket.ts`.

import type { Clock } from '../../clock.ts';
import type { Conversation } from './conversation.ts';
import { wireConversation, wireMediaConversation } from './conversation-view.ts';
import type { DetailEvent } from './detail-event.ts';
import type { WireChannelTopic } from './genesys-schema.ts';
import type { Organisation, TokenClient } from './organisation.ts';

export const TOPICS_PER_CHANNEL = 1_000;
const CHANNELS_PER_CLIENT = 20;
const CHANNEL_LIFE_MS = 24 * 60 * 60 * 1_000;

export type Channel = {
  readonly id: string;
  readonly client: TokenClient;
  readonly topics: Set<string>;
  expiresAt: number;
  send?: (text: string) => void;
};

const MEDIA_SUFFIX = { call: 'calls', message: 'messages', email: 'emails', callback: 'callbacks' } as const;
const TOPIC_FORMS = [
  /^v2\.routing\.queues\.(?<queue>[^.]+)\.conversations(\.(calls|messages|emails|callbacks))?$/,
  /^v2\.users\.[^.]+\.conversations(\.(calls|messages|emails|callbacks))?$/,
  /^v2\.detail\.events\.conversation\.[^.]+\.[a-z]+(\.[a-z]+)?$/,
  /^(channel\.metadata|v2\.system\.socket_closing)$/,
];

export class Notifications {
  readonly #clock: Clock;
  readonly #organisation: Organisation;
  readonly #uuid: () => string;
  readonly #channels = new Map<string, Channel>();
  readonly #listeners = new Map<string, Set<Channel>>();

  constructor(clock: Clock, organisation: Organisation, uuid: () => string) {
    this.#clock = clock;
    this.#organisation = organisation;
    this.#uuid = uuid;
  }

  /** The 21st channel of a client evicts its oldest. */
  open(client: TokenClient): Channel {
    const own = [...this.#channels.values()].filter((each) => each.client === client);
    if (own.length >= CHANNELS_PER_CLIENT && own[0] !== undefined) this.#drop(own[0]);
    const expiresAt = this.#clock.now() + CHANNEL_LIFE_MS;
    const channel: Channel = { id: this.#uuid(), client, topics: new Set(), expiresAt };
    this.#channels.set(channel.id, channel);
    return channel;
  }

  /** Undefined when unknown, expired, or another client's. */
  channel(id: string, client?: TokenClient): Channel | undefined {
    const found = this.#channels.get(id);
    if (found === undefined || (client !== undefined && found.client !== client)) return undefined;
    if (found.expiresAt > this.#clock.now()) return found;
    this.#drop(found);
    return undefined;
  }

  /** Whether this client may have the topic; `unknown` when there is no such topic. */
  judge(topic: string, client: TokenClient): 'permitted' | 'forbidden' | 'unknown' {
    const form = TOPIC_FORMS.find((each) => each.test(topic));
    if (form === undefined) return 'unknown';
    const queueId = form.exec(topic)?.groups?.queue;
    if (queueId === undefined) return 'permitted';
    const queue = this.#organisation.queueById(queueId);
    return queue !== undefined && client.divisions.includes(queue.division) ? 'permitted' : 'forbidden';
  }

  /** Adds topics, or puts them in the place of those there were; renews the channel's life. */
  subscribe(channel: Channel, topics: readonly string[], replace: boolean): void {
    if (replace) this.#unsubscribeAll(channel);
    for (const topic of topics) {
      channel.topics.add(topic);
      this.#listeners.set(topic, (this.#listeners.get(topic) ?? new Set()).add(channel));
    }
    channel.expiresAt = this.#clock.now() + CHANNEL_LIFE_MS;
  }

  conversationChanged(conversation: Conversation): void {
    if (this.#listeners.size === 0) return;
    const queueIds = new Set(conversation.participants.map((each) => each.queue?.id));
    const userIds = new Set(conversation.participants.map((each) => each.agent?.id));
    for (const id of queueIds) if (id !== undefined) this.#publishView(`v2.routing.queues.${id}`, conversation);
    for (const id of userIds) if (id !== undefined) this.#publishView(`v2.users.${id}`, conversation);
  }

  detailEvent({ type, conversationId, body }: DetailEvent): void {
    this.#publish(`v2.detail.events.conversation.${conversationId}.${type}`, () => body);
  }

  #publishView(prefix: string, conversation: Conversation): void {
    const media = MEDIA_SUFFIX[conversation.media];
    this.#publish(`${prefix}.conversations`, () => wireConversation(conversation));
    this.#publish(`${prefix}.conversations.${media}`, () => wireMediaConversation(conversation));
  }

  #publish(topicName: string, eventBody: () => unknown): void {
    const those = this.#listeners.get(topicName);
    if (those === undefined) return;
    const metadata = { CorrelationId: this.#uuid() };
    const text = JSON.stringify({ topicName, version: '2', eventBody: eventBody(), metadata });
    for (const channel of those) channel.send?.(text);
  }

  #drop(channel: Channel): void {
    this.#unsubscribeAll(channel);
    this.#channels.delete(channel.id);
  }

  #unsubscribeAll(channel: Channel): void {
    for (const topic of channel.topics) {
      const those = this.#listeners.get(topic);
      those?.delete(channel);
      if (those?.size === 0) this.#listeners.delete(topic);
    }
    channel.topics.clear();
  }
}

/** A topic as the subscription calls answer it. */
export function wireTopic(id: string, state?: 'Permitted' | 'Rejected'): WireChannelTopic {
  const selfUri = `/api/v2/notifications/availabletopics/${id}`;
  return state === undefined ? { id, selfUri } : { id, state, selfUri };
}
