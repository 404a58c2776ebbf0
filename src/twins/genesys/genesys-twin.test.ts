import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { driveTwin } from '../../../test/twins/twin-driver.ts';
import type { Clock } from '../../clock.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { startGenesysTwin } from './genesys-twin.ts';

const machineClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};

type Envelope = {
  id: string;
  'detail-type': string;
  source: string;
  detail: { topicName: string; eventBody: Record<string, unknown>; metadata: { CorrelationId: string } };
};
type Created = { conversationId: string };

/** A twin whose hook collects what it is sent. */
async function withHook(answer: (count: number) => number = () => 204) {
  const received: Envelope[] = [];
  const driver = await driveTwin({
    hook: { url: 'http://hook.test/events' },
    fetch: async (input, init) => {
      received.push((await new Request(input, init).json()) as Envelope);
      return new Response(null, { status: answer(received.length) });
    },
  });
  const types = () => received.map((each) => each['detail-type'].replace('v2.detail.events.conversation.{id}.', ''));
  const create = async (body: unknown) =>
    (await driver.control<Created>('POST', '/conversations', body)).body.conversationId;
  return { ...driver, received, types, create };
}

describe('detail events', () => {
  it('travel in the EventBridge envelope, in the vendor’s units and words', async () => {
    const { clock, received, create, control } = await withHook();
    const id = await create({ channel: 'voice', from: '+14155551234', to: '+18005550199' });
    await clock.advance(2_000);
    await control('POST', `/conversations/${id}/hangup`);
    await clock.advance(0);
    expect(received[1]).toMatchObject({
      'detail-type': 'v2.detail.events.conversation.{id}.customer.end',
      source: expect.stringMatching(/^aws\.partner\/genesys\.com\/cloud\/[0-9a-f-]{36}\//),
      detail: {
        topicName: `v2.detail.events.conversation.${id}.customer.end`,
        version: '2',
        metadata: { CorrelationId: expect.any(String) },
        eventBody: {
          eventTime: clock.now(),
          conversationId: id,
          mediaType: 'VOICE',
          direction: 'INBOUND',
          ani: 'tel:+14155551234',
          dnis: 'tel:+18005550199',
          disconnectType: 'ENDPOINT',
          interactingDurationMs: 2_000,
        },
      },
    });
  });

  it.each([
    ['webchat', { mediaType: 'MESSAGE', messageType: 'WEBMESSAGING', addressFrom: 'guest' }],
    ['sms', { mediaType: 'MESSAGE', messageType: 'SMS' }],
    ['email', { mediaType: 'EMAIL', addressFrom: 'guest' }],
    ['callback', { mediaType: 'CALLBACK', ani: 'guest' }],
  ])('of a %s say so', async (channel, body) => {
    const { clock, received, create } = await withHook();
    await create({ channel, from: 'guest' });
    await clock.advance(0);
    expect(received[0]?.detail.eventBody).toMatchObject(body);
  });

  it('come again, with the same id, until the hook takes them', async () => {
    const { clock, received, create } = await withHook((count) => (count === 1 ? 500 : 204));
    await create({ channel: 'voice' });
    await clock.advance(1_000);
    expect(received).toHaveLength(2);
    expect(received[1]?.id).toBe(received[0]?.id);
  });

  it('are dropped, repeated and overtaken on command', async () => {
    const { clock, received, types, create, control } = await withHook();
    await control('POST', '/faults', { match: { path: 'acd.start' }, fault: 'drop-event', times: 1 });
    await control('POST', '/faults', { match: { path: 'customer.start' }, fault: 'repeat-event', times: 1 });
    await control('POST', '/faults', { match: { path: 'acd.end' }, fault: 'reorder-events', times: 1 });
    const id = await create({ channel: 'voice', queue: 'General_Support' });
    await control('POST', `/conversations/${id}/hangup`);
    await clock.advance(5_000);
    expect(types()).toEqual(['customer.start', 'customer.end', 'acd.end', 'customer.start']);
    expect(received[3]?.id).toBe(received[0]?.id);
  });

  it('go to a hook that is set later', async () => {
    const driver = await driveTwin({ fetch: async () => new Response(null, { status: 204 }) });
    await driver.control('POST', '/conversations', { channel: 'voice' });
    expect(driver.twin.deliveries()).toMatchObject({ delivered: 0, waiting: 0 });
    await driver.control('PUT', '/settings', { hook: { url: 'http://hook.test/' } });
    await driver.control('POST', '/conversations', { channel: 'voice' });
    await driver.clock.advance(0);
    expect(driver.twin.deliveries().delivered).toBe(1);
  });
});

describe('notification channels', () => {
  const topicOf = (name: string) => `v2.routing.queues.${name}.conversations`;
  const HIDDEN = topicOf('5f1c0a10-0008-4a00-8a00-000000000008');
  const SUPPORT = topicOf('5f1c0a10-0004-4a00-8a00-000000000004');
  type Topics = { entities: { id: string; state?: string }[] };

  async function withChannel() {
    const driver = await driveTwin();
    const { body } = await driver.api<{ id: string; connectUri: string; expires: string }>(
      'POST',
      '/api/v2/notifications/channels',
    );
    const path = `/api/v2/notifications/channels/${body.id}/subscriptions`;
    return { ...driver, channel: body, path };
  }

  it('keep, add, replace and drop subscriptions', async () => {
    const { api, path } = await withChannel();
    const ids = async () => (await api<Topics>('GET', path)).body.entities.map(({ id }) => id);
    await api('PUT', path, [{ id: SUPPORT }]);
    const users = 'v2.users.u1.conversations.calls';
    await api('POST', path, [{ id: users }]);
    expect(await ids()).toEqual([SUPPORT, users]);
    await api('PUT', path, [{ id: users }]);
    expect(await ids()).toEqual([users]);
    expect((await api('DELETE', path)).status).toBe(202);
    expect(await ids()).toEqual([]);
  });

  it('refuse a forbidden topic for the whole request, unless errors are to be ignored', async () => {
    const { api, path } = await withChannel();
    const refused = await api('PUT', path, [{ id: SUPPORT }, { id: HIDDEN }]);
    expect(refused).toMatchObject({ status: 403, body: { code: 'missing.any.permissions' } });
    const lenient = await api<Topics>('PUT', `${path}?ignoreErrors=true`, [{ id: SUPPORT }, { id: HIDDEN }]);
    expect(lenient.body.entities.map(({ state }) => state)).toEqual(['Permitted', 'Rejected']);
    expect((await api('PUT', path, [{ id: 'v2.conversations.c1' }])).status).toBe(400);
    expect((await api('PUT', path, { id: SUPPORT })).status).toBe(400);
    expect((await api('PUT', path, [{}])).status).toBe(400);
  });

  it('take a thousand topics', async () => {
    const { api, path } = await withChannel();
    const topics = (count: number) =>
      Array.from({ length: count }, (_each, n) => ({ id: `v2.users.u${n}.conversations` }));
    expect((await api('PUT', path, topics(1_001))).status).toBe(400);
    expect((await api('PUT', path, topics(1_000))).status).toBe(200);
    expect((await api('POST', path, [{ id: SUPPORT }])).status).toBe(400);
  });

  it('live a day, and longer when subscribed again', async () => {
    const { api, path, clock, login } = await withChannel();
    const day = 24 * 3_600_000;
    await clock.advance(day - 1);
    await api('PUT', path, [{ id: SUPPORT }], await login());
    await clock.advance(day - 1);
    expect((await api('GET', path, undefined, await login())).status).toBe(200);
    await clock.advance(1);
    expect((await api('GET', path, undefined, await login())).status).toBe(404);
  });

  it('number twenty for a client: the next evicts the oldest', async () => {
    const { api, path } = await withChannel();
    for (let count = 0; count < 19; count += 1) await api('POST', '/api/v2/notifications/channels');
    expect((await api('GET', path)).status).toBe(200);
    await api('POST', '/api/v2/notifications/channels');
    expect((await api('GET', path)).status).toBe(404);
  });

  it('are no other client’s', async () => {
    const { twin } = await driveTwin();
    expect(twin.organisation.client('twin-client', 'other')).toBeUndefined();
    const two = await driveTwin({
      clients: [
        { clientId: 'twin-client', clientSecret: 'twin-secret', divisions: ['Home'] },
        { clientId: 'b', clientSecret: 'b', divisions: ['Home', 'Restricted'] },
      ],
    });
    const { body } = await two.api<{ id: string }>('POST', '/api/v2/notifications/channels');
    const other = await two.login('b', 'b');
    const path = `/api/v2/notifications/channels/${body.id}/subscriptions`;
    expect((await two.api('GET', path, undefined, other)).status).toBe(404);
  });
});

describe('on a port', () => {
  it('serves vendor and control paths, posts events to a real hook and pushes to a real socket', async () => {
    const posted: Envelope[] = [];
    const hookServer = createServer(async (request, response) => {
      posted.push(JSON.parse(Buffer.concat(await request.toArray()).toString('utf8')));
      response.writeHead(204).end();
    }).listen(0, '127.0.0.1');
    await once(hookServer, 'listening');
    const hook = { url: `http://127.0.0.1:${(hookServer.address() as AddressInfo).port}/hooks/genesys` };
    await using twin = await startGenesysTwin({ clock: machineClock, hook, settleMs: 20 });
    const json = async (path: string, init: RequestInit) =>
      (await (await fetch(twin.url + path, init)).json()) as Record<string, never>;
    const { access_token: token } = await json('/oauth/token', {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa('twin-client:twin-secret')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const headers = { Authorization: `Bearer ${token}` };
    const channel = await json('/api/v2/notifications/channels', { method: 'POST', headers });
    const socket = new WebSocket(String(channel.connectUri));
    const pushed: { topicName: string; eventBody: Record<string, unknown> }[] = [];
    socket.on('message', (data) => pushed.push(JSON.parse(String(data))));
    await once(socket, 'open');
    socket.send('not json');
    socket.send('{"message":"ping"}');
    await expect.poll(() => pushed.at(0)).toEqual({ topicName: 'channel.metadata', eventBody: { message: 'pong' } });

    const { conversationId } = await json('/twin/conversations', {
      method: 'POST',
      body: '{"channel":"voice","from":"+14155551234"}',
    });
    const topic = `v2.detail.events.conversation.${conversationId}.customer.end`;
    await json(`/api/v2/notifications/channels/${channel.id}/subscriptions`, {
      method: 'PUT',
      headers,
      body: JSON.stringify([{ id: topic }]),
    });
    await json(`/twin/conversations/${conversationId}/hangup`, { method: 'POST' });
    await expect
      .poll(() => pushed.at(-1))
      .toMatchObject({ topicName: topic, eventBody: { disconnectType: 'ENDPOINT' } });
    await expect
      .poll(() => posted.map((each) => each['detail-type'].split('}.')[1]))
      .toEqual(['customer.start', 'customer.end']);
    expect(twin.calls().length).toBe(3);
    socket.terminate();
    hookServer.close();
  });

  async function openChannel(url: string): Promise<string> {
    const login = await fetch(`${url}/oauth/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa('twin-client:twin-secret')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token: token } = (await login.json()) as { access_token: string };
    const headers = { Authorization: `Bearer ${token}` };
    const made = await fetch(`${url}/api/v2/notifications/channels`, { method: 'POST', headers });
    const { connectUri } = (await made.json()) as { connectUri: string };
    return connectUri;
  }

  async function openSocket(uri: string) {
    const socket = new WebSocket(uri);
    const pushed: { topicName: string; eventBody: unknown }[] = [];
    socket.on('message', (data) => pushed.push(JSON.parse(String(data))));
    await once(socket, 'open');
    return { socket, pushed };
  }

  it('gives a channel’s socket to the newest, and none to a stranger', async () => {
    await using twin = await startGenesysTwin({ clock: machineClock });
    const connectUri = await openChannel(twin.url);
    const first = await openSocket(connectUri);
    const ended = once(first.socket, 'close');
    const second = await openSocket(connectUri);
    expect(await ended).toMatchObject([1000, expect.anything()]);
    second.socket.send('{"message":"ping"}');
    await expect.poll(() => second.pushed.length).toBe(1);

    const stranger = new WebSocket(`${twin.url.replace('http', 'ws')}/notifications/ws/unknown`);
    const [code] = await once(stranger, 'close');
    expect(code).toBe(1008);
    const elsewhere = new WebSocket(`${twin.url.replace('http', 'ws')}/elsewhere`);
    await expect(once(elsewhere, 'open')).rejects.toThrow();
  });

  it('sends a heartbeat every thirty seconds', async () => {
    const clock = createVirtualClock();
    await using twin = await startGenesysTwin({ clock });
    const connectUri = await openChannel(twin.url);
    const { pushed } = await openSocket(connectUri);
    await clock.advance(90_000);
    const beat = { topicName: 'channel.metadata', eventBody: { message: 'WebSocket Heartbeat' } };
    await expect.poll(() => pushed).toEqual([beat, beat, beat]);
  });
});
