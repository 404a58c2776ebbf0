import { describe, expect, it } from 'vitest';
import { driveTwin } from '../../../test/twins/twin-driver.ts';

type Created = { conversationId: string; participants: Record<string, string> };
type Calls = {
  calls: { path: string; status: number | null; fault: string | null }[];
  counters: { total: number };
  replaces: Record<string, number>;
};

describe('conversations by command', () => {
  it('name their participants by the vendor’s purpose and by role', async () => {
    const { control } = await driveTwin();
    const voice = await control<Created>('POST', '/conversations', { channel: 'voice', from: '+14155551234' });
    expect(voice.status).toBe(201);
    expect(Object.keys(voice.body.participants).sort()).toEqual(['bot', 'customer', 'ivr']);
    const chat = await control<Created>('POST', '/conversations', {
      channel: 'webchat',
      from: 'g',
      queue: 'General_Support',
    });
    expect(Object.keys(chat.body.participants).sort()).toEqual(['acd', 'customer', 'queue']);
  });

  it.each([
    { channel: 'fax' },
    { channel: 'voice', queue: 'Nowhere' },
    { channel: 'voice', extra: 1 },
    { channel: 'voice', flow: 'queue' },
    'nonsense',
    undefined,
  ])('refuse %j', async (body) => {
    const { control } = await driveTwin();
    expect((await control('POST', '/conversations', body)).status).toBe(400);
  });

  it('show who holds the customer as it changes', async () => {
    const { control } = await driveTwin();
    const { conversationId: id } = (
      await control<Created>('POST', '/conversations', { channel: 'message', queue: 'General_Support', flow: 'bot' })
    ).body;
    const holder = async () => (await control('GET', `/conversations/${id}`)).body.holder;
    expect(await holder()).toBe('bot');
    expect((await control('POST', `/conversations/${id}/close`)).status).toBe(200);
    expect(await holder()).toBe('queue');
    await control('POST', `/conversations/${id}/answer`);
    expect(await holder()).toBe('agent');
    const wrapped = await control('POST', `/conversations/${id}/wrapup`, { code: 'done' });
    expect(wrapped.status).toBe(200);
    await control('POST', `/conversations/${id}/close`);
    expect(await holder()).toBe('none');
    expect((await control('GET', `/conversations/${id}`)).body).toMatchObject({
      ended: false,
      queue: { name: 'General_Support' },
    });
    const over = await control('POST', `/conversations/${id}/hangup`);
    expect(over.body).toMatchObject({ ended: true });
  });

  it('say why an act makes no sense', async () => {
    const { control } = await driveTwin();
    const { conversationId: id } = (await control<Created>('POST', '/conversations', { channel: 'voice' })).body;
    const status = async (act: string, body?: unknown) =>
      (await control('POST', `/conversations/${id}/${act}`, body)).status;
    expect(await status('answer')).toBe(409);
    expect(await status('answer', { agentId: 'nobody' })).toBe(404);
    expect(await status('answer', { who: 'me' })).toBe(400);
    expect(await status('wrapup', { code: 'x' })).toBe(409);
    expect(await status('wrapup')).toBe(400);
    expect(await status('close', { customer: 'maybe' })).toBe(400);
    expect(await status('dance')).toBe(404);
    expect(await status('close', { customer: 'leaves' })).toBe(200);
    expect(await status('hangup')).toBe(409);
    expect((await control('POST', '/conversations/none/hangup')).status).toBe(404);
    expect((await control('GET', '/conversations/none')).status).toBe(404);
  });
});

