// Tests the flat calls for flow builders.

import { describe, expect, it } from 'vitest';
import { GENESYS, type Served, serve } from '../../test/contract/served.ts';
import type { InteractionId, QueueId } from '../ids.ts';

const FLOW = { platform: GENESYS, conversationId: 'conv-1' };
const escalate = (served: Served, more: object = {}) => served.post('/v1/flows/escalate', { ...FLOW, ...more });
const interaction = async (served: Served) =>
  (await served.get(`/v1/interactions?platform=${GENESYS}&externalId=conv-1`)).body;

describe('POST /v1/flows/escalate', () => {
  it('makes the interaction, escalates it and answers flat', async () => {
    await using served = await serve();
    const manifest = { trigger: 'CustomerRequested', recommended_queue: 'General_Support', agent_briefing: 'Be kind.' };
    const { status, body } = await escalate(served, {
      ani: 'tel:+14155551234',
      intent: 'refund',
      authenticationStatus: 'verified',
      accountId: 'ACC-1',
      manifest: JSON.stringify(manifest),
    });
    expect(status).toBe(200);
    const made = await interaction(served);
    expect(body).toEqual({
      ok: true,
      handoffId: `${made.id}.1`,
      queueName: 'General_Support',
      queueId: 'queue-General_Support',
      manifestRef: expect.any(String),
      briefing: 'Be kind.',
      summary: expect.stringContaining('Intent: refund.'),
    });
    expect(made).toMatchObject({
      channel: 'voice',
      customer: { phone: '+14155551234' },
      context: { intent: 'refund', authenticationStatus: 'verified', accountNumber: 'ACC-1' },
    });
    expect((await served.get(`/v1/manifests/${body.manifestRef}`)).body).toEqual(manifest);
  });

  it.each(['anonymous', '', 'sip:anonymous@anonymous.invalid', '5551234', '+1', 'tel:restricted'])(
    'goes on without a phone when the ani is %j',
    async (ani) => {
      await using served = await serve();
      expect((await escalate(served, { ani })).body.ok).toBe(true);
      expect((await interaction(served)).customer).toEqual({});
    },
  );

  it('goes on without a manifest that cannot be read, and says so', async () => {
    await using served = await serve();
    for (const [conversationId, manifest] of [
      ['a', '{"trigger":'],
      ['b', '{"trigger":7}'],
      ['c', '[]'],
    ]) {
      const { status, body } = await escalate(served, { conversationId, manifest });
      expect([status, body.ok, body.reason]).toEqual([200, true, 'manifest-unreadable']);
    }
  });

  it('answers with the queue as soon as it is known, long before the handoff has settled', async () => {
    await using served = await serve();
    served.vendor.held.add('AttachContext');
    const { body } = await escalate(served, { commitBy: 'flow', queue: 'General_Support' });
    expect(body).toMatchObject({ ok: true, queueId: 'queue-General_Support', queueName: 'General_Support' });
    expect((await interaction(served)).handoff).toMatchObject({ phase: 'preparing', commitBy: 'flow' });
  });

  it('answers the same handoff when the flow asks again, also at the same time (H1)', async () => {
    await using served = await serve();
    served.vendor.held.add('AttachContext');
    const all = await Promise.all(Array.from({ length: 5 }, () => escalate(served)));
    const later = await escalate(served, { queue: 'General_Escalation' });
    const made = await interaction(served);
    for (const { status, body } of [...all, later]) {
      expect([status, body.ok, body.handoffId]).toEqual([200, true, `${made.id}.1`]);
    }
  });

  it.each([
    ['us', 'flow'],
    ['flow', 'us'],
    ['', 'flow'],
    ['flow', ''],
  ])(
    'where %j transfers already, sends %j its own way: nobody transfers twice or not at all (H1)',
    async (first, then) => {
      await using served = await serve();
      served.vendor.held.add('AttachContext');
      const { body } = await escalate(served, { commitBy: first, queue: 'General_Support' });
      expect(body.ok).toBe(true);
      const other = await escalate(served, { commitBy: then, queue: 'General_Support' });
      expect(other.status).toBe(200);
      expect(other.body).toEqual({ ok: false, handoffId: body.handoffId, reason: 'handoff-in-progress' });
      const again = await escalate(served, { commitBy: first, queue: 'General_Support' });
      expect([again.body.ok, again.body.handoffId]).toEqual([true, body.handoffId]);
    },
  );

  it.each([
    ['while the context is being attached', true],
    ['when all is done', false],
  ])('tells a flow that the customer is in the queue already, %s: it must not transfer them again', async (_, held) => {
    await using served = await serve();
    await escalate(served, { commitBy: 'us', queue: 'General_Support' });
    const id = String((await interaction(served)).id) as InteractionId;
    await served.runner.watch(id, ({ settled: [first] }) => first !== undefined, 1_000);
    served.vendor.waiting.set('conv-1', 'queue-General_Support' as QueueId);
    if (held) served.vendor.held.add('AttachContext');
    for (const _ of ['once', 'again']) {
      const { body } = await escalate(served, { commitBy: 'flow', queue: 'General_Support' });
      expect(body).toMatchObject({ ok: false, reason: 'already-in-queue', queueId: 'queue-General_Support' });
    }
    served.vendor.release();
    await served.runner.watch(id, ({ move }) => move === null, 1_000);
    const ours = await escalate(served, { commitBy: 'us', queue: 'General_Support' });
    expect(ours.body).toMatchObject({ ok: true });
  });

  it('lets one of two go on who ask at the same time and would both transfer (H1)', async () => {
    await using served = await serve();
    const both = await Promise.all([escalate(served, { commitBy: 'us' }), escalate(served, { commitBy: 'flow' })]);
    expect(both.map(({ body }) => body.ok)).toEqual([true, false]);
    expect(both[1]?.body.reason).toBe('handoff-in-progress');
    expect(both[1]?.body.handoffId).toBe(both[0]?.body.handoffId);
  });

  it.each([
    ['us', true],
    ['flow', false],
  ])('after 2.5 s without a queue answers %s with ok %s', async (commitBy, ok) => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const sleepers = served.clock.sleepers();
    const answer = escalate(served, { commitBy });
    await served.clock.whenSleeping(sleepers + 2);
    await served.clock.advance(2_500);
    const { status, body } = await answer;
    expect([status, body.ok, body.reason]).toEqual([200, ok, 'still-preparing']);
    expect(body).toMatchObject({ handoffId: expect.any(String), queueName: 'General_Support' });
    expect(body).not.toHaveProperty('queueId');
  });

  it('lets the flow branch on a queue that nobody can see', async () => {
    await using served = await serve();
    const { status, body } = await escalate(served, { queue: 'Nowhere' });
    expect([status, body.ok, body.reason]).toEqual([200, false, 'queue-not-found-or-not-visible']);
    expect(body.detail).toContain('Home and Sales');
  });

  it('lets the flow branch when an agent has the conversation already', async () => {
    await using served = await serve();
    served.vendor.withAgent.add('conv-1');
    const { status, body } = await escalate(served);
    expect([status, body.ok, body.reason]).toEqual([200, false, 'already-with-agent']);
  });

  it('lets the flow branch on what the conversation’s own state forbids', async () => {
    await using served = await serve();
    await served.open('conv-1');
    await served.hook({
      topicName: 'v2.detail.events.conversation.{id}.customer.end',
      eventBody: { conversationId: 'conv-1', participantId: 'customer', eventTime: 1 },
    });
    const { status, body } = await escalate(served);
    expect([status, body]).toEqual([200, { ok: false, reason: 'interaction-ended' }]);
  });

  it('adds what the flow knows to an interaction that was known', async () => {
    await using served = await serve();
    await served.open('conv-1', { context: { intent: 'old', sentiment: 'calm' } });
    await escalate(served, { intent: 'new', accountId: '' });
    expect((await interaction(served)).context).toEqual({ intent: 'new', sentiment: 'calm' });
  });

  it('takes empty strings as unknown', async () => {
    await using served = await serve();
    const empty = { ani: '', channel: '', queue: '', manifest: '', commitBy: '', resumeBot: '', intent: '' };
    const { body } = await escalate(served, empty);
    expect(body).toMatchObject({ ok: true, queueName: 'General_Support' });
    expect(body).not.toHaveProperty('reason');
    expect((await interaction(served)).context).toEqual({});
  });

  it.each([
    [{ queue: 7 }, 'queue'],
    [{ manifest: {} }, 'manifest'],
    [{ colour: 'red' }, 'colour'],
    [{ commitBy: 'them' }, 'commitBy'],
    [{ conversationId: '' }, 'conversationId'],
  ])('refuses %j: that is a mistake in the flow', async (more, path) => {
    await using served = await serve();
    const { status, body } = await escalate(served, more);
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(body.errors).toContainEqual({ path, message: expect.any(String) });
  });

  it('refuses a platform that is not configured', async () => {
    await using served = await serve();
    const { status, body } = await escalate(served, { platform: 'five9' });
    expect([status, body.code]).toEqual([400, 'unknown-platform']);
  });
});

