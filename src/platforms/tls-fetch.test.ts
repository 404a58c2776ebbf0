// Tests the way to a platform over TLS against real servers with certificates made here.

import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { type Authority, newAuthority } from '../../test/contract/certificates.ts';
import { manualClock } from '../../test/contract/manual-clock.ts';
import { scriptedServer } from '../../test/contract/scripted-server.ts';
import { exchange } from './http.ts';
import { refusalInWords } from './not-secured.ts';
import type { ClientTls } from './tls-config.ts';
import { type TlsWay, tlsWay } from './tls-fetch.ts';

let ours: Authority;
let others: Authority;

beforeAll(() => {
  ours = newAuthority('Test authority');
  others = newAuthority('Somebody else');
});

const ways: TlsWay[] = [];
afterAll(() => {
  for (const way of ways) way.close();
});

/** A platform; what it was asked, and what it is to answer with. */
async function platform(options: ServerOptions = {}) {
  const asked: string[] = [];
  const versions: unknown[] = [];
  const server = createServer({ ...ours.issue('platform'), ...options }, (request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''} ${body}`);
      versions.push((request.socket as { getProtocol?: () => unknown }).getProtocol?.());
      if (request.url === '/gone') return void response.writeHead(204).end();
      if (request.url === '/elsewhere') return void response.writeHead(302, { location: '/' }).end();
      if (request.url === '/cut') return void response.destroy();
      if (request.url === '/never') return;
      response.writeHead(200, { 'x-twice': ['a', 'b'] }).end('{"ok":true}');
    });
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.send('hello'));
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    asked,
    versions,
    async [Symbol.asyncDispose]() {
      sockets.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function through(tls: Partial<ClientTls> = {}) {
  const refused: string[] = [];
  const way = tlsWay({ minVersion: 'TLSv1.3', ca: ours.cert, ...tls }, (code) => refused.push(code));
  ways.push(way);
  const send = (url: string, method: 'GET' | 'POST' = 'POST', signal = new AbortController().signal) =>
    exchange(
      { method, url, headers: { authorization: 'Bearer secret' }, ...(method === 'POST' && { body: '{"a":1}' }) },
      { signal, mayStart: () => true },
      { fetch: way.fetch, clock: manualClock(), timeoutMs: 5_000, maxBytes: 1_000 },
    );
  return { way, refused, send };
}

describe('tlsWay', () => {
  it('speaks TLS 1.3 with a platform that it trusts, and carries what fetch would', async () => {
    await using far = await platform();
    const { send, refused } = through();
    const answer = await send(`${far.url}/path?a=b`);
    expect(answer).toMatchObject({ kind: 'answer', status: 200, body: '{"ok":true}' });
    expect(answer.kind === 'answer' && answer.headers.get('x-twice')).toBe('a, b');
    expect(far.asked).toEqual(['POST /path?a=b Bearer secret {"a":1}']);
    expect(far.versions).toEqual(['TLSv1.3']);
    expect(refused).toEqual([]);
  });

  it('answers without a body where there is none, and follows no redirect', async () => {
    await using far = await platform();
    const { send } = through();
    expect(await send(`${far.url}/gone`)).toMatchObject({ kind: 'answer', status: 204, body: '' });
    expect(await send(`${far.url}/elsewhere`)).toMatchObject({ kind: 'answer', status: 302 });
    expect(far.asked).toHaveLength(2);
  });

  it('refuses a platform whose certificate nobody we trust has signed: nothing was sent (H5), and it is told', async () => {
    await using far = await platform(others.issue('impostor'));
    const { send, refused } = through();
    expect(await send(far.url)).toEqual({
      kind: 'transient',
      code: 'unreachable',
      detail: 'TLS: UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    expect(far.asked).toEqual([]);
    expect(refused).toEqual(['UNABLE_TO_VERIFY_LEAF_SIGNATURE']);
    expect(refusalInWords(refused[0] ?? '')).toMatch(/not one that is trusted for this host\. Nothing was sent/);
  });

  it.each([
    ['has expired', () => ({ from: new Date(2020, 1, 1), to: new Date(2021, 1, 1) }), 'CERT_HAS_EXPIRED'],
    ['is not valid yet', () => ({ from: new Date(2100, 1, 1), to: new Date(2101, 1, 1) }), 'CERT_NOT_YET_VALID'],
  ])('refuses a certificate that %s', async (_what, validity, code) => {
    await using far = await platform(ours.issue('platform', validity()));
    const { send } = through();
    expect(await send(far.url)).toMatchObject({ code: 'unreachable', detail: `TLS: ${code}` });
    expect(far.asked).toEqual([]);
  });

  it('trusts nobody that it was not told to', async () => {
    await using far = await platform();
    const way = tlsWay({ minVersion: 'TLSv1.3' }, () => {});
    ways.push(way);
    await expect(way.fetch(far.url, {})).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it('speaks nothing below TLS 1.3 unless it may', async () => {
    await using far = await platform({ maxVersion: 'TLSv1.2' });
    const strict = through();
    expect(await strict.send(far.url)).toMatchObject({ kind: 'transient', code: 'unreachable' });
    expect(strict.refused).toHaveLength(1);
    expect(refusalInWords(strict.refused[0] ?? '')).toMatch(/no version of TLS in common\. See tls\.minVersion/);
    expect(far.asked).toEqual([]);
    expect(await through({ minVersion: 'TLSv1.2' }).send(far.url)).toMatchObject({ kind: 'answer', status: 200 });
    expect(far.versions).toEqual(['TLSv1.2']);
  });

  it('shows its own certificate to a platform that asks for one', async () => {
    await using far = await platform({ ca: ours.cert, requestCert: true, rejectUnauthorized: true });
    expect(await through(ours.issue('throughline')).send(far.url)).toMatchObject({ kind: 'answer', status: 200 });
    const bare = through();
    expect(await bare.send(far.url)).toMatchObject({ kind: 'transient', code: 'unreachable' });
    expect(refusalInWords(bare.refused[0] ?? '')).toMatch(/does not take our certificate, or wants one/);
    expect(far.asked).toHaveLength(1);
  });

  it('tells what was sent and lost from what was never sent', async () => {
    await using far = await platform();
    const { send, refused } = through();
    expect(await send(`${far.url}/cut`)).toEqual({ kind: 'ambiguous', code: 'connection-lost' });
    const caller = new AbortController();
    const pending = send(`${far.url}/never`, 'POST', caller.signal);
    while (far.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    caller.abort();
    expect(await pending).toEqual({ kind: 'ambiguous', code: 'timed-out' });
    expect(await send('https://127.0.0.1:1')).toEqual({ kind: 'transient', code: 'unreachable' });
    expect(refused).toEqual([]);
  });

  it('takes plain text at a TLS port for what it is: nothing was taken', async () => {
    await using plain = await scriptedServer(() => ({ status: 200 }));
    const { send, refused } = through();
    expect(await send(plain.url.replace('http:', 'https:'))).toMatchObject({ kind: 'transient', code: 'unreachable' });
    expect(refused.map(refusalInWords)).toEqual([expect.stringContaining('there is no TLS at this address')]);
    expect(plain.asked).toEqual([]);
  });

  it('leaves a platform without TLS to the usual way', async () => {
    await using plain = await scriptedServer(() => ({ status: 200, text: 'ok' }));
    expect(await through().send(plain.url)).toMatchObject({ kind: 'answer', status: 200, body: 'ok' });
  });

  it('opens sockets in the same way, and refuses the same certificates', async () => {
    await using good = await platform();
    await using bad = await platform(others.issue('impostor'));
    const { way, refused } = through();
    const heard = Promise.withResolvers<unknown>();
    const socket = new way.socket(good.url.replace('https:', 'wss:'));
    socket.addEventListener('message', ({ data }) => heard.resolve(data));
    expect(await heard.promise).toBe('hello');
    socket.close();
    const closed = Promise.withResolvers<void>();
    new way.socket(bad.url.replace('https:', 'wss:')).addEventListener('close', () => closed.resolve());
    await closed.promise;
    expect(refused).toEqual(['UNABLE_TO_VERIFY_LEAF_SIGNATURE']);
  });
});
