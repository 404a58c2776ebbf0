// Tests the way every vendor call takes: token, turn, wire, and one fresh token.

import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/contract/manual-clock.ts';
import { type Answer, type Asked, type Script, scriptedServer } from '../../test/contract/scripted-server.ts';
import { credential } from './credential.ts';
import { governor } from './governor.ts';
import type { Call } from './platform.ts';
import { tokenKeeper } from './token.ts';

const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };

async function setUp(script: Script, rateLimitPerMinute = 300) {
  const server = await scriptedServer(script);
  const clock = manualClock();
  let logins = 0;
  const login = async () => {
    logins += 1;
    return { kind: 'done', value: { accessToken: `token-${logins}`, expiresInSec: 3_600 } } as const;
  };
  const quota = governor({ rateLimitPerMinute, clock, maxWaitMs: 0 });
  const line = credential({
    baseUrl: server.url,
    tokens: tokenKeeper({ login, clock, random: () => 0, marginMs: 60_000 }),
    governor: quota,
    fetch,
    clock,
    random: () => 0,
    explain: (answer) => answer.body,
    timeoutMs: 1_000,
    maxBytes: 10_000,
  });
  return { server, clock, line, logins: () => logins, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const bearer = (asked: readonly Asked[]) => asked.map((one) => one.headers.authorization);

describe('credential', () => {
  it('sends JSON with the bearer token and hands a 2xx back', async () => {
    await using world = await setUp(() => ({ status: 202 }));
    const outcome = await world.line.send({ method: 'POST', path: '/a', body: { b: 1 } }, call);
    expect(outcome).toMatchObject({ kind: 'done', value: { status: 202 } });
    expect(world.server.asked[0]).toMatchObject({
      path: '/a',
      body: '{"b":1}',
      headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
    });
    expect(world.line.lastAnswerAt()).toBe(world.clock.now());
  });

  it('sends once more with one fresh token after a 401', async () => {
    await using world = await setUp(({ headers }) => ({
      status: headers.authorization === 'Bearer token-1' ? 401 : 200,
    }));
    expect((await world.line.send({ method: 'POST', path: '/' }, call)).kind).toBe('done');
    expect(bearer(world.server.asked)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('was not taken when the fresh token is refused too: tells when the next login may be, and holds calls back till then', async () => {
    await using world = await setUp(() => ({ status: 401, text: 'no' }));
    const post = { method: 'POST', path: '/' } as const;
    const unauthorized = { kind: 'transient', code: 'unauthorized', detail: 'no' };
    expect(await world.line.send(post, call)).toEqual({ ...unauthorized, retryAfterMs: 1_000 });
    expect(world.server.asked).toHaveLength(2);
    expect(world.line.trouble()).toMatchObject({ kind: 'transient', code: 'circuit-open' });
    expect(await world.line.send(post, call)).toMatchObject({
      kind: 'transient',
      code: 'circuit-open',
      retryAfterMs: 1_000,
    });
    expect(world.server.asked).toHaveLength(2);
    expect(world.logins()).toBe(2);
    await world.clock.advance(1_000);
    expect(await world.line.send(post, call)).toMatchObject({ code: 'circuit-open', retryAfterMs: 2_000 });
    expect(world.server.asked).toHaveLength(3);
  });

  it('names no wait when an old token and then a fresh one are refused: the next login may be at once', async () => {
    let refusing = false;
    await using world = await setUp(() => (refusing ? { status: 401, text: 'no' } : { status: 200 }));
    await world.line.send({ method: 'GET', path: '/' }, call);
    await world.clock.advance(10_000);
    refusing = true;
    expect(await world.line.send({ method: 'POST', path: '/' }, call)).toEqual({
      kind: 'transient',
      code: 'unauthorized',
      detail: 'no',
    });
    refusing = false;
    expect((await world.line.send({ method: 'POST', path: '/' }, call)).kind).toBe('done');
  });

  it('holds nothing back for a token refused now and then, as long as calls are served between', async () => {
    let revoked = '';
    await using world = await setUp(({ headers }) => ({ status: headers.authorization === revoked ? 401 : 200 }));
    for (let round = 1; round <= 4; round += 1) {
      revoked = `Bearer token-${round}`;
      expect((await world.line.send({ method: 'POST', path: '/' }, call)).kind).toBe('done');
    }
    expect(world.line.trouble()).toBeUndefined();
    expect(world.logins()).toBe(5);
  });

  it('shares one login between calls that are refused together', async () => {
    await using world = await setUp(({ headers }) => ({
      status: headers.authorization === 'Bearer token-1' ? 401 : 200,
    }));
    const sent = Array.from({ length: 5 }, () => world.line.send({ method: 'GET', path: '/' }, call));
    expect((await Promise.all(sent)).map((one) => one.kind)).toEqual(['done', 'done', 'done', 'done', 'done']);
    expect(world.logins()).toBe(2);
  });

  it('classes a failure and explains it', async () => {
    await using world = await setUp(() => ({ status: 504, text: 'late' }));
    expect(await world.line.send({ method: 'POST', path: '/' }, call)).toEqual({
      kind: 'ambiguous',
      code: 'vendor-error',
      detail: 'late',
    });
  });

  it('asks the lease after the wait for a turn, and gives the turn back when it is gone', async () => {
    await using world = await setUp(() => ({ status: 200 }), 1);
    const fenced = { ...call, mayStart: () => false };
    expect(await world.line.send({ method: 'POST', path: '/' }, fenced)).toEqual({
      kind: 'transient',
      code: 'not-sent',
    });
    expect(world.server.asked).toHaveLength(0);
    expect(world.line.budget().remaining).toBe(1);
  });

  it('asks again before it sends once more with a fresh token: it may not be wanted any more by then', async () => {
    let wanted = true;
    await using world = await setUp(() => {
      wanted = false;
      return { status: 401 };
    });
    const fenced = { ...call, mayStart: () => wanted };
    expect(await world.line.send({ method: 'POST', path: '/' }, fenced)).toEqual({
      kind: 'transient',
      code: 'not-sent',
    });
    expect(bearer(world.server.asked)).toEqual(['Bearer token-1']);
  });

  it('counts what was sent and refuses honestly what no longer fits', async () => {
    await using world = await setUp(() => ({ status: 200 }), 1);
    await world.line.send({ method: 'GET', path: '/' }, call);
    expect(await world.line.send({ method: 'GET', path: '/' }, call)).toEqual({
      kind: 'transient',
      code: 'rate-limited',
      retryAfterMs: 60_000,
    });
    expect(world.server.asked).toHaveLength(1);
  });

  it('counts a call whose answer never came', async () => {
    await using world = await setUp(() => (response) => void response.destroy(), 1);
    expect(await world.line.send({ method: 'POST', path: '/' }, call)).toMatchObject({ kind: 'ambiguous' });
    expect(world.line.budget().remaining).toBe(0);
    expect(world.line.lastAnswerAt()).toBeUndefined();
  });

  describe('with the platform down', () => {
    const get = { method: 'GET', path: '/' } as const;
    const held = { kind: 'transient', code: 'circuit-open' };

    /** A platform that can be taken down, in the way that the test wants. */
    async function failing(down: Answer | ((response: ServerResponse) => void)) {
      const far = { isDown: true };
      const world = await setUp(() => (far.isDown ? down : { status: 200 }));
      return { ...world, far };
    }

    it.each([
      ['it answers 503', { status: 503 }],
      ['it answers 500', { status: 500 }],
      ['it breaks connections off', (response: ServerResponse) => void response.destroy()],
    ])('holds calls back at once when %s, and lets them through when it is back', async (_how, down) => {
      await using world = await failing(down);
      for (let n = 0; n < 8; n += 1) expect((await world.line.send(get, call)).kind).not.toBe('done');
      expect(world.line.standing().breaker).toEqual({ calls: 'open', logins: 'closed' });
      expect(await world.line.send(get, call)).toMatchObject({ ...held, retryAfterMs: 500 });
      expect(world.line.trouble()).toMatchObject(held);
      expect(world.server.asked).toHaveLength(8);

      await world.clock.advance(500);
      const probe = await world.line.send(get, call);
      expect(probe.kind).not.toBe('done');
      expect(await world.line.send(get, call)).toMatchObject({ ...held, retryAfterMs: 1_000 });
      expect(world.server.asked).toHaveLength(9);

      world.far.isDown = false;
      await world.clock.advance(1_000);
      expect((await world.line.send(get, call)).kind).toBe('done');
      expect(world.line.standing().breaker.calls).toBe('closed');
      expect(world.line.standing().counts.openings).toBe(2);
    });

    it('lets one of a crowd ahead, and refuses the others at once', async () => {
      await using world = await failing({ status: 502 });
      for (let n = 0; n < 8; n += 1) await world.line.send(get, call);
      await world.clock.advance(500);
      const crowd = await Promise.all(Array.from({ length: 50 }, () => world.line.send(get, call)));
      expect(crowd.filter((one) => one.kind !== 'done' && one.code === 'circuit-open')).toHaveLength(49);
      expect(world.server.asked).toHaveLength(9);
    });

    it('does not take what the platform refuses for an outage', async () => {
      let status = 0;
      await using world = await setUp(() => ({ status }));
      for (status of [400, 403, 404, 409, 429, 408, 400, 403, 404, 409]) await world.line.send(get, call);
      expect(world.line.standing().breaker.calls).toBe('closed');
    });

    it('takes nothing from callers who gave up, and silence for an outage', async () => {
      await using world = await setUp(() => () => {});
      for (let n = 0; n < 10; n += 1) {
        const caller = new AbortController();
        const sent = world.line.send(get, { ...call, signal: caller.signal });
        await world.server.whenAsked(n + 1);
        caller.abort();
        expect((await sent).kind).toBe('transient');
      }
      expect(world.line.standing().breaker.calls).toBe('closed');
      for (let n = 0; n < 8; n += 1) {
        const sent = world.line.send(get, call);
        await world.server.whenAsked(11 + n);
        await world.clock.advance(1_000);
        expect(await sent).toMatchObject({ code: 'timed-out' });
      }
      expect(await world.line.send(get, call)).toMatchObject(held);
    });

    it('gives the passage back when there is no token or no turn: the next may go ahead', async () => {
      await using world = await failing({ status: 500 });
      for (let n = 0; n < 8; n += 1) await world.line.send(get, call);
      await world.clock.advance(500);
      const fenced = await world.line.send(get, { ...call, mayStart: () => false });
      expect(fenced).toMatchObject({ code: 'not-sent' });
      world.far.isDown = false;
      expect((await world.line.send(get, call)).kind).toBe('done');
    });
  });
});
