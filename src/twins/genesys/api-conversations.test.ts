import { describe, expect, it } from 'vitest';
import { driveTwin, type TwinDriver } from '../../../test/twins/twin-driver.ts';
import type { WireConversation, WireMediaConversation } from './genesys-schema.ts';

type Created = { conversationId: string; participants: Record<string, string> };
type View = WireConversation & {
  attributes: Record<string, string>;
  queue: { name: string } | null;
  replaces: number;
  replacesAsked: number;
};
type Failure = { code: string; status: number; message: string };

const BASE = '/api/v2/conversations';
const NOBODY = '00000000-0000-4000-8000-000000000000';

async function arrive(driver: TwinDriver, body: Record<string, unknown> = { channel: 'voice', from: '+14155551234' }) {
  const { conversationId, participants } = (await driver.control<Created>('POST', '/conversations', body)).body;
  return {
    id: conversationId,
    participants,
    view: async () => (await driver.control<View>('GET', `/conversations/${conversationId}`)).body,
  };
}

describe('reading', () => {
  it('gives the generic form: an array per media, and no state on a participant', async () => {
    const driver = await driveTwin();
    const { id, participants } = await arrive(driver, {
      channel: 'voice',
      from: '+14155551234',
      queue: 'General_Support',
    });
    const { body } = await driver.api<WireConversation>('GET', `${BASE}/${id}`);
    expect(body).toMatchObject({ id, recentTransfers: [], divisions: [{ division: { name: 'Home' } }] });
    expect(body.endTime).toBeUndefined();
    const acd = body.participants.find((each) => each.purpose === 'acd');
    expect(acd).not.toHaveProperty('state');
    expect(acd).toMatchObject({
      id: participants.acd,
      queueName: 'General_Support',
      calls: [{ state: 'connected' }],
      messages: [],
    });
    const customer = body.participants.find((each) => each.purpose === 'customer');
    expect(customer).toMatchObject({
      ani: 'tel:+14155551234',
      calls: [{ self: { addressDisplayable: '+14155551234' } }],
    });
  });

  it.each([
    ['voice', 'calls', 'Edge'],
    ['webchat', 'messages', 'PureCloud Messaging'],
    ['sms', 'messages', 'PureCloud Messaging'],
    ['email', 'emails', 'PureCloud Email'],
    ['callback', 'callbacks', 'PureCloud Callback'],
  ])('gives a %s under its media, flattened and with a state, and under no other', async (channel, media, provider) => {
    const driver = await driveTwin();
    const { id } = await arrive(driver, { channel, from: '+14155551234', queue: 'General_Support' });
    const { body } = await driver.api<WireMediaConversation>('GET', `${BASE}/${media}/${id}`);
    expect(body.participants).toMatchObject([
      { purpose: 'customer', state: 'connected', provider },
      { purpose: 'acd', state: 'connected', queue: { id: expect.any(String) } },
    ]);
    const other = media === 'calls' ? 'messages' : 'calls';
    expect((await driver.api('GET', `${BASE}/${other}/${id}`)).status).toBe(404);
    const generic = await driver.api<Record<'participants', Record<string, unknown[]>[]>>('GET', `${BASE}/${id}`);
    expect(generic.body.participants[0]?.[media]).toHaveLength(1);
  });

  it('says how and when parts ended', async () => {
    const driver = await driveTwin();
    const { id } = await arrive(driver, { channel: 'voice', from: '+1', queue: 'General_Support' });
    await driver.control('POST', `/conversations/${id}/answer`);
    await driver.control('POST', `/conversations/${id}/close`);
    const { body } = await driver.api<WireConversation>('GET', `${BASE}/${id}`);
    expect(body.endTime).toBeDefined();
    const calls = body.participants.map(({ purpose, calls }) => [purpose, calls[0]?.state, calls[0]?.disconnectType]);
    expect(calls).toEqual([
      ['customer', 'terminated', 'peer'],
      ['acd', 'terminated', 'transfer'],
      ['agent', 'disconnected', 'client'],
    ]);
  });

  it('is 404 for an unknown conversation and 403 for one of a division the client has not', async () => {
    const driver = await driveTwin();
    expect((await driver.api<Failure>('GET', `${BASE}/${NOBODY}`)).body).toMatchObject({
      code: 'not.found',
      status: 404,
    });
    const { id } = await arrive(driver, { channel: 'voice', queue: 'Collections_Private' });
    expect((await driver.api<Failure>('GET', `${BASE}/${id}`)).body.code).toBe('missing.division.permission');
  });
});

