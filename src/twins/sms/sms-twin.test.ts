import { describe, expect, it } from 'vitest';
import { fetchThrough } from '../in-process-fetch.ts';
import { seededRandom } from '../seeded-random.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { createSmsTwin, DEMO_TWILIO, DEMO_VONAGE, type SmsTwinOptions } from './sms-twin.ts';

const CUSTOMER = '+14155550123';
const PHONE = `/twin/phones/${encodeURIComponent(CUSTOMER)}`;
const FROM = DEMO_TWILIO.numbers[0] ?? '';
const MESSAGES = `/2010-04-01/Accounts/${DEMO_TWILIO.accountSid}/Messages.json`;
const TEXT = { To: CUSTOMER, From: FROM, Body: 'Hello' };
const JSON_TEXT = { channel: 'sms', message_type: 'text', to: '14155550123', from: '15055550110', text: 'Hello' };

type Post = { readonly url: string; readonly headers: Headers; readonly body: string };

function drive(options: Partial<SmsTwinOptions> = {}) {
  const clock = createVirtualClock();
  const posts: Post[] = [];
  const hook: typeof fetch = async (input, init) => {
    posts.push({ url: String(input), headers: new Headers(init?.headers), body: String(init?.body) });
    return new Response(null, { status: 204 });
  };
  const twin = createSmsTwin({ clock, random: seededRandom(1), settleMs: 100, fetch: hook, ...options });
  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await twin.fetch(`http://sms.twin${path}`, { method, ...init });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  const basic = (user: string, secret: string) => ({ authorization: `Basic ${btoa(`${user}:${secret}`)}` });
  const known = basic(DEMO_TWILIO.accountSid, DEMO_TWILIO.authToken);
  return {
    clock,
    twin,
    posts,
    ask,
    control: (method: string, path: string, body?: unknown) =>
      ask(method, path, body === undefined ? {} : { body: JSON.stringify(body) }),
    text: (fields: Record<string, string> = TEXT, headers: Record<string, string> = known) =>
      ask('POST', MESSAGES, { headers, body: new URLSearchParams(fields) }),
    look: (path: string) => ask('GET', path, { headers: known }),
    vonage: (body: unknown, headers = basic(DEMO_VONAGE.apiKey, DEMO_VONAGE.apiSecret)) =>
      ask('POST', '/v1/messages', { headers, body: JSON.stringify(body) }),
    basic,
  };
}

