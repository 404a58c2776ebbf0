import { afterEach, describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../../test/contract/manual-clock.ts';
import { type Answer, type ScriptedServer, scriptedServer } from '../../../test/contract/scripted-server.ts';
import type { AgentId, ExternalId, ParticipantId, PlatformName } from '../../ids.ts';
import type { Call } from '../platform.ts';
import { type GatewayPlatform, gatewayPlatform } from './gateway-platform.ts';

const CAPABILITIES = {
  contract: '1',
  reservation: 'native',
  commit: ['rest'],
  settleMs: 100,
  attributes: { valueBytes: 300, count: 30 },
  presence: false,
  sandbox: false,
};
const RESERVE = {
  key: 'h.1',
  target: { kind: 'agent', agentId: 'a/1' as AgentId },
  channel: 'voice',
  holdLimitMs: 5_000,
  context: {},
} as const;
const CONVERSATION = { externalId: 'their/1' as ExternalId, channel: 'voice' } as const;
const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };
const problem = (status: number, code: string, detail = 'Ada Lovelace, +14155551234'): Answer => ({
  status,
  json: { title: 'no', status, code, detail },
});

let server: ScriptedServer;
let platform: GatewayPlatform;
let clock: ManualClock;
/** Answers by `METHOD path`; queues and capabilities unless they are given. */
const stage = async (answers: Readonly<Record<string, Answer | undefined>> = {}) => {
  const all: Readonly<Record<string, Answer | undefined>> = {
    'GET /v1/capabilities': { status: 200, json: CAPABILITIES },
    'GET /v1/queues': { status: 200, json: { entities: [{ id: 'q1', name: 'Support' }] } },
    ...answers,
  };
  clock = manualClock();
  server = await scriptedServer(({ method, path }) => all[`${method} ${path}`] ?? problem(404, 'not-found'));
  platform = gatewayPlatform({
    name: 'acme' as PlatformName,
    baseUrl: server.url,
    auth: { kind: 'token', token: 'fixed' },
    rateLimitPerMinute: 600,
    clock,
    random: () => 0,
  });
};
afterEach(async () => {
  await platform.close();
  await server[Symbol.asyncDispose]();
});
const asked = () => server.asked.map(({ method, path }) => `${method} ${path}`);