describe('attributes', () => {
  it.each(['', '/calls', '/callbacks'])('are merged by key through %s/{id}/participants', async (media) => {
    const driver = await driveTwin();
    const { id, participants, view } = await arrive(driver);
    const path = `${BASE}${media}/${id}/participants/${participants.customer}/attributes`;
    expect((await driver.api('PATCH', path, { attributes: { a: '1', b: '2' } })).status).toBe(202);
    const answer = await driver.api('PATCH', path, { attributes: { b: '3' } });
    expect(answer).toMatchObject({ status: 202, body: { attributes: { a: '1', b: '3' } } });
    expect((await view()).attributes).toEqual({ a: '1', b: '3' });
  });

  it.each([{ attributes: { a: 1 } }, { attributes: { a: { b: 'c' } } }, { attributes: [] }, {}, []])(
    'refuse %j: strings only',
    async (body) => {
      const driver = await driveTwin();
      const { id, participants } = await arrive(driver);
      const path = `${BASE}/${id}/participants/${participants.customer}/attributes`;
      expect((await driver.api<Failure>('PATCH', path, body)).body).toMatchObject({ status: 400, code: 'bad.request' });
    },
  );

  it('of an unknown participant are 404', async () => {
    const driver = await driveTwin();
    const { id } = await arrive(driver);
    const answer = await driver.api('PATCH', `${BASE}/${id}/participants/${NOBODY}/attributes`, { attributes: {} });
    expect(answer.status).toBe(404);
  });
});

it('puts the external tag where the conversation shows it', async () => {
  const driver = await driveTwin();
  const { id, view } = await arrive(driver);
  expect((await driver.api('PUT', `${BASE}/${id}/tags`, { externalTag: 'ours' })).status).toBe(202);
  expect((await view()).externalTag).toBe('ours');
  expect((await driver.api('PUT', `${BASE}/${id}/tags`, {})).status).toBe(400);
  expect((await driver.api('PUT', `${BASE}/${id}/tags`)).status).toBe(400);
});

