// Joins both adapters and both twins on one telephone network: a call that one platform lets go arrives at the other, whose entry asks whose
// it is, and each side shows where the customer is. The asking is answered here, as the service would.

import { describe, expect, it } from 'vitest';
import type { Party } from '../../src/context/conversation.ts';
import { attachOnArrival } from '../../src/execute-arrival.ts';
import type { AgentId, ExternalId, PlatformName } from '../../src/ids.ts';
import { cxonePlatform } from '../../src/platforms/cxone/cxone-platform.ts';
import { gatewayPlatform } from '../../src/platforms/gateway/gateway-platform.ts';
import { genesysPlatform } from '../../src/platforms/genesys/genesys-platform.ts';
import type { Call, ConversationRef, Departing, Platform } from '../../src/platforms/platform.ts';
import { createCarrier } from '../../src/twins/carrier.ts';
import { createCxoneTwin } from '../../src/twins/cxone/cxone-twin.ts';
import { DEMO_ACCESS_KEY, DEMO_CXONE_CLIENT } from '../../src/twins/cxone/tenant.ts';
import { DEMO_TOKEN } from '../../src/twins/gateway/access.ts';
import { DEMO_HOOK_SECRET } from '../../src/twins/gateway/event-signing.ts';
import { createGatewayTwin } from '../../src/twins/gateway/gateway-twin.ts';
import { createGenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { DEMO_CLIENT, ENTRY_NUMBERS as GENESYS_NUMBERS } from '../../src/twins/genesys/organisation.ts';
import { manualClock, outlast } from './manual-clock.ts';

const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };
const QUEUE = 'BillingDisputes_Tier2';
const TOKEN = 'kW3m_token-of-128-random-bits';
const SETTLE_MS = 250;

async function world() {
  const clock = manualClock();
  const carrier = createCarrier({ clock });
  const redeemed: Record<string, string>[] = [];
  const reply: Record<string, string> = { found: 'true', interactionId: 'our-id' };
  const fetch = async (_url: unknown, init?: RequestInit) => {
    redeemed.push(JSON.parse(String(init?.body)));
    return Response.json(reply);
  };
  const common = { clock, carrier, fetch, settleMs: SETTLE_MS, entry: { url: 'https://throughline.example' } };
  const genesysTwin = createGenesysTwin(common);
  const cxoneTwin = createCxoneTwin(common);
  const shared = { clock, settleMs: SETTLE_MS, random: () => 0, rateLimitPerMinute: 6_000 };
  const genesys = genesysPlatform({
    ...shared,
    ...DEMO_CLIENT,
    name: 'genesys_cloud' as PlatformName,
    loginUrl: 'http://genesys.twin',
    apiUrl: 'http://genesys.twin',
    limits: { attributeValueBytes: 256, attributeCount: 50 },
    userToUser: true,
    fetch: (url, init) => genesysTwin.fetch(url, init),
  });
  const cxone = cxonePlatform({
    ...shared,
    ...DEMO_ACCESS_KEY,
    name: 'nice_cxone' as PlatformName,
    issuerUrl: 'http://cxone.twin',
    login: { kind: 'central', ...DEMO_CXONE_CLIENT },
    apiVersion: 'v30.0',
    attributeValueBytes: 256,
    letGoBy: 'TRANSFER',
    fetch: (url, init) => cxoneTwin.fetch(url, init),
  });
  const control = async (twin: typeof genesysTwin | typeof cxoneTwin, path: string, body: unknown) => {
    const response = await twin.fetch(`http://twin/twin${path}`, { method: 'POST', body: JSON.stringify(body) });
    return (await response.json()) as Record<string, string>;
  };
  const close = async () => {
    await Promise.all([genesys.close(), cxone.close(), genesysTwin.close(), cxoneTwin.close()]);
  };
  const entries = cxoneTwin.tenant.pointsOfContact.filter(({ script }) => script === 'Throughline_Entry');
  const entryNumbers = entries.map(({ address }) => address);
  return {
    carrier,
    entryNumbers,
    clock,
    redeemed,
    reply,
    genesysTwin,
    cxoneTwin,
    genesys,
    cxone,
    control,
    [Symbol.asyncDispose]: close,
  };
}

async function partyOf(platform: Platform, conversation: ConversationRef, role: Party['role']): Promise<Party> {
  const view = await platform.look(conversation, call);
  if (view.kind !== 'done') throw new Error(view.code);
  const party = view.value.parties.find((one) => one.role === role && one.state === 'connected');
  if (party === undefined) throw new Error(`no ${role} is connected`);
  return party;
}

