// Tests that what Genesys tells comes out in our words, once, and that nothing it sends can break us.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlatformName, QueueId } from '../../ids.ts';
import { type DetailEventContext, readDetailEvents } from './detail-event.ts';

const context: DetailEventContext = {
  platform: 'genesys_cloud' as PlatformName,
  digest: (text) => createHash('sha256').update(text).digest('hex'),
  receivedAt: 5_000,
  queues: [{ id: 'q-1' as QueueId, name: 'Billing' }],
};
const read = (payload: unknown) => readDetailEvents(payload, context);
const topic = (name: string, id = 'c-1') => `v2.detail.events.conversation.${id}.${name}`;
const bare = (name: string, eventBody: unknown, id?: string) => ({
  topicName: topic(name, id),
  version: '2',
  eventBody,
  metadata: {},
});
const body = { eventTime: 1_700_000_000_123, conversationId: 'c-1', participantId: 'p-1' };
const one = (name: string, extra: object = {}) => read(bare(name, { ...body, ...extra })).events[0];

describe('readDetailEvents: changes', () => {
  it('carries platform, conversation and the sender’s clock', () => {
    expect(one('customer.end')).toMatchObject({
      platform: 'genesys_cloud',
      externalId: 'c-1',
      at: 1_700_000_000_123,
      kind: 'customer-left',
      participantId: 'p-1',
    });
  });

  it.each(['peer', 'PEER', 'error', 'system', 'transport.failure'])(
    '%s: the customer did not hang up',
    (disconnectType) => {
      expect(one('customer.end', { disconnectType })).toMatchObject({ kind: 'customer-left', dropped: true });
    },
  );

  it.each(['endpoint', 'client', undefined])('%s: the customer is not said to have been dropped', (disconnectType) => {
    expect(one('customer.end', { disconnectType })).not.toHaveProperty('dropped');
  });

  it('reads acd.start as the queue entered', () => {
    expect(one('acd.start', { queueId: 'q-1' })).toMatchObject({
      kind: 'queue-entered',
      participantId: 'p-1',
      queueId: 'q-1',
    });
  });

  it('reads acd.end as the queue left, and by whom it was answered', () => {
    const answered = { queueId: 'q-1', acdOutcome: 'ANSWERED', answeredUserId: 'u-1' };
    expect(one('acd.end', answered)).toMatchObject({ kind: 'queue-left', queueId: 'q-1', answeredBy: 'u-1' });
    expect(one('acd.end', { ...answered, acdOutcome: 'ABANDON' })).not.toHaveProperty('answeredBy');
    expect(one('acd.end', { queueId: 'q-1', acdOutcome: 'ANSWERED' })).not.toHaveProperty('answeredBy');
    expect(one('acd.end', { queueId: 'q-1' })).toMatchObject({ kind: 'queue-left' });
  });

  it('reads user.start as the agent joined, with or without a queue', () => {
    expect(one('user.start', { userId: 'u-1', queueId: 'q-1' })).toMatchObject({
      kind: 'agent-joined',
      agentId: 'u-1',
      queueId: 'q-1',
    });
    expect(one('user.start', { userId: 'u-1' })).not.toHaveProperty('queueId');
  });

  it('reads user.end as the agent left, having talked or only been rung', () => {
    expect(
      one('user.end', { userId: 'u-1', queueId: 'q-1', interactingDurationMs: 1, disconnectType: 'CLIENT' }),
    ).toMatchObject({
      kind: 'agent-left',
      agentId: 'u-1',
      queueId: 'q-1',
      talked: true,
      transferred: false,
    });
    expect(one('user.end', { interactingDurationMs: 0 })).toMatchObject({ talked: false, transferred: false });
    expect(one('user.end')).toMatchObject({ talked: false });
  });

  it.each([
    'TRANSFER',
    'CONSULT_TRANSFER',
    'CONFERENCE_TRANSFER',
    'FORWARD_TRANSFER',
    'NO_ANSWER_TRANSFER',
    'NOT_AVAILABLE_TRANSFER',
    'transfer',
    'transfer.consult',
    'transfer.noanswer',
    'transfer.donotdisturb',
  ])('knows %s as a transfer, in either of the vendor’s spellings', (disconnectType) => {
    expect(one('user.end', { disconnectType })).toMatchObject({ transferred: true });
  });

  it.each([
    'ENDPOINT',
    'CLIENT',
    'SYSTEM',
    'PEER',
    'TIMEOUT',
    'TRANSPORT_FAILURE',
    'transport.failure',
    'TAKEOVER',
    '',
  ])('knows %j as the end of the agent’s part: the bot may resume (seed 001)', (disconnectType) => {
    expect(one('user.end', { disconnectType })).toMatchObject({ transferred: false });
  });

  it('uses the time of arrival when the sender gives none', () => {
    expect(one('customer.end', { eventTime: null })).toMatchObject({ at: 5_000 });
  });
});

