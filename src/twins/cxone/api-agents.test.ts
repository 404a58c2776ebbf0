import { describe, expect, it } from 'vitest';
import { driveCxone } from '../../../test/twins/cxone-driver.ts';

async function staffed(more: object = {}) {
  const driver = await driveCxone();
  const add = async (name: string, queues: string[], one: object = {}) =>
    (await driver.control('POST', '/agents', { name, queues, afterMs: 100, ...one })).body;
  const ada = await add('Ada Byron', ['General_Support'], more);
  return { ...driver, add, ada, id: ada.agentId };
}

describe('an agent', () => {
  it('has an integer id, a UUID beside it, and the skills they were given in every medium', async () => {
    const { acd, ada, id } = await staffed();
    expect(ada).toMatchObject({ agentId: '4492', userId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const row = { agentId: 4_492, userID: ada.userId, firstName: 'Ada', lastName: 'Byron', isActive: true };
    expect((await acd('GET', `/agents/${id}`)).body.agents).toMatchObject([row]);
    expect((await acd('GET', `/agents/${ada.userId}?fields=agentId`)).body.agents).toEqual([{ agentId: 4_492 }]);
    const { body } = await acd('GET', `/agents/${id}/skills`);
    expect(body.agentSkillAssignments).toMatchObject([
      { skillId: 1_004, skillName: 'General_Support', mediaTypeId: 4 },
      { skillId: 2_004, skillName: 'General_Support_Digital', mediaTypeId: 9 },
    ]);
    expect((await acd('GET', '/agents/skills')).body.totalRecords).toBe(2);
    expect((await acd('GET', '/agents?searchString=ada')).body.agents).toMatchObject([row]);
    expect((await acd('GET', '/agents?searchString=grace')).body.agents).toEqual([]);
    expect((await acd('GET', '/agents/1')).status).toBe(404);
    expect((await acd('GET', '/agents/nobody')).status).toBe(404);
  });

  it('stands where their call puts them', async () => {
    const { acd, id, create, clock, control } = await staffed();
    const state = async () => (await acd('GET', `/agents/${id}/states`)).body.agentStates[0];
    expect(await state()).toMatchObject({
      agentStateId: 1,
      agentStateName: 'Available',
      openContacts: 0,
      isACW: false,
    });
    const contactId = await create({ channel: 'voice', from: '+1415', queue: 'General_Support' });
    await clock.advance(100);
    expect(await state()).toMatchObject({
      agentStateName: 'InboundContact',
      contactId: Number(contactId),
      openContacts: 1,
      skillId: 1_004,
      fromAddress: '+1415',
      lastPollTime: new Date(clock.now()).toISOString(),
    });
    await control('POST', `/conversations/${contactId}/hangup`);
    expect(await state()).toMatchObject({ agentStateName: 'Available', contactId: 0 });
  });

  it('writes up after a call for as long as is set, and takes none meanwhile', async () => {
    const { acd, id, create, clock, control } = await staffed();
    await control('PUT', '/settings', { acwMs: 5_000 });
    const first = await create({ channel: 'voice', queue: 'General_Support' });
    await clock.advance(100);
    await control('POST', `/conversations/${first}/hangup`);
    const second = await create({ channel: 'voice', queue: 'General_Support' });
    await clock.advance(4_900);
    const state = async () => (await acd('GET', `/agents/${id}/states`)).body.agentStates[0];
    expect(await state()).toMatchObject({ agentStateName: 'Unavailable', isACW: true });
    await clock.advance(300);
    expect(await state()).toMatchObject({ agentStateName: 'InboundContact', contactId: Number(second) });
  });

  it('can be set unavailable with a code, gets nothing then, and what waits when they are back', async () => {
    const { acd, id, create, clock, view } = await staffed();
    expect((await acd('POST', `/agents/${id}/state?state=Unavailable&outStateId=103`)).status).toBe(202);
    expect((await acd('GET', `/agents/${id}/states`)).body.agentStates[0]).toMatchObject({
      agentStateName: 'Unavailable',
      outStateId: 103,
      outStateDescription: 'Reserved',
    });
    const contactId = await create({ channel: 'voice', queue: 'General_Support' });
    await clock.advance(10_000);
    expect(await view(contactId)).toMatchObject({ state: 'queued' });
    await acd('POST', `/agents/${id}/state?state=Available`);
    await clock.advance(100);
    expect(await view(contactId)).toMatchObject({ state: 'active' });
    expect((await acd('POST', `/agents/${id}/state?state=Busy`)).status).toBe(400);
    expect((await acd('POST', `/agents/${id}/state?state=Unavailable&outStateId=1`)).status).toBe(400);
  });
});

describe('the feed of states', () => {
  it('tells what changed since the last poll, and 204 when nothing did', async () => {
    const { acd, id, clock, add } = await staffed();
    await clock.advance(1_000);
    const { body } = await acd('GET', '/agents/states');
    expect(body).toMatchObject({ totalRecords: 1, lastPollTime: new Date(clock.now()).toISOString() });
    const since = async (when: string) => acd('GET', `/agents/states?updatedSince=${encodeURIComponent(when)}`);
    expect(await since(body.lastPollTime)).toMatchObject({ status: 204, body: undefined });
    await add('Grace', []);
    expect((await since(body.lastPollTime)).body.agentStates).toMatchObject([{ firstName: 'Grace' }]);
    const one = `/agents/${id}/states?updatedSince=${encodeURIComponent(body.lastPollTime)}`;
    expect((await acd('GET', one)).status).toBe(204);
    expect((await since('yesterday')).status).toBe(400);
  });

  it('comes in pages with the asked columns', async () => {
    const { acd, add } = await staffed();
    await add('Grace', []);
    const { body } = await acd('GET', '/agents/states?top=1&skip=1&fields=agentId,firstname');
    expect(body.agentStates).toEqual([{ agentId: 4_493, firstName: 'Grace' }]);
    expect(body._links).toMatchObject({ next: '', previous: expect.stringContaining('skip=0') });
    expect((await acd('GET', '/agents/states?top=1')).body._links.next).toContain('skip=1');
    for (const bad of ['top=0', 'top=x', 'skip=-1', 'top=10001'])
      expect((await acd('GET', `/agents/states?${bad}`)).status).toBe(400);
  });
});

describe('skills', () => {
  it('are listed with their one medium each, the inactive one too', async () => {
    const { acd } = await driveCxone();
    const { body } = await acd('GET', '/skills?mediaTypeId=4');
    expect(body.skills).toContainEqual(
      expect.objectContaining({ skillId: 1_002, skillName: 'BillingDisputes_Tier2', mediaTypeId: 4, isActive: true }),
    );
    expect(body.skills.find((each: { skillId: number }) => each.skillId === 1_008).isActive).toBe(false);
    expect(body.skills.every((each: { mediaTypeId: number }) => each.mediaTypeId === 4)).toBe(true);
    expect((await acd('GET', '/skills/2002')).body).toMatchObject({ skillName: 'BillingDisputes_Tier2_Digital' });
    expect((await acd('GET', '/skills/9')).status).toBe(404);
    expect((await acd('GET', '/skills/x')).status).toBe(404);
  });

  it('count their agents by where they stand and their contacts by who has them', async () => {
    const { acd, add, create, clock, id, control } = await staffed();
    const grace = await add('Grace', ['General_Support']);
    await add('Hedy', ['General_Support'], { answers: 'hangs' });
    await acd('POST', `/agents/${grace.agentId}/state?state=Unavailable`);
    await control('PUT', '/settings', { acwMs: 60_000 });
    const first = await create({ channel: 'voice', queue: 'General_Support' });
    await clock.advance(100);
    await create({ channel: 'voice', queue: 'General_Support' });
    await create({ channel: 'voice', queue: 'General_Support' });
    const activity = async () => (await acd('GET', '/skills/1004/activity')).body.skillActivity[0];
    expect(await activity()).toMatchObject({
      skillId: 1_004,
      agentsLoggedIn: 3,
      agentsAvailable: 0,
      agentsUnavailable: 1,
      agentsWorking: 2,
      agentsACW: 0,
      contactsActive: 1,
      queueCount: 2,
      skillQueueCount: 2,
      personalQueueCount: 0,
      earliestQueueTime: new Date(clock.now()).toISOString(),
    });
    await control('POST', `/conversations/${first}/hangup`);
    expect(await activity()).toMatchObject({ agentsACW: 1, contactsActive: 0 });
    const all = (await acd('GET', '/skills/activity?mediaTypeId=9')).body.skillActivity;
    expect(all.find((each: { skillId: number }) => each.skillId === 2_004)).toMatchObject({ agentsLoggedIn: 3 });
    expect(id).toBe('4492');
  });
});

describe('the floor', () => {
  it('gives a contact to whoever has been idle longest, and one call to each', async () => {
    const { add, create, clock, view } = await staffed();
    await clock.advance(10);
    const grace = await add('Grace', ['General_Support']);
    const [first, second, third] = [
      await create({ channel: 'voice', queue: 'General_Support' }),
      await create({ channel: 'voice', queue: 'General_Support' }),
      await create({ channel: 'voice', queue: 'General_Support' }),
    ];
    await clock.advance(1_000);
    expect((await view(first)).agent).toMatchObject({ agentId: '4492' });
    expect((await view(second)).agent).toMatchObject({ agentId: grace.agentId });
    expect(await view(third)).toMatchObject({ state: 'queued' });
  });

  it('goes on to the next when one declines, tells of it, and does not ask the same one again', async () => {
    const { add, create, clock, view, events } = await staffed({ answers: 'declines' });
    const contactId = await create({ channel: 'voice', queue: 'General_Support' });
    await clock.advance(10_000);
    expect(await view(contactId)).toMatchObject({ state: 'queued', refusals: 1 });
    expect(events()).toEqual(['queued', 'refused']);
    const grace = await add('Grace', ['General_Support']);
    await clock.advance(100);
    expect((await view(contactId)).agent).toMatchObject({ agentId: grace.agentId });
  });

  it('asks whoever declined again when the contact comes into another queue', async () => {
    const driver = await driveCxone();
    const queues = ['General_Support', 'Bank_Services'];
    await driver.control('POST', '/agents', { name: 'Ada', queues, answers: 'declines', afterMs: 100 });
    const id = await driver.create({ channel: 'voice', queue: 'General_Support' });
    await driver.clock.advance(1_000);
    await driver.acd('POST', `/interactions/${id}/signal`, { p1: 'Requeue', p2: '1005' });
    await driver.clock.advance(1_000);
    expect(driver.events()).toEqual(['queued', 'refused', 'queued', 'signalled:requeue', 'refused']);
  });

  it('rings whom the control surface names, else whoever rings, else one of the skill, else somebody who walks in', async () => {
    const { add, create, control } = await staffed({ answers: 'manual' });
    const answer = async (id: string, body?: object) => control('POST', `/conversations/${id}/answer`, body);
    const ringing = await create({ channel: 'voice', queue: 'General_Support' });
    expect((await answer(ringing)).body.agent).toMatchObject({ agentId: '4492' });
    const other = await create({ channel: 'voice', queue: 'Bank_Services' });
    expect((await answer(other)).body.agent).toMatchObject({ name: 'Walk-in agent' });
    const grace = await add('Grace', [], { answers: 'manual' });
    const named = await create({ channel: 'voice', queue: 'General_Support' });
    expect((await answer(named, { agentId: grace.agentId })).body.agent).toMatchObject({ name: 'Grace' });
    const busy = await create({ channel: 'voice', queue: 'General_Support' });
    expect((await answer(busy)).body.agent).toMatchObject({ agentId: '4492' });
    expect((await answer(busy)).status).toBe(409);
    expect((await answer(await create({ channel: 'voice', queue: 'Bank_Services' }), { agentId: '1' })).status).toBe(
      404,
    );
  });

  it('takes the named agent rather than the one who rings', async () => {
    const { add, create, control } = await staffed({ answers: 'manual' });
    const grace = await add('Grace', [], { answers: 'manual' });
    const id = await create({ channel: 'voice', queue: 'General_Support' });
    const { body } = await control('POST', `/conversations/${id}/answer`, { agentId: grace.agentId });
    expect(body).toMatchObject({ agent: { name: 'Grace' }, refusals: 1 });
  });
});
