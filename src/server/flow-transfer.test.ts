// Tests the flat calls of a flow that transfers its caller by itself: told where to while that is right, told to ask again where it takes
// longer, and sent its own way where there is nothing to tell (H1, H3).

import { describe, expect, it } from 'vitest';
import { CLAIMS, ENTRY_NUMBERS, LOBBY } from '../../test/contract/instant-crossing.ts';
import { CXONE, GENESYS, type Served, serve } from '../../test/contract/served.ts';
import type { InteractionId } from '../ids.ts';

const FLOW = { platform: GENESYS, conversationId: 'conv-1' };
const TO = { toPlatform: CXONE, toQueue: CLAIMS.name };
type Json = Readonly<Record<string, unknown>>;

/** A caller whom a flow has. */
async function calling(): Promise<Served> {
  const served = await serve();
  served.vendor.crossing.agent = false;
  await served.runner.start({ recovering: false });
  return served;
}

const transfer = async (served: Served, more: Json = {}) =>
  (await served.post('/v1/flows/transfer', { ...FLOW, ...TO, ...more })).body;
const status = async (served: Served, handoffId: unknown, more: Json = {}) =>
  (await served.post('/v1/flows/status', { ...FLOW, handoffId, ...more })).body;
const interaction = async (served: Served) =>
  (await served.get(`/v1/interactions?platform=${GENESYS}&externalId=conv-1`)).body;
const handoff = async (served: Served, n = 1) =>
  (await served.get(`/v1/interactions/${(await interaction(served)).id}/handoffs/${n}`)).body;
const kinds = (served: Served) => served.vendor.commands.map(({ kind }) => kind);

/** Asked while its answer is waited for longer than a flow has. */
async function late(served: Served, asking: Promise<Json>): Promise<Json> {
  await served.clock.whenSleeping(1);
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  await served.clock.advance(2_500);
  return await asking;
}

