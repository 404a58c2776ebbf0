import { describe, expect, it } from 'vitest';
import { seededRandom } from '../seeded-random.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { DEMO_CLIENT, DEMO_TOKEN } from './access.ts';
import { DEMO_HOOK_SECRET } from './event-signing.ts';
import type { NewAgent } from './floor.ts';
import { createGatewayTwin, type GatewayTwinOptions } from './gateway-twin.ts';

type Party = { id: string; role: string; state: string; queueId?: string; agentId?: string };
type View = {
  conversationId: string;
  state: string;
  holder: string;
  reservationId: string | null;
  replaces: number;
  parties: Party[];
  transfers: { id: string; state: string }[];
};
type Hooked = { headers: Headers; body: { id: string; event: string; interactionId: string; state: string } };

const agent = (id: string, answers: NewAgent['answers'] = 'auto', afterMs = 100): NewAgent => ({
  id,
  name: id,
  queueIds: new Set(['queue-general-support']),
  answers,
  afterMs,
});

/** The twin on a virtual clock, driven by its paths. */
function drive({ agents = [], ...options }: Partial<GatewayTwinOptions> = {}) {
  const clock = createVirtualClock();
  const hooked: Hooked[] = [];
  const twin = createGatewayTwin({
    clock,
    random: seededRandom(1),
    settleMs: 200,
    agents,
    fetch: async (_url, init) => {
      hooked.push({ headers: new Headers(init?.headers), body: JSON.parse(String(init?.body)) });
      return new Response(null, { status: 200 });
    },
    ...options,
  });
  async function send<Body>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const given = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await twin.fetch(`http://gateway.twin${path}`, { method, headers, ...given });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as Body,
    };
  }
  const api = <Body = Record<string, unknown>>(method: string, path: string, body?: unknown, token = DEMO_TOKEN) =>
    send<Body>(method, path, body, { authorization: `Bearer ${token}` });
  const control = <Body = View>(method: string, path: string, body?: unknown) =>
    send<Body>(method, `/twin${path}`, body);
  const call = async (body: object = {}) =>
    (await control('POST', '/conversations', { channel: 'voice', ...body })).body.conversationId;
  const view = async (id: string) => (await control('GET', `/conversations/${id}`)).body;
  const roles = async (id: string) =>
    (await view(id)).parties.map(({ role, state, agentId }) => `${agentId ?? role} ${state}`);
  const transfer = (id: string, transferType: string, transferTo: object) =>
    api<{ transferId: string }>('POST', '/api/v2/interactions/transfer', {
      interactionId: id,
      transferType,
      transferTo,
    });
  return { clock, twin, hooked, api, send, control, call, view, roles, transfer };
}
const GENERAL = { type: 'queue', queueId: 'queue-general-support' };

