import { describe, expect, it } from 'vitest';
import { type CxoneDriver, driveCxone } from '../../../test/twins/cxone-driver.ts';
import { type CallLeg, type CallOffer, createCarrier } from '../carrier.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import type { CxoneTwinOptions } from './cxone-twin.ts';

const ENTRY = '+18885551900';
const OUTSIDE = '+18005550110';
const SUPPORT = '1004';
const TIER2 = '1002';

type Asked = { readonly url: string; readonly authorization: string | null; readonly body: Record<string, string> };

/** A twin whose entry script asks a service that answers `reply`; a function answers or hangs as it likes. */
async function withEntry(reply: unknown | (() => Promise<Response>), options: Partial<CxoneTwinOptions> = {}) {
  const asked: Asked[] = [];
  const driver = await driveCxone(
    { entry: { url: 'http://service.test', headers: { authorization: 'Bearer k' } }, ...options },
    async (input, init) => {
      const request = new Request(input, init);
      asked.push({
        url: request.url,
        authorization: request.headers.get('authorization'),
        body: (await request.json()) as Record<string, string>,
      });
      return typeof reply === 'function' ? reply() : Response.json(reply);
    },
  );
  return { ...driver, asked };
}

async function agent({ control }: CxoneDriver, queues: string[], more: object = {}): Promise<string> {
  return (await control('POST', '/agents', { name: 'Ada Byron', queues, afterMs: 100, ...more })).body.agentId;
}