describe('virtual agents by command', () => {
  it('join queues by name or id and answer after 300 ms', async () => {
    const { control, clock } = await driveTwin();
    const made = await control('POST', '/agents', {
      name: 'Ada',
      queues: ['General_Support', '5f1c0a10-0002-4a00-8a00-000000000002'],
    });
    expect(made).toMatchObject({ status: 201, body: { agentId: expect.any(String), answers: 'auto', afterMs: 300 } });
    for (const queue of ['General_Support', 'BillingDisputes_Tier2']) {
      const { conversationId: id } = (await control<Created>('POST', '/conversations', { channel: 'voice', queue }))
        .body;
      await clock.advance(300);
      expect((await control('GET', `/conversations/${id}`)).body.holder).toBe('agent');
    }
  });

  it('refuse unknown queues and unknown manners', async () => {
    const { control } = await driveTwin();
    expect((await control('POST', '/agents', { name: 'A', queues: ['Nowhere'] })).body.error).toContain('Nowhere');
    expect((await control('POST', '/agents', { name: 'A', queues: [], answers: 'never' })).status).toBe(400);
  });
});

describe('faults by command', () => {
  const QUEUES = '/api/v2/routing/queues';

  it('fail a request in the vendor’s words, and only as often as told', async () => {
    const { control, api } = await driveTwin();
    await control('POST', '/faults', { match: { path: '/routing' }, fault: '429', times: 1 });
    await control('POST', '/faults', { match: { path: '/routing' }, fault: '500', times: 1 });
    const limited = await api('GET', QUEUES);
    expect(limited).toMatchObject({ status: 429, body: { code: 'too.many.requests' } });
    expect(limited.headers.get('retry-after')).toBe('1');
    expect(await api('GET', QUEUES)).toMatchObject({ status: 500, body: { code: 'internal.server.error' } });
    expect((await api('GET', QUEUES)).status).toBe(200);
    expect((await control<{ faults: unknown[] }>('GET', '/faults')).body.faults).toMatchObject([
      { hits: 1 },
      { hits: 1 },
    ]);
  });

  it('expire the token that was used, for good', async () => {
    const { control, api, login } = await driveTwin();
    await control('POST', '/faults', { fault: 'expire-token', times: 1 });
    expect(await api('GET', QUEUES)).toMatchObject({ status: 401, body: { code: 'bad.credentials' } });
    expect((await api('GET', QUEUES)).status).toBe(401);
    expect((await api('GET', QUEUES, undefined, await login())).status).toBe(200);
  });

  it('commit and then cut the connection', async () => {
    const { control, api, clock } = await driveTwin();
    const { conversationId: id, participants } = (
      await control<Created>('POST', '/conversations', { channel: 'voice' })
    ).body;
    await control('POST', '/faults', {
      match: { method: 'POST', path: 'replace/queue$' },
      fault: 'commit-then-drop',
      times: 1,
    });
    const path = `/api/v2/conversations/${id}/participants/${participants.bot}/replace/queue`;
    await expect(api('POST', path, { queueName: 'General_Support' })).rejects.toThrow(TypeError);
    await clock.advance(250);
    expect((await control('GET', `/conversations/${id}`)).body).toMatchObject({
      replaces: 1,
      queue: { name: 'General_Support' },
    });
    const { body } = await control<Calls>('GET', `/calls?conversationId=${id}`);
    expect(body.calls).toMatchObject([{ path, status: 202, fault: 'commit-then-drop' }]);
    expect(body.replaces).toEqual({ [id]: 1 });
  });

  it('hang without an effect', async () => {
    const { control, twin } = await driveTwin();
    await control('POST', '/faults', { match: { path: '/oauth' }, fault: 'hang' });
    const stop = new AbortController();
    const silent = twin.fetch('http://x.test/oauth/token', { method: 'POST', signal: stop.signal });
    stop.abort(new Error('gave up'));
    await expect(silent).rejects.toThrow('gave up');
    expect(twin.calls().at(-1)).toMatchObject({ path: '/oauth/token', status: null, fault: 'hang' });
  });

  it('never meet the control surface, and go when deleted', async () => {
    const { control, api } = await driveTwin();
    await control('POST', '/faults', { fault: '500' });
    expect((await control('GET', '/settings')).status).toBe(200);
    expect((await control('DELETE', '/faults')).status).toBe(204);
    expect((await api('GET', QUEUES)).status).toBe(200);
    expect((await control('POST', '/faults', { fault: 'burn' })).status).toBe(400);
  });
});

