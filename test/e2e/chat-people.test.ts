// Our own chat with people at both vendors, as `npm start` has them: the bot, a person at Genesys Cloud by open messaging, the bot again, a person
// at CXone by a channel of our own, the bot again. Real processes, real HTTP both ways, real signatures and tokens; agents act at the twins.

import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerFrame } from '../../src/server/chat-frames.ts';
import { connect } from '../contract/chat-stage.ts';
import { type RunningService, startRunning } from './running-service.ts';

const KEY = 'a-key-to-look-around-with';
const PATIENCE_MS = 20_000;
// biome-ignore lint/suspicious/noExplicitAny: answers are read as loosely as a client in another language reads them
type Loose = any;

let running: RunningService;
let cxone: string;

beforeAll(async () => {
  running = await startRunning({ THROUGHLINE_API_KEY: KEY });
  cxone = `http://127.0.0.1:${Number(new URL(running.url).port) + 20}`;
}, 60_000);
afterAll(() => running[Symbol.asyncDispose]());

async function ask(method: string, url: string, body?: object, headers: Record<string, string> = {}): Promise<Loose> {
  const all = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers };
  const answer = await fetch(url, { method, headers: all, ...(body && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

async function until<Value>(look: () => Promise<Value | undefined | null | false>): Promise<Value> {
  const endsAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > endsAt) throw new Error('it did not come');
    await sleep(50);
  }
}

/** A customer on our page, and what they are told of who has them. */
async function customerHere() {
  const answer = await fetch(`${running.url}/c/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: running.url },
    body: JSON.stringify({ fresh: true, device: randomUUID() }),
  });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const customer = await connect(running.url, cookie);
  const presences = () =>
    customer.frames.flatMap((frame: ServerFrame) =>
      frame.type === 'presence' || frame.type === 'welcome' ? [frame.presence] : [],
    );
  const heard = (part: string, times = 1) =>
    customer.until(() => customer.texts().filter((text) => text.includes(part)).length >= times);
  const talksTo = (holder: string, name?: string) =>
    customer.until(() => {
      const now = presences().at(-1);
      return now?.holder === holder && (name === undefined || now.name === name);
    });
  await heard('is it about a bill');
  return { ...customer, heard, talksTo };
}

/** The newest interaction that began on our page, and its newest conversation at this platform. */
async function conversationAt(platform: string, than?: string) {
  return until(async () => {
    const { entities } = await ask('GET', `${running.url}/v1/interactions?channel=webchat&limit=1`);
    const { legs, id } = await ask('GET', `${running.url}/v1/interactions/${entities[0].id}`);
    const leg = legs.findLast((one: Loose) => one.platform === platform && one.externalId !== than);
    return leg && { id: String(id), conversation: String(leg.externalId) };
  });
}

const act = (at: string, conversation: string, word: string, body: object = {}) =>
  ask('POST', `${at}/twin/conversations/${conversation}/${word}`, body);
const view = (at: string, conversation: string) => ask('GET', `${at}/twin/conversations/${conversation}`);
const agentAt = async (at: string, name: string, queue: string) =>
  String((await ask('POST', `${at}/twin/agents`, { name, queues: [queue], answers: 'manual' })).agentId);
const journal = (id: string) => ask('GET', `${running.url}/v1/interactions/${id}/journal`);

/** What the vendor would have posted to us, signed as it signs. */
function signed(body: object) {
  const raw = JSON.stringify(body);
  const secret = readFileSync(join(running.data, 'open-messaging-secret'), 'utf8').trim();
  const signature = `sha256=${createHmac('sha256', secret).update(raw).digest('base64')}`;
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
  return fetch(`${running.url}/hooks/genesys/open-messaging`, { method: 'POST', headers, body: raw });
}

describe('a customer on our own page', () => {
  it('talks to the bot, to Ana at Genesys Cloud, and to the bot again; what Ana says late or twice changes nothing (H2)', async () => {
    const genesys = running.twinUrl;
    const ana = await agentAt(genesys, 'Ana Ruiz', 'BillingDisputes_Tier2');
    const customer = await customerHere();
    await customer.say('I was charged twice');
    await customer.talksTo('queue');
    const { id, conversation } = await conversationAt('genesys_cloud');
    const waiting = await until(async () => {
      const seen = await view(genesys, conversation);
      return seen.holder === 'queue' && seen;
    });
    expect(waiting).toMatchObject({
      messageType: 'open',
      queue: { name: 'BillingDisputes_Tier2' },
      attributes: {
        interactionId: id,
        Topic: 'billing',
        agentContextSummary: expect.any(String),
        // What an escalation over the API carries, too (H4).
        agent_briefing: expect.stringContaining('I was charged twice'),
        recommended_queue: 'BillingDisputes_Tier2',
      },
      messages: [{ direction: 'inbound', text: expect.any(String) }],
    });
    await act(genesys, conversation, 'answer', { agentId: ana });
    await customer.talksTo('agent', 'Ana');
    await act(genesys, conversation, 'typing');
    await customer.until(() => customer.frames.some(({ type }) => type === 'typing'));
    expect((await view(genesys, conversation)).typings).toBe(0);
    customer.send({ type: 'typing' });
    await until(async () => (await view(genesys, conversation)).typings === 1);
    await ask('POST', `${genesys}/twin/faults`, {
      match: { path: `open-messaging.${conversation}.Text` },
      fault: 'repeat-event',
      times: 1,
    });
    await act(genesys, conversation, 'say', { text: 'I see both charges. One is taken back.' });
    await customer.heard('One is taken back');
    customer.send({ type: 'typing' });
    await until(async () => (await view(genesys, conversation)).typings > 0);
    expect(await customer.say('Thank you, Ana')).toMatchObject({ type: 'ack' });
    await until(async () =>
      (await view(genesys, conversation)).messages.some((one: Loose) => one.text === 'Thank you, Ana'),
    );

    await act(genesys, conversation, 'close');
    await customer.heard('Is there anything else?');
    await customer.talksTo('bot');
    expect(customer.texts().filter((text) => text.includes('One is taken back'))).toHaveLength(1);
    const far = (await view(genesys, conversation)).address;
    const late = {
      id: randomUUID(),
      channel: { to: { id: far, idType: 'Opaque' } },
      type: 'Text',
      direction: 'Outbound',
    };
    expect((await signed({ ...late, text: 'One more thing' })).status).toBe(200);
    expect((await signed({ ...late, text: 'One more thing' })).status).toBe(200);
    const forged = await fetch(`${running.url}/hooks/genesys/open-messaging`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': 'sha256=AAAA' },
      body: JSON.stringify({ ...late, id: randomUUID(), text: 'Forged' }),
    });
    expect(forged.status).toBe(401);
    const refused = await until(async () => {
      const { events } = await journal(id);
      return events.filter((one: Loose) => one.type === 'RequestRefused').map(({ body }: Loose) => body.code);
    });
    expect(refused).toEqual(['stale-holder']);

    // Wanted again, people know the customer by another name: what is said to the former one is still said to nobody.
    await customer.say('yes');
    await customer.heard('is it about a bill', 2);
    await customer.say('a bill');
    const second = await conversationAt('genesys_cloud', conversation);
    expect(second.id).toBe(id);
    await until(async () => (await view(genesys, second.conversation)).holder === 'queue');
    await act(genesys, second.conversation, 'answer', { agentId: ana });
    await customer.talksTo('agent', 'Ana');
    expect((await signed({ ...late, id: randomUUID(), text: 'To the old name' })).status).toBe(200);
    await act(genesys, second.conversation, 'say', { text: 'Here I am again.' });
    await customer.heard('Here I am again.');
    for (const never of ['One more thing', 'Forged', 'To the old name'])
      expect(customer.texts().join()).not.toContain(never);
    customer.cut();
  });

  it('talks to Ben at CXone in a case of our own channel, whose fields carry what is known, and to the bot again', async () => {
    const ben = await agentAt(cxone, 'Ben', 'General_Support_Digital');
    const customer = await customerHere();
    await customer.say('Where is my parcel?');
    const { id, conversation } = await conversationAt('nice_cxone');
    const waiting = await until(async () => {
      const seen = await view(cxone, conversation);
      return seen.holder === 'queue' && seen;
    });
    expect(waiting).toMatchObject({
      channel: 'byoc_throughline',
      customFields: { interactionId: id, Topic: 'delivery', agentContextSummary: expect.any(String) },
      messages: [{ direction: 'inbound', text: expect.any(String) }],
    });
    await act(cxone, conversation, 'answer', { agentId: ben });
    await customer.heard('Ben is here.');
    await customer.talksTo('agent', 'Ben');
    await ask('POST', `${cxone}/twin/faults`, {
      match: { path: `byoc.${conversation}` },
      fault: 'repeat-event',
      times: 1,
    });
    await act(cxone, conversation, 'say', { text: 'It comes today.' });
    await customer.heard('It comes today.');
    await customer.say('Thanks, Ben');
    const told = await until(async () => {
      const { messages } = await view(cxone, conversation);
      return messages.some(({ text }: Loose) => text === 'Thanks, Ben') && messages;
    });
    expect(told.filter(({ direction, status }: Loose) => direction === 'outbound' && status !== 'failed')).toHaveLength(
      2,
    );
    expect(told.every(({ idOnExternalPlatform }: Loose) => idOnExternalPlatform)).toBe(true);
    await act(cxone, conversation, 'close');
    await customer.heard('Is there anything else?');
    await customer.talksTo('bot');
    expect(customer.texts().filter((text) => text.includes('It comes today.'))).toHaveLength(1);

    // What comes of that case now is taken, kept, and said to nobody; whoever has no token of ours is not heard at all.
    const { thread } = await view(cxone, conversation);
    const late = {
      id: randomUUID(),
      thread: { idOnExternalPlatform: thread },
      messageContent: { payload: { text: 'Too late' } },
    };
    const box = `${running.url}/hooks/cxone/byoc`;
    const login = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'twin-cxone',
      client_secret: readFileSync(join(running.data, 'own-channel-secret'), 'utf8').trim(),
    });
    const granted = await fetch(`${box}/token`, { method: 'POST', body: login });
    const { access_token: token } = (await granted.json()) as { readonly access_token: string };
    const post = (authorization: string) =>
      fetch(`${box}/1.0/posts/${thread}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify(late),
      });
    expect([(await post(`Bearer ${token}`)).status, (await post('Bearer made-up')).status]).toEqual([200, 401]);
    const { events } = await journal(id);
    expect(events.at(-1)).toMatchObject({ type: 'RequestRefused', body: { code: 'stale-holder' } });
    expect(customer.texts().join()).not.toContain('Too late');
    customer.cut();
  });

  it('is told that nobody can be reached where the tenant lacks a field, and the bot goes on', async () => {
    const { customFields } = await ask('GET', `${cxone}/twin/settings`);
    await ask('PUT', `${cxone}/twin/settings`, { customFields: ['intent'] });
    const customer = await customerHere();
    await customer.say('Where is my parcel?');
    await customer.heard('I could not reach anybody just now');
    await customer.talksTo('bot');
    await ask('PUT', `${cxone}/twin/settings`, { customFields });
    customer.cut();
  });
});
