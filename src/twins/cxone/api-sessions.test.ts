import { describe, expect, it } from 'vitest';
import { driveCxone } from '../../../test/twins/cxone-driver.ts';
import { type CallLeg, type CallOffer, createCarrier } from '../carrier.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const OUTSIDE = '+18005550110';

/** Ada has a caller, and a session acts for her; one number outside rings. */
async function desk({ joins = true } = {}) {
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
  await driver.control('POST', '/agents', { name: 'Ada', queues: ['General_Support'], afterMs: 0 });
  const id = await driver.create({
    channel: 'voice',
    from: '+14155551234',
    queue: 'General_Support',
    attributes: { a: 'b' },
  });
  await clock.advance(1);
  const opened = await driver.acd('POST', `/agent-sessions${joins ? '/join' : ''}?asAgentId=4492`);
  const base = `/agent-sessions/${opened.body.sessionId}`;
  const act = async (path: string, body?: unknown) => {
    const { status } = await driver.acd('POST', `${base}${path}`, body);
    await clock.advance(0);
    return status;
  };
  const second = () => String([...driver.twin.contacts.all()].at(-1)!.id);
  return { ...driver, clock, carrier, rung, heard, id, base, act, second, seen: () => driver.view(id) };
}
const parent = (id: string) => ({ parentContactId: Number(id) });

describe('a session', () => {
  it('acts for an agent, is the same when opened again, and needs to be told whom for', async () => {
    const { acd, base } = await desk({ joins: false });
    expect((await acd('POST', '/agent-sessions/join?asAgentId=4492')).body.sessionId).toBe(base.split('/')[2]);
    expect((await acd('POST', '/agent-sessions')).status).toBe(400);
    expect((await acd('POST', '/agent-sessions?asAgentId=1')).status).toBe(400);
    expect((await acd('POST', '/agent-sessions/nobody/dial-phone')).status).toBe(404);
  });

  it('logs the agent out when it ends, with their contacts only when told', async () => {
    const { acd, base, seen } = await desk();
    expect((await acd('DELETE', base)).status).toBe(409);
    expect((await acd('DELETE', `${base}?endContacts=true`)).status).toBe(202);
    expect(await seen()).toMatchObject({ ended: true, endReason: 'agent' });
    expect((await acd('GET', '/agents/4492/states')).body.agentStates[0].agentStateName).toBe('LoggedOut');
    expect((await acd('POST', '/agent-sessions/join?asAgentId=4492')).status).toBe(404);
    expect((await acd('POST', '/agent-sessions?asAgentId=4492')).status).toBe(200);
    expect((await acd('GET', '/agents/4492/states')).body.agentStates[0].agentStateName).toBe('Unavailable');
  });

  it('tells what happened once, and 304 when nothing did', async () => {
    const { acd, base, act, id } = await desk();
    const next = () => acd('GET', `${base}/get-next-event?timeout=0`);
    expect((await next()).body.events).toMatchObject([{ Type: 'AgentSessionStart' }]);
    expect((await next()).status).toBe(304);
    await act('/dial-skill', { skillId: 1_002, ...parent(id) });
    expect((await next()).body.events).toMatchObject([
      { Type: 'CallContactEvent', parentContactId: Number(id), masterId: Number(id), isInbound: false },
    ]);
    await act(`/interactions/${id}/end`);
    expect((await next()).body.events).toContainEqual(
      expect.objectContaining({ contactId: Number(id), status: 'Disconnected', finalState: true }),
    );
  });

  it('sets the agent’s state', async () => {
    const { acd, act } = await desk();
    expect(await act('/state?state=Unavailable')).toBe(202);
    expect(await act('/state?state=Away')).toBe(400);
    expect((await acd('GET', '/agents/4492/states')).body.agentStates[0].agentStateName).toBe('InboundContact');
  });

  it('writes data and a disposition on a contact', async () => {
    const { acd, act, id, seen } = await desk();
    expect(await act(`/interactions/${id}/custom-data?indicatorName=order&data=a|b`)).toBe(202);
    expect(await act(`/interactions/${id}/custom-data`)).toBe(400);
    expect(await act('/interactions/1/custom-data?indicatorName=x')).toBe(404);
    expect(
      await act(`/interactions/${id}/disposition`, { primaryDispositionId: 4, primaryDispositionNotes: 'n' }),
    ).toBe(202);
    expect(await act(`/interactions/${id}/disposition`, {})).toBe(400);
    expect(await act('/interactions/1/disposition', { primaryDispositionId: 4 })).toBe(404);
    expect((await acd('GET', `/contacts/${id}/custom-data`)).body.contactCustomData).toEqual([
      { name: 'a', value: 'b' },
      { name: 'order', value: 'a|b' },
    ]);
    expect(await seen()).toMatchObject({ disposition: { dispositionCode: '4', notes: 'n' } });
  });
});

