// Tests what platforms tell us: verified, then parsed, then journaled, then answered.

import { describe, expect, it } from 'vitest';
import { GENESYS, HOOK_SECRET, OTHER_HOOK_SECRET, type Served, serve } from '../../test/contract/served.ts';
import type { ExternalId, ParticipantId, QueueId } from '../ids.ts';

const event = (name: string, body: object) => ({
  topicName: `v2.detail.events.conversation.{id}.${name}`,
  version: '2',
  eventBody: { conversationId: 'conv-1', eventTime: 1_000, ...body },
});
const enveloped = (id: string, detail: object) => ({
  version: '0',
  id,
  'detail-type': 'v2.detail.events.conversation.{id}.acd.start',
  source: 'aws.partner/genesys.com/cloud/1/test',
  detail,
});
const agentJoins = event('user.start', { participantId: 'p-agent', userId: 'agent-7', queueId: 'queue-1' });
const queueEntered = event('acd.start', { participantId: 'p-acd', queueId: 'queue-1' });
const customerLeaves = event('customer.end', { participantId: 'customer', eventTime: 9_000 });

async function typesOf(served: Served, id: string): Promise<readonly string[]> {
  const { body } = await served.get(`/v1/interactions/${id}/journal`);
  return (body.events as { type: string }[]).map(({ type }) => type);
}

describe('POST /hooks/genesys', () => {
  it('journals an event before it answers', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const { status, body } = await served.hook(agentJoins);
    expect([status, body]).toEqual([200, { received: 1 }]);
    expect((await served.get(`/v1/interactions/${id}`)).body.holder).toMatchObject({
      kind: 'agent',
      agentId: 'agent-7',
    });
  });

  it.each([
    {},
    { 'x-throughline-secret': 'wrong' },
    { authorization: 'Bearer wrong' },
    { authorization: 'Bearer the-admin-key' },
  ])('keeps nothing of a caller without the secret (%j)', async (headers) => {
    await using served = await serve();
    const id = await served.open('conv-1');
    // Not even parsed: malformed JSON gets the same answer.
    for (const body of [agentJoins, '{']) {
      const { status, body: problem } = await served.hook(body, headers);
      expect([status, problem.code]).toEqual([401, 'unauthorized']);
    }
    await served.runner.sweep();
    expect(await typesOf(served, id)).toEqual(['InteractionOpened', 'LegAttached']);
  });

  it('takes the secret as a bearer too', async () => {
    await using served = await serve();
    expect((await served.hook(agentJoins, { authorization: `Bearer ${HOOK_SECRET}` })).status).toBe(200);
  });

  it('tells two organisations apart by their secrets', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    expect((await served.hook(agentJoins, { 'x-throughline-secret': OTHER_HOOK_SECRET })).status).toBe(200);
    expect((await served.get(`/v1/interactions/${id}`)).body.holder).toMatchObject({ kind: 'bot' });
  });

  it.each([
    ['malformed JSON', '{"topicName":', 'invalid-json'],
    ['a text', '"hello"', 'unreadable-event'],
    ['an object without a topic', '{}', 'unreadable-event'],
    ['an event without its queue', JSON.stringify(event('acd.start', { participantId: 'p' })), 'unreadable-event'],
  ])('answers 400 to %s', async (_, body, code) => {
    await using served = await serve();
    const answer = await served.hook(body);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
  });

  it('answers 400 to bytes that are not UTF-8', async () => {
    await using served = await serve();
    const headers = { 'x-throughline-secret': HOOK_SECRET };
    const body = new Uint8Array([0x22, 0xff, 0x22]);
    const answer = await served.app.request('/hooks/genesys', { method: 'POST', headers, body });
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ code: 'invalid-json' })]);
  });

  it('takes what it can read of a list and logs the rest without its content', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const { status, body } = await served.hook([{ secret: 'of the customer' }, agentJoins]);
    expect([status, body]).toEqual([200, { received: 1 }]);
    expect(await typesOf(served, id)).toContain('HolderChanged');
    expect(served.log).toContainEqual(expect.objectContaining({ level: 'warn', code: 'hook-unreadable' }));
    expect(JSON.stringify(served.log)).not.toContain('of the customer');
  });

  it('accepts topics that it does not use', async () => {
    await using served = await serve();
    for (const topicName of ['v2.detail.events.conversation.{id}.acw', 'channel.metadata']) {
      const { status, body } = await served.hook({ topicName, eventBody: {} });
      expect([status, body]).toEqual([200, { received: 0 }]);
    }
  });

  it('refuses more than a megabyte', async () => {
    await using served = await serve();
    const { status, body } = await served.hook({ topicName: 'x'.repeat(1024 * 1024) });
    expect([status, body.code, body.limitBytes]).toEqual([413, 'body-too-large', 1024 * 1024]);
    expect((await served.hook({ topicName: 'x'.repeat(512 * 1024) })).status).toBe(200);
  });
});

