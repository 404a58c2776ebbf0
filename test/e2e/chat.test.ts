// Conversations of our own as `npm start` gives them: the page, its session, and a talk with the front desk over the socket, begun by nobody's link and
// by the one that a caller was texted. Real processes, real HTTP, a real WebSocket.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../contract/chat-stage.ts';
import { type RunningService, startRunning } from './running-service.ts';

const KEY = 'a-key-to-look-around-with';
const PATIENCE_MS = 15_000;
type Json = Readonly<Record<string, unknown>>;

let running: RunningService;

beforeAll(async () => {
  running = await startRunning({ THROUGHLINE_API_KEY: KEY });
}, 60_000);

afterAll(() => running[Symbol.asyncDispose]());

async function post(url: string, body: Json, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, cookie: cookieOf(answer), body: (await answer.json()) as Json };
}

const cookieOf = ({ headers }: Response) => headers.get('set-cookie')?.split(';')[0] ?? '';
const withKey = { authorization: `Bearer ${KEY}` };
const session = (asked: Json) => post(`${running.url}/c/session`, asked, { origin: running.url });
const read = async (url: string) => (await (await fetch(url, { headers: withKey })).json()) as Json;

/** A caller whose call a bot holds, and the link that the newest message on their telephone has. */
async function texted(from: string) {
  const made = await post(`${running.twinUrl}/twin/conversations`, { channel: 'voice', from, flow: 'bot' });
  const call = { platform: 'genesys_cloud', conversationId: String(made.body.conversationId), ani: from };
  const asked = { ...call, intent: 'billing_dispute', source: 'disconnect' };
  const { body } = await post(`${running.url}/v1/flows/deflect`, asked, withKey);
  const texts = `http://127.0.0.1:${Number(new URL(running.url).port) + 30}`;
  const endsAt = Date.now() + PATIENCE_MS;
  while (Date.now() < endsAt) {
    const { messages } = await read(`${texts}/twin/phones/${encodeURIComponent(from)}/messages`);
    const link = /https?:\S+\/c\/[\w-]+/.exec((messages as { text: string }[]).at(-1)?.text ?? '')?.[0];
    if (link) return { link, id: String(body.correlationId) };
    await sleep(50);
  }
  throw new Error('no message came');
}

describe('a customer on our own page', () => {
  it('begins a talk without a link, is answered by the front desk, and finds all of it after a lost line', async () => {
    const { status, cookie } = await session({ fresh: true, device: randomUUID() });
    expect(status).toBe(201);
    const customer = await connect(running.url, cookie);
    await customer.until(() => customer.texts().find((text) => text.includes('is it about a bill')));
    expect(await customer.say('a parcel')).toMatchObject({ type: 'ack' });
    await customer.until(() => customer.texts().find((text) => text.includes('it is about delivery')));
    const before = customer.texts();
    customer.cut();
    const again = await connect(running.url, cookie);
    await again.welcome();
    expect(again.texts().slice(0, before.length)).toEqual(before);
    // Nobody is there to answer yet: the customer waits with people, and is told so.
    await again.until(() => again.texts().includes('[person-asked]'));
    await again.until(() => again.frames.some((frame) => 'presence' in frame && frame.presence.holder === 'queue'));
    again.cut();
  });

  it('goes on by the link that they were texted with what was known at the call, on one device at a time', async () => {
    const from = '+14155550141';
    const { link, id } = await texted(from);
    expect(link.startsWith(`${running.url}/c/`)).toBe(true);
    const token = String(link.split('/').at(-1));
    const { status, cookie } = await session({ token, device: randomUUID() });
    expect(status).toBe(201);
    const customer = await connect(running.url, cookie);
    await customer.until(() => customer.texts().find((text) => text.includes('You called us (billing dispute)')));
    expect(await session({ token, device: randomUUID() })).toMatchObject({
      status: 409,
      body: { code: 'claim-already-active', help: { fresh: true } },
    });
    const { handoff, legs } = await read(`${running.url}/v1/interactions/${id}`);
    expect(handoff).toMatchObject({ kind: 'deflection', outcome: 'completed' });
    expect((legs as Json[]).map(({ platform, channel }) => [platform, channel])).toEqual([
      ['genesys_cloud', 'voice'],
      ['throughline', 'webchat'],
    ]);
    customer.cut();
    for (const secret of [token, from]) expect(running.output()).not.toContain(secret);
  });

  it('has no socket without a session or from another site, and a link of nobody’s opens nothing', async () => {
    const { cookie } = await session({ fresh: true, device: randomUUID() });
    await expect(connect(running.url, '')).rejects.toThrow('401');
    await expect(connect(running.url, cookie, 'https://elsewhere.example')).rejects.toThrow('403');
    expect(await session({ token: 'A'.repeat(22), device: randomUUID() })).toMatchObject({
      status: 404,
      body: { code: 'claim-unknown' },
    });
  });
});
