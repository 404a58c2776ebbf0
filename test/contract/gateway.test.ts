// Runs the platform contract on the gateway adapter in front of the gateway twin, both over real HTTP, and what only a gateway has:
// native reservations under a key, consultations, signed events, and what it says of itself.

import { describe, expect, expectTypeOf, it } from 'vitest';
import type { AgentId, ExternalId, ParticipantId } from '../../src/ids.ts';
import type * as contract from '../../src/platforms/gateway/gateway-contract.ts';
import type { GatewayNews } from '../../src/platforms/gateway/gateway-event.ts';
import { gatewayOpenApi } from '../../src/platforms/gateway/gateway-openapi.ts';
import { gatewayHookVerifier } from '../../src/platforms/gateway/hook.ts';
import type { ConversationRef } from '../../src/platforms/platform.ts';
import { DEMO_TOKEN } from '../../src/twins/gateway/access.ts';
import { DEMO_HOOK_SECRET } from '../../src/twins/gateway/event-signing.ts';
import type { NewAgent } from '../../src/twins/gateway/floor.ts';
import type * as twinSchema from '../../src/twins/gateway/gateway-schema.ts';
import {
  call,
  expectShape,
  FAULTS,
  KIM,
  published,
  QUEUE,
  SETTLE_MS,
  stage,
  value,
  type World,
} from './gateway-stage.ts';
import { outlast } from './manual-clock.ts';
import { platformContract } from './platform.ts';
import { type CrossingStage, crossingContract } from './platform-crossing.ts';

async function contractStage(): Promise<CrossingStage> {
  const world = await described([]);
  return {
    platform: world.platform,
    visibleQueue: QUEUE,
    hiddenQueue: 'Collections_Private',
    visibleDivision: 'Home',
    listsTransfers: true,
    overwritesEnded: true,
    paths: { transfer: '/interactions/transfer', attach: '/context', presence: '/presence' },
    converse: () => world.converse(),
    hangUp: async ({ externalId }) => void (await world.control('POST', `/conversations/${externalId}/hangup`)),
    settle: () => world.clock.advance(SETTLE_MS * 2),
    outlast: (work) => outlast(world.clock, work),
    fault: async (path, fault) => {
      await world.control('POST', '/faults', { match: { path }, fault: FAULTS[fault], times: 1 });
    },
    recorded: async ({ externalId }) => {
      const { attributes, context, replaces } = await world.control('GET', `/conversations/${externalId}`);
      return { attributes, tag: context.canonicalInteractionId, transfersTaken: replaces };
    },
    async employ(queueName) {
      const queue = world.twin.floor.queueByName(queueName ?? '');
      const queueIds = new Set(queue && [queue.id]);
      const agent = world.twin.floor.addAgent({ name: 'Sam', queueIds, answers: 'manual', afterMs: 0 });
      return { agentId: agent.id as AgentId, has: 'available', other: 'meeting' };
    },
    callsMade: () => world.theirs().length,
    ring: () => world.converse(),
    async talk() {
      const agent = await world.control('POST', '/agents', { name: 'Ada', queues: [QUEUE], afterMs: 0 });
      const conversation = await world.converse({ queue: QUEUE });
      await world.clock.advance(1);
      return { conversation, agentId: agent.agentId as AgentId };
    },
    outside: '+18005550199',
    blind: { way: 'rest', path: '/interactions/transfer' },
    consult: { way: 'rest', path: '/interactions/transfer' },
    [Symbol.asyncDispose]: world[Symbol.asyncDispose],
  };
}

platformContract('Gateway', contractStage);
crossingContract('Gateway', contractStage);

const RESERVE = {
  key: 'h-1.reserve.1',
  target: { kind: 'agent', agentId: 'nice-usr-4492' as AgentId },
  channel: 'voice',
  holdLimitMs: 15_000,
  context: { canonicalInteractionId: 'int-8f3a', sourcePlatform: 'genesys_cloud', complianceFlags: ['pci_dss'] },
} as const;
/** The adapter promises what the gateway says, once it was asked. */
async function described(agents: readonly NewAgent[] = [KIM]): Promise<World> {
  const world = await stage({ agents });
  value(await world.platform.describe(call));
  return world;
}
const look = async (world: World, conversation: ConversationRef) =>
  value(await world.platform.look(conversation, call));
