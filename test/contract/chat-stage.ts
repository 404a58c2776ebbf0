// Owns our own conversations as a test meets them: a whole service on a port, links that lead to offers, and customers on sockets.

import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { WebSocket } from 'ws';
import type { HandoffId, InteractionId, PlatformName } from '../../src/ids.ts';
import type { ChatTerms } from '../../src/protocols/chat.ts';
import type { Input } from '../../src/protocols/input.ts';
import { buildServer } from '../../src/server/app.ts';
import type { ServerFrame } from '../../src/server/chat-frames.ts';
import type { ServedChat } from '../../src/server/chat-parts.ts';
import { ChatServer } from '../../src/server/chat-server.ts';
import { GENESYS, type Served, serve } from './served.ts';

export const ANCHOR = 'throughline' as PlatformName;
const TERMS: ChatTerms = { bot: 'front-desk', turnTimeoutMs: 4_000 };

type Json = Readonly<Record<string, unknown>>;
export type ChatStage = Awaited<ReturnType<typeof openChatStage>>;

/** Dispose of it with `await using`. */
export async function openChatStage(
  change: Partial<ServedChat> = {},
  withFiles?: (served: Served) => ServedChat['files'],
) {
  const offers = new Map<string, { interactionId: InteractionId; handoffId: HandoffId }>();
  const served = await serve();
  const files = withFiles?.(served);
  const chat: ServedChat = {
    anchor: ANCHOR,
    bots: { 'front-desk': TERMS },
    bot: 'front-desk',
    findClaim: async (token) => offers.get(createHash('sha256').update(token).digest('hex')) ?? null,
    fresh: true,
    phone: '+1 505 555 1000',
    ...(files && { files }),
    ...change,
  };
  const parts = { ...served.parts, chat };
  const app = buildServer(parts);
  const chats = new ChatServer(parts, chat);
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.on('upgrade', (request, stream, head) => {
    if (!chats.upgrade(request, stream, head)) stream.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url, ...headers },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    return {
      status: answer.status,
      cookie,
      headers: answer.headers,
      body: (text === '' ? {} : JSON.parse(text)) as Json,
    };
  };

  /** As `call`, at the application that has our conversations. */
  const callHere = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await app.request(path, {
      method,
      headers: { authorization: 'Bearer the-admin-key', 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: (text === '' ? {} : JSON.parse(text)) as Json,
    };
  };

  return {
    ...served,
    callHere,
    url,
    chats,
    offers,
    post,
    /** A caller who was sent a link; its token. */
    async deflected(conversation = randomUUID()) {
      const interactionId = await served.open(conversation, {
        channel: 'voice',
        context: { intent: 'billing_dispute', authenticationStatus: 'verified' },
      });
      const token = randomUUID();
      const input: Omit<Extract<Input, { kind: 'request-deflection' }>, 'actor'> = {
        kind: 'request-deflection',
        number: { ok: true, to: '+15055551234', routes: ['twilio'] },
        text: `Go on here: ${url}/c/${token}`,
        source: 'flow',
        ttlMs: 3_600_000,
        policy: {
          told: [],
          receiptWaitMs: 20_000,
          purge: [],
          digital: { attributeValueBytes: 256, attributeCount: 50 },
          limits: { commandTimeoutMs: 5_000, settleMs: 1_000 },
        },
      };
      served.vendor.held.add('SendSms');
      await served.runner.submit(interactionId, { ...input, actor: 'test' });
      const handoffId = `${interactionId}.1` as HandoffId;
      const status = { kind: 'sms-status', actor: 'test', handoffId, route: 0, status: 'delivered' } as const;
      await served.runner.submit(interactionId, status);
      offers.set(createHash('sha256').update(token).digest('hex'), { interactionId, handoffId });
      return { token, interactionId, platform: GENESYS };
    },
    session: (body: Json) => post('/c/session', body),
    connect: (cookie: string, { origin = url, seen = 0 as number | null } = {}) => connect(url, cookie, origin, seen),
    async [Symbol.asyncDispose]() {
      await chats[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
      await served[Symbol.asyncDispose]();
    },
  };
}

/** A customer's socket, with the session of `cookie`. */
export async function connect(url: string, cookie: string, origin = url, seen: number | null = 0) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/c/socket`, { headers: { cookie, origin } });
  const frames: ServerFrame[] = [];
  const wakes = new Set<() => void>();
  let closed: number | null = null;
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)) as ServerFrame);
    for (const wake of wakes) wake();
  });
  socket.on('close', (code) => {
    closed = code;
    for (const wake of wakes) wake();
  });
  await once(socket, 'open');
  const send = (frame: Json) => socket.send(JSON.stringify(frame));
  if (seen !== null) send({ type: 'hello', seen });

  /** Resolves with what `find` finds in all that has come so far, as soon as it does. */
  const until = async <Found>(find: () => Found | undefined | null | false): Promise<Found> => {
    for (;;) {
      const found = find();
      if (found) return found;
      if (closed !== null) throw new Error(`closed with ${closed}; so far ${JSON.stringify(frames)}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          wakes.delete(wake);
          resolve();
        };
        wakes.add(wake);
      });
    }
  };
  const lines = () =>
    frames.flatMap((frame) => (frame.type === 'welcome' || frame.type === 'lines' ? frame.lines : []));
  return {
    socket,
    frames,
    send,
    until,
    lines,
    /** As the customer reads it. */
    texts: () => lines().map((line) => (line.kind === 'mark' ? `[${line.mark}]` : `${line.from}: ${line.text}`)),
    say: async (text: string, id: string = randomUUID()) => {
      send({ type: 'say', id, text });
      return until(() => frames.find((frame) => (frame.type === 'ack' || frame.type === 'refused') && frame.id === id));
    },
    welcome: () => until(() => frames.find((frame) => frame.type === 'welcome')),
    closed: async () => {
      if (closed === null) await once(socket, 'close');
      return closed;
    },
    cut: () => socket.terminate(),
  };
}
