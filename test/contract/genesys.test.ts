// Runs the platform contract on the Genesys adapter in front of the Genesys twin, both over real HTTP, and what only Genesys
// has: its events by hook and by WebSocket, its budget of calls and its quota.

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ConversationEvent } from '../../src/context/conversation.ts';
import type { AgentId, ExternalId, PlatformName } from '../../src/ids.ts';
import { genesysPlatform } from '../../src/platforms/genesys/genesys-platform.ts';
import { genesysHookVerifier } from '../../src/platforms/genesys/hook.ts';
import type { Call, ConversationRef } from '../../src/platforms/platform.ts';
import { startGenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { manualClock, outlast } from './manual-clock.ts';
import { platformContract } from './platform.ts';
import { callbackContract } from './platform-callbacks.ts';
import { type CrossingStage, crossingContract } from './platform-crossing.ts';

const CLIENT = { clientId: 'contract-client', clientSecret: 'contract-secret', divisions: ['Home'] };
const SECRET = 'a-hook-secret-0123456789';
const QUEUE = 'BillingDisputes_Tier2';
const SETTLE_MS = 250;
const FAULTS = {
  refuse: '429',
  break: 'commit-then-drop',
  'expire-credentials': 'expire-token',
  hang: 'hang',
} as const;

/** What we read of the control surface's answers. */
const seen = z.object({
  conversationId: z.string().default(''),
  agentId: z.string().default(''),
  attributes: z.record(z.string(), z.string()).default({}),
  externalTag: z.string().optional(),
  replaces: z.number().default(0),
});
type Seen = z.output<typeof seen>;

const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };

