// Tests how a conversation becomes part of an interaction.

import { describe, expect, it } from 'vitest';
import { GENESYS, type Served, serve } from '../../test/contract/served.ts';
import { brandedLeg } from './opening.ts';

const leg = (externalId: string) => ({ platform: GENESYS, externalId, channel: 'sms' });
const attach = (served: Served, id: string, externalId: string) =>
  served.post(`/v1/interactions/${id}/legs`, leg(externalId));
const legsOf = async (served: Served, id: string) => {
  const { body } = await served.get(`/v1/interactions/${id}`);
  return (body.legs as { externalId: string }[]).map(({ externalId }) => externalId);
};

describe('POST /v1/interactions/{id}/legs', () => {
  it('attaches a conversation, once', async () => {
    await using served = await serve();
    const id = await served.open('voice-1');
    const first = await attach(served, id, 'sms-1');
    expect(first.status).toBe(201);
    expect(first.body.legs).toContainEqual({ ...leg('sms-1'), state: 'live' });
    expect((await attach(served, id, 'sms-1')).status).toBe(200);
    expect(await legsOf(served, id)).toEqual(['voice-1', 'sms-1']);
    expect((await served.get(`/v1/interactions?platform=${GENESYS}&externalId=sms-1`)).body.id).toBe(id);
  });

  it('moves it here from an interaction without an open handoff', async () => {
    await using served = await serve();
    const from = await served.open('sms-1');
    const to = await served.open('voice-1');
    expect((await attach(served, to, 'sms-1')).status).toBe(201);
    expect(await legsOf(served, from)).toEqual([]);
    expect(await legsOf(served, to)).toEqual(['voice-1', 'sms-1']);
    expect((await served.get(`/v1/interactions?platform=${GENESYS}&externalId=sms-1`)).body.id).toBe(to);
  });

  it('moves who is on it along: the agent holds it here, and nobody what is left without a leg (H2)', async () => {
    await using served = await serve();
    const from = await served.open('sms-1');
    const to = await served.open('voice-1');
    await served.hook({
      topicName: 'v2.detail.events.conversation.{id}.user.start',
      version: '2',
      eventBody: { conversationId: 'sms-1', eventTime: 1_000, participantId: 'p-agent', userId: 'agent-7' },
    });
    const { body } = await attach(served, to, 'sms-1');
    expect(body.holder).toMatchObject({ kind: 'agent', agentId: 'agent-7', epoch: 2 });
    expect((await served.get(`/v1/interactions/${from}`)).body.holder).toMatchObject({ kind: 'none', epoch: 3 });
  });

  it('moves one that is over as what it is: with nobody on it, and not live again', async () => {
    await using served = await serve();
    const from = await served.open('sms-1');
    const to = await served.open('voice-1');
    const tell = (name: string, eventTime: number, more: object) =>
      served.hook({
        topicName: `v2.detail.events.conversation.{id}.${name}`,
        version: '2',
        eventBody: { conversationId: 'sms-1', eventTime, ...more },
      });
    await tell('user.start', 1_000, { participantId: 'p-agent', userId: 'agent-7' });
    await tell('customer.end', 2_000, { participantId: 'customer' });
    const { body } = await attach(served, to, 'sms-1');
    expect(body.legs).toContainEqual({ ...leg('sms-1'), state: 'ended' });
    expect(body.holder).toMatchObject({ kind: 'bot', epoch: 1 });
    expect((await attach(served, to, 'sms-1')).status).toBe(200);
    expect(await legsOf(served, from)).toEqual([]);
  });

  it('refuses while it belongs to an interaction with an open handoff', async () => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const from = await served.open('sms-1');
    const to = await served.open('voice-1');
    await served.post(`/v1/interactions/${from}/handoffs`, { kind: 'escalation' });
    const { status, body } = await attach(served, to, 'sms-1');
    expect([status, body.code, body.handoffId]).toEqual([409, 'leg-busy', `${from}.1`]);
    expect(await legsOf(served, from)).toEqual(['sms-1']);
    expect(await legsOf(served, to)).toEqual(['voice-1']);
  });

  it('gives it to one of those who want it at the same time', async () => {
    await using served = await serve();
    const ids = [await served.open('voice-1'), await served.open('voice-2'), await served.open('voice-3')];
    await served.open('sms-1');
    const answers = await Promise.all(ids.map((id) => attach(served, id, 'sms-1')));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const holders = await Promise.all(ids.map(async (id) => (await legsOf(served, id)).includes('sms-1')));
    expect(holders.filter(Boolean)).toHaveLength(1);
  });

  it('does not lose what else reaches the interaction in the same batch', async () => {
    await using served = await serve();
    const owner = await served.open('sms-1');
    const id = await served.open('voice-1');
    const actor = 'api:x';
    const replies = await Promise.all([
      served.runner.submit(id, { kind: 'change-context', actor, context: { intent: 'refund' } }),
      served.runner.submit(id, { kind: 'attach-leg', actor, leg: brandedLeg({ ...leg('sms-1'), channel: 'sms' }) }),
      served.runner.submit(id, { kind: 'change-context', actor, context: { sentiment: 'calm' } }),
    ]);
    expect(replies.map(({ kind }) => kind)).toEqual(['taken', 'leg-taken', 'taken']);
    expect(replies[1]).toMatchObject({ interactionId: owner });
    expect((await served.get(`/v1/interactions/${id}`)).body.context).toEqual({ intent: 'refund', sentiment: 'calm' });
  });

  it('refuses where the interaction has ended or is not there, and a platform nobody configured', async () => {
    await using served = await serve();
    const id = await served.open('voice-1');
    await served.hook({
      topicName: 'v2.detail.events.conversation.{id}.customer.end',
      eventBody: { conversationId: 'voice-1', participantId: 'customer', eventTime: 1 },
    });
    const ended = await attach(served, id, 'sms-1');
    expect([ended.status, ended.body.code]).toEqual([409, 'interaction-ended']);
    const nowhere = await attach(served, 'none', 'sms-1');
    expect([nowhere.status, nowhere.body.code]).toEqual([404, 'interaction-not-found']);
    const unknown = await served.post(`/v1/interactions/${id}/legs`, { ...leg('sms-1'), platform: 'five9' });
    expect([unknown.status, unknown.body.code]).toEqual([400, 'unknown-platform']);
  });
});
