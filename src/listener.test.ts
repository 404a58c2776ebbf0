// Tests the service's own port with TLS, against real clients with certificates made here.

import { once } from 'node:events';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { connect as connectSecured } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, newAuthority } from '../test/contract/certificates.ts';
import { manualClock } from '../test/contract/manual-clock.ts';
import { freePorts } from '../test/e2e/running-service.ts';
import { type ListenerParts, openListener } from './listener.ts';
import type { Refused } from './refusals.ts';
import type { ServerTls } from './tls-files.ts';

let ours: Authority;
let others: Authority;
beforeAll(() => {
  ours = newAuthority('Test authority');
  others = newAuthority('Somebody else');
});

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function listening(tls: Partial<ServerTls> | null = {}, more: Partial<ListenerParts> = {}) {
  const refused: Refused[] = [];
  const seen: string[] = [];
  const clock = manualClock();
  const port = await freePorts();
  const listener = await openListener({
    fetch: (asked: Request) => {
      seen.push(asked.url);
      return new Response('hello');
    },
    port,
    host: '127.0.0.1',
    tls: tls && { minVersion: 'TLSv1.3', ...ours.issue('throughline'), ...tls },
    clock,
    refused: (one) => refused.push(one),
    ...more,
  });
  open.push(listener);
  return { port, url: listener.url, refused, seen, clock };
}

/** The answer, or the code of what went wrong. */
function ask(url: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return new Promise((resolve) => {
    const asked = request(url, { ca: ours.cert, agent: false, ...more }, (answer) => {
      let text = `${(answer.socket as { getProtocol?: () => string }).getProtocol?.()} `;
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve(text));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    asked.end();
  });
}

/** Until the server has said so. */
async function told(refused: readonly Refused[], count: number): Promise<readonly Refused[]> {
  while (refused.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  return refused;
}

describe('the service’s own port', () => {
  it('listens in the clear where nothing else is wanted', async () => {
    const { url } = await listening(null);
    expect(url).toMatch(/^http:/);
    expect(await (await fetch(url)).text()).toBe('hello');
  });

  it('speaks TLS 1.3, and knows that it does', async () => {
    const { url, seen, refused } = await listening();
    expect(await ask(url)).toBe('TLSv1.3 hello');
    expect(seen).toEqual([`${url}/`]);
    expect(seen[0]).toMatch(/^https:/);
    expect(refused).toEqual([]);
  });

  it('speaks nothing older, unless it may', async () => {
    const strict = await listening();
    expect(await ask(strict.url, { maxVersion: 'TLSv1.2' })).not.toContain('hello');
    expect(await told(strict.refused, 1)).toEqual([{ code: 'ERR_SSL_UNSUPPORTED_PROTOCOL', times: 1 }]);
    const lenient = await listening({ minVersion: 'TLSv1.2' });
    expect(await ask(lenient.url, { maxVersion: 'TLSv1.2' })).toBe('TLSv1.2 hello');
  });

  it('takes callers with a certificate of the given authority, and no others', async () => {
    const { url, refused, seen } = await listening({ ca: ours.cert });
    expect(await ask(url, ours.issue('a client'))).toBe('TLSv1.3 hello');
    expect(await ask(url)).not.toContain('hello');
    expect(await told(refused, 1)).toEqual([{ code: 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE', times: 1 }]);
    expect(await ask(url, others.issue('a stranger'))).not.toContain('hello');
    expect((await told(refused, 2))[1]).toEqual({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', times: 1 });
    const past = ours.issue('an old client', { from: new Date(2020, 1, 1), to: new Date(2021, 1, 1) });
    expect(await ask(url, past)).not.toContain('hello');
    expect((await told(refused, 3))[2]).toEqual({ code: 'CERT_HAS_EXPIRED', times: 1 });
    expect(seen).toHaveLength(1);
    expect(JSON.stringify(refused)).not.toMatch(/127\.0\.0\.1|stranger/);
  });

  it('tells of a refusal at once, and of a thousand once a minute', async () => {
    const { url, refused, clock } = await listening({ ca: ours.cert });
    for (let n = 0; n < 20; n += 1) await ask(url);
    await told(refused, 1);
    expect(refused).toEqual([{ code: 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE', times: 1 }]);
    await clock.advance(60_000);
    await ask(url);
    expect((await told(refused, 2))[1]?.times).toBe(20);
  });

  it('says nothing to plain text', async () => {
    const { port, seen } = await listening();
    const said = await fetch(`http://127.0.0.1:${port}/`).then(
      () => 'an answer',
      () => 'nothing',
    );
    expect([said, seen]).toEqual(['nothing', []]);
  });

  it('gives connections that want to become another to whoever takes them, and answers the rest', async () => {
    const { url } = await listening(null, {
      upgrade: ({ url: path }, stream) => {
        if (path !== '/ours') return false;
        stream.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
        return true;
      },
    });
    const upgraded = (path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { connection: 'upgrade', upgrade: 'websocket' };
        const asked = plainRequest(`${url}${path}`, { headers }, ({ statusCode }) => resolve(statusCode));
        asked.on('error', reject).end();
      });
    expect([await upgraded('/ours'), await upgraded('/theirs')]).toEqual([503, 404]);
  });

  it('closes while somebody is connected, or never says a word', async () => {
    const { port } = await listening();
    const secured = connectSecured({ port, host: '127.0.0.1', ca: ours.cert });
    const silent = connect({ port, host: '127.0.0.1' });
    await Promise.all([once(secured, 'secureConnect'), once(silent, 'connect')]);
    const gone = Promise.all([secured, silent].map((socket) => once(socket.resume(), 'close')));
    await Promise.all(open.splice(0).map((one) => one.close()));
    await gone;
  });

  it('says in a sentence that the port is taken', async () => {
    const { port } = await listening();
    const again = openListener({
      fetch: () => new Response(),
      port,
      host: '127.0.0.1',
      tls: null,
      clock: manualClock(),
      refused: () => {},
    });
    await expect(again).rejects.toThrow(`Port ${port} is taken.`);
  });
});
