import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { driveCxone } from '../../../test/twins/cxone-driver.ts';
import type { Clock } from '../../clock.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { createCxoneTwin, startCxoneTwin } from './cxone-twin.ts';

const machineClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};
const QUEUED = { channel: 'voice', queue: 'General_Support' };

describe('call-outs', () => {
  it('come again, with the same id and their secret, until the hook takes them', async () => {
    const clock = createVirtualClock();
    const received: { id: string; secret: string | null }[] = [];
    const twin = createCxoneTwin({
      clock,
      hook: { url: 'http://hook.test/', headers: { 'x-throughline-secret': 'a-secret' } },
      async fetch(input, init) {
        const request = new Request(input, init);
        const { messageId } = (await request.json()) as { messageId: string };
        received.push({ id: messageId, secret: request.headers.get('x-throughline-secret') });
        return new Response(null, { status: received.length === 1 ? 500 : 204 });
      },
    });
    await twin.fetch('http://t/twin/conversations', { method: 'POST', body: JSON.stringify(QUEUED) });
    await clock.advance(1_000);
    expect(received).toHaveLength(2);
    expect(received[1]).toEqual(received[0]);
    expect(received[0]?.secret).toBe('a-secret');
    expect(twin.deliveries()).toMatchObject({ delivered: 1, retried: 1 });
    await twin.close();
  });

  it('are dropped, repeated and overtaken on command, contact by contact', async () => {
    const { control, create, clock, told, events } = await driveCxone();
    await control('POST', '/faults', { match: { path: 'released' }, fault: 'drop-event', times: 1 });
    await control('POST', '/faults', {
      match: { path: 'script.700000000001.queued' },
      fault: 'repeat-event',
      times: 1,
    });
    const first = await create(QUEUED);
    await control('POST', `/conversations/${first}/hangup`);
    await clock.advance(100);
    expect(events()).toEqual(['queued', 'queued']);
    expect(told[1]?.messageId).toBe(told[0]?.messageId);
    await control('POST', '/faults', { match: { path: 'queued' }, fault: 'reorder-events', times: 1 });
    const second = await create(QUEUED);
    await control('POST', `/conversations/${second}/hangup`);
    await clock.advance(0);
    expect(events().slice(2)).toEqual(['released:customer', 'queued']);
  });

  it('go to a hook that is set later, and stop when there is none', async () => {
    const { control, create, clock, told, twin } = await driveCxone({ hook: undefined });
    await create(QUEUED);
    await control('PUT', '/settings', { hook: { url: 'http://hook.test/' } });
    await create(QUEUED);
    await clock.advance(0);
    expect(told).toHaveLength(1);
    await control('PUT', '/settings', { hook: null });
    await create(QUEUED);
    await clock.advance(0);
    expect(twin.deliveries()).toMatchObject({ delivered: 1, waiting: 0 });
  });
});

