import { describe, expect, it } from 'vitest';
import { restCaller } from './rest-action.ts';
import { createVirtualClock } from './virtual-clock.ts';

const ACTION = { url: 'http://s.test/x', headers: { authorization: 'Bearer k' }, body: { a: 'b' }, timeoutMs: 1_000 };

describe('a REST action', () => {
  it('posts flat JSON and gives the primitive fields of the reply as texts', async () => {
    const sent: Request[] = [];
    const call = restCaller(async (input, init) => {
      sent.push(new Request(input, init));
      return Response.json({ text: 'a', number: 5, yes: true, no: null, nested: { x: 1 }, list: [1] });
    }, createVirtualClock());
    expect(await call(ACTION)).toEqual({ kind: 'reply', fields: { text: 'a', number: '5', yes: 'true' } });
    expect(sent[0]?.method).toBe('POST');
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer k');
    expect(await sent[0]?.json()).toEqual({ a: 'b' });
  });

  it.each([
    ['status', async () => new Response('{}', { status: 404 })],
    ['too-large', async () => Response.json({ a: 'x'.repeat(100) })],
    ['not-an-object', async () => Response.json('x')],
    ['not-an-object', async () => new Response('x')],
    ['unreachable', async () => Promise.reject(new TypeError('fetch failed'))],
  ])('fails with %s, and never throws', async (why, fetch) => {
    const call = restCaller(fetch, createVirtualClock());
    expect(await call({ ...ACTION, largestReplyBytes: 50 })).toEqual({ kind: 'failed', why });
  });

  it('gives up in its time', async () => {
    const clock = createVirtualClock();
    const call = restCaller(
      (_input, init) =>
        new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))),
      clock,
    );
    const reply = call(ACTION);
    await clock.advance(1_000);
    expect(await reply).toEqual({ kind: 'failed', why: 'timeout' });
  });
});
