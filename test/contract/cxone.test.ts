// Runs the platform contract on the CXone adapter in front of the CXone twin, both over real HTTP, for calls and for digital cases; and
// what only CXone has: its scripts' call-outs, its poll, its signals that must not come close together.

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ConversationEvent } from '../../src/context/conversation.ts';
import { limitsFor, pack } from '../../src/context/packing.ts';
import type { AgentId, ExternalId, PlatformName } from '../../src/ids.ts';
import { cxonePlatform } from '../../src/platforms/cxone/cxone-platform.ts';
import { cxoneHookVerifier } from '../../src/platforms/cxone/hook.ts';
import type { Call, ConversationRef } from '../../src/platforms/platform.ts';
import { startCxoneTwin } from '../../src/twins/cxone/cxone-twin.ts';
import { type ManualClock, manualClock, outlast } from './manual-clock.ts';
import { platformContract } from './platform.ts';
import { callbackContract } from './platform-callbacks.ts';
import { type CrossingStage, crossingContract } from './platform-crossing.ts';

const KEY = { accessKeyId: 'contract-key', accessKeySecret: 'contract-key-secret' };
const CLIENT = { clientId: 'contract-client', clientSecret: 'contract-secret' };
const SECRET = 'a-hook-secret-0123456789';
const QUEUE = 'BillingDisputes_Tier2';
const TAG_FIELD = 'interactionId';
const FIELDS = [TAG_FIELD, 'intent', 'note', 'theirs', 'never', 'first', 'second', 'a'];
const OUTSIDE = '+14155550199';
const SETTLE_MS = 250;
const FAULTS = {
  refuse: '429',
  break: 'commit-then-drop',
  'expire-credentials': 'expire-token',
  hang: 'hang',
} as const;

/** What we read of the control surface's answers. */
const seen = z.object({
  contactId: z.string().default(''),
  contactNumber: z.string().nullish(),
  agentId: z.string().default(''),
  variables: z.record(z.string(), z.string()).default({}),
  customFields: z.record(z.string(), z.string()).default({}),
  signals: z.array(z.object({ effect: z.string(), params: z.record(z.string(), z.string()) })).default([]),
  moves: z.number().default(0),
});

const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };

/** Whoever waits for a moment only moves time on; hard time-outs stay where they are. */
function obliging(clock: ManualClock): ManualClock {
  const sleep: ManualClock['sleep'] = async (ms, signal) => {
    if (ms > 2_000 || signal?.aborted) return clock.sleep(ms, signal);
    await clock.advance(ms);
  };
  return { ...clock, sleep };
}