describe('Twilio’s paths', () => {
  it('take a message with 201 and queued, and show it as it goes', async () => {
    const { clock, text, look } = drive();
    const sent = await text();
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({
      sid: expect.stringMatching(/^SM[0-9a-f]{32}$/),
      status: 'queued',
      to: CUSTOMER,
      from: FROM,
      body: 'Hello',
      direction: 'outbound-api',
      error_code: null,
      date_created: 'Thu, 01 Jan 2026 00:00:00 +0000',
      date_sent: null,
    });
    await clock.advance(60);
    expect((await look(sent.body.uri)).body.status).toBe('sent');
    await clock.advance(60);
    expect((await look(sent.body.uri)).body).toMatchObject({ status: 'delivered' });
  });

  it.each([
    [{ From: FROM, Body: 'x' }, 21604],
    [{ To: CUSTOMER, Body: 'x' }, 21603],
    [{ To: CUSTOMER, From: FROM }, 21602],
    [{ ...TEXT, Body: 'x'.repeat(1_601) }, 21617],
    [{ ...TEXT, To: '0123' }, 21211],
    [{ ...TEXT, From: '+15550000000' }, 21606],
    [{ ...TEXT, ValidityPeriod: '36001' }, 90007],
    [{ ...TEXT, StatusCallback: 'nonsense' }, 21609],
  ])('refuse %j with code %i', async (fields, code) => {
    const { text, twin } = drive();
    const refused = await text(fields as Record<string, string>);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ code, status: 400, more_info: `https://www.twilio.com/docs/errors/${code}` });
    expect(twin.handsets.inbox(CUSTOMER)).toEqual([]);
  });

  it('ask who calls', async () => {
    const { text, ask, basic, look } = drive();
    const wrong = [{}, basic(DEMO_TWILIO.accountSid, 'wrong'), basic('AC2', DEMO_TWILIO.authToken), basic('', '')];
    for (const headers of wrong)
      expect(await text(TEXT, headers)).toMatchObject({ status: 401, body: { code: 20003 } });
    expect((await look('/2010-04-01/Accounts/AC2/Messages.json')).status).toBe(404);
    expect((await look(MESSAGES.replace('.json', '/SM1.json'))).body).toMatchObject({ code: 20404 });
    expect((await ask('GET', '/v2/anything')).status).toBe(404);
  });

  it('take an API key too', async () => {
    const { text, basic } = drive({ twilio: { ...DEMO_TWILIO, apiKeys: { SK1: 'key-secret' } } });
    expect((await text(TEXT, basic('SK1', 'key-secret'))).status).toBe(201);
    expect((await text(TEXT, basic('SK1', 'wrong'))).status).toBe(401);
  });

  it('list messages by both numbers, newest first', async () => {
    const { text, look } = drive();
    for (const Body of ['1', '2', '3']) await text({ ...TEXT, Body });
    await text({ ...TEXT, To: '+14155550199', Body: '4' });
    const query = new URLSearchParams({ To: CUSTOMER, From: FROM, PageSize: '2' });
    const { body } = await look(`${MESSAGES}?${query}`);
    expect(body.messages.map((each: { body: string }) => each.body)).toEqual(['3', '2']);
    expect((await look(MESSAGES)).body.messages).toHaveLength(4);
  });

  it('fail on command in Twilio’s words', async () => {
    const { text, control } = drive();
    for (const fault of ['429', '500', 'expire-token']) await control('POST', '/twin/faults', { fault, times: 1 });
    const limited = await text();
    expect(limited).toMatchObject({ status: 429, body: { code: 20429 } });
    expect(limited.headers.get('retry-after')).toBe('1');
    expect(await text()).toMatchObject({ status: 500, body: { code: 20500 } });
    expect(await text()).toMatchObject({ status: 401, body: { code: 20003 } });
    expect((await text()).status).toBe(201);
  });
});

describe('Twilio’s callbacks', () => {
  it('tell every status but the first, signed, in order', async () => {
    const { clock, text, posts } = drive();
    await text({ ...TEXT, StatusCallback: 'http://127.0.0.1:1/hook?ref=r-1' });
    await clock.advance(200);
    expect(posts.map(({ body }) => new URLSearchParams(body).get('MessageStatus'))).toEqual(['sent', 'delivered']);
    expect(posts[0]?.url).toBe('http://127.0.0.1:1/hook?ref=r-1');
    expect(posts[0]?.headers.get('content-type')).toContain('application/x-www-form-urlencoded');
    expect(posts[0]?.headers.get('x-twilio-signature')).toMatch(/^[A-Za-z0-9+/]{27}=$/);
  });

  it.each([
    ['undelivered', ['sent', 'undelivered']],
    ['failed', ['failed']],
    ['silent', ['sent']],
  ])('tell what the telephone does: %s', async (delivery, statuses) => {
    const { clock, text, posts, control } = drive();
    await control('PUT', PHONE, { delivery, errorCode: '30003' });
    await text({ ...TEXT, StatusCallback: 'http://127.0.0.1:1/hook' });
    await clock.advance(5_000);
    const forms = posts.map(({ body }) => new URLSearchParams(body));
    expect(forms.map((form) => form.get('MessageStatus'))).toEqual(statuses);
    if (delivery !== 'silent') expect(forms.at(-1)?.get('ErrorCode')).toBe('30003');
  });

  it('come late, not at all, twice and out of order on command', async () => {
    const told = async (arm: (control: ReturnType<typeof drive>['control']) => Promise<unknown>) => {
      const { clock, text, posts, control } = drive();
      await arm(control);
      await text({ ...TEXT, StatusCallback: 'http://127.0.0.1:1/hook' });
      await clock.advance(150);
      const early = posts.length;
      await clock.advance(60_000);
      return { early, all: posts.map(({ body }) => new URLSearchParams(body).get('MessageStatus')) };
    };
    expect(await told((control) => control('PUT', PHONE, { afterMs: 30_000 }))).toEqual({
      early: 1,
      all: ['sent', 'delivered'],
    });
    const fault = (name: string, path?: string) => (control: ReturnType<typeof drive>['control']) =>
      control('POST', '/twin/faults', { fault: name, match: path === undefined ? {} : { path }, times: 1 });
    expect((await told(fault('drop-event', 'delivered'))).all).toEqual(['sent']);
    expect((await told(fault('repeat-event', 'sent'))).all.toSorted()).toEqual(['delivered', 'sent', 'sent']);
    expect((await told(fault('reorder-events'))).all).toEqual(['delivered', 'sent']);
  });
});