describe('transfers', () => {
  const queueId = '5f1c0a10-0002-4a00-8a00-000000000002';

  it.each([
    ['/{id}/participants/{pid}/replace/queue', { queueId }],
    ['/{id}/participants/{pid}/replace/queue', { queueName: 'BillingDisputes_Tier2' }],
    ['/{id}/participants/{pid}/replace', { queueId, transferType: 'Unattended' }],
    ['/{id}/participants/{pid}/replace', { address: queueId }],
    ['/{id}/participants/{pid}/transfer', { address: 'BillingDisputes_Tier2' }],
    ['/calls/{id}/participants/{pid}/replace', { queueId }],
  ])('by %s %j are accepted with an empty body and reach the queue later', async (path, body) => {
    const driver = await driveTwin();
    const { id, participants, view } = await arrive(driver);
    const url = BASE + path.replace('{id}', id).replace('{pid}', participants.bot ?? '');
    const answer = await driver.api('POST', url, body);
    expect(answer).toMatchObject({ status: 202, body: undefined });
    expect((await view()).queue).toBeNull();
    await driver.clock.advance(250);
    expect(await view()).toMatchObject({ queue: { name: 'BillingDisputes_Tier2' }, replaces: 1, replacesAsked: 1 });
  });

  it.each([
    ['/{id}/participants/{pid}/replace/agent', (agent: string) => ({ userId: agent })],
    ['/{id}/participants/{pid}/replace/agent', () => ({ userDisplayName: 'Ada' })],
    ['/{id}/participants/{pid}/transfer', () => ({ address: 'Ada' })],
    ['/calls/{id}/participants/{pid}/replace', (agent: string) => ({ address: agent })],
  ])('by %s reach an agent', async (path, body) => {
    const driver = await driveTwin();
    const { id, participants, view } = await arrive(driver);
    const ada = await driver.control<{ agentId: string }>('POST', '/agents', { name: 'Ada', queues: [] });
    const url = BASE + path.replace('{id}', id).replace('{pid}', participants.ivr ?? '');
    expect((await driver.api('POST', url, body(ada.body.agentId))).status).toBe(202);
    await driver.clock.advance(600);
    expect((await view()).participants.at(-1)).toMatchObject({ purpose: 'agent', userId: ada.body.agentId });
    expect(await view()).toMatchObject({ holder: 'agent' });
  });

  it('go to numbers for calls only', async () => {
    const driver = await driveTwin();
    const voice = await arrive(driver);
    const chat = await arrive(driver, { channel: 'webchat', from: 'guest' });
    const to = { address: '+15055551234' };
    expect(
      (await driver.api('POST', `${BASE}/${voice.id}/participants/${voice.participants.bot}/transfer`, to)).status,
    ).toBe(202);
    expect(
      (await driver.api('POST', `${BASE}/${chat.id}/participants/${chat.participants.bot}/transfer`, to)).status,
    ).toBe(400);
  });

  it.each([
    ['an unknown queue', { queueId: NOBODY }, 400, 'bad.request'],
    ['no target', {}, 400, 'bad.request'],
    ['no body', undefined, 400, 'bad.request'],
    ['an unknown way', { queueId, transferType: 'Warm' }, 400, 'bad.request'],
    ['a queue of a foreign division', { queueName: 'Collections_Private' }, 403, 'missing.division.permission'],
  ])('refuse %s', async (_what, body, status, code) => {
    const driver = await driveTwin();
    const { id, participants, view } = await arrive(driver);
    const answer = await driver.api<Failure>(
      'POST',
      `${BASE}/${id}/participants/${participants.bot}/replace/queue`,
      body,
    );
    expect(answer).toMatchObject({ status, body: { code, status } });
    expect(await view()).toMatchObject({ replaces: 0, replacesAsked: 1 });
  });

  it('refuse the customer (400), an unknown participant (404), an ended one (409), an unknown conversation (404)', async () => {
    const driver = await driveTwin();
    const { id, participants, view } = await arrive(driver);
    const replace = (cid: string, pid = '') =>
      driver.api<Failure>('POST', `${BASE}/${cid}/participants/${pid}/replace/queue`, { queueId });
    expect((await replace(id, participants.customer)).status).toBe(400);
    expect((await replace(id, NOBODY)).status).toBe(404);
    expect((await replace(NOBODY, participants.bot)).status).toBe(404);
    expect((await replace(id, participants.bot)).status).toBe(202);
    await driver.clock.advance(250);
    expect((await replace(id, participants.bot)).body).toMatchObject({ status: 409, code: 'conflict' });
    expect(await view()).toMatchObject({ replaces: 1, replacesAsked: 4 });
  });

  it('asked for twice before the first took effect are two transfers, of which the second fails', async () => {
    const driver = await driveTwin();
    const { id, participants, view } = await arrive(driver);
    const path = `${BASE}/${id}/participants/${participants.bot}/replace/queue`;
    await driver.api('POST', path, { queueId });
    await driver.api('POST', path, { queueId });
    await driver.clock.advance(250);
    expect((await view()).recentTransfers.map(({ state }) => state)).toEqual(['Complete', 'Failed']);
    expect((await view()).replaces).toBe(2);
  });
});