async function stage({ rateLimitPerMinute = 6_000 } = {}) {
  const clock = manualClock();
  const hooked: { readonly headers: Headers; readonly body: string }[] = [];
  const twin = await startCxoneTwin({
    clock,
    accessKeys: [KEY],
    clients: [CLIENT],
    settleMs: SETTLE_MS,
    rateLimitPerMinute,
    customFields: FIELDS,
    hook: { url: 'https://throughline.example/hooks/cxone', headers: { 'x-throughline-secret': SECRET } },
    fetch: async (_url, init) => {
      hooked.push({ headers: new Headers(init?.headers), body: String(init?.body) });
      return new Response(null, { status: 200 });
    },
  });
  const platform = cxonePlatform({
    name: 'nice_cxone' as PlatformName,
    issuerUrl: twin.url,
    login: { kind: 'central', ...CLIENT },
    ...KEY,
    digitalUrl: twin.url,
    apiVersion: 'v30.0',
    clock: obliging(clock),
    rateLimitPerMinute: 6_000,
    attributeValueBytes: 256,
    settleMs: SETTLE_MS * 2,
    letGoBy: 'TRANSFER',
    agentSessions: {},
    tagField: TAG_FIELD,
    callbackScreenPopUrl: 'https://handoff.example.com/callback?interaction={interactionId}',
    callbackScript: { script: { path: 'Prod\\Throughline_Outbound' }, skillId: '4001' },
    placeholderPoint: 'Throughline_Placeholder',
    random: () => 0,
  });
  const control = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${twin.url}/twin${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return seen.parse(await response.json());
  };
  const theirs = () => twin.calls().filter((one) => /^\/(incontactapi|dfo)\//i.test(one.path));
  const close = async () => {
    await platform.close();
    await twin.close();
  };
  const converse = async (channel: 'voice' | 'webchat'): Promise<ConversationRef> => {
    const made = await control('POST', '/conversations', { channel, from: '+14155550123', flow: 'bot' });
    return { externalId: (made.contactNumber ?? made.contactId) as ExternalId, channel };
  };
  const employ = async (queues: readonly string[], answers: 'auto' | 'manual' = 'manual') => {
    const { agentId } = await control('POST', '/agents', { name: 'Sam', queues, answers, afterMs: 100 });
    return agentId as AgentId;
  };
  return { clock, hooked, twin, platform, control, theirs, converse, employ, [Symbol.asyncDispose]: close };
}
type World = Awaited<ReturnType<typeof stage>>;

async function contractStage(channel: 'voice' | 'webchat'): Promise<CrossingStage> {
  const world = await stage();
  const isCall = channel === 'voice';
  const queue = isCall ? QUEUE : `${QUEUE}_Digital`;
  return {
    platform: world.platform,
    visibleQueue: queue,
    hiddenQueue: 'Collections_Private',
    visibleDivision: 'business unit',
    listsTransfers: false,
    overwritesEnded: !isCall,
    paths: {
      transfer: isCall ? '/signal' : '/routing-queue',
      attach: isCall ? '/signal' : '/custom-fields',
      presence: '/state',
    },
    outside: OUTSIDE,
    blind: { way: 'signal', path: '/signal' },
    consult: { way: 'agent-session', path: '/dial-phone' },
    converse: () => world.converse(channel),
    ring: () => world.converse('voice'),
    async talk() {
      const agentId = await world.employ([QUEUE], 'auto');
      const made = await world.control('POST', '/conversations', {
        channel: 'voice',
        from: '+14155550123',
        queue: QUEUE,
      });
      await world.clock.advance(SETTLE_MS);
      return { conversation: { externalId: made.contactId as ExternalId, channel: 'voice' }, agentId };
    },
    hangUp: async ({ externalId }) => void (await world.control('POST', `/conversations/${externalId}/hangup`)),
    settle: () => world.clock.advance(SETTLE_MS * 2),
    outlast: (work) => outlast(world.clock, work),
    fault: async (path, fault) => {
      await world.control('POST', '/faults', { match: { path }, fault: FAULTS[fault], times: 1 });
    },
    async recorded(conversation) {
      const { variables, customFields, moves, signals } = await world.control(
        'GET',
        `/conversations/${conversation.externalId}`,
      );
      const attributes = conversation.channel === 'voice' ? variables : customFields;
      const told = signals.filter(({ params }) => params.p1 !== 'Context').length;
      const transfersTaken = conversation.channel === 'voice' ? told : moves;
      return { attributes, tag: attributes[TAG_FIELD], transfersTaken };
    },
    employ: async (queueName) => ({
      agentId: await world.employ(queueName === undefined ? [] : [queueName]),
      has: 'Available',
      other: 'Unavailable:101',
    }),
    callsMade: () => world.theirs().length,
    [Symbol.asyncDispose]: world[Symbol.asyncDispose],
  };
}

platformContract('NICE CXone, calls', () => contractStage('voice'));
platformContract('NICE CXone, digital cases', () => contractStage('webchat'));
crossingContract('NICE CXone', () => contractStage('voice'));
callbackContract('NICE CXone', async () => {
  const world = await stage();
  const to = (path: string) => world.theirs().filter((one) => one.method === 'POST' && one.path.includes(path));
  return {
    platform: world.platform,
    visibleQueue: QUEUE,
    paths: { now: '/queuecallback', later: '/promise', bridged: '/scripts/start' },
    names: false,
    bridges: true,
    fault: async (path, fault) => {
      await world.control('POST', '/faults', { match: { path }, fault: FAULTS[fault], times: 1 });
    },
    settle: () => world.clock.advance(SETTLE_MS * 2),
    now: world.clock.now,
    asked: (path) => to(path).length,
    carried: async () => decodeURIComponent(JSON.stringify([...to('/queuecallback'), ...to('/promise')].at(-1))),
    [Symbol.asyncDispose]: world[Symbol.asyncDispose],
  };
});

const id = async (world: World, conversation: ConversationRef, role: string) => {
  const view = await world.platform.look(conversation, call);
  if (view.kind !== 'done') throw new Error(view.code);
  return view.value.parties.find((one) => one.role === role && one.state === 'connected')!.id;
};

/** Hands the customer of a new conversation to the queue, as an escalation does. */
async function escalate(world: World, channel: 'voice' | 'webchat') {
  const conversation = await world.converse(channel);
  const queue = await world.platform.resolveQueue(channel === 'voice' ? QUEUE : `${QUEUE}_Digital`, call);
  if (queue.kind !== 'done') throw new Error('the stage is not set');
  const customer = await id(world, conversation, 'customer');
  const leaving = await id(world, conversation, 'bot');
  const before = world.theirs().length;
  const context = { customer, attributes: { intent: 'billing' }, tag: 'our-id' };
  expect(await world.platform.attachContext(conversation, context, call)).toMatchObject({ kind: 'done' });
  const moved = await world.platform.transferToQueue(conversation, { leaving, queue: queue.value }, call);
  expect(moved).toMatchObject({ kind: 'done' });
  return { conversation, queue: queue.value, calls: world.theirs().length - before };
}

describe('NICE CXone, adapter and twin', () => {
  it('tells a script two things one after the other, and both are acted on', async () => {
    await using world = await stage();
    const { conversation } = await escalate(world, 'voice');
    await world.clock.advance(SETTLE_MS);
    const { signals, variables } = await world.control('GET', `/conversations/${conversation.externalId}`);
    expect(signals.map(({ effect, params }) => `${params.p1} ${effect}`)).toEqual(['Context acted', 'Escalate acted']);
    expect(variables).toMatchObject({ interactionId: 'our-id', intent: 'billing' });
  });

  it('costs at most six calls for an escalation of a call, and four of a case', async () => {
    await using world = await stage();
    expect((await escalate(world, 'voice')).calls).toBeLessThanOrEqual(6);
    expect((await escalate(world, 'webchat')).calls).toBeLessThanOrEqual(4);
  });

  it.each(['voice', 'webchat'] as const)(
    "tells by its scripts' call-outs how the customer of a %s reached an agent and left, all of it verified and readable",
    async (channel) => {
      await using world = await stage();
      await world.employ([QUEUE], 'auto');
      const { conversation, queue } = await escalate(world, channel);
      await world.clock.advance(5_000);
      await world.control('POST', `/conversations/${conversation.externalId}/hangup`);
      await world.clock.advance(5_000);
      const verify = cxoneHookVerifier([SECRET]);
      const events: ConversationEvent[] = world.hooked.flatMap(({ headers, body }) => {
        expect(verify(headers)).toBe(true);
        const read = world.platform.readEvents(JSON.parse(body));
        expect(read.problems).toEqual([]);
        return read.events;
      });
      const told = (kind: ConversationEvent['kind']) => events.find((event) => event.kind === kind);
      expect(events.every((event) => event.externalId === conversation.externalId)).toBe(true);
      expect(told('queue-entered')).toMatchObject({ queueId: queue.id });
      expect(told('agent-joined')).toMatchObject({ queueId: queue.id, agentId: expect.any(String) });
      expect(told('queue-left')).toMatchObject({ queueId: queue.id, answeredBy: expect.any(String) });
      expect(told('agent-left')).toMatchObject({ talked: true, transferred: false });
      expect(told('customer-left')).toBeDefined();
      expect(new Set(events.map((event) => event.messageId)).size).toBe(events.length);
      // Whom a call-out names is whom a look shows.
      const view = await world.platform.look(conversation, call);
      const shown = view.kind === 'done' ? view.value.parties.map((party) => party.id as string) : [];
      for (const event of events) if ('participantId' in event) expect(shown).toContain(event.participantId);
    },
  );

  it('sees by its poll what no call-out told', async () => {
    await using world = await stage();
    const { conversation, queue } = await escalate(world, 'voice');
    await world.clock.advance(SETTLE_MS * 2);
    const events: ConversationEvent[] = [];
    const watch = world.platform.watch((some) => events.push(...some), 5_000);
    while (events.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await watch.close();
    const mine = events.find((event) => event.externalId === conversation.externalId);
    expect(mine).toMatchObject({ kind: 'seen', view: { ended: false } });
    expect(mine?.kind === 'seen' && mine.view.parties).toContainEqual(
      expect.objectContaining({ role: 'queue', state: 'connected', queueId: queue.id }),
    );
  });

  it('logs in at UserHub as well, and goes on when its token expires between two calls', async () => {
    await using world = await stage();
    const hub = cxonePlatform({
      name: 'nice_cxone' as PlatformName,
      issuerUrl: world.twin.url,
      login: { kind: 'userhub', url: world.twin.url },
      ...KEY,
      digitalUrl: world.twin.url,
      apiVersion: 'v30.0',
      clock: world.clock,
      rateLimitPerMinute: 600,
      attributeValueBytes: 256,
      settleMs: SETTLE_MS,
      letGoBy: 'BLINDXFER',
      random: () => 0,
    });
    const conversation = await world.converse('voice');
    expect(await hub.look(conversation, call)).toMatchObject({ kind: 'done' });
    await world.clock.advance(3_600_000);
    expect(await hub.look(conversation, call)).toMatchObject({ kind: 'done' });
    const leaving = await id(world, conversation, 'bot');
    const departing = {
      way: 'signal',
      style: 'blind',
      leaving,
      address: OUTSIDE,
      token: 't',
      interactionId: 'i',
      reservationId: 'r',
    } as const;
    expect(await hub.transferAway(conversation, departing, call)).toMatchObject({ kind: 'done' });
    await world.clock.advance(SETTLE_MS * 2);
    // BLINDXFER frees the ports: what becomes of the call is not told any more.
    expect(await hub.look(conversation, call)).toMatchObject({
      kind: 'done',
      value: { ended: true, transfers: [{ state: 'complete' }] },
    });
    await hub.close();
  });

  it('is not well with a key that the tenant refuses, and says so', async () => {
    await using world = await stage();
    const other = cxonePlatform({
      name: 'nice_cxone' as PlatformName,
      issuerUrl: world.twin.url,
      login: { kind: 'central', ...CLIENT },
      accessKeyId: 'other',
      accessKeySecret: 'wrong',
      apiVersion: 'v30.0',
      clock: world.clock,
      rateLimitPerMinute: 600,
      attributeValueBytes: 256,
      settleMs: SETTLE_MS,
      letGoBy: 'TRANSFER',
      random: () => 0,
    });
    expect(await other.queues(call)).toMatchObject({ kind: 'rejected', code: 'unauthorized' });
    expect(other.health()).toMatchObject({ ok: false, code: 'unauthorized' });
    await other.close();
  });
});

describe('a digital case and its custom fields', () => {
  it('H4: one that the tenant has not keeps neither the others nor the customer, and is named', async () => {
    await using world = await stage();
    const conversation = await world.converse('webchat');
    const customer = await id(world, conversation, 'customer');
    const attributes = { intent: 'billing', unheard: 'x', note: 'n' };
    const before = world.theirs().length;
    expect(await world.platform.attachContext(conversation, { customer, attributes, tag: 'our-id' }, call)).toEqual({
      kind: 'done',
      value: { unwritten: ['unheard'] },
    });
    // The refused write, the list, and the write of what is left.
    expect(world.theirs().length - before).toBe(3);
    const { customFields } = await world.control('GET', `/conversations/${conversation.externalId}`);
    expect(customFields).toMatchObject({ intent: 'billing', note: 'n', [TAG_FIELD]: 'our-id' });
    const names = ['intent', 'unheard'];
    expect(await world.platform.overwriteContext(conversation, { what: 'attributes', customer, names }, call)).toEqual({
      kind: 'done',
      value: null,
    });
    const after = await world.control('GET', `/conversations/${conversation.externalId}`);
    expect(after.customFields.intent ?? '').toBe('');
  });

  it('has other limits than a call: its own fields, of 1,024 characters', async () => {
    await using world = await stage();
    const { digital } = world.platform.limits;
    expect(digital).toMatchObject({ attributeValueBytes: 1_024, names: expect.arrayContaining(['agent_briefing']) });
    const packed = pack({
      interactionId: 'i-1',
      channel: 'webchat',
      context: { intent: 'billing', attributes: { shoe: '44' } },
      ref: 'ref-1',
      limits: limitsFor(world.platform.limits, 'webchat'),
    });
    expect(packed.attributes).toMatchObject({ handoff_context_ref: 'ref-1', agent_briefing: 'Intent: Billing.' });
    expect(packed.loss).toEqual([
      { field: 'context.intent', limit: 'fields of the platform', carriedBy: 'reference' },
      { field: 'context.attributes.shoe', limit: 'fields of the platform', carriedBy: 'reference' },
    ]);
  });
});

describe('the CXone twin asks an agent to keep free', () => {
  const KEY = '01934f00-0000-7000-8000-000000000001.1';
  const asking = async (answers: 'auto' | 'manual' = 'auto') => {
    const world = await stage();
    const { placeholders } = world.platform;
    if (!placeholders) throw new Error('nobody is asked');
    const agentId = await world.employ([QUEUE], answers);
    const look = async (id?: string) => {
      const seen = await placeholders.look({ key: KEY, agentId, ...(id !== undefined && { id }) }, call);
      return seen.kind === 'done' ? seen.value : seen.code;
    };
    const disposal = { [Symbol.asyncDispose]: world[Symbol.asyncDispose] };
    return { ...disposal, world, placeholders, agentId, look };
  };

  it('until they have taken it, and lets them go however it is known', async () => {
    for (const knows of [true, false]) {
      await using it = await asking();
      expect(await it.look()).toBe('none');
      const asked = await it.placeholders.ask({ key: KEY, agentId: it.agentId }, call);
      if (asked.kind !== 'done') throw new Error(asked.code);
      const ref = knows ? asked.value : {};
      expect(await it.look(knows ? asked.value.id : undefined)).toBe('asked');
      await it.world.clock.advance(SETTLE_MS);
      expect([await it.look(), await it.look(asked.value.id)]).toEqual(['taken', 'taken']);
      for (const _ of ['once', 'again'])
        expect(await it.placeholders.release({ key: KEY, ...ref }, call)).toEqual({ kind: 'done', value: null });
      expect([await it.look(), await it.look(asked.value.id)]).toEqual(['none', 'none']);
    }
  });

  it('and ends by itself when they do not take it', async () => {
    await using it = await asking('manual');
    await it.placeholders.ask({ key: KEY, agentId: it.agentId }, call);
    await it.world.clock.advance(60_000);
    expect(await it.look()).toBe('none');
  });

  it('and says that one whose answer was lost may be there (H5): it is found by our name', async () => {
    await using it = await asking();
    await it.world.control('POST', '/faults', { match: { path: '/work-items' }, fault: FAULTS.break, times: 1 });
    expect(await it.placeholders.ask({ key: KEY, agentId: it.agentId }, call)).toMatchObject({ kind: 'ambiguous' });
    await it.world.clock.advance(SETTLE_MS);
    expect(await it.look()).toBe('taken');
    await it.placeholders.release({ key: KEY }, call);
    expect(await it.look()).toBe('none');
  });
});