describe('agents', () => {
  it('answer by themselves what their queue offers them', async () => {
    const { clock, call, view, roles } = drive({ agents: [agent('ada')] });
    const id = await call({ queue: 'General_Support' });
    expect(await view(id)).toMatchObject({ state: 'alerting', holder: 'queue' });
    await clock.advance(100);
    expect(await roles(id)).toEqual(['customer connected', 'queue ended', 'ada connected']);
    expect(await view(id)).toMatchObject({ state: 'active', holder: 'agent' });
  });

  it('are offered who waits longest as soon as they are free', async () => {
    const { clock, control, call, view } = drive({ agents: [agent('ada')] });
    const ids = [
      await call({ queue: 'General_Support' }),
      await call({ queue: 'General_Support' }),
      await call({ queue: 'General_Support' }),
    ];
    await clock.advance(100);
    const states = async () => Promise.all(ids.map(async (id) => (await view(id)).state));
    expect(await states()).toEqual(['active', 'queued', 'queued']);
    await control('POST', `/conversations/${ids[0]}/hangup`);
    await clock.advance(100);
    expect(await states()).toEqual(['completed', 'active', 'queued']);
  });

  it('who decline are not asked again for the same stay, and the next one is', async () => {
    const { clock, call, roles } = drive({ agents: [agent('ada', 'declines'), agent('bob')] });
    const id = await call({ queue: 'General_Support' });
    await clock.advance(1_000);
    expect(await roles(id)).toEqual(['customer connected', 'queue ended', 'ada ended', 'bob connected']);
  });

  it('who decline a reserved call leave the customer where somebody answers', async () => {
    const { clock, api, call, view } = drive({ agents: [agent('ada', 'declines')] });
    const body = { targetAgentId: 'ada', mediaType: 'voice', holdDurationLimit: 10 };
    const { reservationId } = (await api<{ reservationId: string }>('POST', '/v1/interactions/reserve', body)).body;
    const id = await call({ reservationId });
    expect(await view(id)).toMatchObject({ state: 'alerting', reservationId });
    await clock.advance(100);
    const { parties } = await view(id);
    expect(parties.at(-1)).toMatchObject({ role: 'queue', state: 'connected', queueId: 'queue-overflow' });
  });

  it('who hang are rung for ever, and answer when told; the others too', async () => {
    const { clock, control, call, view, roles } = drive({ agents: [agent('ada', 'hangs')] });
    const id = await call({ queue: 'General_Support' });
    await clock.advance(600_000);
    expect(await view(id)).toMatchObject({ state: 'alerting' });
    await control('POST', `/conversations/${id}/answer`, { agentId: 'ada' });
    expect(await roles(id)).toContain('ada connected');
    const added = await control<{ agentId: string }>('POST', '/agents', { name: 'Cy', queues: [], answers: 'manual' });
    const waiting = await call({ queue: 'General_Support' });
    await control('POST', `/conversations/${waiting}/answer`, { agentId: added.body.agentId });
    expect(await roles(waiting)).toContain(`${added.body.agentId} connected`);
  });

  it('who come for a queue take what waits there', async () => {
    const { clock, control, call, view } = drive();
    const id = await call({ queue: 'General_Support' });
    await control('POST', '/agents', { id: 'ada', name: 'Ada', queues: ['General_Support'], afterMs: 10 });
    await clock.advance(10);
    expect(await view(id)).toMatchObject({ state: 'active' });
  });

  it('who are away take nothing until they are back', async () => {
    const { clock, api, call, view } = drive({ agents: [agent('ada')] });
    await api('PUT', '/v1/agents/ada/presence', { presence: 'away' });
    const id = await call({ queue: 'General_Support' });
    await clock.advance(1_000);
    expect(await view(id)).toMatchObject({ state: 'queued' });
    await api('PUT', '/v1/agents/ada/presence', { presence: 'available' });
    await clock.advance(100);
    expect(await view(id)).toMatchObject({ state: 'active' });
  });
});

describe('reservations', () => {
  const reserve = (driver: ReturnType<typeof drive>, body: object) =>
    driver.api<{ reservationId: string; address: string; code: string }>('POST', '/v1/interactions/reserve', {
      mediaType: 'voice',
      holdDurationLimit: 10,
      ...body,
    });

  it('of a queue hold somebody who is free, and a place in it where nobody is', async () => {
    const driver = drive({ agents: [agent('ada')] });
    const first = await reserve(driver, { targetQueue: 'General_Support' });
    expect((await driver.api('GET', '/v1/agents/ada')).body).toMatchObject({ availability: 'busy' });
    const second = await reserve(driver, { targetQueue: 'General_Support' });
    expect([first.status, second.status]).toEqual([200, 200]);
    const late = await driver.call({ to: second.body.address });
    expect(await driver.view(late)).toMatchObject({ state: 'queued', reservationId: second.body.reservationId });
    const early = await driver.call({ to: first.body.address });
    await driver.clock.advance(100);
    // Who waited before is served before: a place in a queue is no more than that.
    expect([(await driver.view(late)).state, (await driver.view(early)).state].sort()).toEqual(['active', 'queued']);
  });

  it('keep a call from everybody else while they are held, and let it come when they are given back', async () => {
    const driver = drive({ agents: [agent('ada')] });
    const { reservationId } = (await reserve(driver, { targetAgentId: 'ada' })).body;
    const id = await driver.call({ queue: 'General_Support' });
    await driver.clock.advance(5_000);
    expect(await driver.view(id)).toMatchObject({ state: 'queued' });
    await driver.api('DELETE', `/v1/interactions/reserve/${reservationId}`);
    await driver.clock.advance(100);
    expect(await driver.view(id)).toMatchObject({ state: 'active' });
  });

  it('that are redeemed are not given back by a release: the call stays', async () => {
    const driver = drive({ agents: [agent('ada')] });
    const { reservationId } = (await reserve(driver, { targetAgentId: 'ada' })).body;
    const id = await driver.call({ reservationId });
    await driver.clock.advance(100);
    expect((await driver.api('DELETE', `/v1/interactions/reserve/${reservationId}`)).status).toBe(204);
    await driver.clock.advance(20_000);
    expect(await driver.view(id)).toMatchObject({ state: 'active' });
  });

  it('are forgotten with their keys after a day', async () => {
    const driver = drive({ agents: [agent('ada')] });
    const ask = () =>
      driver.send<{ reservationId: string }>(
        'POST',
        '/v1/interactions/reserve',
        { targetAgentId: 'ada', mediaType: 'voice', holdDurationLimit: 1 },
        { authorization: `Bearer ${DEMO_TOKEN}`, 'idempotency-key': 'k' },
      );
    const first = await ask();
    await driver.clock.advance(86_399_000);
    expect((await ask()).body.reservationId).toBe(first.body.reservationId);
    await driver.clock.advance(1_000);
    expect((await ask()).body.reservationId).not.toBe(first.body.reservationId);
  });

  it('are refused for a queue that nobody serves, that is not visible, or that is not there', async () => {
    const driver = drive();
    const codes = [];
    for (const targetQueue of ['General_Support', 'Collections_Private', 'Nowhere'])
      codes.push((await reserve(driver, { targetQueue })).body.code);
    expect(codes).toEqual(['queue-unstaffed', 'not-found', 'not-found']);
  });
});

