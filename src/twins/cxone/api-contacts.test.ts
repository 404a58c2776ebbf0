import { describe, expect, it } from 'vitest';
import { driveCxone } from '../../../test/twins/cxone-driver.ts';

const QUEUED = { channel: 'voice', from: '+14155551234', queue: 'General_Support' };

describe('contacts', () => {
  it('are in the feed of the active ones with who has them and whom they wait for', async () => {
    const { acd, create, clock, control } = await driveCxone();
    await control('POST', '/agents', { name: 'Ada', queues: ['General_Support'], afterMs: 100 });
    const id = Number(await create(QUEUED));
    await clock.advance(100);
    const { body } = await acd('GET', '/contacts/active');
    expect(body.activeContacts).toMatchObject([
      {
        contactId: id,
        masterContactId: id,
        agentId: 4_492,
        stateName: 'Active',
        contactStateCategory: 'Active',
        mediaTypeId: 4,
        skillId: 1_004,
        fromAddress: '+14155551234',
        pointOfContactId: 512,
        transferIndicatorName: 'None',
        isOutbound: false,
      },
    ]);
    expect((await acd('GET', '/contacts/active?agentId=4492')).body.totalRecords).toBe(1);
    expect((await acd('GET', '/contacts/active?skillId=1001')).body.totalRecords).toBe(0);
    expect((await acd('GET', `/contacts/active?contactId=${id}&fields=contactId`)).body.activeContacts).toEqual([
      { contactId: id },
    ]);
  });

  it('are seen to end by whoever polls their states, and by nobody else', async () => {
    const { acd, create, clock, control } = await driveCxone();
    const id = await create(QUEUED);
    const first = (await acd('GET', '/contacts/states')).body;
    expect(first.contactStates).toMatchObject([
      { contactId: Number(id), contactStateId: 3, contactStateName: 'InQueue' },
    ]);
    await clock.advance(1_000);
    const since = (when: string) => acd('GET', `/contacts/states?updatedSince=${encodeURIComponent(when)}`);
    await control('POST', `/conversations/${id}/hangup`);
    expect((await since(first.lastPollTime)).body.contactStates).toMatchObject([{ contactStateName: 'EndContact' }]);
    expect((await acd('GET', '/contacts/states')).body.contactStates).toEqual([]);
    await clock.advance(1_000);
    expect((await since(new Date(clock.now()).toISOString())).status).toBe(204);
  });

  it('are read one by one, under a property that is called contactId, in two shapes', async () => {
    const { acd, create, clock, control } = await driveCxone();
    const id = await create(QUEUED);
    const active = (await acd('GET', `/contacts/${id}`)).body;
    expect(active.contactId).toMatchObject({ contactId: Number(id), stateName: 'InQueue' });
    expect(active.contactId).not.toHaveProperty('endReason');
    await clock.advance(5_000);
    await control('POST', `/conversations/${id}/hangup`);
    expect((await acd('GET', `/contacts/${id}`)).body.contactId).toMatchObject({
      stateName: 'EndContact',
      isActive: false,
      abandoned: true,
      abandonSeconds: 5,
      endReason: 'Contact Hung Up',
    });
    expect((await acd('GET', '/contacts/1')).status).toBe(404);
  });

  it('are completed with their times', async () => {
    const { acd, create, clock, control } = await driveCxone();
    const id = await create({ ...QUEUED, flow: 'bot' });
    await clock.advance(2_000);
    await acd('POST', `/interactions/${id}/signal`, { p1: 'Requeue', p2: '1004' });
    await clock.advance(250);
    await clock.advance(3_000);
    await control('POST', `/conversations/${id}/answer`);
    await clock.advance(7_000);
    await control('POST', `/conversations/${id}/wrapup`, { code: '12', notes: 'Refunded' });
    await control('POST', `/conversations/${id}/close`);
    expect((await acd('GET', '/contacts/completed')).body.completedContacts).toMatchObject([
      {
        contactId: Number(id),
        preQueueSeconds: 2,
        inQueueSeconds: 3,
        agentSeconds: 7,
        totalDurationSeconds: 12,
        abandoned: false,
        endReason: 'Agent Hung Up',
        primaryDispositionId: 12,
        dispositionNotes: 'Refunded',
      },
    ]);
  });

  it('have states that can be read rather than guessed', async () => {
    const { acd } = await driveCxone();
    const { body } = await acd('GET', '/contact-state-descriptions');
    expect(body.contactStateDescriptions).toContainEqual({
      ContactStateId: 3,
      ContactStateDescription: 'InQueue',
      ContactStateCategory: 'InQueue',
    });
    expect((await acd('GET', '/contact-state-descriptions/9')).body.contactStateDescriptions).toHaveLength(1);
    expect((await acd('GET', '/contact-state-descriptions/99')).status).toBe(404);
  });

  it('are ended, tagged and given a disposition by a server', async () => {
    const { acd, create, view, events } = await driveCxone();
    const id = await create(QUEUED);
    expect((await acd('POST', `/contacts/${id}/tags`, { tags: [{ tagId: 7 }] })).status).toBe(200);
    expect((await acd('POST', `/contacts/${id}/tags`, { tags: ['x'] })).status).toBe(400);
    expect((await acd('POST', `/contacts/${id}/tags`)).status).toBe(400);
    const dispositionInfo = { skill: '1004', dispositionCode: '5', notes: 'Called back' };
    expect((await acd('GET', `/contacts/${id}/disposition`)).status).toBe(204);
    expect((await acd('POST', `/contacts/${id}/set-disposition`, { dispositionInfo })).status).toBe(200);
    expect((await acd('POST', `/contacts/${id}/set-disposition`, {})).status).toBe(400);
    expect((await acd('GET', `/contacts/${id}/disposition`)).body).toMatchObject({
      dispositionId: 5,
      notes: 'Called back',
    });
    expect((await acd('POST', `/contacts/${id}/end`)).status).toBe(202);
    expect((await acd('POST', `/contacts/${id}/end`)).status).toBe(409);
    expect(await view(id)).toMatchObject({ ended: true, endReason: 'forced', tags: [7], moves: 1 });
    expect(events()).toEqual(['queued', 'released:forced']);
  });
});

