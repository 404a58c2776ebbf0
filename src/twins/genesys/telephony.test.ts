import { describe, expect, it } from 'vitest';
import { driveTwin, type TwinDriver } from '../../../test/twins/twin-driver.ts';
import { type CallLeg, type CallOffer, createCarrier } from '../carrier.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import type { GenesysTwinOptions } from './genesys-twin.ts';

const BASE = '/api/v2/conversations';
const FAR = '+18885551900';
const DEAD = '+19995550000';
const ENTRY = '+18005550110';
const TIER2 = '5f1c0a10-0002-4a00-8a00-000000000002';
const SUPPORT = '5f1c0a10-0004-4a00-8a00-000000000004';

type Party = {
  id: string;
  purpose: string;
  endTime?: string;
  consultParticipantId?: string;
  calls: { id: string; state: string; held: boolean; disconnectType?: string; uuiData?: string }[];
};
type View = {
  conversationId: string;
  participants: Party[];
  ended: boolean;
  holder: string;
  queue: { id: string } | null;
  attributes: Record<string, string>;
  transfers: { state: string; destination?: { address?: string } }[];
};

/** A Genesys twin on a network with one line far away, which notes what rings and hears. */
async function network(options: Partial<GenesysTwinOptions> = {}) {
  const clock = createVirtualClock();
  const carrier = createCarrier({ clock });
  const rung: { offer: CallOffer; leg: CallLeg }[] = [];
  const heard: string[] = [];
  carrier.register({
    numbers: [FAR],
    ring(offer, leg) {
      rung.push({ offer, leg });
      return { ended: (why) => heard.push(`far: ${why}`) };
    },
  });
  const driver = await driveTwin({ clock, carrier, settleMs: 100, ...options });
  return { ...driver, clock, carrier, rung, heard };
}
type World = Awaited<ReturnType<typeof network>>;

/** A caller with an agent, or with the bot where none is asked for. */
async function caller(world: World, { answered = false } = {}) {
  const queue = answered ? { queue: 'General_Support' } : {};
  const made = await world.control<{ conversationId: string; participants: Record<string, string> }>(
    'POST',
    '/conversations',
    { channel: 'voice', from: '+14155551234', ...queue },
  );
  const id = made.body.conversationId;
  if (answered) await world.control('POST', `/conversations/${id}/answer`);
  const seen = async () => (await world.control<View>('GET', `/conversations/${id}`)).body;
  const party = async (purpose: string) => (await seen()).participants.findLast((each) => each.purpose === purpose)!;
  const states = async () => (await seen()).participants.map((each) => `${each.purpose} ${each.calls[0]!.state}`);
  const leaving = await party(answered ? 'agent' : 'ivr');
  const hangUp = () => world.control('POST', `/conversations/${id}/hangup`);
  return { id, seen, party, states, leaving, hangUp };
}

async function transfer(world: World, id: string, pid: string, body: object = { address: FAR }): Promise<void> {
  const { status } = await world.api('POST', `${BASE}/calls/${id}/participants/${pid}/replace`, body);
  expect(status).toBe(202);
  await world.clock.advance(100);
}

