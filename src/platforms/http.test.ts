// Tests one exchange against real servers that answer, refuse, hang and break off.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { manualClock } from '../../test/contract/manual-clock.ts';
import { type Script, scriptedServer } from '../../test/contract/scripted-server.ts';
import { exchange, type HttpRequest, readJson } from './http.ts';

const free = () => ({ signal: new AbortController().signal, mayStart: () => true });

async function ask(
  script: Script,
  method: HttpRequest['method'] = 'GET',
  extra: Partial<{ maxBytes: number; fetch: typeof fetch }> = {},
) {
  await using server = await scriptedServer(script);
  const wire = { fetch, clock: manualClock(), timeoutMs: 1_000, maxBytes: 1_000, ...extra };
  const body = method === 'GET' ? {} : { body: '{"x":1}' };
  const answer = await exchange(
    { method, url: `${server.url}/thing`, headers: { 'x-own': 'yes' }, ...body },
    free(),
    wire,
  );
  return { answer, asked: server.asked };
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('exchange', () => {
  it('returns status, headers and body, whatever the status', async () => {
    const { answer, asked } = await ask(
      () => ({ status: 404, json: { code: 'not.found' }, headers: { 'x-a': 'b' } }),
      'POST',
    );
    expect(answer).toMatchObject({ kind: 'answer', status: 404, body: '{"code":"not.found"}' });
    expect(answer.kind === 'answer' && answer.headers.get('x-a')).toBe('b');
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/thing', body: '{"x":1}', headers: { 'x-own': 'yes' } });
  });

  it('asks mayStart just before the wire and sends nothing when the lease is gone', async () => {
    const spy = vi.fn(fetch);
    const call = { signal: new AbortController().signal, mayStart: () => false };
    const wire = { fetch: spy, clock: manualClock(), timeoutMs: 1_000, maxBytes: 1_000 };
    const answer = await exchange({ method: 'POST', url: 'http://127.0.0.1:1/', headers: {} }, call, wire);
    expect(answer).toEqual({ kind: 'transient', code: 'not-sent' });
    expect(spy).not.toHaveBeenCalled();
  });

  it('sends nothing when the caller has already given up', async () => {
    const spy = vi.fn(fetch);
    const call = { signal: AbortSignal.abort(), mayStart: () => true };
    const wire = { fetch: spy, clock: manualClock(), timeoutMs: 1_000, maxBytes: 1_000 };
    expect(await exchange({ method: 'POST', url: 'http://127.0.0.1:1/', headers: {} }, call, wire)).toMatchObject({
      code: 'not-sent',
    });
    expect(spy).not.toHaveBeenCalled();
  });

  it('is transient unreachable when no connection was made, for a write too (H5)', async () => {
    const wire = { fetch, clock: manualClock(), timeoutMs: 1_000, maxBytes: 1_000 };
    const port = await closedPort();
    for (const host of ['127.0.0.1', 'localhost']) {
      const answer = await exchange({ method: 'POST', url: `http://${host}:${port}/`, headers: {} }, free(), wire);
      expect(answer, host).toEqual({ kind: 'transient', code: 'unreachable' });
    }
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])(
    'knows %s to come before a connection',
    async (code) => {
      const thrower: typeof fetch = () => Promise.reject(new TypeError('fetch failed', { cause: { code } }));
      const { answer } = await ask(() => ({ status: 200 }), 'POST', { fetch: thrower });
      expect(answer).toEqual({ kind: 'transient', code: 'unreachable' });
    },
  );

  const socketError = (code: string, syscall?: string) =>
    Object.assign(new Error(code), { code, ...(syscall === undefined ? {} : { syscall }) });
  const failingWith = async (cause: unknown) => {
    const thrower: typeof fetch = () => Promise.reject(new TypeError('fetch failed', { cause }));
    return (await ask(() => ({ status: 200 }), 'POST', { fetch: thrower })).answer;
  };

  describe.each(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ECONNRESET'])('%s', (code) => {
    it('is unreachable when connecting failed with it, however deep it is wrapped', async () => {
      const connecting = socketError(code, 'connect');
      const unreachable = { kind: 'transient', code: 'unreachable' };
      expect(await failingWith(connecting)).toEqual(unreachable);
      expect(await failingWith(new Error('wrapped', { cause: connecting }))).toEqual(unreachable);
      const each = [connecting, socketError('ECONNREFUSED', 'connect')];
      expect(await failingWith(Object.assign(new AggregateError(each), { code }))).toEqual(unreachable);
    });

    it('leaves a write open when an established connection ended with it (H5)', async () => {
      const lost = { kind: 'ambiguous', code: 'connection-lost' };
      for (const syscall of ['write', 'read', undefined]) {
        const established = socketError(code, syscall);
        expect(await failingWith(established), syscall).toEqual(lost);
        const mixed = new AggregateError([socketError(code, 'connect'), established]);
        expect(await failingWith(Object.assign(mixed, { code: 'ECONNREFUSED' })), syscall).toEqual(lost);
      }
    });
  });

  it('does not take an empty bundle of errors for a connection that was never made (H5)', async () => {
    expect(await failingWith(new AggregateError([]))).toMatchObject({ kind: 'ambiguous' });
  });

  it('is ambiguous when the connection breaks after a write was sent (H5)', async () => {
    const { answer, asked } = await ask(() => (response) => void response.destroy(), 'POST');
    expect(asked).toHaveLength(1);
    expect(answer).toEqual({ kind: 'ambiguous', code: 'connection-lost' });
  });

  it('is transient when the connection breaks under a read, which takes nothing', async () => {
    const { answer } = await ask(() => (response) => void response.destroy(), 'GET');
    expect(answer).toEqual({ kind: 'transient', code: 'connection-lost' });
  });

  it('gives up at its time-out and calls a write ambiguous', async () => {
    await using server = await scriptedServer(() => () => {});
    const clock = manualClock();
    const wire = { fetch, clock, timeoutMs: 1_000, maxBytes: 1_000 };
    const running = exchange({ method: 'POST', url: server.url, headers: {}, body: 'x' }, free(), wire);
    await server.whenAsked(1);
    await clock.advance(999);
    expect(clock.sleepers()).toBe(1);
    await clock.advance(1);
    expect(await running).toEqual({ kind: 'ambiguous', code: 'timed-out' });
  });

  it('stops when the caller gives up after sending, and leaves no timer behind', async () => {
    await using server = await scriptedServer(() => () => {});
    const clock = manualClock();
    const caller = new AbortController();
    const call = { signal: caller.signal, mayStart: () => true };
    const running = exchange({ method: 'PUT', url: server.url, headers: {} }, call, {
      fetch,
      clock,
      timeoutMs: 1_000,
      maxBytes: 9,
    });
    await server.whenAsked(1);
    caller.abort();
    expect(await running).toEqual({ kind: 'ambiguous', code: 'timed-out' });
    await clock.advance(0);
    expect(clock.sleepers()).toBe(0);
  });

  it('keeps the status of a write whose answer breaks off: it was accepted', async () => {
    const { answer } = await ask(
      () => (response) => {
        response.writeHead(202, { 'content-length': '100' });
        response.write('{"a":');
        setImmediate(() => response.destroy());
      },
      'POST',
    );
    expect(answer).toMatchObject({ kind: 'answer', status: 202, body: undefined });
  });

  it('reads no more than its bound', async () => {
    const exact = await ask(() => ({ status: 200, text: 'x'.repeat(1_000) }));
    expect(exact.answer).toMatchObject({ body: 'x'.repeat(1_000) });
    const over = await ask(() => ({ status: 200, text: 'x'.repeat(1_001) }));
    expect(over.answer).toMatchObject({ kind: 'answer', status: 200, body: undefined });
  });

  it('never follows a redirect: a bearer token stays with the host it is for', async () => {
    const { answer, asked } = await ask(() => ({ status: 307, headers: { location: '/elsewhere' } }), 'POST');
    expect(answer).toMatchObject({ kind: 'answer', status: 307 });
    expect(asked).toHaveLength(1);
  });

  it('answers an empty body as empty text', async () => {
    expect((await ask(() => ({ status: 204 }))).answer).toMatchObject({ status: 204, body: '' });
  });

  it('does not mind errors that are no objects', async () => {
    const thrower = (() => Promise.reject('text')) as unknown as typeof fetch;
    expect((await ask(() => ({ status: 200 }), 'POST', { fetch: thrower })).answer).toEqual({
      kind: 'ambiguous',
      code: 'connection-lost',
    });
  });
});

describe('readJson', () => {
  it('reads JSON and never throws', () => {
    expect(readJson('{"a":1}')).toEqual({ a: 1 });
    expect(readJson('<html>')).toBeUndefined();
    expect(readJson('')).toBeUndefined();
    expect(readJson(undefined)).toBeUndefined();
  });
});