const partyIn = async (world: World, conversation: ConversationRef, role: string) =>
  (await look(world, conversation)).parties.find((one) => one.role === role && one.state !== 'ended');
const check = async (world: World) => value(await world.platform.checkTarget(RESERVE.target, 'voice', call)).free;

describe('the gateway adapter: what it promises', () => {
  it('is what the gateway says of itself, and nothing before it has said it (H3)', async () => {
    await using world = await stage({ agents: [KIM] });
    const { capabilities, limits } = world.platform;
    expect(capabilities).toMatchObject({ reservation: 'none', commit: [] });
    value(await world.platform.queues(call));
    expect(capabilities).toMatchObject({ reservation: 'native', commit: ['rest'], settleMs: 2 * SETTLE_MS });
    expect(limits).toMatchObject({ attributeValueBytes: 4_096, attributeCount: 100 });
  });

  it('goes on with what it knows when the gateway does not say it again', async () => {
    await using world = await described();
    await world.control('POST', '/faults', { match: { path: '/v1/capabilities' }, fault: '500' });
    expect(value(await world.platform.queues(call)).length).toBeGreaterThan(0);
    expect(world.platform.capabilities.reservation).toBe('native');
  });
});

describe('the gateway adapter: reservations', () => {
  it('holds an agent for the hold limit and no longer', async () => {
    await using world = await described();
    expect(await check(world)).toBe('yes');
    const held = value(await world.platform.reserve(RESERVE, call));
    expect(held).toMatchObject({ validUntil: world.clock.now() + 15_000, address: expect.stringMatching(/^\+1888/) });
    expect(value(await world.platform.checkTarget(RESERVE.target, 'voice', call))).toMatchObject({
      free: 'no',
      code: 'agent-busy',
    });
    await world.clock.advance(15_000);
    expect(await check(world)).toBe('yes');
  });

  it('is refused as a conflict, with the reason as its detail, when the target cannot take it', async () => {
    await using world = await described();
    value(await world.platform.reserve(RESERVE, call));
    const again = await world.platform.reserve({ ...RESERVE, key: 'h-2.reserve.1' }, call);
    expect(again).toEqual({ kind: 'rejected', code: 'conflict', detail: 'agent-busy' });
    value(await world.platform.setPresence(KIM.id as AgentId, 'away', call));
    const queue = { ...RESERVE, key: 'h-3.reserve.1', target: { kind: 'queue', queueName: QUEUE } as const };
    expect(await world.platform.reserve(queue, call)).toMatchObject({ code: 'conflict', detail: 'queue-unstaffed' });
    const nobody = {
      ...RESERVE,
      key: 'h-4.reserve.1',
      target: { kind: 'agent', agentId: 'nobody' as AgentId } as const,
    };
    expect(await world.platform.reserve(nobody, call)).toMatchObject({ kind: 'rejected', code: 'not-found' });
  });

  it('is fenced: an answer that was lost may be asked for again under its key, and one place is held (H5)', async () => {
    await using world = await described();
    await world.control('POST', '/faults', { match: { path: '/reserve' }, fault: 'commit-then-drop', times: 1 });
    expect(await world.platform.reserve(RESERVE, call)).toMatchObject({ kind: 'ambiguous' });
    const held = value(await world.platform.reserve(RESERVE, call));
    expect(value(await world.platform.reserve(RESERVE, call))).toEqual(held);
    const other = { ...RESERVE, holdLimitMs: 30_000 };
    expect(await world.platform.reserve(other, call)).toMatchObject({
      kind: 'rejected',
      code: 'bad-request',
      detail: 'idempotency-key-reused',
    });
  });

  it.each([
    ['reserve', '/v1/interactions/reserve', 'ambiguous'],
    ['look', '/v1/interactions/', 'transient'],
  ] as const)('waits for an answer to %s no longer than its time-out', async (what, path, kind) => {
    await using world = await described();
    const conversation = await world.converse();
    await world.control('POST', '/faults', { match: { path }, fault: 'hang', times: 1 });
    const asked = what === 'reserve' ? world.platform.reserve(RESERVE, call) : world.platform.look(conversation, call);
    await world.asked(path);
    await world.clock.advance(8_000);
    expect(await asked).toMatchObject({ kind, code: 'timed-out' });
  });

  it('keeps its key through a token that has expired', async () => {
    await using world = await described();
    await world.control('POST', '/faults', { match: { path: '/reserve' }, fault: 'expire-token', times: 1 });
    const held = value(await world.platform.reserve(RESERVE, call));
    expect(value(await world.platform.reserve(RESERVE, call))).toEqual(held);
  });

  it('gives a place back, and one that is gone is done', async () => {
    await using world = await described();
    const { id } = value(await world.platform.reserve(RESERVE, call));
    for (const each of [id, id, 'never']) value(await world.platform.release(each, call));
    expect(await check(world)).toBe('yes');
  });

  it('checks a queue by its exact name, and says whether anybody is there', async () => {
    await using world = await described();
    const ask = (queueName: string) => world.platform.checkTarget({ kind: 'queue', queueName }, 'voice', call);
    expect(value(await ask(QUEUE))).toMatchObject({ free: 'yes', queue: { name: QUEUE } });
    expect(value(await ask('General_Support'))).toMatchObject({ free: 'no', code: 'queue-unstaffed' });
    expect(await ask('Collections_Private')).toMatchObject({ code: 'queue-not-found-or-not-visible' });
    const nobody = { kind: 'agent', agentId: 'nobody' as AgentId } as const;
    expect(await world.platform.checkTarget(nobody, 'voice', call)).toMatchObject({ code: 'not-found' });
    value(await world.platform.setPresence(KIM.id as AgentId, 'meeting', call));
    expect(value(await world.platform.checkTarget(RESERVE.target, 'voice', call))).toMatchObject({
      code: 'agent-away',
    });
  });
});