describe('events that come again, late or in another order', () => {
  it('changes nothing when the same message comes again, in an envelope or bare', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    for (const message of [queueEntered, enveloped('id-1', agentJoins)]) {
      await served.hook(message);
      const before = await typesOf(served, id);
      expect((await served.hook(message)).status).toBe(200);
      expect(await typesOf(served, id)).toEqual(before);
    }
  });

  it('changes nothing when the same message comes many times at once', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const all = await Promise.all(Array.from({ length: 10 }, () => served.hook(queueEntered)));
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
    expect(await typesOf(served, id)).toEqual(['InteractionOpened', 'LegAttached', 'HolderChanged']);
    expect(served.errors).toEqual([]);
  });

  it('takes it once also when the repeats wait together behind something else', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const told = {
      kind: 'queue-entered',
      participantId: 'p-acd' as ParticipantId,
      queueId: 'queue-1' as QueueId,
    } as const;
    const conversation = { platform: GENESYS, externalId: 'conv-1' as ExternalId, messageId: 'm-1', at: 1_000 };
    const input = { kind: 'conversation-event', actor: 'platform:x', event: { ...conversation, ...told } } as const;
    const message = { sender: GENESYS, messageId: 'm-1' };
    const replies = await Promise.all([
      served.runner.submit(id, { kind: 'change-context', actor: 'api:x', context: { intent: 'refund' } }),
      served.runner.submit(id, input, { message }),
      served.runner.submit(id, input, { message }),
    ]);
    expect(replies.map(({ kind }) => kind)).toEqual(['taken', 'taken', 'taken']);
    expect(await typesOf(served, id)).toEqual(['InteractionOpened', 'LegAttached', 'ContextChanged', 'HolderChanged']);
  });

  it('takes the same message twice in one list once', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    expect((await served.hook([queueEntered, queueEntered])).status).toBe(200);
    expect(await typesOf(served, id)).toEqual(['InteractionOpened', 'LegAttached', 'HolderChanged']);
  });

  it('does not let older news overrule newer (H2)', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    await served.hook(event('user.start', { participantId: 'p-agent', userId: 'agent-7', eventTime: 5_000 }));
    await served.hook(event('acd.start', { participantId: 'p-acd', queueId: 'queue-1', eventTime: 4_000 }));
    expect((await served.get(`/v1/interactions/${id}`)).body.holder).toMatchObject({ kind: 'agent', epoch: 2 });
  });
});

describe('events of a conversation that nobody knows yet', () => {
  it('waits and is part of the append that makes it known', async () => {
    await using served = await serve();
    expect((await served.hook(queueEntered)).status).toBe(200);
    expect((await served.hook(agentJoins)).status).toBe(200);
    const made = await served.post('/v1/interactions', {
      platform: 'genesys_cloud',
      externalId: 'conv-1',
      channel: 'voice',
    });
    expect(made.status).toBe(201);
    expect(made.body.holder).toMatchObject({ kind: 'agent', agentId: 'agent-7' });
    expect(await typesOf(served, String(made.body.id))).toEqual([
      'InteractionOpened',
      'LegAttached',
      'HolderChanged',
      'HolderChanged',
    ]);
    // It is known now: neither the repeat nor the sweep brings it again.
    await served.hook(queueEntered);
    await served.runner.sweep();
    expect(await typesOf(served, String(made.body.id))).toHaveLength(4);
  });

  it('waits for a leg that is attached later', async () => {
    await using served = await serve();
    const id = await served.open('conv-0');
    await served.hook(queueEntered);
    const leg = { platform: 'genesys_cloud', externalId: 'conv-1', channel: 'voice' };
    const { body } = await served.post(`/v1/interactions/${id}/legs`, leg);
    expect(body.holder).toMatchObject({ kind: 'queue', queueId: 'queue-1' });
  });

  it('is forgotten after 15 minutes', async () => {
    await using served = await serve();
    await served.hook(queueEntered);
    await served.clock.advance(15 * 60_000);
    await served.runner.sweep();
    const id = await served.open('conv-1');
    expect(await typesOf(served, id)).toEqual(['InteractionOpened', 'LegAttached']);
  });

  it('is taken whole when it comes while the conversation is made known', async () => {
    await using served = await serve();
    const [id] = await Promise.all([served.open('conv-1'), served.hook(queueEntered), served.hook(customerLeaves)]);
    await served.runner.sweep();
    const { body } = await served.get(`/v1/interactions/${id}`);
    expect(body.endedAt).not.toBeNull();
    expect(body.holder).toMatchObject({ kind: 'none' });
  });
});

describe('when the journal cannot be written', () => {
  it('answers 503, so that the sender sends it again', async () => {
    await using served = await serve();
    await served.open('conv-1');
    served.journal.store.append = async () => {
      throw new Error('disk full');
    };
    const { status, body, headers, text } = await served.hook(agentJoins);
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'journal-unavailable', '1']);
    expect(text).not.toContain('disk');
    const causes = served.errors.flatMap((error) => [error, error instanceof Error ? error.cause : undefined]);
    expect(causes.map(String)).toContain('Error: disk full');
    const other = await served.post('/v1/interactions', { platform: 'genesys_cloud', externalId: 'x', channel: 'sms' });
    expect([other.status, other.body.code]).toEqual([503, 'journal-unavailable']);
  });
});

describe('events of an interaction that is set aside', () => {
  it('answers 200 and logs it: what is refused would be repeated for days', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    await served.journal.store.quarantine(id, 0);
    const before = await typesOf(served, id);
    const { status, body } = await served.hook(enveloped('evt-7', agentJoins));
    expect([status, body]).toEqual([200, { received: 1 }]);
    expect(await typesOf(served, id)).toEqual(before);
    const detail = `${GENESYS}: agent-joined evt-7`;
    expect(served.log).toEqual([{ level: 'warn', code: 'hook-quarantined', detail }]);
  });
});