describe('POST /v1/flows/transfer', () => {
  it('makes the interaction, prepares the transfer and says where to, at once', async () => {
    await using served = await calling();
    const answer = await transfer(served, { ani: '+14155550123', intent: 'claim', accountId: 'ACC-1' });
    const { id, context } = await interaction(served);
    expect(answer).toEqual({
      ok: true,
      handoffId: `${id}.1`,
      interactionId: id,
      phase: 'committing',
      outcome: null,
      transferTo: ENTRY_NUMBERS[0],
      token: expect.stringMatching(/^[\w-]{22}$/),
      expiresAt: new Date(served.clock.now() + 58_000).toISOString(),
      fallbackQueueId: LOBBY.id,
      fallbackQueueName: LOBBY.name,
    });
    expect(context).toMatchObject({ intent: 'claim', accountNumber: 'ACC-1' });
    expect(kinds(served)).toEqual(['CheckTransfer', 'AttachContext', 'Reserve']);
    expect(await handoff(served)).toMatchObject({
      kind: 'transfer',
      commitBy: 'flow',
      initiatedBy: 'bot',
      transferType: 'blind',
      offer: { kind: 'entry-script' },
    });
  });

  it('is completed when the caller has come in, though we never let go of anybody', async () => {
    await using served = await calling();
    const { token, handoffId } = await transfer(served);
    served.vendor.crossing.lets('conv-1');
    served.vendor.crossing.across.set('77', 'queue');
    const come = await served.post('/v1/flows/redeem', { platform: CXONE, conversationId: '77', token });
    expect(come.body).toMatchObject({ found: 'true', foundBy: 'token', queueId: CLAIMS.id });
    expect(await status(served, handoffId)).toMatchObject({
      ok: false,
      reason: 'already-on-the-way',
      phase: 'confirming',
    });
    for (let turn = 0; turn < 20; turn += 1) await served.clock.advance(500);
    expect(await handoff(served)).toMatchObject({ outcome: 'completed', destination: { externalId: '77' } });
    expect(kinds(served)).not.toContain('TransferAway');
    expect(await status(served, handoffId)).toMatchObject({ ok: false, outcome: 'completed' });
  });

  it('answers the same transfer when it is asked again, with the same number and token', async () => {
    await using served = await calling();
    const first = await transfer(served);
    expect(await transfer(served)).toEqual(first);
    expect(await status(served, first.handoffId)).toEqual(first);
    expect(kinds(served).filter((kind) => kind === 'Reserve')).toHaveLength(1);
  });

  it('H3: checks again before it says so a second time, when the check has grown old', async () => {
    await using served = await calling();
    const first = await transfer(served);
    await served.clock.advance(2_001);
    const again = await status(served, first.handoffId);
    expect(again).toMatchObject({ ok: true, transferTo: first.transferTo, token: first.token });
    expect(kinds(served).filter((kind) => kind === 'Reserve')).toHaveLength(2);
  });

  it('asks to be asked again after 2.5 seconds, and the waiting loop then brings the number', async () => {
    await using served = await calling();
    served.vendor.held.add('Reserve');
    const first = await late(served, transfer(served));
    expect(first).toMatchObject({
      ok: false,
      reason: 'still-preparing',
      phase: 'preparing',
      handoffId: expect.any(String),
    });
    expect(first).not.toHaveProperty('transferTo');
    served.vendor.release();
    expect(await status(served, first.handoffId)).toMatchObject({ ok: true, transferTo: ENTRY_NUMBERS[0] });
  });

  it.each([
    ['the agent is busy', { free: 'no', code: 'agent-busy' }, 'agent-busy'],
    ['nobody is staffed', { free: 'no', code: 'queue-unstaffed' }, 'queue-unstaffed'],
  ] as const)('sends the flow its own way where %s', async (_, target, reason) => {
    await using served = await calling();
    served.vendor.crossing.target = target;
    expect(await transfer(served)).toMatchObject({
      ok: false,
      outcome: 'refused',
      reason,
      fallbackQueueName: LOBBY.name,
    });
  });

  it('sends the flow its own way where an agent has the caller by now', async () => {
    await using served = await calling();
    served.vendor.crossing.agent = true;
    expect(await transfer(served)).toMatchObject({ ok: false, outcome: 'refused', reason: 'no-way-to-let-go' });
  });

  it('H1: does not get in the way of a handoff that somebody else makes', async () => {
    await using served = await calling();
    served.vendor.held.add('Inspect');
    const id = await served.open('conv-1');
    await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' });
    const busy = { ok: false, reason: 'handoff-in-progress', handoffId: `${id}.1` };
    expect(await transfer(served)).toEqual(busy);
    expect(await status(served, `${id}.1`)).toEqual({ ok: false, reason: 'handoff-not-found' });
  });

  it('takes up the transfer that was asked for elsewhere, whatever it is asked for itself', async () => {
    await using served = await calling();
    const id = await served.open('conv-1');
    const body = {
      kind: 'transfer',
      to: { platform: CXONE, queue: CLAIMS.name },
      transferType: 'blind',
      initiatedBy: 'system',
    };
    const asked = await served.post(`/v1/interactions/${id}/handoffs`, { ...body, commitBy: 'flow' });
    expect([asked.status, asked.body.commitBy]).toEqual([202, 'flow']);
    const answer = await transfer(served, { toPlatform: '', toQueue: '' });
    expect(answer).toMatchObject({ ok: true, handoffId: `${id}.1`, transferTo: ENTRY_NUMBERS[0] });
    expect((await handoff(served)).initiatedBy).toBe('system');
  });

  it('is refused for a consultation, which no flow can hold', async () => {
    await using served = await calling();
    const id = await served.open('conv-1');
    const to = { platform: CXONE, queue: CLAIMS.name };
    const body = { kind: 'transfer', to, transferType: 'warm', initiatedBy: 'agent', commitBy: 'flow' };
    const { body: made } = await served.post(`/v1/interactions/${id}/handoffs`, body);
    expect(made).toMatchObject({ outcome: 'refused', reason: 'no-way-to-let-go' });
  });

  it.each([
    ['nobody', { toQueue: '' }],
    ['two', { toAgentId: '4492' }],
    ['no platform', { toPlatform: '' }],
  ])('says so where it is for %s', async (_, more) => {
    await using served = await calling();
    expect(await transfer(served, more)).toEqual({ ok: false, reason: 'no-target' });
  });

  it('tells nobody else: another conversation, another handoff, or one that we make', async () => {
    await using served = await calling();
    const { handoffId } = await transfer(served);
    const nobody = { ok: false, reason: 'handoff-not-found' };
    expect(await status(served, handoffId, { conversationId: 'conv-2' })).toEqual(nobody);
    expect(await status(served, `${handoffId}0`)).toEqual(nobody);
    const id = String(handoffId).replace(/\.1$/, '') as InteractionId;
    await served.post(`/v1/interactions/${id}/legs`, { platform: GENESYS, externalId: 'conv-3', channel: 'voice' });
    expect(await transfer(served, { conversationId: 'conv-3' })).toMatchObject({
      ok: false,
      reason: 'handoff-in-progress',
    });
  });

  it('is of the conversation that asks, and of no other of its interaction', async () => {
    await using served = await calling();
    const id = await served.open('conv-1');
    await served.post(`/v1/interactions/${id}/legs`, { platform: GENESYS, externalId: 'conv-3', channel: 'voice' });
    expect(await transfer(served)).toEqual({ ok: false, reason: 'no-platform-leg' });
  });

  it('after it was cancelled tells nothing any more, and knows whoever comes all the same', async () => {
    await using served = await calling();
    const { handoffId, token } = await transfer(served);
    const id = (await interaction(served)).id;
    expect((await served.post(`/v1/interactions/${id}/handoffs/1/cancel`)).body.outcome).toBe('cancelled');
    const told = await status(served, handoffId);
    expect(told).toMatchObject({ ok: false, outcome: 'cancelled', reason: 'cancelled-by-request' });
    expect(told).not.toHaveProperty('transferTo');
    const come = await served.post('/v1/flows/redeem', { platform: CXONE, conversationId: '77', token });
    expect(come.body).toMatchObject({ found: 'true', late: 'true', fallbackQueueName: 'Overflow' });
  });

  it('goes on without a manifest that cannot be read, and takes one that can along', async () => {
    await using served = await calling();
    expect(await transfer(served, { manifest: '{' })).toMatchObject({ ok: true });
    const other = { conversationId: 'conv-2', manifest: '{"agent_briefing":"Be kind."}' };
    const { interactionId } = await transfer(served, other);
    expect((await served.get(`/v1/interactions/${interactionId}/handoffs/1`)).body.briefing).toBe('Be kind.');
  });

  it('of a caller who has left there is nothing to say', async () => {
    await using served = await calling();
    const { handoffId } = await transfer(served);
    await served.hook({
      topicName: 'v2.detail.events.conversation.conv-1.customer.end',
      eventBody: {
        conversationId: 'conv-1',
        participantId: 'customer',
        eventTime: served.clock.now(),
        disconnectType: 'ENDPOINT',
      },
    });
    expect(await status(served, handoffId)).toMatchObject({ ok: false, outcome: 'cancelled', reason: 'customer-left' });
    expect(await transfer(served)).toMatchObject({ ok: false, reason: 'interaction-ended' });
  });
});