describe('a transfer to a number', () => {
  it('rings there with the caller’s number and what goes along, and is complete when it answers', async () => {
    const world = await network();
    const { id, leaving, seen, states, party } = await caller(world);
    const customer = await party('customer');
    const path = `${BASE}/calls/${id}/participants/${customer.id}/communications/${customer.calls[0]!.id}/uuidata`;
    expect((await world.api('PUT', path, { uuiData: 'token-1' })).status).toBe(202);
    await transfer(world, id, leaving.id);
    expect(world.rung[0]?.offer).toEqual({ from: '+14155551234', to: FAR, uui: 'token-1' });
    expect(await seen()).toMatchObject({
      holder: 'none',
      transfers: [{ state: 'Active', destination: { address: FAR } }],
    });
    expect(await states()).toEqual(['customer connected', 'ivr terminated', 'external dialing']);
    world.rung[0]!.leg.answer();
    await world.clock.advance(0);
    expect(await states()).toEqual(['customer connected', 'ivr terminated', 'external connected']);
    expect(await seen()).toMatchObject({ holder: 'agent', transfers: [{ state: 'Complete' }], ended: false });
    expect((await party('customer')).calls[0]?.uuiData).toBe('token-1');
  });

  it('takes along what the leaving party’s call carries rather than the customer’s', async () => {
    const world = await network();
    const { id, leaving, party } = await caller(world);
    const path = `${BASE}/calls/${id}/participants/${leaving.id}/communications`;
    expect((await world.api('PUT', `${path}/${leaving.calls[0]!.id}/uuidata`, { uuiData: 'own' })).status).toBe(202);
    expect((await world.api('PUT', `${path}/nobody/uuidata`, { uuiData: 'own' })).status).toBe(404);
    expect((await world.api('PUT', `${path}/${leaving.calls[0]!.id}/uuidata`, {})).status).toBe(400);
    const customer = await party('customer');
    const theirs = `${BASE}/calls/${id}/participants/${customer.id}/communications/${customer.calls[0]!.id}/uuidata`;
    await world.api('PUT', theirs, { uuiData: 'theirs' });
    await transfer(world, id, leaving.id);
    expect(world.rung[0]?.offer.uui).toBe('own');
  });

  it('by the address path works the same', async () => {
    const world = await network();
    const { id, leaving, seen } = await caller(world);
    await world.api('POST', `${BASE}/${id}/participants/${leaving.id}/transfer`, { address: `tel:${FAR}` });
    await world.clock.advance(100);
    world.rung[0]!.leg.answer();
    await world.clock.advance(0);
    expect((await seen()).transfers).toMatchObject([{ state: 'Complete' }]);
  });

  it('to a dead number fails, and ends the call of a caller nobody is with any more', async () => {
    const world = await network();
    const { id, leaving, seen, party } = await caller(world);
    await transfer(world, id, leaving.id, { address: DEAD });
    expect(await seen()).toMatchObject({ ended: true, transfers: [{ state: 'Failed' }] });
    expect((await party('external')).calls[0]).toMatchObject({ state: 'terminated', disconnectType: 'error' });
  });

  it('attended keeps who transfers until it answers, and for good when it does not', async () => {
    for (const [address, answers] of [
      [FAR, true],
      [DEAD, false],
    ] as const) {
      const world = await network();
      const { id, leaving, seen, states } = await caller(world, { answered: true });
      await transfer(world, id, leaving.id, { address, transferType: 'Attended' });
      if (answers) world.rung[0]!.leg.answer();
      await world.clock.advance(0);
      expect((await seen()).transfers.at(-1)?.state).toBe(answers ? 'Complete' : 'Failed');
      expect((await states()).at(-2)).toBe(answers ? 'agent disconnected' : 'agent connected');
      expect(await seen()).toMatchObject({ holder: 'agent', ended: false });
    }
  });

  it('is over for both ends when either hangs up, before and after it is answered', async () => {
    for (const answers of [true, false]) {
      for (const who of ['far', 'customer', 'far customer'] as const) {
        const world = await network();
        const { id, leaving, seen, party, hangUp } = await caller(world);
        await transfer(world, id, leaving.id);
        const { leg } = world.rung[0]!;
        if (answers) leg.answer();
        await world.clock.advance(0);
        if (who === 'customer') await hangUp();
        else leg.hangUp(who === 'far' ? 'party' : 'customer');
        await world.clock.advance(0);
        expect((await seen()).ended).toBe(true);
        if (who === 'customer') expect(world.heard).toEqual(['far: customer']);
        if (answers) {
          const left = (await party('customer')).calls[0]?.disconnectType;
          expect(left).toBe(who === 'far' ? 'peer' : 'endpoint');
        }
      }
    }
  });

  it('with release link ends the conversation and lets the call go on', async () => {
    for (const who of ['far', 'customer'] as const) {
      const world = await network({ releaseLink: true });
      const { id, leaving, seen, party, hangUp } = await caller(world);
      await transfer(world, id, leaving.id);
      world.rung[0]!.leg.answer();
      await world.clock.advance(0);
      expect(await seen()).toMatchObject({ ended: true, transfers: [{ state: 'Complete' }] });
      expect((await party('customer')).calls[0]?.disconnectType).toBe('transfer');
      expect(world.heard).toEqual([]);
      if (who === 'far') world.rung[0]!.leg.hangUp('party');
      else expect((await hangUp()).status).toBe(200);
      await world.clock.advance(0);
      expect(world.heard).toEqual(who === 'far' ? [] : ['far: customer']);
      if (who === 'customer') expect((await hangUp()).status).toBe(409);
    }
  });

  it('of a caller who came over the carrier goes on from end to end with release link', async () => {
    for (const who of ['caller', 'far'] as const) {
      const world = await network({ releaseLink: true });
      const told: string[] = [];
      const own = world.carrier.dial({ from: '+14155551234', to: '+18005550100' }, { ended: (why) => told.push(why) });
      await world.clock.advance(0);
      const conversation = [...world.twin.conversations.all()][0]!;
      await transfer(world, conversation.id, conversation.participants.find((each) => each.purpose === 'ivr')!.id);
      world.rung[0]!.leg.answer();
      await world.clock.advance(0);
      expect({ told, heard: world.heard }).toEqual({ told: [], heard: [] });
      if (who === 'caller') own.hangUp('customer');
      else world.rung[0]!.leg.hangUp('party');
      await world.clock.advance(0);
      expect({ told, heard: world.heard }).toEqual(
        who === 'caller' ? { told: [], heard: ['far: customer'] } : { told: ['party'], heard: [] },
      );
    }
  });

  it('meets the faults of this twin: one that is lost on the way looks complete', async () => {
    const world = await network();
    await world.control('POST', '/faults', { match: { path: FAR }, fault: 'lose-call' });
    const { id, leaving, seen } = await caller(world);
    await transfer(world, id, leaving.id);
    expect(await seen()).toMatchObject({ ended: false, transfers: [{ state: 'Complete' }] });
    expect(world.rung).toEqual([]);
  });
});