describe('the entry script', () => {
  it('tells the service number, caller and token, assigns what it answers and asks for the agent it names', async () => {
    const world = await withEntry({
      found: 'true',
      targetAgentId: '4492',
      cardUrl: 'https://c/1',
      summary: 'Card',
      ttl: 5,
    });
    const { clock, create, view, asked, events, told } = world;
    expect(await agent(world, ['BillingDisputes_Tier2'])).toBe('4492');
    const id = await create({ channel: 'voice', from: '+14155551234', to: ENTRY, uui: 'token-1' });
    await clock.advance(200);
    expect(asked).toEqual([
      {
        url: 'http://service.test/v1/flows/redeem',
        authorization: 'Bearer k',
        body: { platform: 'nice_cxone', conversationId: id, dnis: ENTRY, ani: '+14155551234', token: 'token-1' },
      },
    ]);
    expect(await view(id)).toMatchObject({
      state: 'active',
      holder: 'agent',
      agent: { agentId: '4492', name: 'Ada Byron' },
      variables: { cardUrl: 'https://c/1', summary: 'Card', ttl: '5' },
    });
    expect(events()).toEqual(['queued', 'answered']);
    expect(told[1]).toEqual({
      messageId: expect.any(String),
      event: 'answered',
      contactId: id,
      masterContactId: id,
      mediaType: 'voice',
      at: new Date(clock.now() - 100).toISOString(),
      agentId: '4492',
      skillId: SUPPORT,
    });
  });

  it('takes a found that is a boolean, and a skill', async () => {
    const world = await withEntry({ found: true, skillId: 1002 });
    const id = await world.create({ channel: 'voice', to: ENTRY });
    await world.clock.advance(0);
    expect(await world.view(id)).toMatchObject({ state: 'queued', skill: { id: TIER2 }, variables: {} });
  });

  it('takes a targeted caller back to the fallback skill when the agent does not answer in its own time', async () => {
    const reply = { found: 'true', targetAgentId: '4492', fallbackSkillId: TIER2 };
    const world = await withEntry(reply, { entryTimeoutMs: 5_000 });
    await agent(world, ['General_Support'], { answers: 'hangs' });
    const id = await world.create({ channel: 'voice', to: ENTRY });
    await world.clock.advance(4_999);
    expect(await world.view(id)).toMatchObject({ state: 'routing', targetAgentId: '4492' });
    await world.clock.advance(1);
    expect(await world.view(id)).toMatchObject({ state: 'queued', skill: { id: TIER2 }, targetAgentId: null });
    expect(world.events()).toEqual(['queued', 'returned:target-timeout', 'queued']);
  });

  it('does not take back who was answered in time', async () => {
    const reply = { found: 'true', targetAgentId: '4492', fallbackSkillId: TIER2 };
    const world = await withEntry(reply, { entryTimeoutMs: 5_000 });
    await agent(world, []);
    const id = await world.create({ channel: 'voice', to: ENTRY });
    await world.clock.advance(60_000);
    expect(await world.view(id)).toMatchObject({ state: 'active', agent: { agentId: '4492' } });
  });

  it('waits for a targeted agent who is busy, and reaches them when they are free', async () => {
    const world = await withEntry({ found: 'true', targetAgentId: '4492' });
    await agent(world, ['General_Support']);
    const first = await world.create({ channel: 'voice', queue: 'General_Support' });
    await world.clock.advance(200);
    const id = await world.create({ channel: 'voice', to: ENTRY });
    await world.clock.advance(10_000);
    expect(await world.view(id)).toMatchObject({ state: 'queued', targetAgentId: '4492' });
    await world.control('POST', `/conversations/${first}/hangup`);
    await world.clock.advance(200);
    expect(await world.view(id)).toMatchObject({ state: 'active', agent: { agentId: '4492' } });
  });

  it.each([
    ['that knows nothing of the call', { found: 'false', reason: 'unknown' }],
    [
      'that names an agent and skills nobody has',
      { found: 'true', targetAgentId: '9', skillId: '9', fallbackSkillId: 'x' },
    ],
    ['that names a digital skill', { found: 'true', skillId: '2002' }],
    ['that names an inactive skill', { found: 'true', skillId: '1008' }],
    ['that fails', async () => new Response('{}', { status: 500 })],
    ['that says no JSON', async () => new Response('<html>')],
    ['that says a list', []],
    ['whose reply is longer than 32 KB', { found: 'true', skillId: TIER2, summary: 'x'.repeat(32_768) }],
    ['that is not there', async () => Promise.reject(new TypeError('fetch failed'))],
  ])('asks for the default skill with a service %s', async (_what, reply) => {
    const world = await withEntry(reply);
    const id = await world.create({ channel: 'voice', to: ENTRY });
    await world.clock.advance(0);
    expect(await world.view(id)).toMatchObject({ state: 'queued', skill: { id: SUPPORT } });
  });

  it('asks for the default skill after 10 s without an answer', async () => {
    const world = await driveCxone({ entry: { url: 'http://service.test' } }, (_input, init) => untilAborted(init));
    const id = await world.create({ channel: 'voice', to: ENTRY });
    await world.clock.advance(9_999);
    expect(await world.view(id)).toMatchObject({ state: 'script', holder: 'bot' });
    await world.clock.advance(1);
    expect(await world.view(id)).toMatchObject({ state: 'queued', skill: { id: SUPPORT } });
  });

  it('asks nobody where it is told of no service', async () => {
    const world = await driveCxone();
    const id = await world.create({ channel: 'voice', to: '+18885551909' });
    expect(await world.view(id)).toMatchObject({ state: 'queued', skill: { id: SUPPORT } });
  });

  it.each([
    [
      'hung up',
      async ({ control }: CxoneDriver, id: string) => void (await control('POST', `/conversations/${id}/hangup`)),
      'ended',
    ],
    [
      'been moved',
      async ({ acd }: CxoneDriver, id: string) =>
        void (await acd('POST', `/interactions/${id}/signal`, { p1: 'Requeue', p2: '1003' })),
      'queued',
    ],
  ])('leaves a caller alone who has %s before the service answers', async (_what, act, state) => {
    const clock = createVirtualClock();
    const late = async () => {
      await clock.sleep(500);
      return Response.json({ found: 'true', skillId: TIER2 });
    };
    const world = await withEntry(late, { clock });
    const id = await world.create({ channel: 'voice', to: ENTRY });
    await act(world, id);
    await clock.advance(1_000);
    const view = await world.view(id);
    expect(view.state).toBe(state);
    expect(view.skill?.id).not.toBe(TIER2);
  });
});

function untilAborted(init: RequestInit | undefined): Promise<Response> {
  return new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))));
}

