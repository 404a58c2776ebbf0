// Tests our ear at the Notifications API against a real HTTP and WebSocket server.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { manualClock } from '../../../test/contract/manual-clock.ts';
import type { Outcome } from '../../outcome.ts';
import type { CredentialRequest } from '../credential.ts';
import type { HttpAnswer } from '../http.ts';
import { notifications } from './notifications.ts';

const TOPIC = 'v2.routing.queues.q-1.conversations';

/** A stage for one client: a real WebSocket server, and REST answers that a test may change. */
async function setUp(topics: string[] = [TOPIC]) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const clock = manualClock();
  const frames: unknown[] = [];
  const logged: string[] = [];
  const sent: CredentialRequest[] = [];
  const far = {
    topics,
    connectUri: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    failure: undefined as Outcome<HttpAnswer> | undefined,
  };
  const send = async (request: CredentialRequest): Promise<Outcome<HttpAnswer>> => {
    sent.push(request);
    if (far.failure !== undefined) return far.failure;
    const body = JSON.stringify({ id: `ch-${sent.length}`, connectUri: far.connectUri });
    return { kind: 'done', value: { kind: 'answer', status: 200, headers: new Headers(), body } };
  };
  const connection = async () => (await once(server, 'connection'))[0] as WebSocket;
  const start = () =>
    notifications({
      credential: { send },
      clock,
      random: () => 0,
      log: (entry) => logged.push(`${entry.code}: ${entry.detail}`),
      topics: async () => ({ kind: 'done', value: far.topics }),
      onFrame: (frame) => frames.push(frame),
    });
  const stop = async () => {
    for (const client of server.clients) client.terminate();
    server.close();
    await once(server, 'close');
  };
  return { clock, far, frames, logged, sent, start, connection, [Symbol.asyncDispose]: stop };
}

const tell = (socket: WebSocket, frame: unknown) => socket.send(JSON.stringify(frame));
const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

