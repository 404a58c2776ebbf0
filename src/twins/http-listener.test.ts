import { request } from 'node:http';
import { expect, it } from 'vitest';
import { parseBody, type TwinRequest } from './exchange.ts';
import { isLoopback, listen } from './http-listener.ts';

it.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['1127.0.0.1', false],
  [undefined, false],
])('knows whether %s is this machine', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

it.each([
  [undefined, '', undefined],
  ['application/json', '{"a":1}', { a: 1 }],
  ['application/x-www-form-urlencoded', '{"a":1}', { a: 1 }],
  ['application/json', '{broken', '{broken'],
  ['application/x-www-form-urlencoded', 'a=1&b=x%20y', { a: '1', b: 'x y' }],
])('reads a body of type %s', (type, text, expected) => {
  expect(parseBody(type, text)).toEqual(expected);
});

it('hands a request over as it came and sends the answer as JSON', async () => {
  let seen: TwinRequest | undefined;
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    answer: async (given) => {
      seen = given;
      return { kind: 'respond', response: { status: 201, headers: { 'x-a': 'b' }, body: { ok: true } } };
    },
  });
  const response = await fetch(`${listener.url}/a/b?c=d`, { method: 'PUT', body: '{"e":1}' });
  expect(response.status).toBe(201);
  expect(response.headers.get('x-a')).toBe('b');
  expect(await response.json()).toEqual({ ok: true });
  expect(seen).toMatchObject({ method: 'PUT', path: '/a/b', body: { e: 1 }, loopback: true });
  expect(seen?.query.get('c')).toBe('d');
  await listener.close();
});

it('cuts the connection, or says nothing, when the answer is to do so', async () => {
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    answer: async ({ path }) => ({ kind: path === '/drop' ? 'drop' : 'hang' }),
  });
  await expect(fetch(`${listener.url}/drop`)).rejects.toThrow('fetch failed');
  const silent = fetch(`${listener.url}/hang`);
  await listener.close();
  await expect(silent).rejects.toThrow('fetch failed');
});

it('refuses a body beyond its limit', async () => {
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    answer: async () => ({ kind: 'respond', response: { status: 200 } }),
  });
  const status = await new Promise((resolve, reject) => {
    const sending = request(`${listener.url}/`, { method: 'POST' }, (answer) => {
      resolve(answer.statusCode);
      answer.resume();
    });
    sending.on('error', reject);
    sending.end(Buffer.alloc(1_048_577, 'x'));
  });
  expect(status).toBe(413);
  await listener.close();
});

it('rejects when its port is taken', async () => {
  const answer = async () => ({ kind: 'hang' }) as const;
  const first = await listen({ host: '127.0.0.1', port: 0, answer });
  await expect(listen({ host: '127.0.0.1', port: first.port, answer })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await first.close();
});