describe('a signal', () => {
  async function bot(options: Partial<CxoneTwinOptions> = {}) {
    const driver = await driveCxone(options);
    const id = await driver.create({ channel: 'voice', from: '+14155551234', flow: 'bot' });
    const signal = async (body: unknown, query = '') => {
      const { status } = await driver.acd('POST', `/interactions/${id}/signal${query}`, body);
      await driver.clock.advance(250);
      return status;
    };
    return { ...driver, id, signal, seen: () => driver.view(id) };
  }

  it('Escalate sends the caller to the skill with the card’s reference, a moment later', async () => {
    const { clock, acd, id, seen, events } = await bot();
    expect((await acd('POST', `/interactions/${id}/signal`, { p1: 'Escalate', p2: TIER2, p3: 'ref-1' })).status).toBe(
      204,
    );
    await clock.advance(249);
    expect(await seen()).toMatchObject({ holder: 'bot', signals: [{ effect: 'pending' }] });
    await clock.advance(1);
    expect(await seen()).toMatchObject({
      holder: 'queue',
      skill: { id: TIER2, name: 'BillingDisputes_Tier2' },
      variables: { cardReference: 'ref-1' },
      signals: [{ params: { p1: 'Escalate', p2: TIER2, p3: 'ref-1' }, effect: 'acted' }],
      moves: 1,
    });
    expect(events()).toEqual(['queued', 'signalled:escalate']);
  });

  it.each([
    ['sp names', { sp1: 'Requeue', sp2: TIER2 }, ''],
    ['numbers', { p1: 'Requeue', p2: 1002 }, ''],
    ['the query', undefined, `?p1=Requeue&p2=${TIER2}`],
    ['both', { p2: TIER2 }, '?p1=requeue'],
  ])('may be given in %s', async (_what, body, query) => {
    const { signal, seen } = await bot();
    expect(await signal(body, query)).toBe(204);
    expect(await seen()).toMatchObject({ state: 'queued', skill: { id: TIER2 } });
  });

  it('fails with a query that is too long', async () => {
    const { signal, seen } = await bot();
    expect(await signal(undefined, `?p1=Context&p2=${'x'.repeat(2_048)}`)).toBe(404);
    expect((await seen()).signals).toEqual([]);
  });

  it('Context assigns what it names, and changes nothing else', async () => {
    const { signal, seen, acd, id } = await bot();
    await signal({ p1: 'Context', p2: 'intent=billing', p3: 'note=a=b', p4: 'plain' });
    expect(await seen()).toMatchObject({ holder: 'bot', variables: { intent: 'billing', note: 'a=b', p4: 'plain' } });
    expect((await acd('GET', `/contacts/${id}/custom-data`)).body.contactCustomData).toContainEqual({
      name: 'intent',
      value: 'billing',
    });
  });

  it('works while the caller waits and while an agent has them, who is free again then', async () => {
    const world = await bot();
    const first = await agent(world, ['General_Support']);
    await world.signal({ p1: 'Escalate', p2: SUPPORT });
    await world.clock.advance(100);
    expect(await world.seen()).toMatchObject({ agent: { agentId: first } });
    await world.signal({ p1: 'Requeue', p2: TIER2 });
    expect(await world.seen()).toMatchObject({ state: 'queued', skill: { id: TIER2 } });
    const state = await world.acd('GET', `/agents/${first}/states`);
    expect(state.body.agentStates[0]).toMatchObject({ agentStateName: 'Available', openContacts: 0 });
    await world.signal({ p1: 'Requeue', p2: SUPPORT });
    await world.clock.advance(100);
    expect(await world.seen()).toMatchObject({ agent: { agentId: first } });
  });

  it('Escalate to one agent waits for them, with the script’s own time-out', async () => {
    const world = await bot({ entryTimeoutMs: 2_000 });
    const target = await agent(world, [], { answers: 'manual' });
    await world.signal({ p1: 'Escalate', p2: TIER2, p3: '', p4: target });
    expect(await world.seen()).toMatchObject({ state: 'routing', targetAgentId: target });
    await world.clock.advance(2_000);
    expect(await world.seen()).toMatchObject({ state: 'queued', skill: { id: TIER2 }, targetAgentId: null });
  });

  it('that moves the caller on leaves nothing of the time-out before', async () => {
    const world = await bot({ entryTimeoutMs: 2_000 });
    const target = await agent(world, [], { answers: 'manual' });
    await world.signal({ p1: 'Escalate', p2: TIER2, p4: target });
    await world.signal({ p1: 'Requeue', p2: '1003' });
    await world.clock.advance(60_000);
    expect(await world.seen()).toMatchObject({ state: 'queued', skill: { id: '1003' } });
    expect(world.events()).not.toContain('returned:target-timeout');
  });

  it.each([
    ['Escalate', '9999'],
    ['Escalate', '2002'],
    ['Requeue', '1008'],
    ['Transfer', ''],
  ])('%s to %j leaves the caller where they are', async (p1, p2) => {
    const { signal, seen, events } = await bot();
    await signal({ p1, p2 });
    expect(await seen()).toMatchObject({ holder: 'bot', signals: [{ effect: 'refused' }] });
    expect(events()).toEqual([`signalled:refused:${p1.toLowerCase()}`]);
  });

  it('with a word the script does not know is ignored', async () => {
    const { signal, seen } = await bot();
    await signal({ p1: 'Dance' });
    expect(await seen()).toMatchObject({ holder: 'bot', signals: [{ effect: 'ignored' }] });
  });

  it('close to another acts as one with it', async () => {
    const { acd, clock, id, seen } = await bot();
    await acd('POST', `/interactions/${id}/signal`, { p1: 'Context', p2: 'intent=billing' });
    await acd('POST', `/interactions/${id}/signal`, { p1: 'Escalate', p2: TIER2 });
    await clock.advance(1_000);
    expect(await seen()).toMatchObject({
      holder: 'bot',
      variables: { intent: 'billing' },
      signals: [{ effect: 'acted' }, { effect: 'swallowed' }],
    });
  });

  it('Release ends the contact, after which none is taken', async () => {
    const { signal, seen, events } = await bot();
    await signal({ p1: 'Release' });
    expect(await seen()).toMatchObject({ state: 'ended', endReason: 'script' });
    expect(await signal({ p1: 'Context', p2: 'a=b' })).toBe(404);
    expect(events()).toEqual(['released:script', 'signalled:release']);
  });

  it('comes too late for a caller who hangs up before it acts', async () => {
    const { acd, clock, control, id, seen } = await bot();
    await acd('POST', `/interactions/${id}/signal`, { p1: 'Escalate', p2: TIER2 });
    await control('POST', `/conversations/${id}/hangup`);
    await clock.advance(1_000);
    expect(await seen()).toMatchObject({ state: 'ended', signals: [{ effect: 'late' }] });
  });

  it('to nobody is refused', async () => {
    const { acd } = await driveCxone();
    expect((await acd('POST', '/interactions/42/signal', { p1: 'Release' })).status).toBe(404);
  });
});