describe('ending and wrapping up', () => {
  it.each([
    ['POST', '/disconnect'],
    ['DELETE', ''],
  ])('%s %s ends the conversation', async (method, tail) => {
    const driver = await driveTwin();
    const { id, view } = await arrive(driver);
    expect((await driver.api(method, `${BASE}/${id}${tail}`)).status).toBe(202);
    expect((await view()).endTime).toBeDefined();
  });

  it('PATCH disconnects one participant and takes its wrap-up', async () => {
    const driver = await driveTwin();
    const { id, view } = await arrive(driver, { channel: 'webchat', queue: 'General_Support' });
    await driver.control('POST', `/conversations/${id}/answer`);
    const agent = (await view()).participants.at(-1);
    const path = `${BASE}/messages/${id}/participants/${agent?.id}`;
    expect((await driver.api('PATCH', path, { state: 'held' })).status).toBe(400);
    expect((await driver.api('PATCH', path, { wrapup: {} })).status).toBe(400);
    expect(
      (await driver.api('PATCH', path, { state: 'disconnected', wrapup: { code: 'done', name: 'Done' } })).status,
    ).toBe(202);
    expect((await view()).participants.at(-1)).toMatchObject({
      endTime: expect.any(String),
      wrapup: { code: 'done', name: 'Done' },
    });
    expect((await driver.api('PATCH', path, { state: 'disconnected' })).status).toBe(202);
  });

  it('takes a wrap-up of a communication', async () => {
    const driver = await driveTwin();
    const { id, view } = await arrive(driver, { channel: 'voice', queue: 'General_Support' });
    await driver.control('POST', `/conversations/${id}/answer`);
    const agent = (await view()).participants.at(-1);
    const path = `${BASE}/calls/${id}/participants/${agent?.id}/communications`;
    expect((await driver.api('POST', `${path}/${NOBODY}/wrapup`, { code: 'x' })).status).toBe(404);
    expect((await driver.api('POST', `${path}/${agent?.calls[0]?.id}/wrapup`, {})).status).toBe(400);
    expect((await driver.api('POST', `${path}/${agent?.calls[0]?.id}/wrapup`, { code: 'x', notes: 'n' })).status).toBe(
      202,
    );
    expect((await view()).participants.at(-1)?.wrapup).toEqual({ code: 'x', notes: 'n' });
  });
});

describe('callbacks', () => {
  const queueId = '5f1c0a10-0004-4a00-8a00-000000000004';

  it('wait in their queue, with their data as attributes', async () => {
    const driver = await driveTwin();
    const { status, body } = await driver.api<{ conversation: { id: string } }>('POST', `${BASE}/callbacks`, {
      routingData: { queueId, priority: 10 },
      callbackNumbers: ['+14155551234'],
      data: { reason: 'billing' },
    });
    expect(status).toBe(200);
    const view = await driver.control('GET', `/conversations/${body.conversation.id}`);
    expect(view.body).toMatchObject({ queue: { name: 'General_Support' }, attributes: { reason: 'billing' } });
  });

  it('for later are scheduled', async () => {
    const driver = await driveTwin();
    const at = new Date(driver.clock.now() + 60_000).toISOString();
    const made = await driver.api<{ conversation: { id: string } }>('POST', `${BASE}/callbacks`, {
      queueId,
      callbackNumbers: ['+14155551234'],
      callbackScheduledTime: at,
    });
    const path = `${BASE}/${made.body.conversation.id}`;
    const acd = async () => (await driver.api<WireConversation>('GET', path)).body.participants.at(-1)?.callbacks[0];
    expect(await acd()).toMatchObject({ state: 'scheduled', callbackScheduledTime: at });
    await driver.clock.advance(60_000);
    expect(await acd()).toMatchObject({ state: 'connected' });
  });

  it.each([
    [{ callbackNumbers: ['+1'] }, 400],
    [{ queueId, callbackNumbers: [] }, 400],
    [{ queueId, callbackNumbers: ['+1'], data: { a: 1 } }, 400],
    [{ queueId, callbackNumbers: ['+1'], callbackScheduledTime: 'soon' }, 400],
    [{ queueId: '5f1c0a10-0008-4a00-8a00-000000000008', callbackNumbers: ['+1'] }, 403],
    [undefined, 400],
  ])('refuse %j', async (body, status) => {
    const driver = await driveTwin();
    expect((await driver.api('POST', `${BASE}/callbacks`, body)).status).toBe(status);
  });
});
