// Tests the Genesys adapter over the wire: real paths, real bodies, and what each answer becomes.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../test/contract/manual-clock.ts';
import { type Answer, type Asked, type Script, scriptedServer } from '../../../test/contract/scripted-server.ts';
import type { ExternalId, ParticipantId, PlatformName, QueueId } from '../../ids.ts';
import type { Call, ConversationRef } from '../platform.ts';
import { genesysPlatform } from './genesys-platform.ts';

const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };
const chat: ConversationRef = { externalId: 'c-1' as ExternalId, channel: 'webchat' };
const queue = { id: 'q-1' as QueueId, name: 'Billing' };
const [customer, bot] = ['p-customer' as ParticipantId, 'p-bot' as ParticipantId];
const SECRET = 'very-secret-0123456789';

const conversation = {
  id: 'c-1',
  startTime: '2026-11-20T10:00:00.000Z',
  participants: [
    { id: customer, purpose: 'customer', messages: [{ state: 'connected' }] },
    { id: bot, purpose: 'botflow', messages: [{ state: 'connected' }] },
  ],
};

/** Answers a login and the queue list as Genesys does; the rest is `script`'s, 202 by default. */
async function setUp(script: (asked: Asked) => ReturnType<Script> | undefined = () => undefined) {
  const server = await scriptedServer((asked) => {
    const special = script(asked);
    if (special !== undefined) return special;
    if (asked.path === '/oauth/token') return { status: 200, json: { access_token: 'TOKEN', expires_in: 86_400 } };
    if (asked.path.startsWith('/api/v2/routing/queues'))
      return { status: 200, json: { entities: [queue], pageCount: 1 } };
    if (asked.method === 'GET') return { status: 200, json: conversation };
    return { status: 202 } satisfies Answer;
  });
  const logged: string[] = [];
  const clock = manualClock();
  const platform = genesysPlatform({
    name: 'genesys_cloud' as PlatformName,
    loginUrl: server.url,
    apiUrl: server.url,
    clientId: 'client',
    clientSecret: SECRET,
    rateLimitPerMinute: 300,
    limits: { attributeValueBytes: 256, attributeCount: 50 },
    settleMs: 5_000,
    clock,
    random: () => 0,
    log: (entry) => logged.push(`${entry.level} ${entry.code} ${entry.detail}`),
  });
  const api = () => server.asked.filter((one) => one.path.startsWith('/api/'));
  return { server, platform, clock, logged, api, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const attach = { customer, attributes: { intent: 'billing', ref: 'm-1' }, tag: 'interaction-1' };

describe('genesysPlatform', () => {
  it('costs four calls for an unfaulted escalation with a warm queue list', async () => {
    await using world = await setUp();
    await world.platform.queues({ ...call, priority: 'report' });
    const before = world.api().length;
    const found = await world.platform.resolveQueue('Billing', call);
    expect(found).toMatchObject({ kind: 'done', value: queue });
    expect((await world.platform.look(chat, call)).kind).toBe('done');
    expect(await world.platform.attachContext(chat, attach, call)).toEqual({ kind: 'done', value: null });
    expect(await world.platform.transferToQueue(chat, { leaving: bot, queue }, call)).toEqual({
      kind: 'done',
      value: null,
    });
    expect(world.api().length - before).toBe(4);
  });

  it('writes the attributes on the customer and our id as the tag, side by side', async () => {
    await using world = await setUp();
    await world.platform.attachContext(chat, attach, call);
    const sent = world.api().map(({ method, path, body }) => ({ method, path, body: JSON.parse(body) }));
    expect(sent).toHaveLength(2);
    expect(sent).toContainEqual({
      method: 'PATCH',
      path: '/api/v2/conversations/c-1/participants/p-customer/attributes',
      body: { attributes: { intent: 'billing', ref: 'm-1' } },
    });
    expect(sent).toContainEqual({
      method: 'PUT',
      path: '/api/v2/conversations/c-1/tags',
      body: { externalTag: 'interaction-1' },
    });
  });

  it('replaces the party that leaves, by queue id, without anything Genesys does not know (seed 004 corrected)', async () => {
    await using world = await setUp();
    await world.platform.transferToQueue(chat, { leaving: bot, queue }, call);
    expect(world.api()[0]).toMatchObject({
      method: 'POST',
      path: '/api/v2/conversations/c-1/participants/p-bot/replace/queue',
    });
    expect(JSON.parse(world.api()[0]?.body ?? '')).toEqual({ transferType: 'Unattended', queueId: 'q-1' });
  });

  it('looks at the conversation in our words', async () => {
    await using world = await setUp();
    expect(await world.platform.look(chat, call)).toEqual({
      kind: 'done',
      value: {
        ended: false,
        parties: [
          { id: customer, role: 'customer', state: 'connected' },
          { id: bot, role: 'bot', state: 'connected' },
        ],
        transfers: [],
      },
    });
  });

  it('never lets an id of a conversation reach another path', async () => {
    await using world = await setUp();
    await world.platform.look({ externalId: '../users/me?x=' as ExternalId, channel: 'voice' }, call);
    expect(world.api()[0]?.path).toBe('/api/v2/conversations/..%2Fusers%2Fme%3Fx%3D');
  });

  it('leaves the fate of an unanswered transfer open (H5)', async () => {
    for (const answer of [
      { status: 504, json: { code: 'request.timeout' } },
      { status: 500 },
      (response: { destroy(): void }) => void response.destroy(),
    ]) {
      await using world = await setUp(({ path }) => (path.endsWith('/replace/queue') ? answer : undefined));
      expect(await world.platform.transferToQueue(chat, { leaving: bot, queue }, call)).toMatchObject({
        kind: 'ambiguous',
      });
      expect(world.api()).toHaveLength(1);
    }
  });

  it('says why a transfer was refused, without anything personal', async () => {
    const refusal = {
      code: 'conflict',
      message: 'Participant +14155551234 has left',
      messageWithParams: 'Participant {id} has left',
    };
    await using world = await setUp(({ path }) =>
      path.endsWith('/replace/queue') ? { status: 409, json: refusal } : undefined,
    );
    expect(await world.platform.transferToQueue(chat, { leaving: bot, queue }, call)).toEqual({
      kind: 'rejected',
      code: 'conflict',
      detail: 'conflict Participant {id} has left',
    });
  });

  it('does not let a handoff fail for a tag that the credentials may not write, and says so once', async () => {
    const forbidden = { status: 403, json: { code: 'missing.any.permissions' } };
    const rights = { granted: false };
    await using world = await setUp(({ path }) => (path.endsWith('/tags') && !rights.granted ? forbidden : undefined));
    expect((await world.platform.attachContext(chat, attach, call)).kind).toBe('done');
    expect((await world.platform.attachContext(chat, attach, call)).kind).toBe('done');
    expect(world.logged).toEqual([expect.stringContaining('warn tag-not-written the credentials lack')]);
    expect(world.platform.health()).toMatchObject({
      ok: true,
      detail: expect.stringContaining('conversation:externalTag:edit'),
    });
    rights.granted = true;
    await world.platform.attachContext(chat, attach, call);
    expect(world.platform.health()).not.toHaveProperty('detail');
  });

  it.each([
    [400, 'bad-request'],
    [404, 'not-found'],
    [409, 'conflict'],
    [429, 'rate-limited'],
    [500, 'vendor-error'],
    [504, 'vendor-error'],
  ])('has attached when only the tag fails with %i, and says so once and in its health', async (status, code) => {
    await using world = await setUp(({ path }) => (path.endsWith('/tags') ? { status } : undefined));
    expect(await world.platform.attachContext(chat, attach, call)).toEqual({ kind: 'done', value: null });
    expect(world.platform.health()).toMatchObject({ ok: true, detail: expect.stringContaining(code) });
    expect(world.logged).toEqual([expect.stringMatching(new RegExp(`^warn tag-not-written .*${code}`))]);
    expect(world.api().filter(({ path }) => path.endsWith('/attributes'))).toHaveLength(1);
  });

  it.each([
    [404, 202, 'rejected'],
    [403, 403, 'rejected'],
    [500, 404, 'ambiguous'],
    [429, 500, 'transient'],
  ])('reports what became of the attributes (%i), whatever became of the tag (%i)', async (attributes, tag, kind) => {
    await using world = await setUp(({ path }) => {
      if (path.endsWith('/attributes')) return { status: attributes };
      return path.endsWith('/tags') ? { status: tag } : undefined;
    });
    expect((await world.platform.attachContext(chat, attach, call)).kind).toBe(kind);
  });

  it('has attached in less than any command may take though the tag is never answered (H6)', async () => {
    await using world = await setUp(({ path }) => (path.endsWith('/tags') ? () => {} : undefined));
    const attaching = world.platform.attachContext(chat, attach, call);
    await world.server.whenAsked(3);
    await world.clock.advance(999);
    expect(await attaching).toEqual({ kind: 'done', value: null });
    expect(world.clock.sleepers()).toBe(0);
    expect(world.platform.health()).toMatchObject({ ok: true, detail: expect.stringContaining('timed-out') });
  });

  it('calls a conversation that is none of the documented shape an unexpected answer', async () => {
    await using world = await setUp(({ path }) =>
      path.includes('/conversations/') ? { status: 200, json: { id: 'c' } } : undefined,
    );
    expect(await world.platform.look(chat, call)).toMatchObject({ kind: 'transient', code: 'unexpected-answer' });
  });

  it('rejects a look at what Genesys does not know', async () => {
    await using world = await setUp(({ path }) => (path.includes('/conversations/') ? { status: 404 } : undefined));
    expect(await world.platform.look(chat, call)).toMatchObject({ kind: 'rejected', code: 'not-found' });
  });

  it('tells in its health that the credentials are refused, and no secret anywhere', async () => {
    await using world = await setUp(({ path }) =>
      path === '/oauth/token' ? { status: 401, json: { error: 'invalid_client' } } : undefined,
    );
    const outcome = await world.platform.look(chat, call);
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'unauthorized' });
    expect(world.platform.health()).toMatchObject({
      ok: false,
      code: 'unauthorized',
      budget: { limitPerMinute: 300, remaining: 300 },
      token: { state: 'failing' },
    });
    expect(JSON.stringify([outcome, world.platform.health(), world.logged])).not.toContain(SECRET);
  });

  it('is well before anything was asked, and remembers when it was last answered', async () => {
    await using world = await setUp();
    expect(world.platform.health()).toEqual({
      ok: true,
      budget: { limitPerMinute: 300, remaining: 300 },
      token: { state: 'none' },
      governor: { limitPerMinute: 300, usedInLastMinute: 0, waiting: 0 },
      breaker: { calls: 'closed', logins: 'closed' },
      counts: { logins: 0, openings: 0 },
    });
    await world.platform.look(chat, call);
    await world.clock.advance(10_000);
    expect(world.platform.health()).toEqual({
      ok: true,
      lastAnswerAt: world.clock.now() - 10_000,
      budget: { limitPerMinute: 300, remaining: 299 },
      token: { state: 'valid', ageMs: 10_000, expiresInMs: 86_390_000 },
      governor: { limitPerMinute: 300, usedInLastMinute: 1, waiting: 0 },
      breaker: { calls: 'closed', logins: 'closed' },
      counts: { logins: 1, openings: 0 },
    });
  });

  it('keeps to what the vendor says of the quota', async () => {
    const headers = { 'inin-ratelimit-count': '300', 'inin-ratelimit-allowed': '300', 'inin-ratelimit-reset': '30' };
    await using world = await setUp(({ path }) =>
      path.includes('/conversations/') ? { status: 200, json: conversation, headers } : undefined,
    );
    await world.platform.look(chat, call);
    expect(await world.platform.look(chat, call)).toMatchObject({ code: 'rate-limited', retryAfterMs: 30_000 });
    expect(world.api()).toHaveLength(1);
  });

  it('promises no reservation of its own, as Genesys has none: an entry flow redeems ours (H3)', async () => {
    await using world = await setUp();
    const { platform } = world;
    expect(platform.capabilities.reservation).toBe('entry-script');
    const target = { kind: 'queue', queueName: 'Billing' } as const;
    const asked = { key: 'k', target, channel: 'voice', holdLimitMs: 15_000, context: {} } as const;
    for (const outcome of [await platform.reserve(asked, call), await platform.release('r', call)]) {
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    }
    expect(world.server.asked).toEqual([]);
    expect(world.platform.limits).toEqual({ attributeValueBytes: 256, attributeCount: 50 });
  });

  it('reads events with its own name on them', async () => {
    await using world = await setUp();
    const eventBody = { eventTime: 1, conversationId: 'c-1', participantId: customer };
    const topicName = 'v2.detail.events.conversation.c-1.customer.end';
    expect(world.platform.readEvents({ topicName, eventBody }).events[0]).toMatchObject({
      platform: 'genesys_cloud',
      kind: 'customer-left',
    });
  });

  it('ends a login under way when it is closed', async () => {
    await using world = await setUp(({ path }) => (path === '/oauth/token' ? () => {} : undefined));
    const looking = world.platform.look(chat, call);
    await world.server.whenAsked(1);
    await world.platform.close();
    expect(await looking).toMatchObject({ kind: 'transient' });
  });

  const identified = async (answers: Record<string, Answer>) => {
    await using world = await setUp(({ path }) => answers[path]);
    const outcome = await world.platform.identify({ token: 'A-PERSON-S-TOKEN', clientId: 'card' }, call);
    expect(JSON.stringify([outcome, world.logged])).not.toContain('A-PERSON-S-TOKEN');
    const asked = world.api().map(({ headers }) => headers.authorization);
    return { outcome, asked, used: world.platform.health().governor?.usedInLastMinute };
  };
  const me = { status: 200, json: { id: 'u-1', name: 'Sam', email: 'sam@example.com' } };
  const minted = (id?: string) => ({ status: 200, json: id === undefined ? {} : { OAuthClient: { id, name: 'x' } } });

  it('asks with a person’s own token who they are, at no cost of our quota', async () => {
    const { outcome, asked, used } = await identified({ '/api/v2/users/me': me, '/api/v2/tokens/me': minted('card') });
    expect(outcome).toEqual({ kind: 'done', value: { id: 'u-1', name: 'Sam' } });
    expect(asked).toEqual(['Bearer A-PERSON-S-TOKEN', 'Bearer A-PERSON-S-TOKEN']);
    expect(used).toBe(0);
  });

  it.each([
    ['minted for another client', { '/api/v2/users/me': me, '/api/v2/tokens/me': minted('other') }, 'forbidden'],
    ['that does not say its client', { '/api/v2/users/me': me, '/api/v2/tokens/me': minted() }, 'forbidden'],
    ['the platform does not know', { '/api/v2/users/me': me, '/api/v2/tokens/me': { status: 401 } }, 'unauthorized'],
  ])('takes no token %s', async (_, answers, code) => {
    expect((await identified(answers)).outcome).toEqual({ kind: 'rejected', code });
  });

  it('says so when the platform cannot tell who a token speaks for', async () => {
    const broken = await identified({ '/api/v2/users/me': { status: 500 }, '/api/v2/tokens/me': minted('card') });
    expect(broken.outcome).toMatchObject({ kind: 'transient', code: 'vendor-error' });
    const nobody = { '/api/v2/users/me': { status: 200, json: {} }, '/api/v2/tokens/me': minted('card') };
    expect((await identified(nobody)).outcome).toMatchObject({ kind: 'transient', code: 'unexpected-answer' });
  });
});
