// Tests how bodies are read, over real HTTP where the connection matters.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { describe, expect, it } from 'vitest';
import { GENESYS, serve } from '../../test/contract/served.ts';

const KB = 1024;
const ADMIN = 'Bearer the-admin-key';
const json = { 'content-type': 'application/json' };

type Body = string | Uint8Array | ReadableStream<Uint8Array>;

/** The whole service behind a real socket. */
async function listening() {
  const served = await serve();
  const server = createAdaptorServer({ fetch: served.app.fetch, createServer }) as Server;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const post = (path: string, body: Body, authorization = ADMIN) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { authorization, ...json },
      body,
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    } as RequestInit);
  return {
    served,
    port,
    /** The status that is answered, or how the connection failed. */
    async statusOf(path: string, body: Body, authorization?: string): Promise<number | string> {
      try {
        const response = await post(path, body, authorization);
        await response.text();
        return response.status;
      } catch (error) {
        return String(error instanceof Error && error.cause);
      }
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await served[Symbol.asyncDispose]();
    },
  };
}

/** A body whose length nobody announces. */
function chunked(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      if (left <= 0) return controller.close();
      controller.enqueue(new Uint8Array(Math.min(left, 16 * KB)).fill(0x20));
      left -= 16 * KB;
    },
  });
}

async function inTurn<Value>(times: number, call: () => Promise<Value>): Promise<readonly Value[]> {
  const all: Value[] = [];
  for (let n = 0; n < times; n += 1) all.push(await call());
  return all;
}

describe('a body that is refused', () => {
  const large = () => 'x'.repeat(300 * KB);

  it.each([
    ['a body that is too large', 413, '/v1/manifests', ADMIN, large],
    ['an unannounced body that is too large', 413, '/v1/manifests', ADMIN, () => chunked(300 * KB)],
    ['a caller without a key', 401, '/v1/manifests', 'Bearer wrong', large],
    ['a path that nobody serves', 404, '/nowhere', ADMIN, large],
    ['a hook’s body that is too large', 413, '/hooks/genesys', ADMIN, () => 'x'.repeat(1100 * KB)],
  ] as const)('%s is always answered %i, never by a broken connection', async (_, status, path, key, body) => {
    await using service = await listening();
    const answers = await inTurn(100, () => service.statusOf(path, body(), key));
    expect([...new Set(answers)]).toEqual([status]);
    const parallel = await Promise.all(Array.from({ length: 20 }, () => service.statusOf(path, body(), key)));
    expect([...new Set(parallel)]).toEqual([status]);
  });

  /** What comes back when so much is announced and only this is sent. */
  async function answerTo(port: number, announced: number, sent: Uint8Array): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    const head = ['POST /v1/manifests HTTP/1.1', 'Host: x', `Authorization: ${ADMIN}`, `Content-Length: ${announced}`];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    socket.write(sent);
    let answer = '';
    for await (const chunk of socket) {
      answer += chunk;
      if (answer.includes('"limitBytes"')) break;
    }
    return answer;
  }

  it.each([
    ['announced', { 'content-length': `${300 * KB}` }, ADMIN],
    ['not announced', {}, ADMIN],
    ['that nobody with a key sends', { 'content-length': `${300 * KB}` }, 'Bearer wrong'],
  ])('%s is read to its end before it is answered', async (_, headers, authorization) => {
    await using served = await serve();
    const reader = chunked(300 * KB).getReader();
    let ended = false;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        ended = true;
        controller.close();
      },
    });
    const request = { method: 'POST', headers: { authorization, ...headers }, body, duplex: 'half' };
    const { status } = await served.app.request('/v1/manifests', request as RequestInit);
    expect([status, ended]).toEqual([authorization === ADMIN ? 413 : 401, true]);
  });

  it('keeps the connection when the rest was read', async () => {
    await using service = await listening();
    const answer = await answerTo(service.port, 300 * KB, new Uint8Array(300 * KB));
    expect(answer).toContain('HTTP/1.1 413');
    expect(answer.toLowerCase()).not.toContain('connection: close');
  });

  it('is answered unread, and the connection closed, when more than 4 MB are announced', async () => {
    await using service = await listening();
    const answer = await answerTo(service.port, 4096 * KB + 1, new Uint8Array(1));
    expect(answer).toContain('HTTP/1.1 413');
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  it.each([
    [413, ADMIN],
    [401, 'Bearer wrong'],
  ])(
    'answered %i is read no further than 4 MB when nothing was announced, and the connection closed',
    async (status, key) => {
      await using served = await serve();
      let pulled = 0;
      const endless = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 64 * KB;
          controller.enqueue(new Uint8Array(64 * KB));
        },
      });
      const request = { method: 'POST', headers: { authorization: key }, body: endless, duplex: 'half' };
      const response = await served.app.request('/v1/manifests', request as RequestInit);
      expect([response.status, response.headers.get('connection')]).toEqual([status, 'close']);
      expect(pulled).toBeLessThan(5 * 1024 * KB);
    },
  );

  it('that breaks off is no error of ours', async () => {
    await using served = await serve();
    for (const headers of [{ authorization: ADMIN, ...json }, { authorization: ADMIN }, json]) {
      const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) });
      const request = { method: 'POST', headers, body: broken, duplex: 'half' } as RequestInit;
      const response = await served.app.request('/v1/manifests', request);
      expect(response.status).toBe('authorization' in headers ? 400 : 401);
    }
    expect(served.errors).toEqual([]);
  });
});

describe('JSON', () => {
  const named = (...name: readonly number[]) =>
    Buffer.concat([
      Buffer.from(`{"platform":"${GENESYS}","externalId":"c","channel":"voice","customer":{"name":"`),
      Buffer.from(name),
      Buffer.from('"}}'),
    ]);

  it.each([
    ['a lone continuation', [0x80]],
    ['a sequence cut short', [0xc3]],
    ['an overlong form', [0xc0, 0xaf]],
    ['Latin-1', [0x41, 0xe9, 0x61]],
  ])('is refused with %s, since it must be UTF-8 (RFC 8259 §8.1)', async (_, name) => {
    await using service = await listening();
    expect(await service.statusOf('/v1/interactions', named(...name))).toBe(400);
    expect((await service.served.get('/v1/interactions')).body.entities).toEqual([]);
  });

  it('is taken as it was written, the replacement character too', async () => {
    await using service = await listening();
    expect(await service.statusOf('/v1/interactions', named(...Buffer.from('Zoë \u{fffd} 😀')))).toBe(201);
    const { body } = await service.served.get(`/v1/interactions?platform=${GENESYS}&externalId=c`);
    expect(body.customer).toEqual({ name: 'Zoë \u{fffd} 😀' });
  });
});