/** `direct` reaches the twin without a socket, where a test counts on how often time moves on. */
async function stage({ rateLimitPerMinute = 300, direct = false } = {}) {
  const clock = manualClock();
  const hooked: { readonly headers: Headers; readonly body: string }[] = [];
  const twin = await startGenesysTwin({
    clock,
    clients: [CLIENT],
    settleMs: SETTLE_MS,
    rateLimitPerMinute,
    hook: { url: 'https://throughline.example/hooks/genesys', headers: { 'x-throughline-secret': SECRET } },
    fetch: async (_url, init) => {
      hooked.push({ headers: new Headers(init?.headers), body: String(init?.body) });
      return new Response(null, { status: 200 });
    },
  });
  const platform = genesysPlatform({
    name: 'genesys_cloud' as PlatformName,
    loginUrl: twin.url,
    apiUrl: twin.url,
    clientId: CLIENT.clientId,
    clientSecret: CLIENT.clientSecret,
    rateLimitPerMinute: 300,
    limits: { attributeValueBytes: 256, attributeCount: 50 },
    settleMs: SETTLE_MS,
    clock,
    random: () => 0,
    ...(direct ? { fetch: (url: string, init: RequestInit) => twin.fetch(url, init) } : {}),
  });
  const control = async (method: string, path: string, body?: unknown): Promise<Seen> => {
    const response = await fetch(`${twin.url}/twin${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return seen.parse(await response.json());
  };
  const theirs = () => twin.calls().filter((one) => one.path.startsWith('/api/'));
  const close = async () => {
    await platform.close();
    await twin.close();
  };
  const converse = async (channel: 'voice' | 'message' = 'message'): Promise<ConversationRef> => {
    const made = await control('POST', '/conversations', { channel, from: '+14155551234', flow: 'bot' });
    return { externalId: made.conversationId as ExternalId, channel };
  };
  return { clock, hooked, twin, platform, control, theirs, converse, [Symbol.asyncDispose]: close };
}

const OUTSIDE = '+14155550199';

async function contractStage(): Promise<CrossingStage> {
  const world = await stage();
  return {
    platform: world.platform,
    visibleQueue: QUEUE,
    hiddenQueue: 'Collections_Private',
    visibleDivision: 'Home',
    listsTransfers: true,
    overwritesEnded: true,
    paths: { transfer: '/replace/queue', attach: '/attributes', presence: '/presences/' },
    converse: () => world.converse(),
    hangUp: async ({ externalId }) => void (await world.control('POST', `/conversations/${externalId}/hangup`)),
    settle: () => world.clock.advance(SETTLE_MS * 2),
    outlast: (work) => outlast(world.clock, work),
    fault: async (path, fault) => {
      await world.control('POST', '/faults', { match: { path }, fault: FAULTS[fault], times: 1 });
    },
    recorded: async ({ externalId }) => {
      const { attributes, externalTag, replaces } = await world.control('GET', `/conversations/${externalId}`);
      return { attributes, tag: externalTag, transfersTaken: replaces };
    },
    outside: OUTSIDE,
    blind: { way: 'rest', path: '/transfer' },
    consult: { way: 'rest', path: '/voice/consult' },
    ring: () => world.converse('voice'),
    async talk() {
      const agent = { name: 'Ada', queues: [QUEUE], answers: 'auto', afterMs: 0 };
      const { agentId } = await world.control('POST', '/agents', agent);
      const made = await world.control('POST', '/conversations', {
        channel: 'voice',
        from: '+14155551234',
        queue: QUEUE,
      });
      await world.clock.advance(SETTLE_MS);
      return {
        conversation: { externalId: made.conversationId as ExternalId, channel: 'voice' },
        agentId: agentId as AgentId,
      };
    },
    async employ(queueName) {
      const answers = 'manual' as const;
      const queue = queueName === undefined ? undefined : world.twin.organisation.queueByName(queueName);
      const queueIds = new Set(queue === undefined ? [] : [queue.id]);
      const agent = world.twin.conversations.addAgent({ name: 'Sam', queueIds, answers, afterMs: 0 });
      const idOf = (name: string) => world.twin.organisation.presences.find((one) => one.name === name)?.id ?? '';
      return { agentId: agent.id as AgentId, has: idOf('On Queue'), other: idOf('Busy') };
    },
    callsMade: () => world.theirs().length,
    [Symbol.asyncDispose]: world[Symbol.asyncDispose],
  };
}

platformContract('Genesys Cloud', contractStage);
crossingContract('Genesys Cloud', contractStage);
callbackContract('Genesys Cloud', async () => {
  const world = await stage();
  const to = (path: string) => world.theirs().filter((one) => one.method === 'POST' && one.path.includes(path));
  return {
    platform: world.platform,
    visibleQueue: QUEUE,
    paths: { now: '/conversations/callbacks', later: '/conversations/callbacks', bridged: '/conversations/calls' },
    names: true,
    bridges: true,
    fault: async (path, fault) => {
      await world.control('POST', '/faults', { match: { path }, fault: FAULTS[fault], times: 1 });
    },
    settle: () => world.clock.advance(SETTLE_MS * 2),
    now: world.clock.now,
    asked: (path) => to(path).length,
    carried: async () => JSON.stringify(to('/callbacks').at(-1)?.body),
    [Symbol.asyncDispose]: world[Symbol.asyncDispose],
  };
});

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

/** Hands the customer of a new conversation to the queue, as an escalation does. */
async function escalate(world: Awaited<ReturnType<typeof stage>>, channel: 'voice' | 'message') {
  const conversation = await world.converse(channel);
  const before = world.theirs().length;
  const queue = await world.platform.resolveQueue(QUEUE, call);
  const view = await world.platform.look(conversation, call);
  if (view.kind !== 'done' || queue.kind !== 'done') throw new Error('the stage is not set');
  const id = (role: string) => view.value.parties.find((one) => one.role === role)!.id;
  const context = { customer: id('customer'), attributes: { intent: 'billing' }, tag: 'our-id' };
  expect(await world.platform.attachContext(conversation, context, call)).toMatchObject({ kind: 'done' });
  const transfer = { leaving: id('bot'), queue: queue.value };
  expect(await world.platform.transferToQueue(conversation, transfer, call)).toMatchObject({ kind: 'done' });
  return { conversation, queue: queue.value, calls: world.theirs().length - before };
}

describe('Genesys Cloud, adapter and twin', () => {
  it.each(['voice', 'message'] as const)(
    'escalates a %s conversation in four calls with a warm queue list',
    async (channel) => {
      await using world = await stage();
      await world.platform.queues({ ...call, priority: 'report' });
      const { calls } = await escalate(world, channel);
      expect(calls).toBe(4);
    },
  );

  it('tells by its hook how the customer reached an agent and left, all of it verified and readable', async () => {
    await using world = await stage();
    await world.control('POST', '/agents', { name: 'Ada', queues: [QUEUE], answers: 'auto', afterMs: 100 });
    const { conversation, queue } = await escalate(world, 'message');
    const verify = genesysHookVerifier([SECRET]);
    const events: ConversationEvent[] = [];
    const told = (kind: ConversationEvent['kind']) => events.find((event) => event.kind === kind);
    const hear = async (kind: ConversationEvent['kind']) => {
      for (let round = 0; round < 200 && told(kind) === undefined; round += 1) {
        await world.clock.advance(50);
        for (const { headers, body } of world.hooked.splice(0)) {
          expect(verify(headers)).toBe(true);
          const read = world.platform.readEvents(JSON.parse(body));
          expect(read.problems).toEqual([]);
          events.push(...read.events);
        }
      }
      expect(told(kind), kind).toBeDefined();
    };
    await hear('queue-entered');
    await hear('agent-joined');
    await hear('queue-left');
    await world.clock.advance(30_000);
    await world.control('POST', `/conversations/${conversation.externalId}/close`, { customer: 'stays' });
    await hear('agent-left');
    await world.control('POST', `/conversations/${conversation.externalId}/hangup`);
    await hear('customer-left');
    expect(events.every((event) => event.externalId === conversation.externalId)).toBe(true);
    expect(told('queue-entered')).toMatchObject({ queueId: queue.id });
    expect(told('queue-left')).toMatchObject({ queueId: queue.id, answeredBy: expect.any(String) });
    expect(told('agent-left')).toMatchObject({ talked: true, transferred: false });
    expect(new Set(events.map((event) => event.messageId)).size).toBe(events.length);
  });

  it('loses no transfer to revoked tokens: none is rejected, each is taken once, and a later one meets no old count', async () => {
    await using world = await stage();
    const ready = async () => {
      const conversation = await world.converse();
      const queue = await world.platform.resolveQueue(QUEUE, call);
      const view = await world.platform.look(conversation, call);
      if (view.kind !== 'done' || queue.kind !== 'done') throw new Error('the stage is not set');
      const leaving = view.value.parties.find((one) => one.role === 'bot')!.id;
      return { conversation, transfer: { leaving, queue: queue.value } };
    };
    const ask = ({ conversation, transfer }: Awaited<ReturnType<typeof ready>>) =>
      world.platform.transferToQueue(conversation, transfer, call);
    const expireTokens = (times: number) =>
      world.control('POST', '/faults', { match: { path: '/replace' }, fault: 'expire-token', times });

    for (let round = 0; round < 3; round += 1) {
      let open: Awaited<ReturnType<typeof ready>>[] = [];
      for (let count = 0; count < 6; count += 1) open.push(await ready());
      const all = open;
      await expireTokens(8);
      while (open.length > 0) {
        const outcomes = await Promise.all(open.map(ask));
        expect(outcomes.map((one) => one.kind)).not.toContain('rejected');
        expect(outcomes.map((one) => one.kind)).not.toContain('ambiguous');
        open = open.filter((_, index) => outcomes[index]?.kind !== 'done');
        await world.clock.advance(3_000);
      }
      for (const { conversation } of all) {
        expect((await world.control('GET', `/conversations/${conversation.externalId}`)).replaces).toBe(1);
      }
    }
    await world.clock.advance(60_000);
    for (let count = 0; count < 4; count += 1) {
      const late = await ready();
      await expireTokens(1);
      expect((await ask(late)).kind).toBe('done');
    }
  });

  it('sees arrivals in its queues over the WebSocket', async () => {
    await using world = await stage();
    const events: ConversationEvent[] = [];
    await using ear = world.platform.watch((some) => events.push(...some));
    await until(() => ear.connected());
    const { conversation, queue } = await escalate(world, 'voice');
    await world.clock.advance(SETTLE_MS);
    const arrived = () =>
      events.some(
        (event) =>
          event.kind === 'seen' &&
          event.externalId === conversation.externalId &&
          event.view.parties.some((one) => one.role === 'queue' && one.queueId === queue.id),
      );
    await until(arrived);
    expect(events.every((event) => event.platform === 'genesys_cloud')).toBe(true);
  });

  it('spends its quota to the last and never makes Genesys say 429', async () => {
    await using world = await stage({ rateLimitPerMinute: 20, direct: true });
    const conversation = await world.converse();
    const kinds: string[] = [];
    for (let round = 0; round < 60; round += 1) {
      void world.platform.look(conversation, call).then((outcome) => kinds.push(outcome.kind));
      await world.clock.advance(1_500);
    }
    await world.clock.advance(60_000);
    await until(() => kinds.length === 60);
    // A minute and a half at 20 a minute, the first 20 of them at once.
    expect(kinds.filter((kind) => kind === 'done').length).toBeGreaterThanOrEqual(35);
    expect(new Set(kinds)).toEqual(new Set(['done', 'transient']));
    expect(world.theirs().map((one) => one.status)).not.toContain(429);
  });
});
