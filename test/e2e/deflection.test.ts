// Deflections and callbacks as `npm start` gives them: the Genesys twin's call, the text message on the twin's telephone, its signed receipts, the
// link, the customer's own conversation, and the call back (seed 000). Real processes and real HTTP.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningService, startRunning } from './running-service.ts';
import { untilWithin } from './until.ts';

const until = untilWithin(15_000);
const KEY = 'a-key-to-look-around-with';
type Json = Readonly<Record<string, unknown>>;

let running: RunningService;
let texts: string;

beforeAll(async () => {
  running = await startRunning({ THROUGHLINE_API_KEY: KEY });
  texts = `http://127.0.0.1:${Number(new URL(running.url).port) + 30}`;
}, 60_000);

afterAll(() => running[Symbol.asyncDispose]());

async function ask(method: string, url: string, body?: Json): Promise<{ status: number; body: Json }> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
}

async function send(method: string, url: string, body?: Json): Promise<Json> {
  const answer = await ask(method, url, body);
  if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const api = (method: string, path: string, body?: Json) => send(method, `${running.url}${path}`, body);
const phone = (number: string, what = '') => `${texts}/twin/phones/${encodeURIComponent(number)}${what}`;

/** A call that a bot holds, whose flow has a link sent. */
async function deflected(from: string, more: Json = {}) {
  const made = await send('POST', `${running.twinUrl}/twin/conversations`, { channel: 'voice', from, flow: 'bot' });
  const call = { platform: 'genesys_cloud', conversationId: String(made.conversationId) };
  const matter = { intent: 'billing_dispute', authenticationStatus: 'verified', accountId: 'ACC-98765' };
  const answer = await api('POST', '/v1/flows/deflect', { ...call, ani: from, ...matter, ...more });
  const status = () => api('POST', '/v1/flows/status', { ...call, handoffId: String(answer.handoffId) });
  return { call, answer, status };
}

/** The link in the newest message on that telephone. */
async function linkOn(number: string): Promise<string> {
  const inbox = async () => (await send('GET', phone(number, '/messages'))).messages as { text: string }[];
  const messages = await until(inbox, (list) => list.length > 0);
  return /https?:\S+\/c\/[\w-]+/.exec(messages.at(-1)?.text ?? '')?.[0] ?? '';
}

const twinOf = (conversationId: string) => send('GET', `${running.twinUrl}/twin/conversations/${conversationId}`);

describe('a caller who is sent to a digital channel', () => {
  it('gets a link by text message, whose receipt ends the call, and goes on with everything known (seed 000)', async () => {
    const from = '+14155550131';
    const { call, answer, status } = await deflected(from, { source: 'disconnect' });
    expect(answer).toMatchObject({ ok: true, smsStatus: 'sent', correlationId: expect.any(String) });
    expect((await twinOf(call.conversationId)).attributes).toMatchObject({
      correlationId: answer.correlationId,
      deflectionChannel: 'sms',
    });
    const link = await linkOn(from);
    expect(link).toMatch(new RegExp(`^${running.url}/c/[\\w-]{22}$`));
    await until(status, ({ smsStatus }) => smsStatus === 'delivered');
    await until(
      () => twinOf(call.conversationId),
      ({ ended }) => ended === true,
    );

    const token = link.split('/').at(-1);
    const chat = await send('POST', `${running.twinUrl}/twin/conversations`, { channel: 'message', from, flow: 'bot' });
    const digital = { platform: 'genesys_cloud', conversationId: String(chat.conversationId), channel: 'message' };
    const claimed = await api('POST', '/v1/flows/claim', { ...digital, token: String(token) });
    expect(claimed).toMatchObject({
      found: true,
      state: 'claimed',
      originalAni: from,
      voiceConversationId: call.conversationId,
      intentAtDeflection: 'billing_dispute',
      authenticationStatus: 'verified',
      accountId: 'ACC-98765',
    });
    const restored = () => twinOf(digital.conversationId);
    const seen = await until(restored, ({ attributes }) => (attributes as Json).priorIntent === 'billing_dispute');
    expect(seen.attributes).toMatchObject({
      originVoiceConversationId: call.conversationId,
      authenticationStatus: 'verified',
      accountId: 'ACC-98765',
    });
    const { handoff, legs } = await api('GET', `/v1/interactions/${answer.correlationId}`);
    expect(handoff).toMatchObject({ kind: 'deflection', outcome: 'completed' });
    expect((legs as Json[]).map(({ channel }) => channel)).toEqual(['voice', 'message']);
    for (const secret of [String(token), from]) expect(running.output()).not.toContain(secret);
  });

  it('is texted by the next provider where the first cannot deliver, and kept on the call where none can', async () => {
    const from = '+14155550132';
    await send('PUT', phone(from), { delivery: 'undelivered' });
    const { answer, status } = await deflected(from, { source: 'disconnect' });
    const lost = await until(status, ({ phase }) => phase === 'settled');
    expect(lost).toMatchObject({ outcome: 'compensated', reason: 'sms-not-delivered', mayRelease: false });
    const { timeline } = await api('GET', `/v1/interactions/${answer.correlationId}/handoffs/1`);
    const events = (timeline as { event: string }[]).map(({ event }) => event);
    expect(events.filter((event) => event === 'SmsRouteChosen')).toHaveLength(2);
    expect(events.filter((event) => event === 'SmsReported')).toHaveLength(2);
    await until(
      async () => running.output(),
      (log) => /could not be texted.*a person has to follow up/.test(log),
    );
  });

  it('is not texted again after STOP, by any provider, until START', async () => {
    const from = '+14155550133';
    await send('PUT', `${texts}/twin/settings`, { twilioReplyUrl: `${running.url}/hooks/twilio/reply` });
    await deflected(from);
    await linkOn(from);
    await send('POST', phone(from, '/replies'), { text: 'Stop.' });
    const again = () => deflected(from).then(({ answer }) => answer);
    expect(await until(again, ({ ok }) => ok === false)).toMatchObject({ reason: 'opted-out', smsStatus: 'failed' });
    await send('POST', phone(from, '/replies'), { text: 'START' });
    expect(await until(again, ({ ok }) => ok === true)).toMatchObject({ smsStatus: 'sent' });
  });

  it('believes no receipt that its provider has not signed', async () => {
    const { answer, status } = await deflected('+14155550134');
    const forged = await fetch(`${running.url}/hooks/twilio/status?ref=${answer.handoffId}.0`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': `${'A'.repeat(27)}=` },
      body: `MessageSid=SM${'0'.repeat(32)}&MessageStatus=failed`,
    });
    expect(forged.status).toBe(401);
    expect((await status()).smsStatus).not.toBe('failed');
  });
});