describe('notifications', () => {
  it('opens a channel, subscribes to the topics and hands frames on', async () => {
    await using world = await setUp();
    const arriving = world.connection();
    await using ear = world.start();
    const socket = await arriving;
    await until(() => ear.connected());
    expect(world.sent.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      { method: 'POST', path: '/api/v2/notifications/channels', body: undefined },
      {
        method: 'PUT',
        path: '/api/v2/notifications/channels/ch-1/subscriptions?ignoreErrors=true',
        body: [{ id: TOPIC }],
      },
    ]);
    tell(socket, { topicName: 'channel.metadata', eventBody: { message: 'WebSocket Heartbeat' } });
    socket.send('not json');
    socket.send(Buffer.from([1, 2, 3]));
    tell(socket, { no: 'topic' });
    tell(socket, { topicName: TOPIC, eventBody: { id: 'c-1' } });
    await until(() => world.frames.length > 0);
    expect(world.frames).toEqual([{ topicName: TOPIC, eventBody: { id: 'c-1' } }]);
  });

  it('comes back at once when Genesys is about to close the socket', async () => {
    await using world = await setUp();
    const first = world.connection();
    await using ear = world.start();
    const socket = await first;
    await until(() => ear.connected());
    const second = world.connection();
    tell(socket, { topicName: 'v2.system.socket_closing', eventBody: {} });
    await second;
    await until(() => ear.connected());
    expect(world.sent).toHaveLength(4);
    expect(world.logged).toEqual([]);
  });

  it('comes back after a pause when the socket breaks', async () => {
    await using world = await setUp();
    const arriving = world.connection();
    await using ear = world.start();
    const socket = await arriving;
    await until(() => ear.connected());
    socket.terminate();
    await until(() => world.logged.length === 1);
    expect(ear.connected()).toBe(false);
    await world.clock.advance(499);
    expect(world.sent).toHaveLength(2);
    const again = world.connection();
    await world.clock.advance(1);
    await again;
    await until(() => ear.connected());
  });

  it('waits longer and longer while no channel can be had, and names why without detail', async () => {
    await using world = await setUp();
    world.far.failure = { kind: 'rejected', code: 'forbidden' };
    await using _ear = world.start();
    for (const pause of [500, 1_000, 2_000]) {
      const asked = world.sent.length;
      await world.clock.whenSleeping(1);
      await world.clock.advance(pause - 1);
      expect(world.sent.length).toBe(Math.max(asked, 1));
      await world.clock.advance(1);
      expect(world.sent.length).toBe(Math.max(asked, 1) + 1);
    }
    expect(world.logged[0]).toBe('notifications-lost: forbidden');
  });

  it('does not connect to what is no WebSocket address', async () => {
    await using world = await setUp();
    world.far.connectUri = 'http://127.0.0.1/';
    await using _ear = world.start();
    await until(() => world.logged.length === 1);
    expect(world.logged).toEqual(['notifications-lost: unexpected-answer']);
  });

  it('pings, and takes silence for a loss', async () => {
    await using world = await setUp();
    const arriving = world.connection();
    await using ear = world.start();
    const socket = await arriving;
    await until(() => ear.connected());
    const heard: string[] = [];
    socket.on('message', (data) => heard.push(String(data)));
    await world.clock.advance(30_000);
    await until(() => heard.length === 1);
    expect(JSON.parse(heard[0] ?? '')).toEqual({ message: 'ping' });
    await world.clock.advance(30_000);
    await world.clock.advance(30_000);
    await until(() => world.logged.length === 1);
    expect(world.logged).toEqual(['notifications-lost: silence']);
  });

  it('stays while Genesys answers its pings', async () => {
    await using world = await setUp();
    const arriving = world.connection();
    await using ear = world.start();
    const socket = await arriving;
    await until(() => ear.connected());
    let pings = 0;
    socket.on('message', () => {
      pings += 1;
      tell(socket, { topicName: TOPIC, eventBody: pings });
    });
    for (let beat = 1; beat <= 5; beat += 1) {
      await world.clock.advance(30_000);
      await until(() => world.frames.length === beat);
    }
    expect(ear.connected()).toBe(true);
    expect(world.logged).toEqual([]);
  });

  it('listens to a new queue within a quarter of an hour, on the same channel', async () => {
    await using world = await setUp();
    const arriving = world.connection();
    await using ear = world.start();
    const socket = await arriving;
    socket.on('message', () => tell(socket, { topicName: TOPIC, eventBody: {} }));
    await until(() => ear.connected());
    world.far.topics = [TOPIC, 'v2.routing.queues.q-2.conversations'];
    for (let beat = 1; beat <= 30; beat += 1) {
      await world.clock.advance(30_000);
      await until(() => world.frames.length === beat);
    }
    expect(world.sent).toHaveLength(3);
    expect(world.sent[2]).toMatchObject({
      method: 'PUT',
      body: [{ id: TOPIC }, { id: 'v2.routing.queues.q-2.conversations' }],
    });
  });

  it('subscribes again in time for the channel not to expire', async () => {
    await using world = await setUp();
    const arriving = world.connection();
    await using ear = world.start();
    const socket = await arriving;
    socket.on('message', () => tell(socket, { topicName: TOPIC, eventBody: {} }));
    await until(() => ear.connected());
    for (let beat = 1; beat <= 1_440; beat += 1) {
      await world.clock.advance(30_000);
      await until(() => world.frames.length === beat);
    }
    expect(world.sent.map((one) => one.method)).toEqual(['POST', 'PUT', 'PUT']);
  });

  it('takes the first thousand topics and says that there are more', async () => {
    await using world = await setUp(Array.from({ length: 1_001 }, (_, n) => `t-${n}`));
    const arriving = world.connection();
    await using _ear = world.start();
    await arriving;
    expect(world.sent[1]?.body).toHaveLength(1_000);
    expect(world.logged).toEqual(['too-many-topics: 1001 topics, the first 1000 are listened to']);
  });

  it('closes its socket and comes to rest when it is closed', async () => {
    await using world = await setUp();
    const arriving = world.connection();
    const ear = world.start();
    const socket = await arriving;
    const closed = once(socket, 'close');
    await until(() => ear.connected());
    await ear.close();
    await closed;
    await world.clock.advance(0);
    expect(ear.connected()).toBe(false);
    expect(world.clock.sleepers()).toBe(0);
  });
});