describe('the gateway adapter: letting go', () => {
  const departing = async (
    world: World,
    conversation: ConversationRef,
    style: 'blind' | 'consult',
    address: string,
  ) => ({
    way: 'rest' as const,
    style,
    leaving: (await partyIn(world, conversation, 'bot'))?.id as ParticipantId,
    ...(style === 'consult' && { leavingAgent: KIM.id as AgentId }),
    address,
    token: 'c3VjaC1hLXRva2Vu',
    interactionId: 'our-id',
    reservationId: 'res-1',
  });

  it.each(['+18885551900', 'sip:desk@other.example'])(
    'moves the customer to %s, and who served them leaves',
    async (to) => {
      await using world = await described();
      const conversation = await world.converse();
      const asked = await departing(world, conversation, 'blind', to);
      value(await world.platform.transferAway(conversation, asked, call));
      expect((await look(world, conversation)).transfers).toMatchObject([{ state: 'pending' }]);
      await world.clock.advance(2 * SETTLE_MS);
      const view = await look(world, conversation);
      expect(view.transfers).toMatchObject([{ state: 'complete' }]);
      expect(view.parties.map(({ role, state }) => `${role} ${state}`)).toEqual([
        'customer connected',
        'bot ended',
        'other connected',
      ]);
      const [sent] = world.theirs().filter(({ path }) => path.includes('transfer'));
      expect(sent?.body).toMatchObject({
        interactionId: conversation.externalId,
        transferType: 'blind',
        metadata: { reservationId: 'res-1', canonicalInteractionId: 'our-id', handoffProtocol: 'two_phase_commit' },
      });
    },
  );

  it('shows a transfer that nobody answered as failed, and the customer where they were', async () => {
    await using world = await described();
    await world.control('PUT', '/settings', { deadAddresses: ['+18885551900'] });
    const conversation = await world.converse();
    const asked = await departing(world, conversation, 'blind', '+18885551900');
    value(await world.platform.transferAway(conversation, asked, call));
    await world.clock.advance(SETTLE_MS);
    expect(await look(world, conversation)).toMatchObject({ ended: false, transfers: [{ state: 'failed' }] });
    expect(await partyIn(world, conversation, 'bot')).toMatchObject({ state: 'connected' });
  });

  it('refuses a second while one is under way, and after a lost answer a look shows the first (H5)', async () => {
    await using world = await described();
    const conversation = await world.converse();
    const asked = await departing(world, conversation, 'blind', '+18885551900');
    await world.control('POST', '/faults', { match: { path: '/transfer' }, fault: 'commit-then-drop', times: 1 });
    expect(await world.platform.transferAway(conversation, asked, call)).toMatchObject({ kind: 'ambiguous' });
    expect((await look(world, conversation)).transfers).toHaveLength(1);
    expect(await world.platform.transferAway(conversation, asked, call)).toEqual({
      kind: 'rejected',
      code: 'conflict',
      detail: 'transfer-under-way',
    });
  });

  it.each([
    [true, ['bot ended', 'other connected'], 'complete'],
    [false, ['bot connected', 'other ended'], 'failed'],
  ] as const)(
    'ends a consultation as it is told (accept %s), the same when asked again',
    async (accept, parties, state) => {
      await using world = await described();
      const conversation = await world.converse();
      const asked = await departing(world, conversation, 'consult', '+18885551900');
      const end = (one: boolean) =>
        world.platform.endConsult(conversation, { accept: one, leaving: asked.leaving }, call);
      expect(await end(accept)).toMatchObject({ kind: 'rejected', code: 'conflict' });
      value(await world.platform.transferAway(conversation, asked, call));
      if (accept) expect(await end(true)).toMatchObject({ kind: 'rejected', detail: 'not-answered' });
      await world.clock.advance(2 * SETTLE_MS);
      expect((await look(world, conversation)).transfers).toMatchObject([{ state: 'pending' }]);
      value(await end(accept));
      value(await end(accept));
      expect(await end(!accept)).toMatchObject({ kind: 'rejected', code: 'conflict' });
      const view = await look(world, conversation);
      expect(view.parties.slice(1).map((one) => `${one.role} ${one.state}`)).toEqual(parties);
      expect(view.transfers).toMatchObject([{ state }]);
    },
  );

  it('consults for nobody, and sends no message to a number', async () => {
    await using world = await described();
    const conversation = await world.converse();
    const { leavingAgent: _, ...ofNobody } = await departing(world, conversation, 'consult', '+18885551900');
    const refused = { kind: 'rejected', code: 'bad-request' };
    expect(await world.platform.transferAway(conversation, ofNobody, call)).toMatchObject(refused);
    const blind = await departing(world, conversation, 'blind', '+18885551900');
    const message = { ...conversation, channel: 'message' } as const;
    expect(await world.platform.transferAway(message, blind, call)).toMatchObject(refused);
    expect((await look(world, conversation)).transfers).toEqual([]);
  });

  it('does by calls only what calls can do', async () => {
    await using world = await described();
    const conversation = await world.converse();
    const asked = { ...(await departing(world, conversation, 'blind', '+18885551900')), way: 'signal' as const };
    expect(await world.platform.transferAway(conversation, asked, call)).toMatchObject({ code: 'bad-request' });
  });

  it('ends a conversation, one that has ended too, and none that is not there', async () => {
    await using world = await described();
    const conversation = await world.converse();
    for (let time = 0; time < 2; time += 1) value(await world.platform.closeLeg(conversation, call));
    expect(await look(world, conversation)).toMatchObject({ ended: true });
    const nobody = { ...conversation, externalId: 'nobody' as ExternalId };
    expect(await world.platform.closeLeg(nobody, call)).toMatchObject({ kind: 'rejected', code: 'not-found' });
  });
});