describe('Vonage’s path', () => {
  it('takes a message with 202 and its UUID', async () => {
    const { clock, vonage, twin } = drive();
    const sent = await vonage(JSON_TEXT);
    expect(sent).toMatchObject({ status: 202, body: { message_uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) } });
    await clock.advance(200);
    expect(twin.handsets.inbox(CUSTOMER)).toMatchObject([{ vendor: 'vonage', from: '+15055550110', text: 'Hello' }]);
  });

  it.each([
    [{ ...JSON_TEXT, channel: 'whatsapp' }, '1020'],
    [{ ...JSON_TEXT, message_type: 'image' }, '1020'],
    [{ ...JSON_TEXT, to: '+14155550123' }, '1430'],
    [{ ...JSON_TEXT, from: '15550000000' }, '1420'],
    [{ ...JSON_TEXT, text: '' }, '1020'],
    [{ ...JSON_TEXT, text: 'x'.repeat(1_001) }, '1020'],
    [{ ...JSON_TEXT, client_ref: 'x'.repeat(101) }, '1450'],
    [{ ...JSON_TEXT, ttl: 5 }, '1130'],
    ['text', '1020'],
  ])('refuses %j with a problem document', async (body, code) => {
    const refused = await drive().vonage(body);
    expect(refused.status).toBe(422);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.body.type).toBe(`https://developer.vonage.com/api-errors/messages#${code}`);
  });

  it('asks who calls, and calls no hook for who came with key and secret', async () => {
    const { clock, vonage, posts, basic, ask } = drive();
    for (const headers of [
      basic(DEMO_VONAGE.apiKey, 'wrong'),
      { authorization: 'Bearer a.b.c' },
      { authorization: '' },
    ]) {
      expect((await vonage(JSON_TEXT, headers)).status).toBe(401);
    }
    await vonage({ ...JSON_TEXT, webhook_url: 'http://127.0.0.1:1/hook' });
    await clock.advance(200);
    expect(posts).toEqual([]);
    const headers = basic(DEMO_VONAGE.apiKey, DEMO_VONAGE.apiSecret);
    expect((await ask('GET', '/v1/messages', { headers })).status).toBe(405);
    expect((await ask('GET', '/v1/messages/1', { headers })).status).toBe(404);
  });

  it('fails on command in Vonage’s words', async () => {
    const { vonage, control } = drive();
    for (const fault of ['429', '500', 'expire-token']) await control('POST', '/twin/faults', { fault, times: 1 });
    expect(await vonage(JSON_TEXT)).toMatchObject({ status: 429, body: { title: 'Throttled' } });
    expect((await vonage(JSON_TEXT)).status).toBe(500);
    expect((await vonage(JSON_TEXT)).status).toBe(401);
  });
});