describe('readDetailEvents: pushed conversations', () => {
  const conversation = {
    id: 'c-9',
    participants: [{ id: 'p', purpose: 'customer', messages: [{ state: 'connected' }] }],
  };

  it.each(['v2.routing.queues.q-1.conversations', 'v2.users.u-1.conversations'])('reads %s as a view', (topicName) => {
    expect(read({ topicName, eventBody: conversation }).events[0]).toMatchObject({
      kind: 'seen',
      externalId: 'c-9',
      at: 5_000,
      view: { ended: false, parties: [{ id: 'p', role: 'customer', state: 'connected' }], transfers: [] },
    });
  });

  it('leaves the per-medium topics alone: their participants have another shape', () => {
    expect(read({ topicName: 'v2.routing.queues.q-1.conversations.messages', eventBody: conversation })).toEqual({
      events: [],
      problems: [],
    });
  });

  it('names a body that is no conversation', () => {
    for (const eventBody of [undefined, {}, { participants: [] }]) {
      expect(read({ topicName: 'v2.users.u-1.conversations', eventBody })).toMatchObject({
        events: [],
        problems: [expect.any(String)],
      });
    }
  });
});

describe('readDetailEvents: envelopes and ids', () => {
  const detail = bare('customer.end', body, '{id}');
  const envelope = {
    id: 'evt-1',
    'detail-type': topic('customer.end', '{id}'),
    source: 'aws.partner/genesys.com',
    detail,
  };

  it('opens an EventBridge envelope and keeps its id', () => {
    expect(read(envelope).events).toMatchObject([{ messageId: 'evt-1', externalId: 'c-1', kind: 'customer-left' }]);
  });

  it('gives a bare event an id that is the same when it is sent again, in any order of members', () => {
    const again = {
      ...bare('customer.end', Object.fromEntries(Object.entries(body).reverse())),
      metadata: { CorrelationId: 'other' },
    };
    const [first] = read(bare('customer.end', body)).events;
    expect(read(again).events[0]?.messageId).toBe(first?.messageId);
    expect(first?.messageId).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gives other events other ids', () => {
    const ids = [
      read(bare('customer.end', body)),
      read(bare('customer.end', { ...body, eventTime: 1 })),
      read(bare('customer.end', { ...body, participantId: 'p-2' })),
      read(bare('user.end', body)),
      read({ ...envelope, id: '' }),
    ].map((result) => result.events[0]?.messageId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('reads a list of either kind, the readable ones beside the unreadable', () => {
    const result = read([envelope, bare('user.end', body), { topicName: 7 }, 'no']);
    expect(result.events.map((event) => event.kind)).toEqual(['customer-left', 'agent-left']);
    expect(result.problems).toHaveLength(2);
  });

  it('finds the conversation in the topic when the body does not name it', () => {
    const { conversationId: _, ...rest } = body;
    expect(read(bare('customer.end', rest)).events[0]?.externalId).toBe('c-1');
    expect(read(bare('customer.end', rest, '{id}'))).toMatchObject({ events: [], problems: [expect.any(String)] });
  });

  it('accepts and drops topics it does not use', () => {
    for (const name of ['acw', 'attributes', 'flow.start', 'wrapup', 'constructor'])
      expect(read(bare(name, body))).toEqual({ events: [], problems: [] });
    expect(read({ topicName: 'v2.users.u-1.presence', eventBody: {} })).toEqual({ events: [], problems: [] });
  });

  it.each(['acd.start', 'acd.end', 'user.start', 'user.end', 'customer.end'])(
    'names %s without its participant as a problem',
    (name) => {
      expect(read(bare(name, { conversationId: 'c-1' }))).toMatchObject({
        events: [],
        problems: [expect.stringContaining(name)],
      });
      expect(read(bare(name, 'no'))).toMatchObject({ events: [], problems: [expect.stringContaining(name)] });
    },
  );

  it('says nothing of the content in its problems', () => {
    const { problems } = read([bare('user.end', { ...body, eventTime: '+14155551234' }), { ani: '+14155551234' }]);
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain('4155551234');
  });

  it('never throws, whatever it is given', () => {
    const anything = fc.anything({ withNullPrototype: true });
    const almost = fc.record(
      {
        topicName: fc.constantFrom(topic('user.end'), topic('acd.end'), 'v2.users.u.conversations'),
        eventBody: anything,
      },
      { requiredKeys: ['topicName'] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), almost, fc.record({ id: fc.string(), detail: almost })), (payload) => {
        const { events, problems } = read(JSON.parse(JSON.stringify(payload)));
        expect(events.length + problems.length).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('readDetailEvents: hostile nesting', () => {
  it('is a problem, not an exhausted stack', () => {
    const levels = 200_000;
    const nested = JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    expect(read(bare('acd.start', nested))).toEqual({ events: [], problems: ['an event is nested too deeply'] });
  });
});