describe('a consult', () => {
  async function consulting(body: object = {}, options: Partial<GenesysTwinOptions> = {}) {
    const world = await network(options);
    const made = await caller(world, { answered: true });
    const base = `${BASE}/calls/${made.id}/participants/${made.leaving.id}`;
    const asked = await world.api<{ destinationParticipantId?: string; code?: string }>(
      'POST',
      `${base}/voice/consult`,
      {
        speakTo: 'DESTINATION',
        address: FAR,
        ...body,
      },
    );
    await world.clock.advance(0);
    const held = async () =>
      (await made.seen()).participants.filter((each) => each.calls[0]!.held).map((each) => each.purpose);
    return { world, ...made, base, asked, held };
  }

  it('rings there while the customer is held, and names whom it is about', async () => {
    const { asked, world, party, held, states } = await consulting();
    const external = await party('external');
    expect(asked).toMatchObject({ status: 202, body: { destinationParticipantId: external.id } });
    expect(external.consultParticipantId).toBe((await party('customer')).id);
    expect(await held()).toEqual(['customer']);
    expect((await states()).slice(-2)).toEqual(['agent connected', 'external dialing']);
    world.rung[0]!.leg.answer();
    await world.clock.advance(0);
    expect((await states()).at(-1)).toBe('external connected');
  });

  it('lets the agent speak to each in turn and to all', async () => {
    const { world, base, held } = await consulting();
    world.rung[0]!.leg.answer();
    const speakTo = async (to: string) => (await world.api('PATCH', `${base}/consult`, { speakTo: to })).status;
    expect(await speakTo('OBJECT')).toBe(202);
    expect(await held()).toEqual(['external']);
    expect(await speakTo('CONFERENCE')).toBe(202);
    expect(await held()).toEqual([]);
    expect(await speakTo('DESTINATION')).toBe(202);
    expect(await held()).toEqual(['customer']);
    expect(await speakTo('NOBODY')).toBe(400);
  });

  it('is complete when the agent leaves: the customer stays with who was asked in', async () => {
    const { world, id, leaving, seen, party, states, held } = await consulting();
    world.rung[0]!.leg.answer();
    await world.clock.advance(0);
    await world.api('PATCH', `${BASE}/calls/${id}/participants/${leaving.id}`, { state: 'disconnected' });
    expect((await states()).slice(-2)).toEqual(['agent disconnected', 'external connected']);
    expect((await party('agent')).calls[0]?.disconnectType).toBe('transfer.consult');
    expect(await held()).toEqual([]);
    expect(await seen()).toMatchObject({ ended: false, holder: 'agent' });
    expect(world.heard).toEqual([]);
  });

  it('that is cancelled leaves the customer with the agent', async () => {
    const { world, base, held, states, seen } = await consulting();
    world.rung[0]!.leg.answer();
    await world.clock.advance(0);
    expect((await world.api('DELETE', `${base}/consult`)).status).toBe(204);
    await world.clock.advance(0);
    expect((await states()).slice(-2)).toEqual(['agent connected', 'external terminated']);
    expect(await held()).toEqual([]);
    expect(world.heard).toEqual(['far: party']);
    expect((await seen()).ended).toBe(false);
    expect((await world.api('DELETE', `${base}/consult`)).status).toBe(404);
    expect((await world.api('PATCH', `${base}/consult`, { speakTo: 'OBJECT' })).status).toBe(404);
  });

  it.each(['dead', 'hangs up'])('with somebody who is %s leaves the customer with the agent', async (what) => {
    const { world, held, seen, states } = await consulting(what === 'dead' ? { address: DEAD } : {});
    if (what !== 'dead') {
      world.rung[0]!.leg.answer();
      await world.clock.advance(0);
      world.rung[0]!.leg.hangUp('party');
      await world.clock.advance(0);
    }
    expect((await states()).slice(-2)).toEqual(['agent connected', 'external terminated']);
    expect(await held()).toEqual([]);
    expect(await seen()).toMatchObject({ ended: false, holder: 'agent' });
  });

  it('ends for all when the customer hangs up', async () => {
    const { world, hangUp, seen } = await consulting();
    await hangUp();
    await world.clock.advance(0);
    expect((await seen()).ended).toBe(true);
    expect(world.heard).toEqual(['far: customer']);
  });

  it('may ask another agent in, and name the customer in its path', async () => {
    const world = await network();
    const { id, party, states, leaving } = await caller(world, { answered: true });
    const { agentId } = (
      await world.control<{ agentId: string }>('POST', '/agents', { name: 'Grace', queues: [], afterMs: 50 })
    ).body;
    const customer = await party('customer');
    const asked = await world.api('POST', `${BASE}/calls/${id}/participants/${customer.id}/voice/consult`, {
      address: agentId,
    });
    expect(asked.status).toBe(202);
    await world.clock.advance(50);
    expect((await states()).slice(-2)).toEqual(['agent connected', 'agent connected']);
    await world.api('PATCH', `${BASE}/calls/${id}/participants/${leaving.id}`, { state: 'disconnected' });
    expect((await states()).slice(-2)).toEqual(['agent disconnected', 'agent connected']);
  });

  it.each([
    ['nobody to ask', { address: 'Nobody' }, 400],
    ['an unknown way to speak', { speakTo: 'ALL' }, 400],
    ['a consulting user who is not there', { consultingUserId: SUPPORT }, 400],
    ['a queue', { address: 'BillingDisputes_Tier2' }, 400],
  ])('refuses %s', async (_what, body, status) => {
    const { asked } = await consulting(body);
    expect(asked.status).toBe(status);
  });

  it('refuses a second one beside it', async () => {
    const { world, base } = await consulting();
    expect((await world.api('POST', `${base}/voice/consult`, { address: FAR })).status).toBe(409);
  });
});