describe('settings', () => {
  it('change while it runs, and hide the hook’s headers', async () => {
    const { control } = await driveTwin();
    const hook = { url: 'http://127.0.0.1:4400/hooks/genesys', headers: { 'x-secret': 'hush' } };
    const changed = await control('PUT', '/settings', { settleMs: 10, hook });
    expect(changed.body).toEqual({
      entry: null,
      entryTimeoutMs: 30_000,
      releaseLink: false,
      latencyMs: 0,
      settleMs: 10,
      rateLimitPerMinute: 300,
      tokenTtlSec: 86_400,
      hook: { url: hook.url },
    });
    expect((await control('PUT', '/settings', { hook: null })).body.hook).toBeNull();
    expect((await control('PUT', '/settings', { settleMs: -1 })).status).toBe(400);
    expect((await control('PUT', '/settings', { mood: 'bad' })).status).toBe(400);
  });

  it('delay every answer by the latency', async () => {
    const { control, api, clock } = await driveTwin();
    await control('PUT', '/settings', { latencyMs: 50 });
    let answered = false;
    const asking = api('GET', '/api/v2/routing/queues').then(() => {
      answered = true;
    });
    await clock.advance(49);
    expect(answered).toBe(false);
    await clock.advance(1);
    await asking;
    expect(answered).toBe(true);
  });
});

describe('the log of calls', () => {
  it('shows what the vendor was asked since an instant', async () => {
    const { control, api, clock } = await driveTwin();
    await api('GET', '/api/v2/routing/queues?name=x');
    await clock.advance(1_000);
    await api('POST', '/api/v2/notifications/channels');
    const since = new Date(clock.now()).toISOString();
    const recent = (await control<Calls>('GET', `/calls?since=${since}`)).body;
    expect(recent.calls.map(({ path }) => path)).toEqual(['/api/v2/notifications/channels']);
    expect((await control<Calls>('GET', `/calls?since=${clock.now() - 2_000}`)).body.calls).toHaveLength(3);
    expect(recent.counters.total).toBe(3);
    expect((await control('GET', '/calls?since=yesterday')).status).toBe(400);
  });
});

it('reset forgets conversations, agents, faults, calls and what was to happen, and keeps settings and tokens', async () => {
  const { control, api, clock } = await driveTwin();
  await control('PUT', '/settings', { settleMs: 77 });
  await control('POST', '/agents', { name: 'Ada', queues: ['General_Support'] });
  await control('POST', '/faults', { match: { path: 'never' }, fault: '500' });
  const { conversationId: id } = (
    await control<Created>('POST', '/conversations', { channel: 'voice', queue: 'General_Support' })
  ).body;
  expect((await control('POST', '/reset')).status).toBe(204);
  await clock.advance(10_000);
  expect((await control('GET', `/conversations/${id}`)).status).toBe(404);
  expect((await control<{ faults: unknown[] }>('GET', '/faults')).body.faults).toEqual([]);
  expect((await control<Calls>('GET', '/calls')).body).toMatchObject({ calls: [], replaces: {} });
  expect((await control('GET', '/settings')).body.settleMs).toBe(77);
  expect((await api('GET', '/api/v2/routing/queues')).status).toBe(200);
});

it('refuses the control surface to any other machine, and unknown paths on it', async () => {
  const { twin, control } = await driveTwin();
  const request = { method: 'GET', path: '/twin/settings', query: new URLSearchParams(), headers: {}, body: undefined };
  expect(await twin.answer({ ...request, loopback: false })).toMatchObject({ response: { status: 403 } });
  expect(await twin.answer({ ...request, loopback: true })).toMatchObject({ response: { status: 200 } });
  expect((await control('GET', '/nothing')).status).toBe(404);
});
