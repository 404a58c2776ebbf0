import { expect, it } from 'vitest';
import type { TwinRequest } from './exchange.ts';
import { fetchThrough } from './in-process-fetch.ts';

it('reaches the twin without a socket, whatever the host', async () => {
  let seen: TwinRequest | undefined;
  const reach = fetchThrough(async (request) => {
    seen = request;
    return { kind: 'respond', response: { status: 202, headers: { 'x-a': 'b' } } };
  });
  const response = await reach('https://api.example.test/path?q=1', {
    method: 'POST',
    headers: { Authorization: 'Bearer t' },
    body: new URLSearchParams({ grant_type: 'x' }),
  });
  expect(response.status).toBe(202);
  expect(response.headers.get('x-a')).toBe('b');
  expect(await response.text()).toBe('');
  expect(seen).toMatchObject({ method: 'POST', path: '/path', body: { grant_type: 'x' } });
  expect(seen?.headers.authorization).toBe('Bearer t');
});

it('fails as a cut connection does', async () => {
  await expect(fetchThrough(async () => ({ kind: 'drop' }))('http://x.test/')).rejects.toThrow(TypeError);
});

it('waits in silence until the caller gives up', async () => {
  const stop = new AbortController();
  const silent = fetchThrough(async () => ({ kind: 'hang' }))('http://x.test/', { signal: stop.signal });
  stop.abort(new Error('gave up'));
  await expect(silent).rejects.toThrow('gave up');
});