describe('POST /v1/flows/attributes (seed 001 §4)', () => {
  const set = (served: Served, more: object) => served.post('/v1/flows/attributes', { ...FLOW, ...more });

  it('makes the interaction and merges flat fields into its attributes', async () => {
    await using served = await serve();
    const first = await set(served, { Product_Type: 'card', Tier: 'gold' });
    const made = await interaction(served);
    expect([first.status, first.body]).toEqual([200, { ok: true, interactionId: made.id }]);
    await set(served, { Tier: 'silver', channel: 'voice', intent: 'refund' });
    const { context } = await interaction(served);
    expect(context).toEqual({ intent: 'refund', attributes: { Product_Type: 'card', Tier: 'silver' } });
  });

  it.each([
    [{ attributes: { A: 'one', B: 'two' } }],
    [{ attributes: '{"A":"one","B":"two"}' }],
    [{ attributes: '{"B":"two"}', A: 'one' }],
    [{ attributes: { A: 'other', B: 'two' }, A: 'one' }],
    [{ attributes: '', A: 'one', B: 'two' }],
  ])('takes them as %j', async (given) => {
    await using served = await serve();
    await set(served, given);
    expect((await interaction(served)).context).toEqual({ attributes: { A: 'one', B: 'two' } });
  });

  it('makes text of what is not text, and null removes', async () => {
    await using served = await serve();
    await set(served, { Gone: 'soon' });
    await set(served, { attributes: '{"Count":3,"Vip":true,"List":["a"],"Gone":null}' });
    const { context } = await interaction(served);
    expect(context).toEqual({ attributes: { Count: '3', Vip: 'true', List: '["a"]' } });
  });

  it.each(['{', '[]', 'null', '"text"'])('says so when the JSON string is %s', async (attributes) => {
    await using served = await serve();
    const { status, body } = await set(served, { attributes, A: 'one' });
    expect([status, body.ok, body.reason]).toEqual([200, false, 'attributes-unreadable']);
    expect((await interaction(served)).context).toEqual({});
  });

  it('refuses what is not a string', async () => {
    await using served = await serve();
    const { status, body } = await set(served, { Count: 3 });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });

  it('says so when they come too late for the handoff that is open, or was', async () => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const id = await served.open('conv-1');
    expect((await set(served, { Product_Type: 'card' })).body).toEqual({ ok: true, interactionId: id });
    const asked = (headers: Record<string, string>) =>
      served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' }, { 'idempotency-key': 'once', ...headers });
    await asked({});
    const open = await set(served, { Product_Type: 'loan' });
    served.vendor.release();
    expect((await asked({ prefer: 'wait=10' })).body).toMatchObject({ n: 1, outcome: 'completed' });
    const after = await set(served, { Product_Type: 'mortgage' });
    const kept = { ok: true, interactionId: id, reason: 'kept-for-the-next-handoff' };
    expect([open.body, after.body]).toEqual([kept, kept]);
    const sent = served.vendor.commands.filter(({ kind }) => kind === 'AttachContext');
    expect(sent.map(({ attributes }) => attributes?.Product_Type)).toEqual(['card']);
    expect((await interaction(served)).context).toMatchObject({ attributes: { Product_Type: 'mortgage' } });
  });

  it('lets them travel with the next handoff', async () => {
    await using served = await serve();
    await set(served, { Product_Type: 'card' });
    await escalate(served);
    const attached = served.vendor.commands.find(({ kind }) => kind === 'AttachContext');
    expect(attached?.attributes).toMatchObject({ Product_Type: 'card' });
  });
});