describe('a customer who is called back', () => {
  it('is promised a call in the platform’s queue, with what is known as its data (seed 000 §5 A)', async () => {
    const from = '+14155550135';
    const chat = await send('POST', `${running.twinUrl}/twin/conversations`, { channel: 'message', from, flow: 'bot' });
    const { id } = await api('POST', '/v1/interactions', {
      platform: 'genesys_cloud',
      externalId: String(chat.conversationId),
      channel: 'message',
      customer: { phone: from, name: 'Ada' },
      context: { intent: 'billing_dispute', authenticationStatus: 'verified' },
    });
    // An hour at which anybody may be called: noon in the middle of their country.
    const at = new Date(Date.UTC(2030, 0, 15, 18)).toISOString();
    const asked = { kind: 'callback', queue: 'BillingDisputes_Tier2', priority: 10, at, timeZone: 'America/Chicago' };
    await api('POST', `/v1/interactions/${id}/handoffs`, asked);
    const handoff = () => api('GET', `/v1/interactions/${id}/handoffs/1`);
    const settled = await until(handoff, ({ phase }) => phase === 'settled');
    expect(settled).toMatchObject({
      kind: 'callback',
      outcome: 'completed',
      queue: { name: 'BillingDisputes_Tier2' },
      callback: { platform: 'genesys_cloud', pattern: 'queued', priority: 10, consent: 'asked-by-customer' },
    });
    const { legs } = await api('GET', `/v1/interactions/${id}`);
    const call = (legs as { externalId: string; channel: string }[]).find(({ channel }) => channel === 'voice');
    expect((await twinOf(call?.externalId ?? '')).attributes).toMatchObject({
      correlationId: id,
      priorDigitalConversationId: chat.conversationId,
      resolvedIntent: 'billing_dispute',
      authenticationStatus: 'verified',
    });
  });

  it('is not called at night, and is told when it is allowed again', async () => {
    const chat = await send('POST', `${running.twinUrl}/twin/conversations`, {
      channel: 'message',
      from: '+14155550136',
      flow: 'bot',
    });
    const { id } = await api('POST', '/v1/interactions', {
      platform: 'genesys_cloud',
      externalId: String(chat.conversationId),
      channel: 'message',
    });
    const at = new Date(Date.UTC(2030, 0, 15, 9)).toISOString();
    const asked = { kind: 'callback', phone: '+14155550136', at, timeZone: 'America/New_York' };
    const refused = await api('POST', `/v1/interactions/${id}/handoffs`, asked);
    expect(refused).toMatchObject({ outcome: 'refused', reason: 'outside-calling-hours' });
    expect(refused.detail).toContain('2030-01-15T13:00');
  });
});