describe('transfers', () => {
  it('warm to a queue are over when somebody there answers', async () => {
    const { clock, call, transfer, view, roles } = drive({ agents: [agent('ada')] });
    const id = await call({ flow: 'bot' });
    expect((await transfer(id, 'warm', GENERAL)).status).toBe(202);
    await clock.advance(200);
    expect(await roles(id)).toEqual(['customer connected', 'bot connected', 'queue connected', 'ada alerting']);
    await clock.advance(100);
    expect(await roles(id)).toEqual(['customer connected', 'bot ended', 'queue ended', 'ada connected']);
    expect(await view(id)).toMatchObject({ transfers: [{ state: 'complete' }], replaces: 1 });
  });

  it('that are declined take back whoever came for them, also out of a queue', async () => {
    const { clock, api, call, transfer, view, roles } = drive({ agents: [agent('ada')] });
    const id = await call({ flow: 'bot' });
    const { transferId } = (await transfer(id, 'consultative', GENERAL)).body;
    await clock.advance(300);
    expect(await view(id)).toMatchObject({ transfers: [{ state: 'consulting' }] });
    await api('POST', `/api/v2/interactions/transfer/${transferId}/complete`, { accept: false });
    expect(await roles(id)).toEqual(['customer connected', 'bot connected', 'queue ended', 'ada ended']);
    expect((await api('GET', '/v1/agents/ada')).body).toMatchObject({ availability: 'available' });
  });

  it('can be declined before anybody has answered', async () => {
    const { clock, api, call, transfer, view } = drive();
    const id = await call({ flow: 'bot' });
    const to = { type: 'phoneNumber', phoneNumber: '+18885551900' };
    const { transferId } = (await transfer(id, 'consultative', to)).body;
    await clock.advance(200);
    await api('POST', `/api/v2/interactions/transfer/${transferId}/complete`, { accept: false });
    await clock.advance(1_000);
    expect(await view(id)).toMatchObject({ holder: 'bot', transfers: [{ state: 'failed' }] });
  });

  it('blind cannot be ended by a verdict, and fail when the customer hangs up first', async () => {
    const { clock, api, control, call, transfer, view } = drive();
    const id = await call({ flow: 'bot' });
    const { transferId } = (await transfer(id, 'blind', GENERAL)).body;
    const verdict = await api('POST', `/api/v2/interactions/transfer/${transferId}/complete`, { accept: true });
    expect(verdict).toMatchObject({ status: 409, body: { code: 'consultation-is-over' } });
    await control('POST', `/conversations/${id}/hangup`);
    await clock.advance(1_000);
    expect(await view(id)).toMatchObject({ state: 'completed', transfers: [{ state: 'failed' }] });
    expect(await transfer(id, 'blind', GENERAL)).toMatchObject({
      status: 409,
      body: { code: 'interaction-has-ended' },
    });
  });

  it('never make the customer leave', async () => {
    const { api, call, view } = drive();
    const id = await call({ flow: 'bot' });
    const [customer] = (await view(id)).parties;
    const body = { interactionId: id, transferType: 'blind', transferTo: GENERAL, participantId: customer?.id };
    expect(await api('POST', '/api/v2/interactions/transfer', body)).toMatchObject({ status: 400 });
  });
});