describe('the gateway adapter', () => {
  it('puts no name into a path as it is, and sends its token and nothing else of itself', async () => {
    await stage();
    await platform.look(CONVERSATION, call);
    expect(server.asked[0]).toMatchObject({
      path: '/v1/interactions/their%2F1',
      headers: { authorization: 'Bearer fixed', accept: 'application/json' },
    });
    expect(server.asked[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  it('tells of a refusal its code alone: what a stranger writes into a sentence stays there', async () => {
    await stage({ 'GET /v1/interactions/their%2F1': problem(404, 'not-found') });
    expect(await platform.look(CONVERSATION, call)).toEqual({
      kind: 'rejected',
      code: 'not-found',
      detail: 'not-found',
    });
  });

  it('tells of a refusal nothing where its code is a sentence', async () => {
    await stage({ 'GET /v1/interactions/their%2F1': problem(404, 'Ada Lovelace') });
    expect(await platform.look(CONVERSATION, call)).toEqual({ kind: 'rejected', code: 'not-found' });
  });

  it('says that a reservation whose answer cannot be read may be held (H5)', async () => {
    await stage({ 'POST /v1/interactions/reserve': { status: 200, json: { id: 'other' } } });
    await platform.describe(call);
    expect(await platform.reserve(RESERVE, call)).toMatchObject({ kind: 'ambiguous', code: 'unexpected-answer' });
    expect(server.asked.at(-1)?.headers['idempotency-key']).toBe('h.1');
  });

  it('asks whether the gateway reserves before it reserves, and only where it was not told', async () => {
    await stage({ 'POST /v1/interactions/reserve': { status: 500 } });
    for (let time = 0; time < 2; time += 1) {
      expect(await platform.reserve(RESERVE, call)).toMatchObject({ kind: 'ambiguous' });
    }
    expect(asked()).toEqual(['GET /v1/capabilities', 'POST /v1/interactions/reserve', 'POST /v1/interactions/reserve']);
  });

  it('reserves nothing where the gateway says that it does not, or cannot say it', async () => {
    await stage({ 'GET /v1/capabilities': { status: 200, json: { ...CAPABILITIES, reservation: 'advisory' } } });
    expect(await platform.reserve(RESERVE, call)).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    expect(asked()).toEqual(['GET /v1/capabilities']);
  });

  it('sends no reservation while the gateway cannot say whether it reserves: it may be asked again', async () => {
    await stage({ 'GET /v1/capabilities': { status: 500 } });
    expect(await platform.reserve(RESERVE, call)).toMatchObject({ kind: 'transient', code: 'vendor-error' });
    expect(asked()).toEqual(['GET /v1/capabilities']);
  });

  it('takes nothing for sure of a read that cannot be read, and may ask again', async () => {
    await stage({ 'GET /v1/interactions/their%2F1': { status: 200, text: '<html>' } });
    expect(await platform.look(CONVERSATION, call)).toMatchObject({ kind: 'transient', code: 'unexpected-answer' });
  });

  it('asks for a minute no further once it has the queues, and once more for a name it does not find', async () => {
    await stage();
    for (let time = 0; time < 3; time += 1) await platform.queues(call);
    expect(await platform.resolveQueue('Support', call)).toMatchObject({ kind: 'done' });
    expect(asked().filter((one) => one === 'GET /v1/queues')).toHaveLength(1);
    await clock.advance(5_000);
    for (let time = 0; time < 3; time += 1) {
      expect(await platform.resolveQueue('support', call)).toMatchObject({ code: 'queue-not-found-or-not-visible' });
    }
    expect(asked().filter((one) => one === 'GET /v1/queues')).toHaveLength(2);
    await clock.advance(60_000);
    await platform.queues(call);
    expect(asked().filter((one) => one === 'GET /v1/queues')).toHaveLength(3);
  });

  it('says that it does not know where the gateway does not say who is there', async () => {
    await stage({
      'GET /v1/queues?name=Support': { status: 200, json: { entities: [{ id: 'q1', name: 'Support' }] } },
      'GET /v1/agents/a%2F1': { status: 200, json: { id: 'a/1', availability: 'unknown' } },
    });
    const ofQueue = await platform.checkTarget({ kind: 'queue', queueName: 'Support' }, 'voice', call);
    expect(ofQueue).toMatchObject({ value: { free: 'unknown', queue: { id: 'q1' } } });
    const ofAgent = await platform.checkTarget(RESERVE.target, 'voice', call);
    expect(ofAgent).toEqual({ kind: 'done', value: { free: 'unknown', agentId: 'a/1' } });
  });

  it('does not take a queue of a similar name for the one that was asked for', async () => {
    await stage({
      'GET /v1/queues?name=support': { status: 200, json: { entities: [{ id: 'q1', name: 'Support' }] } },
    });
    const checked = await platform.checkTarget({ kind: 'queue', queueName: 'support' }, 'voice', call);
    expect(checked).toMatchObject({ kind: 'rejected', code: 'queue-not-found-or-not-visible' });
  });

  it('has no presence where the gateway tells none', async () => {
    await stage({ 'GET /v1/agents/a%2F1': { status: 200, json: { id: 'a/1', availability: 'available' } } });
    expect(await platform.presence('a/1' as AgentId, call)).toMatchObject({ kind: 'rejected', code: 'bad-request' });
  });

  it('passes on what stands in the way of a list, a check, a consultation and a reservation', async () => {
    const down = { status: 503 };
    await stage({
      'GET /v1/queues': down,
      'GET /v1/queues?name=Support': down,
      'GET /v1/interactions/their%2F1': down,
      'GET /v1/agents/a%2F1': down,
      'POST /v1/interactions/reserve': down,
      'DELETE /v1/interactions/reserve/r1': down,
    });
    await platform.describe(call);
    const unavailable = { kind: 'transient', code: 'unavailable' };
    expect(await platform.queues(call)).toMatchObject(unavailable);
    expect(await platform.resolveQueue('Support', call)).toMatchObject(unavailable);
    expect(await platform.checkTarget({ kind: 'queue', queueName: 'Support' }, 'voice', call)).toMatchObject(
      unavailable,
    );
    expect(await platform.checkTarget(RESERVE.target, 'voice', call)).toMatchObject(unavailable);
    expect(await platform.presence('a/1' as AgentId, call)).toMatchObject(unavailable);
    const ending = { accept: true, leaving: 'p' as ParticipantId };
    expect(await platform.endConsult(CONVERSATION, ending, call)).toMatchObject(unavailable);
    expect(await platform.reserve(RESERVE, call)).toMatchObject({ kind: 'ambiguous' });
    expect(await platform.release('r1', call)).toMatchObject({ kind: 'ambiguous' });
  });

  it('gives up a read for a caller who has gone, and sends nothing', async () => {
    await stage();
    const gone = { ...call, signal: AbortSignal.abort() };
    expect(await platform.queues(gone)).toMatchObject({ kind: 'transient', code: 'not-sent' });
  });

  it('is well until its token is refused, and then says so', async () => {
    await stage({
      'GET /v1/queues': problem(401, 'unauthorized'),
      'GET /v1/capabilities': problem(401, 'unauthorized'),
    });
    expect(platform.health()).toMatchObject({ ok: true, token: { state: 'none' } });
    expect(await platform.queues(call)).toMatchObject({ kind: 'transient', code: 'unauthorized' });
    expect(platform.health()).toMatchObject({ ok: false, code: 'circuit-open', lastAnswerAt: clock.now() });
  });
});