describe('the gateway adapter: context', () => {
  it('shows the keys pressed and a link as what they are, and an erasure empties both (seed 002, edge case 2)', async () => {
    await using world = await described();
    const conversation = await world.converse();
    const customer = (await partyIn(world, conversation, 'customer'))?.id as ParticipantId;
    const attributes = { intent: 'billing', dtmfSequence: '["1","3","0"]', handoff_context_ref: 'ref-1' };
    value(await world.platform.attachContext(conversation, { customer, attributes, tag: 'our-id' }, call));
    const recorded = async () => (await world.control('GET', `/conversations/${conversation.externalId}`)).context;
    expect(await recorded()).toEqual({
      canonicalInteractionId: 'our-id',
      attributes,
      dtmfSequence: ['1', '3', '0'],
      referenceUrl: 'https://throughline.example/card?ref=ref-1',
    });
    const overwrite = { what: 'attributes', customer, names: Object.keys(attributes) } as const;
    value(await world.platform.overwriteContext(conversation, overwrite, call));
    value(await world.platform.overwriteContext(conversation, { what: 'tag' }, call));
    expect(await recorded()).toEqual({
      canonicalInteractionId: '',
      attributes: { intent: '', dtmfSequence: '', handoff_context_ref: '' },
      dtmfSequence: [],
      referenceUrl: '',
    });
  });
});