describe('the control surface', () => {
  it.each([
    ['POST', '/conversations', { channel: 'fax' }],
    ['POST', '/conversations', { channel: 'voice', queue: 'Nowhere' }],
    ['POST', '/conversations', undefined],
    ['POST', '/agents', { name: '' }],
    ['POST', '/agents', { name: 'A', queues: ['Nowhere'] }],
    ['POST', '/conversations', { channel: 'voice', id: '' }],
    ['PUT', '/settings', { settleMs: -1 }],
    ['PUT', '/settings', { hook: { url: 'http://x.example', secrets: ['plain'] } }],
  ])('refuses what it does not understand: %s %s %j', async (method, path, body) => {
    expect((await drive().control(method, path, body)).status).toBe(400);
  });

  it('says why an act makes no sense', async () => {
    const { control, call } = drive();
    const bot = await call({ flow: 'bot' });
    const waiting = await call({ queue: 'General_Support' });
    const act = async (id: string, name: string, body?: object) =>
      (await control('POST', `/conversations/${id}/${name}`, body)).status;
    expect(await act(bot, 'answer')).toBe(409);
    expect(await act(waiting, 'answer', { agentId: 'nobody' })).toBe(404);
    expect(await act(waiting, 'close')).toBe(409);
    expect(await act(bot, 'wrapup')).toBe(409);
    expect(await act(bot, 'answer', { agent: 'x' })).toBe(400);
    expect(await act(bot, 'close', { customer: 'perhaps' })).toBe(400);
    expect((await control('POST', '/conversations', { channel: 'voice', id: bot })).status).toBe(409);
    expect(await act('nobody', 'hangup')).toBe(404);
    expect((await control('GET', '/conversations/nobody')).status).toBe(404);
    await act(bot, 'hangup');
    expect(await act(bot, 'close')).toBe(409);
    expect(await act(bot, 'answer')).toBe(409);
  });

  it('lets a bot have back who stays in a message thread; a call ends', async () => {
    const { clock, control, call, view } = drive({ agents: [agent('ada')] });
    const thread = await call({ channel: 'message', queue: 'General_Support' });
    await clock.advance(100);
    await control('POST', `/conversations/${thread}/close`, { customer: 'stays' });
    expect(await view(thread)).toMatchObject({ state: 'bot', holder: 'bot' });
    const voice = await call({ queue: 'General_Support' });
    await clock.advance(100);
    await control('POST', `/conversations/${voice}/close`, { customer: 'stays' });
    expect(await view(voice)).toMatchObject({ state: 'completed' });
  });

  it('begins anew when it is reset, with its own agents', async () => {
    const { clock, control, call, hooked, api } = drive({ agents: [agent('ada')] });
    const id = await call({ queue: 'General_Support' });
    await control('POST', '/agents', { id: 'bob', name: 'Bob', queues: [] });
    await control('POST', '/reset');
    await clock.advance(10_000);
    expect((await control('GET', `/conversations/${id}`)).status).toBe(404);
    expect((await api('GET', '/v1/agents/bob')).status).toBe(404);
    expect((await api('GET', '/v1/agents/ada')).body).toMatchObject({ availability: 'available' });
    expect(hooked).toEqual([]);
  });

  it('counts transfers exactly, by conversation, and never shows a secret', async () => {
    const { control, call, transfer } = drive();
    const id = await call({ flow: 'bot' });
    await transfer(id, 'blind', GENERAL);
    await transfer(id, 'blind', GENERAL);
    const counted = await control<{ replaces: object }>('GET', `/calls?conversationId=${id}`);
    expect(counted.body.replaces).toEqual({ [id]: 1 });
    const hook = { url: 'http://hook.example/', secrets: [DEMO_HOOK_SECRET] };
    await control('PUT', '/settings', { hook });
    const shown = await control<object>('GET', '/settings');
    expect(shown.body).toMatchObject({ hook: { url: hook.url } });
    expect(JSON.stringify(shown.body)).not.toContain('whsec_');
    await control('PUT', '/settings', { hook: null });
    expect((await control<object>('GET', '/settings')).body).toMatchObject({ hook: null });
  });
});