describe('the telephones', () => {
  it('hold what arrived, by whatever vendor', async () => {
    const { clock, text, vonage, control } = drive();
    await text();
    await vonage(JSON_TEXT);
    expect((await control('GET', `${PHONE}/messages`)).body.messages).toEqual([]);
    await clock.advance(200);
    const { messages } = (await control('GET', `${PHONE}/messages`)).body;
    expect(messages).toMatchObject([{ vendor: 'twilio' }, { vendor: 'vonage' }]);
    expect(messages[0].at).toMatch(/^2026-01-01T00:00:00/);
    expect((await control('GET', `/twin/phones/${CUSTOMER}/messages`)).body.messages).toHaveLength(2);
  });

  it('reply to who wrote last, or to whom they name', async () => {
    const { clock, text, control, posts } = drive();
    expect((await control('POST', `${PHONE}/replies`, { text: 'YES' })).status).toBe(409);
    expect((await control('POST', `${PHONE}/replies`, { text: 'YES', to: '+15550000000' })).status).toBe(409);
    await control('PUT', '/twin/settings', {
      twilioReplyUrl: 'http://127.0.0.1:1/in',
      vonageReplyUrl: 'http://127.0.0.1:1/v',
    });
    await text();
    await clock.advance(200);
    expect((await control('POST', `${PHONE}/replies`, { text: 'YES' })).status).toBe(201);
    await control('POST', `${PHONE}/replies`, { text: 'hello', to: '+15055550110' });
    await clock.advance(1);
    expect(new URLSearchParams(posts[0]?.body).get('Body')).toBe('YES');
    expect(JSON.parse(posts[1]?.body ?? '')).toMatchObject({
      text: 'hello',
      from: '14155550123',
      sms: { keyword: 'HELLO' },
    });
  });

  it('say what is wrong with what they are told', async () => {
    const { control } = drive();
    expect((await control('PUT', PHONE, { delivery: 'lost' })).status).toBe(400);
    expect((await control('POST', `${PHONE}/replies`, { words: 'x' })).status).toBe(400);
    expect((await control('DELETE', PHONE)).status).toBe(404);
    expect((await control('GET', '/twin/phones/%zz/messages')).status).toBe(404);
  });

  it('are forgotten with everything else', async () => {
    const { clock, text, control, twin } = drive();
    await text();
    await clock.advance(200);
    await text();
    await control('PUT', PHONE, { delivery: 'silent' });
    expect((await control('POST', '/twin/reset')).status).toBe(204);
    await clock.advance(200);
    expect(twin.handsets.inbox(CUSTOMER)).toEqual([]);
    expect(twin.handsets.fateOf(CUSTOMER)).toEqual({ delivery: 'delivered' });
    expect(twin.calls()).toEqual([]);
  });
});

describe('the control surface', () => {
  it('has settings, calls, and nothing that providers have not', async () => {
    const { control, text, vonage } = drive();
    expect((await control('GET', '/twin/settings')).body).toMatchObject({ settleMs: 100, optOutAssist: false });
    expect((await control('PUT', '/twin/settings', { settleMs: 5 })).body.settleMs).toBe(5);
    expect((await control('PUT', '/twin/settings', { speed: 5 })).status).toBe(400);
    await text();
    await vonage(JSON_TEXT);
    expect((await control('GET', '/twin/calls')).body.calls).toMatchObject([
      { method: 'POST', path: MESSAGES, status: 201 },
      { method: 'POST', path: '/v1/messages', status: 202 },
    ]);
    expect((await control('POST', '/twin/conversations', {})).status).toBe(404);
  });

  it('gives away the key of the application, which the twin made', async () => {
    const { control, twin } = drive();
    const { privateKey } = (await control('GET', '/twin/vonage/private-key')).body;
    expect(privateKey).toContain('BEGIN PRIVATE KEY');
    expect(twin.vonagePrivateKey()).toBe(privateKey);
    const brought = drive({ vonage: { ...DEMO_VONAGE, publicKey: 'theirs' } });
    expect((await brought.control('GET', '/twin/vonage/private-key')).status).toBe(404);
  });

  it('answers this machine only', async () => {
    const { twin } = drive();
    const stranger = fetchThrough((request) => twin.answer({ ...request, loopback: false }));
    expect((await stranger(`http://sms.twin${PHONE}/messages`)).status).toBe(403);
    expect((await stranger('http://sms.twin/twin/vonage/private-key')).status).toBe(403);
  });
});