const departing = (leaving: Party, address: string, more: Partial<Departing> = {}): Departing => ({
  way: 'rest',
  style: 'blind',
  leaving: leaving.id,
  address,
  token: TOKEN,
  interactionId: 'our-id',
  reservationId: 'r',
  ...more,
});

const voice = (externalId: string): ConversationRef => ({ externalId: externalId as ExternalId, channel: 'voice' });

describe('a call that crosses', () => {
  it('from Genesys Cloud to CXone takes its token along, and is found by it in the queue that the entry chose', async () => {
    await using it = await world();
    const queue = await it.cxone.resolveQueue(QUEUE, call);
    if (queue.kind !== 'done') throw new Error(queue.code);
    it.reply.skillId = queue.value.id;
    const made = await it.control(it.genesysTwin, '/conversations', {
      channel: 'voice',
      from: '+14155550123',
      flow: 'bot',
    });
    const source = voice(made.conversationId ?? '');
    const bot = await partyOf(it.genesys, source, 'bot');
    const number = it.entryNumbers[3] ?? '';
    expect(await it.genesys.transferAway(source, departing(bot, number), call)).toMatchObject({ kind: 'done' });
    await it.clock.advance(SETTLE_MS * 4);
    expect(it.redeemed).toEqual([
      expect.objectContaining({ platform: 'nice_cxone', token: TOKEN, dnis: number, ani: '+14155550123' }),
    ]);
    const destination = voice(it.redeemed[0]?.conversationId ?? '');
    expect(await partyOf(it.cxone, destination, 'queue')).toMatchObject({ queueId: queue.value.id });
    expect(await partyOf(it.genesys, source, 'other')).toBeDefined();
    const left = await it.genesys.look(source, call);
    expect(left).toMatchObject({ kind: 'done', value: { ended: false, transfers: [{ state: 'complete' }] } });
  });

  it('from CXone to Genesys Cloud does so too, and both sides end when the customer hangs up', async () => {
    await using it = await world();
    it.reply.queueName = QUEUE;
    const made = await it.control(it.cxoneTwin, '/conversations', {
      channel: 'voice',
      from: '+14155550123',
      flow: 'bot',
    });
    const source = voice(made.contactId ?? '');
    const bot = await partyOf(it.cxone, source, 'bot');
    const number = GENESYS_NUMBERS[3] ?? '';
    const asked = departing(bot, number, { way: 'signal' });
    expect(await it.cxone.transferAway(source, asked, call)).toMatchObject({ kind: 'done' });
    await it.clock.advance(SETTLE_MS * 4);
    expect(it.redeemed).toEqual([
      expect.objectContaining({ platform: 'genesys_cloud', token: TOKEN, dnis: number, ani: '+14155550123' }),
    ]);
    const destination = voice(it.redeemed[0]?.conversationId ?? '');
    expect(await partyOf(it.genesys, destination, 'queue')).toBeDefined();
    expect(await partyOf(it.cxone, source, 'other')).toBeDefined();
    await it.control(it.cxoneTwin, `/conversations/${source.externalId}/hangup`, {});
    await it.clock.advance(SETTLE_MS * 4);
    for (const [platform, conversation] of [
      [it.cxone, source],
      [it.genesys, destination],
    ] as const) {
      const view = await platform.look(conversation, call);
      const customer = view.kind === 'done' && view.value.parties.find((party) => party.role === 'customer');
      expect(customer).toMatchObject({ state: 'ended' });
    }
  });

  it('takes the context along once it is there, while a queue has it, and the call goes from an agent as well', async () => {
    await using it = await world();
    it.reply.queueName = QUEUE;
    const { agentId = '' } = await it.control(it.cxoneTwin, '/agents', { name: 'Sam', queues: [QUEUE], afterMs: 0 });
    const made = await it.control(it.cxoneTwin, '/conversations', {
      channel: 'voice',
      from: '+14155550123',
      queue: QUEUE,
    });
    const source = voice(made.contactId ?? '');
    await it.clock.advance(SETTLE_MS);
    const agent = await partyOf(it.cxone, source, 'agent');
    expect(agent.agentId).toBe(agentId);
    const mark = { customer: agent.id, attributes: { intent: 'billing' }, tag: 'our-id' };
    expect(await outlast(it.clock, it.cxone.attachContext(source, mark, call))).toMatchObject({ kind: 'done' });
    expect(await partyOf(it.cxone, source, 'agent')).toEqual(agent);
    const asked = departing(agent, GENESYS_NUMBERS[1] ?? '', { way: 'signal' });
    expect(await it.cxone.transferAway(source, asked, call)).toMatchObject({ kind: 'done' });
    await it.clock.advance(SETTLE_MS * 4);
    await expect(partyOf(it.cxone, source, 'agent')).rejects.toThrow('no agent');
    expect(await partyOf(it.cxone, source, 'other')).toBeDefined();
    const destination = voice(it.redeemed[0]?.conversationId ?? '');
    const customer = await partyOf(it.genesys, destination, 'customer');
    const context = { customer: customer.id, attributes: { dtmfSequence: '["1","3","0"]' }, tag: 'our-id' };
    expect(await it.genesys.attachContext(destination, context, call)).toMatchObject({ kind: 'done' });
  });

  it('is lost while the context is taken: neither platform says so, and the look after it shows it', async () => {
    await using it = await world();
    // The line breaks half of the script's time after its signal was accepted, so that nothing of it is taken up.
    const after = { fault: 'drop-call', delayMs: SETTLE_MS * 4.5, match: { path: '.*' } };
    const makes = { channel: 'voice', from: '+14155550123', flow: 'bot' };
    await it.control(it.genesysTwin, '/faults', after);
    const made = await it.control(it.genesysTwin, '/conversations', makes);
    const source = voice(made.conversationId ?? '');
    const bot = await partyOf(it.genesys, source, 'bot');
    await it.genesys.transferAway(source, departing(bot, it.entryNumbers[3] ?? ''), call);
    await it.clock.advance(SETTLE_MS * 4 + SETTLE_MS);
    const there = voice(it.redeemed[0]?.conversationId ?? '');
    const customer = await partyOf(it.cxone, there, 'customer');
    const attach = { ...there, kind: 'AttachOnArrival', key: 'k', timeoutMs: 8_000, safety: 'repeatable' } as const;
    const known = { customer: customer.id, attributes: { intent: 'billing' }, tag: 'our-id' };
    const command = { ...attach, ...known, platform: it.cxone.name };
    const outcome = await outlast(it.clock, attachOnArrival(command, it.cxone, call));
    expect(outcome).toMatchObject({ kind: 'done', result: { after: { ended: true } } });
    expect(outcome).not.toHaveProperty('result.refused');
    expect(await it.genesys.look(source, call)).toMatchObject({ kind: 'done', value: { ended: false } });
    // Who is found over at once is not written to.
    const again = await attachOnArrival({ ...command, key: 'k2' }, it.cxone, call);
    expect(again).toMatchObject({ result: { after: { ended: true }, refused: { code: 'conflict' } } });
  });

  it('is lost at Genesys Cloud, which takes attributes for whoever is gone: the look shows it', async () => {
    await using it = await world();
    await it.control(it.cxoneTwin, '/faults', { fault: 'drop-call', delayMs: 20, match: { path: '.*' } });
    const made = await it.control(it.cxoneTwin, '/conversations', {
      channel: 'voice',
      from: '+14155550123',
      flow: 'bot',
    });
    const source = voice(made.contactId ?? '');
    const bot = await partyOf(it.cxone, source, 'bot');
    await it.cxone.transferAway(source, departing(bot, GENESYS_NUMBERS[3] ?? '', { way: 'signal' }), call);
    await it.clock.advance(SETTLE_MS * 4);
    const there = voice(it.redeemed[0]?.conversationId ?? '');
    const view = await it.genesys.look(there, call);
    const customer = view.kind === 'done' ? view.value.parties.find(({ role }) => role === 'customer') : undefined;
    const outcome = await attachOnArrival(
      {
        ...there,
        kind: 'AttachOnArrival',
        key: 'k',
        timeoutMs: 8_000,
        safety: 'repeatable',
        platform: it.genesys.name,
        customer: customer?.id ?? bot.id,
        attributes: { intent: 'billing' },
        tag: 'our-id',
      },
      it.genesys,
      call,
    );
    expect(outcome).toMatchObject({ kind: 'done', result: { after: { ended: true } } });
    expect(outcome).not.toHaveProperty('result.refused');
  });

  it('leaves nobody behind on a line that nobody answers: the script takes the caller back into a queue', async () => {
    await using it = await world();
    const made = await it.control(it.cxoneTwin, '/conversations', {
      channel: 'voice',
      from: '+14155550123',
      flow: 'bot',
    });
    const source = voice(made.contactId ?? '');
    const bot = await partyOf(it.cxone, source, 'bot');
    const asked = departing(bot, '+14155550000', { way: 'signal' });
    expect(await it.cxone.transferAway(source, asked, call)).toMatchObject({ kind: 'done' });
    await it.clock.advance(SETTLE_MS * 4);
    expect(await partyOf(it.cxone, source, 'queue')).toBeDefined();
    expect(await it.cxone.look(source, call)).toMatchObject({ value: { ended: false, transfers: [] } });
  });

  it('is consulted about first where an agent asks, and goes across when they leave', async () => {
    await using it = await world();
    it.reply.skillId = '1002';
    const { agentId = '' } = await it.control(it.genesysTwin, '/agents', { name: 'Ada', queues: [QUEUE], afterMs: 0 });
    await it.control(it.cxoneTwin, '/agents', { name: 'Sam', queues: [QUEUE], afterMs: 0 });
    const made = await it.control(it.genesysTwin, '/conversations', {
      channel: 'voice',
      from: '+14155550123',
      queue: QUEUE,
    });
    const source = voice(made.conversationId ?? '');
    await it.clock.advance(SETTLE_MS);
    const agent = await partyOf(it.genesys, source, 'agent');
    const leavingAgent = agentId as NonNullable<Departing['leavingAgent']>;
    const asked = departing(agent, it.entryNumbers[0] ?? '', { style: 'consult', leavingAgent });
    expect(await it.genesys.transferAway(source, asked, call)).toMatchObject({ kind: 'done' });
    await it.clock.advance(SETTLE_MS * 4);
    expect(it.redeemed).toEqual([expect.objectContaining({ token: TOKEN })]);
    const destination = voice(it.redeemed[0]?.conversationId ?? '');
    expect(await partyOf(it.cxone, destination, 'agent')).toBeDefined();
    expect(await partyOf(it.genesys, source, 'agent')).toBeDefined();
    const ending = { accept: true, leaving: agent.id, leavingAgent };
    expect(await it.genesys.endConsult(source, ending, call)).toMatchObject({ kind: 'done' });
    await it.clock.advance(SETTLE_MS * 4);
    await expect(partyOf(it.genesys, source, 'agent')).rejects.toThrow('no agent');
    expect(await partyOf(it.cxone, destination, 'customer')).toBeDefined();
  });

  it('from Genesys Cloud to a gateway comes to the agent for whom it holds a place, and is told with its reservation', async () => {
    await using it = await world();
    const agents = [{ id: 'kim', name: 'Kim', queueIds: new Set<string>(), answers: 'auto', afterMs: 0 }] as const;
    const hook = { url: 'https://throughline.example/hooks/gateway/acme', secrets: [DEMO_HOOK_SECRET] };
    const told: unknown[] = [];
    const hear = async (_url: unknown, init?: RequestInit) => {
      told.push(JSON.parse(String(init?.body)));
      return new Response(null, { status: 204 });
    };
    const { clock, carrier } = it;
    await using twin = createGatewayTwin({ clock, network: carrier, agents, hook, fetch: hear, settleMs: SETTLE_MS });
    const gateway = gatewayPlatform({
      name: 'acme' as PlatformName,
      baseUrl: 'http://gateway.twin',
      auth: { kind: 'token', token: DEMO_TOKEN },
      rateLimitPerMinute: 600,
      clock,
      fetch: (url, init) => twin.fetch(url, init),
    });
    const held = await gateway.reserve(
      {
        key: 'h.1',
        target: { kind: 'agent', agentId: 'kim' as AgentId },
        channel: 'voice',
        holdLimitMs: 15_000,
        context: {},
      },
      call,
    );
    if (held.kind !== 'done') throw new Error(held.code);
    const made = await it.control(it.genesysTwin, '/conversations', {
      channel: 'voice',
      from: '+14155550123',
      flow: 'bot',
    });
    const source = voice(made.conversationId ?? '');
    const bot = await partyOf(it.genesys, source, 'bot');
    const asked = departing(bot, held.value.address ?? '', { reservationId: held.value.id });
    expect(await it.genesys.transferAway(source, asked, call)).toMatchObject({ kind: 'done' });
    await clock.advance(SETTLE_MS * 4);
    const [arrived] = told.flatMap((payload) => gateway.readEvents(payload).news);
    expect(arrived).toMatchObject({ kind: 'redemption', redemption: { reservationId: held.value.id } });
    const destination = voice(arrived?.kind === 'redemption' ? arrived.redemption.externalId : '');
    expect(await partyOf(gateway, destination, 'agent')).toMatchObject({ agentId: 'kim' });
    expect(await it.genesys.look(source, call)).toMatchObject({ value: { transfers: [{ state: 'complete' }] } });
    await it.control(it.genesysTwin, `/conversations/${source.externalId}/hangup`, {});
    await clock.advance(SETTLE_MS * 4);
    expect(await gateway.look(destination, call)).toMatchObject({ value: { ended: true } });
    await gateway.close();
  });
});