describe('a call beside the customer’s', () => {
  it('holds the customer and rings the number; joining the two drops the agent and makes a new contact', async () => {
    const { act, clock, id, rung, second, seen, view, acd, events } = await desk();
    expect(await act('/dial-phone', { phoneNumber: OUTSIDE, skillId: 4_001, ...parent(id) })).toBe(202);
    expect(rung[0]?.offer).toMatchObject({ from: '+14155551234', to: OUTSIDE });
    expect(await seen()).toMatchObject({ state: 'active', held: true, calls: [second()] });
    rung[0]!.leg.answer();
    await clock.advance(0);
    expect((await acd('GET', '/agents/4492/states')).body.agentStates[0]).toMatchObject({
      agentStateName: 'OutboundContact',
      openContacts: 2,
    });
    expect(await act('/interactions/transfer-calls')).toBe(202);
    expect(await seen()).toMatchObject({ ended: true, endReason: 'transfer', moves: 1 });
    expect(await view(second())).toMatchObject({
      state: 'bridged',
      masterContactId: id,
      parentContactId: id,
      from: '+14155551234',
      variables: { a: 'b' },
    });
    expect((await acd('GET', '/agents/4492/states')).body.agentStates[0].agentStateName).toBe('Available');
    expect((await acd('GET', `/contacts/${second()}/hierarchy`)).body).toMatchObject({
      masterContactId: Number(id),
      childContacts: [{ contactId: Number(second()) }],
    });
    expect((await acd('GET', '/contacts/active')).body.activeContacts[0]).toMatchObject({
      transferIndicatorName: 'External',
      isOutbound: true,
    });
    rung[0]!.leg.hangUp('party');
    await clock.advance(0);
    expect(await view(second())).toMatchObject({ ended: true, endReason: 'far-end' });
    expect(events()).toEqual(['queued', 'answered', 'released:transfer', 'released:far-end']);
  });

  it('holds for as long as it does, which the completed contact tells', async () => {
    const { acd, act, clock, control, id } = await desk();
    await act(`/interactions/${id}/hold`);
    await clock.advance(3_000);
    await act(`/interactions/${id}/resume`);
    await act(`/interactions/${id}/hold`);
    await clock.advance(4_000);
    await control('POST', `/conversations/${id}/hangup`);
    expect((await acd('GET', '/contacts/completed')).body.completedContacts).toMatchObject([
      { holdCount: 2, holdSeconds: 7 },
    ]);
  });

  it('takes over the line of a customer who came over the carrier', async () => {
    const { twin, act, acd, base, carrier, clock, control, id, view } = await desk();
    await control('POST', `/conversations/${id}/hangup`);
    const line = carrier.dial({ from: '+14155550000', to: '+18885551700' }, { ended: () => {} });
    await clock.advance(1);
    const first = [...twin.contacts.all()].at(-1)!.id;
    await act('/dial-skill', { skillId: 1_002, parentContactId: first });
    await act('/interactions/transfer-calls');
    const second = String([...twin.contacts.all()].at(-1)!.id);
    expect(await view(second)).toMatchObject({ state: 'queued', from: '+14155550000' });
    line.hangUp('customer');
    await clock.advance(0);
    expect(await view(second)).toMatchObject({ ended: true, endReason: 'customer' });
    expect((await acd('GET', `${base}/get-next-event`)).status).toBe(200);
  });

  it('to a dead number ends by itself, and the customer can be taken off hold', async () => {
    const { act, id, second, seen, view } = await desk();
    await act('/dial-phone', { phoneNumber: '+19995550000', ...parent(id) });
    expect(await view(second())).toMatchObject({ ended: true, endReason: 'unreachable' });
    expect(await act(`/interactions/${id}/resume`)).toBe(202);
    expect(await seen()).toMatchObject({ state: 'active', held: false });
    expect(await act('/interactions/transfer-calls')).toBe(409);
  });

  it('to another agent is a consult, whom the customer stays with', async () => {
    const { act, acd, clock, control, id, second, seen, view } = await desk();
    await control('POST', '/agents', { name: 'Grace', queues: [], afterMs: 100 });
    expect(await act('/consult-agent', { targetAgentId: '4493', ...parent(id) })).toBe(202);
    await clock.advance(100);
    const states = (await acd('GET', '/agents/states')).body.agentStates.map(
      (each: { agentStateName: string }) => each.agentStateName,
    );
    expect(states).toEqual(['OutboundConsult', 'InboundConsult']);
    await act('/interactions/transfer-calls');
    expect(await seen()).toMatchObject({ ended: true });
    expect(await view(second())).toMatchObject({ state: 'active', agent: { agentId: '4493' } });
    expect((await acd('GET', '/agents/4493/states')).body.agentStates[0].agentStateName).toBe('InboundContact');
  });

  it('to a busy agent waits for them, also after the customer was left to wait', async () => {
    const { act, clock, control, create, id, second, view } = await desk();
    await control('POST', '/agents', { name: 'Grace', queues: ['Bank_Services'], afterMs: 0 });
    const other = await create({ channel: 'voice', queue: 'Bank_Services' });
    await clock.advance(1);
    await act('/dial-agent', { targetAgentId: '4493', ...parent(id) });
    const dialled = second();
    await act('/interactions/transfer-calls');
    expect(await view(dialled)).toMatchObject({ state: 'queued', targetAgentId: '4493' });
    await control('POST', `/conversations/${other}/hangup`);
    await clock.advance(1);
    expect(await view(dialled)).toMatchObject({ state: 'active', agent: { agentId: '4493' } });
  });

  it('joined as a conference lets nobody wait', async () => {
    const { act, clock, id, rung, second, seen, view } = await desk();
    await act('/dial-phone', { phoneNumber: OUTSIDE, ...parent(id) });
    rung[0]!.leg.answer();
    await clock.advance(0);
    expect(await act('/interactions/conference-calls')).toBe(202);
    expect(await seen()).toMatchObject({ held: false, conference: true });
    expect(await view(second())).toMatchObject({ conference: true });
  });

  it('ends with the customer’s, when the customer hangs up', async () => {
    const { act, clock, control, heard, id, second, view } = await desk();
    await act('/dial-phone', { phoneNumber: OUTSIDE, ...parent(id) });
    await control('POST', `/conversations/${id}/hangup`);
    await clock.advance(0);
    expect(await view(second())).toMatchObject({ ended: true });
    expect(heard).toEqual(['far: party']);
  });

  it('can be ended by the agent, who is with the customer again', async () => {
    const { act, heard, id, second, seen } = await desk();
    await act('/dial-phone', { phoneNumber: OUTSIDE, ...parent(id) });
    expect(await act(`/interactions/${second()}/end`)).toBe(202);
    await act(`/interactions/${id}/resume`);
    expect(heard).toEqual(['far: party']);
    expect(await seen()).toMatchObject({ state: 'active', held: false });
  });

  it.each([
    ['/dial-agent', { targetAgentId: '1' }, 404],
    ['/consult-agent', {}, 404],
    ['/dial-skill', { skillId: 9 }, 404],
    ['/dial-skill', { skillId: 2_004 }, 404],
    ['/dial-phone', { phoneNumber: OUTSIDE, skillId: 9 }, 404],
    ['/dial-phone', { phoneNumber: OUTSIDE, parentContactId: 1 }, 404],
    ['/interactions/conference-calls', {}, 409],
    ['/interactions/1/hold', {}, 404],
  ])('is refused: %s %j', async (path, body, status) => {
    const { act } = await desk();
    expect(await act(path, body)).toBe(status);
  });

  it('is refused for a contact that is over or with somebody else', async () => {
    const { act, create, control, id } = await desk();
    const other = await create({ channel: 'voice', queue: 'Bank_Services' });
    expect(await act('/dial-skill', { skillId: 1_002, ...parent(other) })).toBe(403);
    expect(await act(`/interactions/${other}/end`)).toBe(403);
    await control('POST', `/conversations/${id}/hangup`);
    expect(await act('/dial-skill', { skillId: 1_002, ...parent(id) })).toBe(409);
    expect(await act(`/interactions/${id}/hold`)).toBe(409);
  });

  it('may be made without a customer', async () => {
    const { act, rung, control, id } = await desk();
    await control('POST', `/conversations/${id}/hangup`);
    expect(await act('/dial-phone', { phoneNumber: OUTSIDE })).toBe(202);
    expect(rung).toHaveLength(1);
  });
});

it('who is rung may accept or reject', async () => {
  const { acd, create, control, view } = await driveCxone();
  await control('POST', '/agents', { name: 'Ada', queues: ['General_Support'], answers: 'manual' });
  const { sessionId } = (await acd('POST', '/agent-sessions/join?asAgentId=4492')).body;
  const first = await create({ channel: 'voice', queue: 'General_Support' });
  await acd('POST', `/agent-sessions/${sessionId}/interactions/${first}/reject`);
  expect(await view(first)).toMatchObject({ state: 'queued', refusals: 1 });
  const second = await create({ channel: 'voice', queue: 'General_Support' });
  await acd('POST', `/agent-sessions/${sessionId}/interactions/${second}/accept`);
  expect(await view(second)).toMatchObject({ state: 'active' });
});
