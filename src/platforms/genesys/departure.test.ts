// Tests what is asked of Genesys Cloud when a conversation leaves for a number, and what of a target before it does.

import { describe, expect, it } from 'vitest';
import type { AgentId, ExternalId, ParticipantId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { CredentialRequest } from '../credential.ts';
import type { HttpAnswer } from '../http.ts';
import type { Call, Departing } from '../platform.ts';
import { departure } from './departure.ts';
import { targetCheck } from './target-check.ts';

const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };
const phone = { externalId: 'c-1' as ExternalId, channel: 'voice' } as const;
const leaving = 'p-agent' as ParticipantId;
const departing: Departing = {
  way: 'rest',
  style: 'blind',
  leaving,
  leavingAgent: 'u-1' as AgentId,
  address: '+18885551901',
  token: 'a-token',
  interactionId: 'i',
  reservationId: 'r',
};
const parties = [
  { id: 'p-customer', purpose: 'customer', calls: [{ id: 'm-1', state: 'connected' }] },
  {
    id: leaving,
    purpose: 'agent',
    calls: [
      { id: 'm-0', state: 'disconnected' },
      { id: 'm-2', state: 'connected' },
    ],
  },
];

type Script = (request: CredentialRequest) => Outcome<unknown> | undefined;
const done = (json: unknown): Outcome<unknown> => ({ kind: 'done', value: json });

function setUp({ userToUser = false, script = () => undefined }: { userToUser?: boolean; script?: Script } = {}) {
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const logged: string[] = [];
  const send = async (request: CredentialRequest): Promise<Outcome<HttpAnswer>> => {
    asked.push(`${request.method} ${request.path}`);
    if (request.body !== undefined) bodies.push(request.body);
    const json = script(request) ?? done(request.method === 'GET' ? { id: 'c-1', participants: parties } : undefined);
    if (json.kind !== 'done') return json;
    const value = { kind: 'answer', status: 200, headers: new Headers(), body: JSON.stringify(json.value) } as const;
    return { kind: 'done', value };
  };
  const line = { send };
  const away = departure({ line, userToUser, log: ({ code }) => logged.push(code) });
  const check = targetCheck({
    line,
    findQueue: async (name) =>
      name === 'Billing'
        ? { kind: 'done', value: { id: 'q-1' as never, name } }
        : { kind: 'rejected', code: 'queue-not-found-or-not-visible' },
  });
  return { away, check, asked, bodies, logged };
}

describe('departure', () => {
  it('transfers blindly to the number, in one call', async () => {
    const { away, asked, bodies } = setUp();
    expect(await away.transferAway(phone, departing, call)).toEqual({ kind: 'done', value: null });
    expect(asked).toEqual(['POST /api/v2/conversations/c-1/participants/p-agent/transfer']);
    expect(bodies).toEqual([{ transferType: 'Unattended', address: '+18885551901' }]);
  });

  it('sends the token along where the trunk passes it on, and goes without it when it cannot be set', async () => {
    const refused: Outcome<unknown> = { kind: 'rejected', code: 'forbidden' };
    for (const script of [
      () => undefined,
      ({ method }: CredentialRequest) => (method === 'PUT' ? refused : undefined),
    ]) {
      const { away, asked, bodies, logged } = setUp({ userToUser: true, script });
      expect(await away.transferAway(phone, departing, call)).toMatchObject({ kind: 'done' });
      expect(asked).toEqual([
        'GET /api/v2/conversations/c-1',
        'PUT /api/v2/conversations/calls/c-1/participants/p-agent/communications/m-2/uuidata',
        'POST /api/v2/conversations/c-1/participants/p-agent/transfer',
      ]);
      expect(bodies[0]).toEqual({ uuiData: 'a-token' });
      expect(logged).toEqual(script({ method: 'PUT', path: '' }) === undefined ? [] : ['user-to-user-not-set']);
    }
  });

  it('transfers without the token when who leaves has no call that it could go along with', async () => {
    const { away, asked } = setUp({ userToUser: true });
    await away.transferAway(phone, { ...departing, leaving: 'p-nobody' as ParticipantId }, call);
    expect(asked.filter((one) => one.startsWith('PUT'))).toEqual([]);
  });

  it('consults about the customer, for the agent who asks', async () => {
    const { away, asked, bodies } = setUp();
    expect(await away.transferAway(phone, { ...departing, style: 'consult' }, call)).toMatchObject({ kind: 'done' });
    expect(asked.at(-1)).toBe('POST /api/v2/conversations/calls/c-1/participants/p-customer/voice/consult');
    expect(bodies).toEqual([{ speakTo: 'DESTINATION', consultingUserId: 'u-1', address: '+18885551901' }]);
  });

  it('ends a consultation: its agent leaves, or who was consulted does', async () => {
    const { away, asked, bodies } = setUp();
    expect(await away.endConsult(phone, { accept: true, leaving }, call)).toMatchObject({ kind: 'done' });
    expect(await away.endConsult(phone, { accept: false, leaving }, call)).toMatchObject({ kind: 'done' });
    expect(asked).toEqual([
      'PATCH /api/v2/conversations/calls/c-1/participants/p-agent',
      'GET /api/v2/conversations/c-1',
      'DELETE /api/v2/conversations/calls/c-1/participants/p-customer/consult',
    ]);
    expect(bodies).toEqual([{ state: 'disconnected' }]);
  });

  it('asks nothing that cannot be: of messages, by a signal, a consultation of nobody or without a customer', async () => {
    const { away, asked } = setUp({ script: () => done({ id: 'c-1', participants: [] }) });
    const consult = { ...departing, style: 'consult' } as const;
    const { leavingAgent: _, ...ofNobody } = consult;
    const chat = { ...phone, channel: 'webchat' } as const;
    for (const outcome of [
      await away.transferAway(chat, departing, call),
      await away.transferAway(phone, { ...departing, way: 'signal' }, call),
      await away.transferAway(phone, ofNobody, call),
      await away.endConsult(chat, { accept: true, leaving }, call),
    ]) {
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    }
    for (const outcome of [
      await away.transferAway(phone, consult, call),
      await away.endConsult(phone, { accept: false, leaving }, call),
    ]) {
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'conflict' });
    }
    expect(asked.every((one) => one.startsWith('GET'))).toBe(true);
  });

  it('gives on what a look that comes first brings, having asked for nothing', async () => {
    const lost: Outcome<unknown> = { kind: 'transient', code: 'connection-lost' };
    const { away, asked } = setUp({ userToUser: true, script: () => lost });
    expect(await away.transferAway(phone, departing, call)).toEqual(lost);
    expect(await away.transferAway(phone, { ...departing, style: 'consult' }, call)).toEqual(lost);
    expect(await away.endConsult(phone, { accept: false, leaving }, call)).toEqual(lost);
    expect(asked.every((one) => one.startsWith('GET'))).toBe(true);
  });

  it('closes a conversation, and takes one that has ended for closed', async () => {
    const conflict: Outcome<unknown> = { kind: 'rejected', code: 'conflict' };
    const post = ({ method }: CredentialRequest) => method === 'POST';
    const ended = { id: 'c-1', endTime: '2026-11-20T10:00:00Z', participants: [] };
    const close = (script: Script) => setUp({ script }).away.closeLeg(phone, call);
    expect(await close(() => undefined)).toEqual({ kind: 'done', value: null });
    expect(await close((request) => (post(request) ? conflict : done(ended)))).toEqual({ kind: 'done', value: null });
    expect(await close((request) => (post(request) ? conflict : undefined))).toEqual(conflict);
    expect(await close(() => ({ kind: 'rejected', code: 'not-found' }))).toMatchObject({ code: 'not-found' });
    expect(await close((request) => (post(request) ? { kind: 'ambiguous', code: 'timed-out' } : undefined))).toEqual({
      kind: 'ambiguous',
      code: 'timed-out',
    });
  });
});