describe('the gateway adapter: what it is told', () => {
  const verify = (world: World) => gatewayHookVerifier([DEMO_HOOK_SECRET], world.clock);
  /** All news since the last time, in order of arrival. */
  const news = async (world: World): Promise<readonly GatewayNews[]> => {
    await world.clock.advance(0);
    return world.hooked.splice(0).flatMap(({ headers, body }) => {
      expect(verify(world)(headers, new TextEncoder().encode(body))).toBe(true);
      const read = world.platform.readEvents(JSON.parse(body));
      expect(read.problems).toEqual([]);
      return read.news;
    });
  };
  const events = (all: readonly GatewayNews[]) => all.flatMap((one) => (one.kind === 'event' ? [one.event] : []));

  it('tells how a reserved call comes, is answered and ends; the arrival is a redemption', async () => {
    await using world = await described();
    const { id, address } = value(await world.platform.reserve(RESERVE, call));
    const conversation = await world.converse({ to: address });
    const arrived = await news(world);
    expect(arrived[0]).toMatchObject({
      kind: 'redemption',
      redemption: { platform: 'acme', reservationId: id, externalId: conversation.externalId },
    });
    expect(arrived[1]).toMatchObject({
      kind: 'event',
      event: { kind: 'seen', platform: 'acme', externalId: conversation.externalId },
    });
    await world.control('POST', `/conversations/${conversation.externalId}/answer`);
    const [answered] = events(await news(world));
    expect(answered).toMatchObject({
      view: { ended: false, parties: [{ role: 'customer' }, { role: 'agent', state: 'connected', agentId: KIM.id }] },
    });
    await world.control('POST', `/conversations/${conversation.externalId}/hangup`);
    const [ended] = events(await news(world));
    expect(ended).toMatchObject({ view: { ended: true } });
    expect(new Set([...events(arrived), answered, ended].map((one) => one?.messageId)).size).toBe(3);
  });

  it('still says which reservation it was when the call came too late, and somebody’s queue has the caller', async () => {
    await using world = await described();
    const { id, address } = value(await world.platform.reserve(RESERVE, call));
    await world.clock.advance(15_000);
    expect(address).toBeDefined();
    const conversation = await world.converse({ reservationId: id });
    expect(await news(world)).toMatchObject([{ kind: 'redemption', redemption: { reservationId: id } }, {}]);
    expect(await partyIn(world, conversation, 'queue')).toMatchObject({ queueId: 'queue-overflow' });
  });

  it('is the same message when it is told twice', async () => {
    await using world = await stage();
    await world.control('POST', '/faults', { match: { path: 'interaction:updated' }, fault: 'repeat-event', times: 1 });
    await world.converse();
    await world.clock.advance(1_000);
    expect(world.hooked).toHaveLength(2);
    expect(new Set(world.hooked.map(({ headers }) => headers.get('webhook-id'))).size).toBe(1);
    expect(new Set(events(await news(world)).map((one) => one.messageId)).size).toBe(1);
  });
});

describe('the gateway adapter: tokens', () => {
  it('serves with a token that never changes', async () => {
    await using world = await stage({ auth: { kind: 'token', token: DEMO_TOKEN } });
    await world.control('POST', '/faults', { match: { path: '/v1/queues' }, fault: 'expire-token', times: 1 });
    expect(value(await world.platform.queues(call)).length).toBe(3);
  });

  it('says that a token which is refused is, and takes nothing for sent', async () => {
    await using world = await stage({ auth: { kind: 'token', token: 'another' } });
    expect(await world.platform.queues(call)).toMatchObject({ kind: 'transient', code: 'unauthorized' });
    expect(world.platform.health()).toMatchObject({ ok: false });
  });
});

