// Owns the vendor's paths for notification channels and their subscriptions. One forbidden topic fails the whole request,
// unless `ignoreErrors=true`.

import { isRecord } from '../exchange.ts';
import { type ApiCall, type ApiResult, notFound, type Route, refuse } from './api.ts';
import type { WireChannel } from './genesys-schema.ts';
import { type Channel, type Notifications, TOPICS_PER_CHANNEL, wireTopic } from './notifications.ts';

const CHANNELS = '/api/v2/notifications/channels';

/** `connectUri` gives the address a channel's socket connects to. */
export function notificationRoutes(
  notifications: Notifications,
  connectUri: (channelId: string) => string,
): readonly Route[] {
  const path = `${CHANNELS}/:id/subscriptions`;
  const onChannel = (handle: (call: ApiCall, channel: Channel) => ApiResult) => (call: ApiCall) => {
    const channel = notifications.channel(call.param('id'), call.client);
    return channel === undefined ? notFound(`channel ${call.param('id')}`) : handle(call, channel);
  };
  return [
    {
      method: 'POST',
      path: CHANNELS,
      handle: (call) => {
        const { id, expiresAt } = notifications.open(call.client);
        const body: WireChannel = { id, connectUri: connectUri(id), expires: new Date(expiresAt).toISOString() };
        return { status: 200, body };
      },
    },
    { method: 'GET', path, handle: onChannel((_call, channel) => listed(channel)) },
    { method: 'PUT', path, handle: onChannel((call, channel) => change(notifications, call, channel, true)) },
    { method: 'POST', path, handle: onChannel((call, channel) => change(notifications, call, channel, false)) },
    {
      method: 'DELETE',
      path,
      handle: onChannel((_call, channel) => {
        notifications.subscribe(channel, [], true);
        return { status: 202 };
      }),
    },
  ];
}

function listed(channel: Channel): ApiResult {
  return { status: 200, body: { entities: [...channel.topics].map((topic) => wireTopic(topic)) } };
}

function change(notifications: Notifications, call: ApiCall, channel: Channel, replace: boolean): ApiResult {
  const { body, query } = call.request;
  const topics = topicIds(body);
  if (topics === undefined) return refuse(400, 'bad.request', 'An array of {id} is required');
  const judged = topics.map((topic) => ({ topic, verdict: notifications.judge(topic, call.client) }));
  const bad = judged.filter(({ verdict }) => verdict !== 'permitted');
  if (bad[0] !== undefined && query.get('ignoreErrors') !== 'true') {
    const { topic, verdict } = bad[0];
    return verdict === 'unknown'
      ? refuse(400, 'notifications.invalid.topic', `Invalid topic ${topic}`)
      : refuse(403, 'missing.any.permissions', `Not permitted to subscribe to ${topic}`);
  }
  const good = judged.filter(({ verdict }) => verdict === 'permitted').map(({ topic }) => topic);
  const sum = new Set(replace ? good : [...channel.topics, ...good]).size;
  if (sum > TOPICS_PER_CHANNEL) return refuse(400, 'bad.request', `A channel takes ${TOPICS_PER_CHANNEL} topics`);
  notifications.subscribe(channel, good, replace);
  const entities = judged.map(({ topic, verdict }) =>
    wireTopic(topic, verdict === 'permitted' ? 'Permitted' : 'Rejected'),
  );
  return { status: 200, body: { entities } };
}

function topicIds(body: unknown): readonly string[] | undefined {
  if (!Array.isArray(body)) return undefined;
  const ids = body.map((each: unknown) => (isRecord(each) ? each.id : undefined));
  return ids.every((each) => typeof each === 'string') ? ids : undefined;
}
