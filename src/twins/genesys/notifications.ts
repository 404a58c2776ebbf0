// Owns notification channels: their subscriptions, who may have which topic, and the messages that go to whoever is
// attached. No replay and no wildcard: what nobody listens to is gone. The socket itself is in `notification-socket.ts`.

import type { Clock } from '../../clock.ts';
import type { Conversation } from './conversation.ts';
import { wireConversation, wireMediaConversation } from './conversation-view.ts';
import type { DetailEvent } from './detail-event.ts';
import type { WireChannelTopic } from './genesys-schema.ts';
import type { OauthClient, Organisation } from './organisation.ts';

export const TOPICS_PER_CHANNEL = 1_000;
const CHANNELS_PER_CLIENT = 20;
const CHANNEL_LIFE_MS = 24 * 60 * 60 * 1_000;

export type Channel = {
  readonly id: string;
  readonly client: OauthClient;
  readonly topics: Set<string>;
  expiresAt: number;
  send?: (text: string) => void;
};

export type Notifications = {
  /** The 21st channel of a client evicts its oldest. */
  open(client: OauthClient): Channel;
  /** Undefined when unknown, expired, or another client's. */
  channel(id: string, client?: OauthClient): Channel | undefined;
  /** Whether this client may have the topic; `unknown` when there is no such topic. */
  judge(topic: string, client: OauthClient): 'permitted' | 'forbidden' | 'unknown';
  subscribe(channel: Channel, topics: readonly string[], replace: boolean): void;
  conversationChanged(conversation: Conversation): void;
  detailEvent(event: DetailEvent): void;
};

const MEDIA_SUFFIX = { call: 'calls', message: 'messages', email: 'emails', callback: 'callbacks' } as const;
const TOPIC_FORMS = [
  /^v2\.routing\.queues\.(?<queue>[^.]+)\.conversations(\.(calls|messages|emails|callbacks))?$/,
  /^v2\.users\.[^.]+\.conversations(\.(calls|messages|emails|callbacks))?$/,
  /^v2\.detail\.events\.conversation\.[^.]+\.[a-z]+(\.[a-z]+)?$/,
  /^(channel\.metadata|v2\.system\.socket_closing)$/,
];

export function createNotifications(clock: Clock, organisation: Organisation, uuid: () => string): Notifications {
  const channels = new Map<string, Channel>();
  const listeners = new Map<string, Set<Channel>>();

  function drop(channel: Channel): void {
    unsubscribeAll(channel);
    channels.delete(channel.id);
  }

  function unsubscribeAll(channel: Channel): void {
    for (const topic of channel.topics) {
      const those = listeners.get(topic);
      those?.delete(channel);
      if (those?.size === 0) listeners.delete(topic);
    }
    channel.topics.clear();
  }

  function publish(topicName: string, eventBody: () => unknown): void {
    const those = listeners.get(topicName);
    if (those === undefined) return;
    const text = JSON.stringify({
      topicName,
      version: '2',
      eventBody: eventBody(),
      metadata: { CorrelationId: uuid() },
    });
    for (const channel of those) channel.send?.(text);
  }

  function publishConversation(prefix: string, conversation: Conversation): void {
    publish(`${prefix}.conversations`, () => wireConversation(conversation));
    publish(`${prefix}.conversations.${MEDIA_SUFFIX[conversation.media]}`, () => wireMediaConversation(conversation));
  }

  return {
    open(client) {
      const own = [...channels.values()].filter((each) => each.client === client);
      if (own.length >= CHANNELS_PER_CLIENT && own[0] !== undefined) drop(own[0]);
      const channel: Channel = { id: uuid(), client, topics: new Set(), expiresAt: clock.now() + CHANNEL_LIFE_MS };
      channels.set(channel.id, channel);
      return channel;
    },
    channel(id, client) {
      const found = channels.get(id);
      if (found === undefined || (client !== undefined && found.client !== client)) return undefined;
      if (found.expiresAt > clock.now()) return found;
      drop(found);
      return undefined;
    },
    judge(topic, client) {
      const form = TOPIC_FORMS.find((each) => each.test(topic));
      if (form === undefined) return 'unknown';
      const queueId = form.exec(topic)?.groups?.['queue'];
      if (queueId === undefined) return 'permitted';
      const queue = organisation.queueById(queueId);
      return queue !== undefined && client.divisions.includes(queue.division) ? 'permitted' : 'forbidden';
    },
    subscribe(channel, topics, replace) {
      if (replace) unsubscribeAll(channel);
      for (const topic of topics) {
        channel.topics.add(topic);
        listeners.set(topic, (listeners.get(topic) ?? new Set()).add(channel));
      }
      channel.expiresAt = clock.now() + CHANNEL_LIFE_MS;
    },
    conversationChanged(conversation) {
      if (listeners.size === 0) return;
      const queueIds = new Set(conversation.participants.map((each) => each.queue?.id));
      const userIds = new Set(conversation.participants.map((each) => each.agent?.id));
      for (const id of queueIds) if (id !== undefined) publishConversation(`v2.routing.queues.${id}`, conversation);
      for (const id of userIds) if (id !== undefined) publishConversation(`v2.users.${id}`, conversation);
    },
    detailEvent({ type, conversationId, body }) {
      publish(`v2.detail.events.conversation.${conversationId}.${type}`, () => body);
    },
  };
}

/** A topic as the subscription calls answer it. */
export function wireTopic(id: string, state?: 'Permitted' | 'Rejected'): WireChannelTopic {
  const selfUri = `/api/v2/notifications/availabletopics/${id}`;
  return state === undefined ? { id, selfUri } : { id, state, selfUri };
}