describe('the published document', () => {
  it('is the one that the schemas make: npm run gateway-openapi writes it', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(gatewayOpenApi())));
  });

  it('has the types that the twin speaks', () => {
    expectTypeOf<twinSchema.WireReservation>().toExtend<contract.Reservation>();
    expectTypeOf<twinSchema.WireTransferAccepted>().toExtend<contract.TransferAccepted>();
    expectTypeOf<Loose<twinSchema.WireInteraction>>().toExtend<contract.Interaction>();
    expectTypeOf<Loose<twinSchema.WireEvent>>().toExtend<contract.InteractionEvent>();
    expectTypeOf<Loose<twinSchema.WireQueueList>>().toExtend<contract.QueueList>();
    expectTypeOf<Loose<twinSchema.WireAgent>>().toExtend<contract.Agent>();
    expectTypeOf<Loose<twinSchema.WireCapabilities>>().toExtend<contract.Capabilities>();
    expectTypeOf<Exclude<keyof twinSchema.WireEvent, keyof contract.InteractionEvent>>().toBeNever();
    expectTypeOf<Exclude<keyof twinSchema.WireInteraction, keyof contract.Interaction>>().toBeNever();
    expectTypeOf<Exclude<keyof twinSchema.WireCapabilities, keyof contract.Capabilities>>().toBeNever();
    expectTypeOf<Exclude<keyof twinSchema.WireAgent, keyof contract.Agent>>().toBeNever();
  });
});

/** As zod's types are: mutable arrays, nothing readonly. */
type Loose<Value> = Value extends readonly (infer Item)[]
  ? Loose<Item>[]
  : Value extends object
    ? { -readonly [Key in keyof Value]: Loose<Value[Key]> }
    : Value;

describe('the guides’ own payloads, word for word (seed 002 §2)', () => {
  const HEADERS = { authorization: `Bearer ${DEMO_TOKEN}`, 'content-type': 'application/json' };
  const post = (world: World, path: string, body: unknown) =>
    fetch(`${world.twin.url}${path}`, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) });

  it('reserve, transfer and read back', async () => {
    await using world = await stage({ agents: [KIM] });
    const prepared = {
      targetAgentId: 'nice-usr-4492',
      mediaType: 'voice',
      holdDurationLimit: 15,
      contextPayload: {
        canonicalInteractionId: 'int-8f3a9c2d-7b4e-4a1f-9c3d-2e8f7a6b5c4d',
        sourcePlatform: 'genesys_cloud',
        complianceFlags: ['pci_dss', 'hipaa'],
      },
    };
    expectShape('ReserveRequest', prepared);
    const reserved = await post(world, '/v1/interactions/reserve', prepared);
    expect(reserved.status).toBe(200);
    const reservation = await reserved.json();
    expectShape('Reservation', reservation);

    const conversation = await world.converse({ flow: 'bot', id: 'gen-int-77a2c91f-3b4e-4d2a-8c1f-9e5d6a7b8c9d' });
    const commit = {
      interactionId: 'gen-int-77a2c91f-3b4e-4d2a-8c1f-9e5d6a7b8c9d',
      transferType: 'warm',
      transferTo: { type: 'phoneNumber', phoneNumber: '+18885551900', extension: 'CXONE_HANDBACK' },
      metadata: {
        reservationId: 'res-cxone-8842',
        canonicalInteractionId: 'int-8f3a9c2d-7b4e-4a1f-9c3d-2e8f7a6b5c4d',
        handoffProtocol: 'two_phase_commit',
      },
    };
    expectShape('TransferRequest', commit);
    const accepted = await post(world, '/api/v2/interactions/transfer', commit);
    expect(accepted.status).toBe(202);
    expectShape('TransferAccepted', await accepted.json());
    await world.clock.advance(2 * SETTLE_MS);
    const view = await look(world, conversation);
    expect(view.transfers).toMatchObject([{ state: 'complete' }]);
    expect(view.parties.at(-1)).toMatchObject({ role: 'other', state: 'connected' });
  });
});