describe('the control surface', () => {
  it('makes conversations of every channel, with a bot or in a queue', async () => {
    const { control } = await driveCxone();
    const made = async (body: object) => (await control('POST', '/conversations', body)).body;
    expect(await made({ channel: 'voice', from: '+1415' })).toEqual({
      contactId: '700000000001',
      contactNumber: null,
      participants: { customer: '700000000001', bot: '700000000001' },
      state: 'script',
    });
    expect(await made(QUEUED)).toMatchObject({ participants: { queue: expect.any(String) } });
    expect(await made({ channel: 'voice', queue: 'General_Support', flow: 'bot' })).toMatchObject({ state: 'script' });
    for (const channel of ['message', 'webchat', 'sms', 'email'])
      expect(await made({ channel, from: `guest-${channel}` })).toMatchObject({
        contactNumber: expect.any(String),
        state: 'script',
      });
    expect(await made({ channel: 'sms', from: 'guest-2', queue: '2002' })).toMatchObject({ state: 'queued' });
    expect(await made({ channel: 'callback', from: '+1415', queue: 'General_Support' })).toMatchObject({
      state: 'queued',
    });
    expect(await made({ channel: 'callback', from: '+1415' })).toMatchObject({ state: 'queued' });
  });

  it.each([
    [{ channel: 'fax' }],
    [{ channel: 'voice', queue: 'Nowhere' }],
    [{ channel: 'voice', queue: '2002' }],
    [{ channel: 'message', to: 'nowhere' }],
    [{ channel: 'voice', mood: 'bad' }],
  ])('refuses %j', async (body) => {
    const { control } = await driveCxone();
    expect((await control('POST', '/conversations', body)).status).toBe(400);
  });

  it('lets the script’s default skill be the one that was named', async () => {
    const { control, create, view } = await driveCxone();
    const id = await create({ channel: 'voice', flow: 'bot', queue: 'BillingDisputes_Tier2', to: '+15550001' });
    expect((await control('POST', `/conversations/${id}/close`)).body).toMatchObject({ endReason: 'script' });
    expect(await view(id)).toMatchObject({ to: '+15550001', pointOfContact: 'Voice bot' });
  });

  it('closes what an agent or a script has, and nothing else', async () => {
    const { control, create, clock, view } = await driveCxone();
    const close = async (id: string) => (await control('POST', `/conversations/${id}/close`)).status;
    const waiting = await create(QUEUED);
    expect(await close(waiting)).toBe(409);
    await control('POST', `/conversations/${waiting}/answer`);
    expect(await close(waiting)).toBe(200);
    expect(await view(waiting)).toMatchObject({ endReason: 'agent' });
    expect(await close(waiting)).toBe(409);
    expect((await control('POST', `/conversations/${waiting}/answer`)).status).toBe(409);
    expect((await control('POST', `/conversations/${waiting}/hangup`)).status).toBe(409);
    expect(await close('1')).toBe(404);
    expect((await control('GET', '/conversations/1')).status).toBe(404);
    await clock.advance(0);
  });

  it('wraps up for an agent who had the contact', async () => {
    const { control, create } = await driveCxone();
    const id = await create(QUEUED);
    const wrapup = async (body?: object) => (await control('POST', `/conversations/${id}/wrapup`, body)).status;
    expect(await wrapup({ code: '1' })).toBe(409);
    await control('POST', `/conversations/${id}/answer`, {});
    expect(await wrapup({ code: '1', notes: 'Done' })).toBe(200);
    expect(await wrapup()).toBe(400);
    expect((await control('POST', `/conversations/${id}/answer`, { agentId: 'x' })).status).toBe(400);
  });

  it('counts what moved a contact, and finds the calls about one by either number', async () => {
    const { control, create, dfo, acd, view } = await driveCxone();
    const id = await create({ channel: 'message', from: 'guest-1' });
    const { contactNumber } = await view(id);
    await dfo('PUT', `/contacts/${contactNumber}/routing-queue`, { skillId: 2_002 });
    await acd('POST', `/interactions/${id}/signal`, { p1: 'Requeue', p2: '2003' });
    const { calls, replaces } = (await control('GET', `/calls?conversationId=${id}`)).body;
    expect(calls.map((each: { method: string; status: number }) => [each.method, each.status])).toEqual([
      ['PUT', 204],
      ['POST', 204],
    ]);
    expect(replaces).toEqual({ [id]: 2 });
    expect((await control('GET', '/calls?conversationId=1')).body.replaces).toEqual({});
  });

  it('shows settings without secrets, and refuses what is none', async () => {
    const { control } = await driveCxone();
    const byoc = { box: 'http://b.test/x', authorizationUrl: 'http://b.test/t', clientId: 'c', clientSecret: 'hush' };
    const entry = { url: 'http://s.test', headers: { authorization: 'Bearer hush' } };
    const { body } = await control('PUT', '/settings', { byoc, entry, settleMs: 10 });
    expect(body).toMatchObject({
      settleMs: 10,
      entryTimeoutMs: 30_000,
      acwMs: 0,
      tokenTtlSec: 3_600,
      byoc: { box: 'http://b.test/x', form: 'posts' },
      entry: { url: 'http://s.test' },
      hook: { url: 'http://hook.test/hooks/cxone' },
    });
    expect(JSON.stringify(body)).not.toContain('hush');
    expect((await control('PUT', '/settings', { byoc: null, entry: null })).body).toMatchObject({
      byoc: null,
      entry: null,
    });
    expect((await control('GET', '/settings')).body.settleMs).toBe(10);
    expect((await control('PUT', '/settings', { mood: 'bad' })).status).toBe(400);
    expect((await control('POST', '/agents', { name: 'x', queues: ['Nowhere'] })).status).toBe(400);
    expect((await control('POST', '/agents', {})).status).toBe(400);
  });

  it('forgets everything but settings and tokens on reset', async () => {
    const { control, create, clock, acd, events, twin } = await driveCxone();
    const id = await create(QUEUED);
    await control('POST', '/agents', { name: 'Ada', queues: ['General_Support'] });
    await control('POST', '/reset');
    await clock.advance(10_000);
    expect((await control('GET', `/conversations/${id}`)).status).toBe(404);
    expect((await acd('GET', '/agents/states')).body.agentStates).toEqual([]);
    expect(events()).toEqual(['queued']);
    expect(twin.calls()).toHaveLength(1);
    expect(await create(QUEUED)).not.toBe(id);
  });
});

it('cuts the connection after the effect on command', async () => {
  const { control, create, acd, view, clock } = await driveCxone();
  const id = await create({ channel: 'voice', flow: 'bot' });
  await control('POST', '/faults', { match: { path: '/signal' }, fault: 'commit-then-drop', times: 1 });
  await expect(acd('POST', `/interactions/${id}/signal`, { p1: 'Requeue', p2: '1002' })).rejects.toThrow(
    'fetch failed',
  );
  await clock.advance(250);
  expect(await view(id)).toMatchObject({ state: 'queued' });
});

it('serves both worlds and the control surface on a port, and posts to a real hook', async () => {
  const posted: string[] = [];
  const hook = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      posted.push(text);
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  await using twin = await startCxoneTwin({
    clock: machineClock,
    hook: { url: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hooks/cxone` },
  });
  const openid = (await (await fetch(`${twin.url}/.well-known/openid-configuration`)).json()) as { issuer: string };
  expect(openid.issuer).toBe(twin.url);
  await fetch(`${twin.url}/twin/conversations`, { method: 'POST', body: JSON.stringify(QUEUED) });
  while (posted.length === 0) await wait(5);
  expect(JSON.parse(posted[0] ?? '')).toMatchObject({ event: 'queued', contactId: '700000000001' });
  hook.close();
});