describe('the entry flow', () => {
  type Asked = { url: string; body: Record<string, string> };
  async function withEntry(reply: unknown | (() => Promise<Response>), options: Partial<GenesysTwinOptions> = {}) {
    const asked: Asked[] = [];
    const world = await network({
      entry: { url: 'http://service.test', headers: { authorization: 'Bearer k' } },
      async fetch(input, init) {
        const request = new Request(input, init);
        asked.push({ url: request.url, body: (await request.json()) as Record<string, string> });
        return typeof reply === 'function' ? reply() : Response.json(reply);
      },
      ...options,
    });
    const seen = async (id: string) => (await world.control<View>('GET', `/conversations/${id}`)).body;
    const dial = async () => {
      world.carrier.dial({ from: '+14155551234', to: ENTRY, uui: 'token-7' }, { ended: () => {} });
      await world.clock.advance(0);
      return [...world.twin.conversations.all()].at(-1)!.id;
    };
    return { ...world, asked, seen, dial };
  }
  const agent = async ({ control }: TwinDriver, more: object = {}) =>
    (await control<{ agentId: string }>('POST', '/agents', { name: 'Ada', queues: [], afterMs: 50, ...more })).body
      .agentId;

  it('asks whose call it is, keeps the reply as participant data and transfers to the queue', async () => {
    const { dial, asked, seen } = await withEntry({
      found: 'true',
      queueName: 'BillingDisputes_Tier2',
      cardUrl: 'https://c/1',
    });
    const id = await dial();
    expect(asked).toEqual([
      {
        url: 'http://service.test/v1/flows/redeem',
        body: { platform: 'genesys_cloud', conversationId: id, dnis: ENTRY, ani: '+14155551234', token: 'token-7' },
      },
    ]);
    expect(await seen(id)).toMatchObject({
      holder: 'queue',
      queue: { id: TIER2 },
      attributes: { cardUrl: 'https://c/1', queueName: 'BillingDisputes_Tier2' },
    });
  });

  it('is played for a customer of this twin who dials the number, too', async () => {
    const world = await withEntry({ found: true, queueId: TIER2 });
    const made = await world.control<{ conversationId: string }>('POST', '/conversations', {
      channel: 'voice',
      from: '+14155551234',
      to: ENTRY,
      uui: 'token-8',
    });
    await world.clock.advance(0);
    expect(world.asked[0]?.body.token).toBe('token-8');
    expect(await world.seen(made.body.conversationId)).toMatchObject({ queue: { id: TIER2 } });
  });

  it('rings the user it is told of, and falls back when they do not answer in the flow’s own time', async () => {
    for (const [answers, fallbackQueueId, expected] of [
      ['auto', TIER2, null],
      ['manual', TIER2, TIER2],
      ['manual', undefined, SUPPORT],
    ] as const) {
      let target = '';
      const reply = async () => Response.json({ found: 'true', targetAgentId: target, fallbackQueueId });
      const world = await withEntry(reply, { entryTimeoutMs: 2_000 });
      target = await agent(world, { answers });
      const id = await world.dial();
      await world.clock.advance(1_999);
      expect((await world.seen(id)).queue).toBe(null);
      await world.clock.advance(1);
      expect((await world.seen(id)).queue?.id ?? null).toBe(expected);
      expect((await world.seen(id)).holder).toBe(expected === null ? 'agent' : 'queue');
    }
  });

  it.each([
    ['that knows nothing', { found: 'false' }],
    ['that names what does not exist', { found: 'true', targetAgentId: 'x', queueId: 'y', queueName: 'z' }],
    ['that fails', async () => new Response('', { status: 502 })],
    ['that is not there', async () => Promise.reject(new TypeError('fetch failed'))],
  ])('transfers to the default queue with a service %s', async (_what, reply) => {
    const { dial, seen } = await withEntry(reply);
    expect(await seen(await dial())).toMatchObject({ holder: 'queue', queue: { id: SUPPORT } });
  });

  it('transfers to the default queue when the service hangs past the action’s time', async () => {
    const hang = (_input: unknown, init?: RequestInit) =>
      new Promise<Response>((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(new Error('gone'))),
      );
    const { dial, seen, clock } = await withEntry(
      {},
      { entry: { url: 'http://s.test', timeoutMs: 3_000 }, fetch: hang },
    );
    const id = await dial();
    await clock.advance(2_999);
    expect(await seen(id)).toMatchObject({ holder: 'bot' });
    await clock.advance(1);
    expect(await seen(id)).toMatchObject({ queue: { id: SUPPORT } });
  });

  it('leaves a caller alone who has hung up meanwhile', async () => {
    const late = async () => {
      await world.clock.sleep(500);
      return Response.json({ found: 'true', queueId: TIER2 });
    };
    const world = await withEntry(late);
    const { control, clock, seen } = world;
    const made = await control<{ conversationId: string }>('POST', '/conversations', { channel: 'voice', to: ENTRY });
    await control('POST', `/conversations/${made.body.conversationId}/hangup`);
    await clock.advance(1_000);
    expect(await seen(made.body.conversationId)).toMatchObject({ ended: true, queue: null });
  });
});

