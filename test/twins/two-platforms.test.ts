// Owns the proof that a caller moves between the two platforms' twins over the carrier, in either direction, with what goes along
// with the call, and that neither twin keeps a caller whose other end is gone. A stand-in answers what the service would.

import { describe, expect, it } from 'vitest';
import { createCarrier } from '../../src/twins/carrier.ts';
import { createVirtualClock } from '../../src/twins/virtual-clock.ts';
import { driveCxone } from './cxone-driver.ts';
import { driveTwin } from './twin-driver.ts';

const CXONE_ENTRY = '+18885551900';
const GENESYS_ENTRY = '+18005550110';
const TIER2 = '5f1c0a10-0002-4a00-8a00-000000000002';

type Asked = Record<string, string>;
/** Read as loosely as a client in another language would. */
type Loose = ReturnType<typeof JSON.parse>;

/** Both twins on one network, asking one stand-in whose calls are whose. */
async function platforms() {
  const clock = createVirtualClock();
  const carrier = createCarrier({ clock });
  const asked: Asked[] = [];
  const service: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const body = (await request.json()) as Asked;
    asked.push(body);
    if (body.token !== 'token-1') return Response.json({ found: 'false', reason: 'unknown' });
    return Response.json(
      body.platform === 'nice_cxone'
        ? { found: 'true', targetAgentId: '4492', fallbackSkillId: '1002', summary: 'Billing dispute' }
        : { found: 'true', queueId: TIER2, summary: 'Billing dispute' },
    );
  };
  const entry = { url: 'http://service.test' };
  const genesys = await driveTwin({ clock, carrier, entry, fetch: service, settleMs: 100 });
  const cxone = await driveCxone({ clock, carrier, entry }, service);
  const there = () => [...cxone.twin.contacts.all()].at(-1);
  const seenThere = async () => cxone.view(String(there()?.id));
  return { clock, carrier, asked, genesys, cxone, there, seenThere };
}
type World = Awaited<ReturnType<typeof platforms>>;

/** A caller on Genesys, handed to CXone's number with a token. */
async function handedOver({ genesys, clock }: World, token = 'token-1') {
  const made = await genesys.control<{ conversationId: string; participants: Record<string, string> }>(
    'POST',
    '/conversations',
    { channel: 'voice', from: '+14155551234', flow: 'bot', uui: token },
  );
  const id = made.body.conversationId;
  const path = `/api/v2/conversations/${id}/participants/${made.body.participants.bot}/transfer`;
  expect((await genesys.api('POST', path, { address: CXONE_ENTRY })).status).toBe(202);
  await clock.advance(100);
  return { id, seen: async () => (await genesys.control<Loose>('GET', `/conversations/${id}`)).body };
}

describe('from Genesys to CXone', () => {
  it('the caller reaches the agent the token stands for, and both ends know', async () => {
    const world = await platforms();
    await world.cxone.control('POST', '/agents', { name: 'Ada', queues: [], afterMs: 100 });
    const { seen } = await handedOver(world);
    expect(world.asked[0]).toMatchObject({ dnis: CXONE_ENTRY, ani: '+14155551234', token: 'token-1' });
    await world.clock.advance(100);
    expect(await world.seenThere()).toMatchObject({
      holder: 'agent',
      agent: { agentId: '4492' },
      from: '+14155551234',
      token: 'token-1',
      variables: { summary: 'Billing dispute' },
    });
    expect(await seen()).toMatchObject({ holder: 'agent', ended: false, transfers: [{ state: 'Complete' }] });
  });

  it.each(['there', 'here', 'by the agent'])('hanging up %s ends both', async (where) => {
    const world = await platforms();
    await world.cxone.control('POST', '/agents', { name: 'Ada', queues: [], afterMs: 0 });
    const { id, seen } = await handedOver(world);
    await world.clock.advance(1);
    const contactId = String(world.there()?.id);
    if (where === 'here') await world.genesys.control('POST', `/conversations/${id}/hangup`);
    else await world.cxone.control('POST', `/conversations/${contactId}/${where === 'there' ? 'hangup' : 'close'}`);
    await world.clock.advance(0);
    expect(await seen()).toMatchObject({ ended: true });
    expect(await world.seenThere()).toMatchObject({
      ended: true,
      endReason: where === 'by the agent' ? 'agent' : 'customer',
    });
  });

  it('a phantom looks complete here and is gone there', async () => {
    const world = await platforms();
    await world.genesys.control('POST', '/faults', { match: { path: CXONE_ENTRY }, fault: 'drop-call', delayMs: 500 });
    const { seen } = await handedOver(world);
    await world.clock.advance(10_000);
    expect(await seen()).toMatchObject({ ended: false, transfers: [{ state: 'Complete' }] });
    expect(await world.seenThere()).toMatchObject({ ended: true, endReason: 'lost' });
  });

  it('a token that gets lost leaves number and caller to go by, and the caller in the default skill', async () => {
    const world = await platforms();
    await world.cxone.control('POST', '/faults', { match: { path: CXONE_ENTRY }, fault: 'lose-uui' });
    await handedOver(world);
    expect(world.asked[0]).toEqual({
      platform: 'nice_cxone',
      conversationId: String(world.there()?.id),
      dnis: CXONE_ENTRY,
      ani: '+14155551234',
    });
    expect(await world.seenThere()).toMatchObject({ state: 'queued', skill: { name: 'General_Support' } });
  });
});