describe('access', () => {
  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
  });

  it('is by the token that never changes, or by one that expires', async () => {
    const { clock, api, send } = drive({ tokenTtlSec: 60 });
    const headers = basic(DEMO_CLIENT.clientId, DEMO_CLIENT.clientSecret);
    const granted = await send<{ access_token: string }>(
      'POST',
      '/oauth/token',
      { grant_type: 'client_credentials' },
      headers,
    );
    const token = granted.body.access_token;
    expect((await api('GET', '/v1/queues', undefined, token)).status).toBe(200);
    await clock.advance(60_000);
    expect((await api('GET', '/v1/queues', undefined, token)).status).toBe(401);
    expect((await api('GET', '/v1/queues')).status).toBe(200);
  });

  it('is refused to others in the login’s own words', async () => {
    const { send } = drive();
    const grant = { grant_type: 'client_credentials' };
    const asked = (body: object, headers: Record<string, string>) => send('POST', '/oauth/token', body, headers);
    expect(await asked(grant, basic('twin-client', 'wrong'))).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    expect(await asked(grant, { authorization: 'Basic JQ==' })).toMatchObject({ status: 401 });
    expect(await asked({ grant_type: 'password' }, {})).toMatchObject({
      status: 400,
      body: { error: 'unsupported_grant_type' },
    });
  });

  it('is bounded per minute, and says when to come again', async () => {
    const { clock, api, control } = drive({ rateLimitPerMinute: 2 });
    for (let time = 0; time < 2; time += 1) expect((await api('GET', '/v1/queues')).status).toBe(200);
    const refused = await api('GET', '/v1/queues');
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate-limited' } });
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    await clock.advance(60_000);
    expect((await api('GET', '/v1/queues')).status).toBe(200);
    await control('POST', '/reset');
    for (let time = 0; time < 2; time += 1) expect((await api('GET', '/v1/queues')).status).toBe(200);
  });

  it('fails on command in the contract’s words', async () => {
    const { api, control } = drive();
    for (const fault of ['429', '500', 'expire-token']) await control('POST', '/faults', { fault, times: 1 });
    const codes = [];
    for (let time = 0; time < 3; time += 1) codes.push((await api<{ code: string }>('GET', '/v1/queues')).body.code);
    expect(codes).toEqual(['rate-limited', 'internal-error', 'unauthorized']);
    expect((await api('GET', '/v1/queues')).status).toBe(200);
    expect((await api('GET', '/v1/nothing')).body).toMatchObject({ status: 404, code: 'not-found' });
    expect((await api('GET', '/v1/interactions/%E0%A4%A')).status).toBe(404);
  });
});

describe('events', () => {
  const hook = {
    url: 'http://hook.example/',
    secrets: [DEMO_HOOK_SECRET, 'whsec_YW5vdGhlci1zZWNyZXQtb2YtMjQtYnl0ZXM='],
  };

  it('tell every change once, the end as the end, and no change no more after it', async () => {
    const { clock, control, call, hooked } = drive({ hook });
    const id = await call({ flow: 'bot' });
    for (let time = 0; time < 2; time += 1) await control('POST', `/conversations/${id}/hangup`);
    await clock.advance(1_000);
    expect(hooked.map(({ body }) => `${body.event} ${body.state}`)).toEqual([
      'interaction:updated bot',
      'interaction:completed completed',
    ]);
    expect(new Set(hooked.map(({ body }) => body.id)).size).toBe(2);
  });

  it('are signed with every secret while one is changed', async () => {
    const { clock, call, hooked } = drive({ hook });
    await call({ flow: 'bot' });
    await clock.advance(0);
    const signatures = hooked[0]?.headers.get('webhook-signature')?.split(' ') ?? [];
    expect(signatures).toHaveLength(2);
    expect(new Set(signatures).size).toBe(2);
    for (const each of signatures) expect(each).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    expect(hooked[0]?.headers.get('webhook-id')).toBe(hooked[0]?.body.id);
  });

  it('are lost on command', async () => {
    const { clock, control, call, hooked } = drive({ hook });
    await control('POST', '/faults', { match: { path: 'interaction:updated' }, fault: 'drop-event' });
    const id = await call({ flow: 'bot' });
    await control('POST', `/conversations/${id}/hangup`);
    await clock.advance(1_000);
    expect(hooked.map(({ body }) => body.event)).toEqual(['interaction:completed']);
  });
});