describe('a user', () => {
  it('can be read with presence and routing status, and is busy while rung or connected', async () => {
    const world = await network();
    const { agentId } = (
      await world.control<{ agentId: string }>('POST', '/agents', {
        name: 'Ada Byron',
        queues: ['General_Support'],
        answers: 'manual',
      })
    ).body;
    const path = `/api/v2/users/${agentId}`;
    const status = async () =>
      (await world.api<{ status: string; startTime: string }>('GET', `${path}/routingstatus`)).body;
    expect(await status()).toMatchObject({ status: 'IDLE' });
    await world.clock.advance(1_000);
    const { id, hangUp } = await caller(world, { answered: true });
    expect(await status()).toMatchObject({
      status: 'INTERACTING',
      startTime: new Date(world.clock.now()).toISOString(),
    });
    const read = await world.api('GET', `${path}?expand=presence,routingStatus`);
    expect(read.body).toMatchObject({
      id: agentId,
      name: 'Ada Byron',
      email: 'ada.byron@twin.example',
      presence: { presenceDefinition: { systemPresence: 'On Queue' } },
      routingStatus: { status: 'INTERACTING' },
    });
    expect((await world.api('GET', path)).body).not.toHaveProperty('presence');
    expect((await world.api('GET', '/api/v2/users')).body).toMatchObject({ total: 1, entities: [{ id: agentId }] });
    await hangUp();
    expect(id).toBeDefined();
    expect(await status()).toMatchObject({ status: 'IDLE' });
    const busy = world.twin.organisation.presences.find(({ name }) => name === 'Busy')!;
    await world.api('PATCH', `${path}/presences/purecloud`, { presenceDefinition: { id: busy.id } });
    expect(await status()).toMatchObject({ status: 'OFF_QUEUE' });
    expect((await world.api('GET', `/api/v2/users/${SUPPORT}/routingstatus`)).status).toBe(404);
  });
});