describe('what comes in from a server', () => {
  it('a work item asks for the agent it names, beside their call, and ends with a signal', async () => {
    const { acd, clock, control, view, events } = await driveCxone();
    await control('POST', '/agents', { name: 'Ada', queues: [], afterMs: 100 });
    const path =
      '/interactions/work-items?pointOfContact=Throughline_Placeholder&workItemId=token-1&workItemPayload=4492';
    const { status, body } = await acd('POST', path);
    expect({ status, body }).toEqual({ status: 200, body: { contactId: expect.any(Number) } });
    await clock.advance(100);
    expect(await view(String(body.contactId))).toMatchObject({
      media: 'work-item',
      state: 'active',
      agent: { agentId: '4492' },
      variables: { workItemId: 'token-1' },
    });
    expect((await acd('GET', '/agents/4492/states')).body.agentStates[0]).toMatchObject({
      agentStateName: 'Available',
      openContacts: 1,
    });
    await acd('POST', `/interactions/${body.contactId}/signal`, { p1: 'Release' });
    await clock.advance(250);
    expect(events()).toEqual(['queued', 'answered', 'released:script', 'signalled:release']);
    expect((await acd('POST', '/interactions/work-items?pointOfContact=nowhere')).status).toBe(400);
  });

  it('a callback waits in its queue, says nothing of its id, and comes when it was to come', async () => {
    const { acd, clock, twin, control } = await driveCxone();
    await control('POST', '/agents', { name: 'Ada', queues: ['General_Support'], afterMs: 0 });
    const path = `/queuecallback?phoneNumber=%2B14155551234&skill=1004&callDelay=10&screenPopUrl=${encodeURIComponent('https://c/1')}`;
    expect(await acd('POST', path)).toMatchObject({ status: 202, body: undefined });
    await clock.advance(9_999);
    expect([...twin.contacts.all()]).toEqual([]);
    await clock.advance(10);
    expect([...twin.contacts.all()][0]).toMatchObject({
      from: '+14155551234',
      variables: { screenPopUrl: 'https://c/1' },
      state: { kind: 'active' },
    });
    expect((await acd('POST', '/queuecallback?skill=1004')).status).toBe(400);
    expect((await acd('POST', '/queuecallback?phoneNumber=1&skill=2004')).status).toBe(400);
  });

  it('a promise is kept at its time', async () => {
    const { acd, clock, twin } = await driveCxone();
    const at = new Date(clock.now() + 60_000).toISOString();
    const [date, time] = at.split('T');
    const query = new URLSearchParams({
      firstName: 'Ada',
      lastName: 'B',
      phoneNumber: '+1415',
      skill: '1004',
      promiseDate: date!,
      promiseTime: time!,
      notes: 'ref-1',
    });
    expect((await acd('POST', `/promise?${query}`)).status).toBe(202);
    await clock.advance(60_000);
    expect([...twin.contacts.all()][0]).toMatchObject({ variables: { firstName: 'Ada', notes: 'ref-1' } });
    query.delete('promiseDate');
    expect((await acd('POST', `/promise?${query}`)).status).toBe(400);
    query.set('promiseDate', 'soon');
    expect((await acd('POST', `/promise?${query}`)).status).toBe(400);
  });

  it('a script starts, rings the number and asks for an agent', async () => {
    const { acd, view } = await driveCxone();
    const query = `skillId=4001&scriptPath=${encodeURIComponent('Prod\\Throughline_Outbound')}&Parameters=%2B1415|1002|ref-1`;
    const { body } = await acd('POST', `/scripts/start?${query}`);
    expect(await view(String(body.contactId))).toMatchObject({
      from: '+1415',
      state: 'queued',
      skill: { id: '1002' },
      variables: { p3: 'ref-1' },
    });
    expect((await acd('POST', '/scripts/start?skillId=4001&scriptPath=Other')).status).toBe(404);
    expect((await acd('POST', '/scripts/start?skillId=9&scriptId=9006')).status).toBe(400);
  });

  it('knows its points of contact', async () => {
    const { acd } = await driveCxone();
    const { body } = await acd('GET', '/points-of-contact');
    expect(body.pointsOfContact).toContainEqual(
      expect.objectContaining({
        contactAddress: '+18885551900',
        scriptName: 'Throughline_Entry',
        defaultSkillId: 1_004,
      }),
    );
  });
});