describe('targetCheck', () => {
  const agent = { kind: 'agent', agentId: 'u-1' as AgentId } as const;
  const user = (status?: string, systemPresence?: string) => ({
    id: 'u-1',
    state: 'active',
    ...(status && { routingStatus: { status } }),
    ...(systemPresence && { presence: { presenceDefinition: { systemPresence } } }),
  });
  const check = (json: unknown, channel: 'voice' | 'webchat' = 'voice') =>
    setUp({ script: () => done(json) }).check(agent, channel, call);

  it.each([
    ['IDLE', 'On Queue', 'yes', undefined],
    ['INTERACTING', 'On Queue', 'no', 'agent-busy'],
    ['COMMUNICATING', 'On Queue', 'no', 'agent-busy'],
    ['NOT_RESPONDING', 'On Queue', 'no', 'agent-away'],
    ['OFF_QUEUE', 'Available', 'unknown', undefined],
    ['OFF_QUEUE', 'Busy', 'no', 'agent-busy'],
    ['OFF_QUEUE', 'OFFLINE', 'no', 'agent-away'],
    ['IDLE', 'Break', 'no', 'agent-away'],
    ['IDLE', 'OUT_OF_OFFICE', 'no', 'agent-away'],
    [undefined, undefined, 'unknown', undefined],
  ])('an agent who is %s and %s is free for a call: %s', async (status, presence, free, code) => {
    const outcome = await check(user(status, presence));
    expect(outcome).toEqual({ kind: 'done', value: { free, agentId: 'u-1', ...(code && { code }) } });
  });

  it('does not say of an agent who talks that they can take no message', async () => {
    expect(await check(user('INTERACTING', 'On Queue'), 'webchat')).toMatchObject({ value: { free: 'unknown' } });
  });

  it.each(['inactive', 'deleted'])('does not know an agent whose user is %s', async (state) => {
    expect(await check({ ...user('IDLE'), state })).toMatchObject({ kind: 'rejected', code: 'not-found' });
  });

  it('knows of a queue only whether there is anybody', async () => {
    const ofQueue = async (facts: unknown) => {
      const { check, asked } = setUp({ script: () => done(facts) });
      const outcome = await check({ kind: 'queue', queueName: 'Billing' }, 'voice', call);
      expect(asked).toEqual(['GET /api/v2/routing/queues/q-1']);
      return outcome.kind === 'done' ? outcome.value : outcome;
    };
    const queue = { id: 'q-1', name: 'Billing' };
    expect(await ofQueue({ memberCount: 3, joinedMemberCount: 1 })).toEqual({ free: 'unknown', queue });
    expect(await ofQueue({ memberCount: 3, joinedMemberCount: 0 })).toEqual({
      free: 'no',
      code: 'queue-unstaffed',
      queue,
    });
    expect(await ofQueue({ memberCount: 0 })).toEqual({ free: 'no', code: 'queue-unstaffed', queue });
    expect(await ofQueue({})).toEqual({ free: 'unknown', queue });
  });

  it('gives on what the platform refuses', async () => {
    const { check } = setUp({ script: () => ({ kind: 'rejected', code: 'not-found' }) });
    expect(await check(agent, 'voice', call)).toMatchObject({ code: 'not-found' });
    expect(await check({ kind: 'queue', queueName: 'Billing' }, 'voice', call)).toMatchObject({ code: 'not-found' });
    expect(await check({ kind: 'queue', queueName: 'Nowhere' }, 'voice', call)).toMatchObject({
      code: 'queue-not-found-or-not-visible',
    });
  });
});