describe('a transfer to a number', () => {
  /** A twin on a network with one line outside, which notes what rings and hears. */
  async function network({ from = 'here' as 'here' | 'outside' } = {}) {
    const clock = createVirtualClock();
    const carrier = createCarrier({ clock });
    const rung: { offer: CallOffer; leg: CallLeg }[] = [];
    const heard: string[] = [];
    carrier.register({
      numbers: [OUTSIDE],
      ring(offer, leg) {
        rung.push({ offer, leg });
        return { ended: (why) => heard.push(`far: ${why}`) };
      },
    });
    const driver = await driveCxone({ clock, carrier });
    const caller =
      from === 'here' ? undefined : carrier.dial({ from: '+14155551234', to: '+18885551800' }, callerHears());
    function callerHears() {
      return {
        answered: () => void heard.push('caller: answered'),
        ended: (why: string) => void heard.push(`caller: ${why}`),
      };
    }
    await clock.advance(0);
    const id =
      caller === undefined
        ? await driver.create({ channel: 'voice', from: '+14155551234', flow: 'bot' })
        : String([...driver.twin.contacts.all()][0]!.id);
    const transfer = async (to = OUTSIDE, how = '') => {
      await driver.acd('POST', `/interactions/${id}/signal`, { p1: 'Transfer', p2: to, p3: 'token-9', p4: how });
      await clock.advance(250);
    };
    return { ...driver, clock, rung, heard, id, transfer, caller, seen: () => driver.view(id) };
  }

  it('rings with the caller’s number and the token, and joins them when it answers', async () => {
    const { clock, rung, transfer, seen, events } = await network();
    await transfer();
    expect(rung[0]?.offer).toEqual({ from: '+14155551234', to: OUTSIDE, uui: 'token-9' });
    expect(await seen()).toMatchObject({ holder: 'bot', transfers: [{ action: 'TRANSFER', state: 'dialing' }] });
    rung[0]!.leg.answer();
    await clock.advance(0);
    expect(await seen()).toMatchObject({
      state: 'bridged',
      holder: 'agent',
      transfers: [{ to: OUTSIDE, state: 'complete' }],
      legs: [{ direction: 'outbound', number: OUTSIDE, uui: 'token-9', state: 'answered' }],
    });
    expect(events()).toEqual(['signalled:transfer']);
  });

  it('rings for so long, and a number that answers later reaches nobody any more', async () => {
    const { clock, rung, transfer, seen, events } = await network();
    await transfer();
    await clock.advance(24_999);
    expect(await seen()).toMatchObject({ holder: 'bot', transfers: [{ state: 'dialing' }] });
    await clock.advance(1);
    rung[0]!.leg.answer();
    await clock.advance(0);
    expect(await seen()).toMatchObject({ state: 'queued', skill: { id: SUPPORT }, transfers: [{ state: 'failed' }] });
    expect(events()).toContain('returned:transfer-failed');
  });

  it('that fails brings the caller to the default skill', async () => {
    const { transfer, seen, events } = await network();
    await transfer('+19995550000');
    expect(await seen()).toMatchObject({
      state: 'queued',
      skill: { id: SUPPORT },
      transfers: [{ state: 'failed' }],
      legs: [{ state: 'ended', why: 'unreachable' }],
    });
    expect(events()).toEqual(['signalled:transfer', 'returned:transfer-failed', 'queued']);
  });

  it('ends for both when either hangs up', async () => {
    for (const who of ['far', 'customer'] as const) {
      const { clock, rung, heard, transfer, seen, control, id } = await network();
      await transfer();
      rung[0]!.leg.answer();
      await clock.advance(0);
      if (who === 'far') rung[0]!.leg.hangUp('party');
      else await control('POST', `/conversations/${id}/hangup`);
      await clock.advance(0);
      expect(await seen()).toMatchObject({ state: 'ended', endReason: who === 'far' ? 'far-end' : 'customer' });
      expect(heard).toEqual(who === 'far' ? [] : ['far: customer']);
    }
  });

  it('can be taken back from by a signal', async () => {
    const { clock, rung, heard, transfer, acd, id, seen } = await network();
    await transfer();
    rung[0]!.leg.answer();
    await clock.advance(0);
    await acd('POST', `/interactions/${id}/signal`, { p1: 'Requeue', p2: TIER2 });
    await clock.advance(250);
    expect(await seen()).toMatchObject({ state: 'queued', skill: { id: TIER2 } });
    expect(heard).toEqual(['far: party']);
  });

  it('by BLINDXFER is over here at once; caller and number go on, until either hangs up', async () => {
    for (const who of ['far', 'caller'] as const) {
      const { clock, rung, heard, transfer, seen, caller } = await network({ from: 'outside' });
      await transfer(OUTSIDE, 'BLINDXFER');
      expect(await seen()).toMatchObject({ state: 'ended', endReason: 'blind-transfer' });
      rung[0]!.leg.answer();
      await clock.advance(0);
      expect(heard).toEqual(['caller: answered']);
      if (who === 'far') rung[0]!.leg.hangUp('party');
      else caller!.hangUp('customer');
      await clock.advance(0);
      expect(heard.at(-1)).toBe(who === 'far' ? 'caller: party' : 'far: customer');
    }
  });

  it('by BLINDXFER to a dead number loses the caller', async () => {
    const { heard, transfer, clock } = await network({ from: 'outside' });
    await transfer('+19995550000', 'BLINDXFER');
    await clock.advance(0);
    expect(heard).toEqual(['caller: answered', 'caller: party']);
  });

  it('by BLINDXFER still hears of a customer of this twin who hangs up', async () => {
    const { clock, rung, heard, transfer, control, id } = await network();
    await transfer(OUTSIDE, 'BLINDXFER');
    rung[0]!.leg.answer();
    await clock.advance(0);
    expect((await control('POST', `/conversations/${id}/hangup`)).status).toBe(200);
    await clock.advance(0);
    expect(heard).toEqual(['far: customer']);
    expect((await control('POST', `/conversations/${id}/hangup`)).status).toBe(409);
  });

  it('to a second number lets the first go', async () => {
    const { heard, rung, transfer, clock } = await network();
    await transfer();
    await transfer();
    await clock.advance(0);
    expect(rung).toHaveLength(2);
    expect(heard).toEqual(['far: party']);
  });
});

it('a caller who comes over the carrier hears an answer, and the contact ends with their hanging up', async () => {
  const clock = createVirtualClock();
  const carrier = createCarrier({ clock });
  const { twin, view, events } = await driveCxone({ clock, carrier });
  const heard: string[] = [];
  const leg = carrier.dial(
    { from: 'tel:+14155551234', to: ENTRY, uui: 'token-3' },
    { answered: () => heard.push('answered'), ended: (why) => heard.push(why) },
  );
  await clock.advance(0);
  const id = String([...twin.contacts.all()][0]!.id);
  expect(await view(id)).toMatchObject({ from: '+14155551234', to: ENTRY, token: 'token-3', state: 'queued' });
  leg.hangUp('customer');
  await clock.advance(0);
  expect(await view(id)).toMatchObject({ state: 'ended', endReason: 'customer' });
  expect(heard).toEqual(['answered']);
  expect(events()).toEqual(['queued', 'released:customer']);
  await twin.close();
  carrier.dial({ from: '+1', to: ENTRY }, { ended: (why) => heard.push(why) });
  await clock.advance(0);
  expect(heard.at(-1)).toBe('unreachable');
});