describe('a flow that transfers by itself', () => {
  const inFlow = async (world: World) => {
    const made = await world.genesys.control<{ conversationId: string }>('POST', '/conversations', {
      channel: 'voice',
      from: '+14155551234',
      flow: 'bot',
    });
    const id = made.body.conversationId;
    const seen = async () => (await world.genesys.control<Loose>('GET', `/conversations/${id}`)).body;
    return { id, seen };
  };

  it('at Genesys leaves its caller with whom it called, and lists no transfer', async () => {
    const world = await platforms();
    await world.cxone.control('POST', '/agents', { name: 'Ada', queues: [], afterMs: 0 });
    const { id, seen } = await inFlow(world);
    const path = `/conversations/${id}/transfer`;
    expect((await world.genesys.control('POST', path, { to: CXONE_ENTRY, uui: 'token-1' })).status).toBe(200);
    await world.clock.advance(10);
    expect(await seen()).toMatchObject({ holder: 'agent', recentTransfers: [] });
    expect(await world.seenThere()).toMatchObject({ holder: 'agent', token: 'token-1' });
    expect((await world.genesys.control('POST', path, { to: CXONE_ENTRY })).status).toBe(409);
    expect((await world.genesys.control('POST', path, {})).status).toBe(400);
    expect((await world.genesys.control('POST', '/conversations/none/transfer', { to: CXONE_ENTRY })).status).toBe(404);
  });

  it('at Genesys goes its other way when the number is dead', async () => {
    const world = await platforms();
    const { id, seen } = await inFlow(world);
    await world.genesys.control('POST', `/conversations/${id}/transfer`, { to: '+18885550000' });
    await world.clock.advance(10);
    expect(await seen()).toMatchObject({ holder: 'queue', queue: { name: 'General_Support' }, ended: false });
  });

  it('at Genesys hangs up the number when its caller does', async () => {
    const world = await platforms();
    const { id, seen } = await inFlow(world);
    await world.genesys.control('POST', `/conversations/${id}/transfer`, { to: CXONE_ENTRY });
    await world.genesys.control('POST', `/conversations/${id}/hangup`);
    await world.clock.advance(10);
    expect(await seen()).toMatchObject({ ended: true });
    expect(world.there()?.state.kind ?? 'ended').toBe('ended');
    const again = await world.genesys.control('POST', `/conversations/${id}/transfer`, { to: CXONE_ENTRY });
    expect(again.status).toBe(409);
  });

  it.each([
    ['TRANSFER', { state: 'bridged', ended: false }],
    ['BLINDXFER', { ended: true, endReason: 'blind-transfer' }],
  ])('at CXone does so by %s', async (action, shown) => {
    const world = await platforms();
    const id = await world.cxone.create({ channel: 'voice', from: '+14155551234', flow: 'bot' });
    const path = `/conversations/${id}/transfer`;
    const asked = { to: GENESYS_ENTRY, uui: 'token-1', action };
    expect((await world.cxone.control('POST', path, asked)).status).toBe(200);
    await world.clock.advance(10);
    expect(await world.cxone.view(id)).toMatchObject(shown);
    const there = [...world.genesys.twin.conversations.all()][0]!;
    expect((await world.genesys.control<Loose>('GET', `/conversations/${there.id}`)).body).toMatchObject({
      queue: { id: TIER2 },
    });
    expect((await world.cxone.control('POST', path, asked)).status).toBe(409);
    expect((await world.cxone.control('POST', path, { action })).status).toBe(400);
  });
});

describe('from CXone to Genesys', () => {
  it('a signal hands the caller over with a token, and hanging up at either end ends both', async () => {
    for (const where of ['here', 'there'] as const) {
      const world = await platforms();
      const id = await world.cxone.create({ channel: 'voice', from: '+14155551234', flow: 'bot' });
      const signal = { p1: 'Transfer', p2: GENESYS_ENTRY, p3: 'token-1' };
      await world.cxone.acd('POST', `/interactions/${id}/signal`, signal);
      await world.clock.advance(250);
      const conversation = [...world.genesys.twin.conversations.all()][0]!;
      const there = async () =>
        (await world.genesys.control<{ ended: boolean }>('GET', `/conversations/${conversation.id}`)).body;
      expect(await there()).toMatchObject({
        holder: 'queue',
        queue: { id: TIER2 },
        attributes: { summary: 'Billing dispute' },
      });
      expect(await world.cxone.view(id)).toMatchObject({ state: 'bridged', transfers: [{ state: 'complete' }] });
      if (where === 'here') await world.cxone.control('POST', `/conversations/${id}/hangup`);
      else await world.genesys.control('POST', `/conversations/${conversation.id}/hangup`);
      await world.clock.advance(0);
      expect(await there()).toMatchObject({ ended: true });
      expect(await world.cxone.view(id)).toMatchObject({ ended: true, endReason: 'customer' });
    }
  });

  it('a caller who came from there goes back, and one hang-up ends the whole chain', async () => {
    const world = await platforms();
    const { id, seen } = await handedOver(world, 'nothing');
    const contactId = String(world.there()?.id);
    const signal = { p1: 'Transfer', p2: GENESYS_ENTRY, p3: 'token-1', p4: 'BLINDXFER' };
    await world.cxone.acd('POST', `/interactions/${contactId}/signal`, signal);
    await world.clock.advance(250);
    expect(await world.seenThere()).toMatchObject({ endReason: 'blind-transfer' });
    expect((await seen()).ended).toBe(false);
    const back = [...world.genesys.twin.conversations.all()].at(-1)!;
    expect(back.id).not.toBe(id);
    await world.genesys.control('POST', `/conversations/${back.id}/hangup`);
    await world.clock.advance(0);
    expect((await seen()).ended).toBe(true);
    expect(back.endedAt).toBeDefined();
  });
});
