// Owns the proof that Twilio's and Vonage's own libraries take the twin for their vendors: messages are sent and read by them, and
// what the twin posts to a hook is proved by them, over real HTTP.

import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Auth } from '@vonage/auth';
import { verifySignature } from '@vonage/jwt';
import { Channels, Messages, MessageTypes, SMS } from '@vonage/messages';
import twilio from 'twilio';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { machineClock } from '../../src/machine-clock.ts';
import { DEMO_TWILIO, DEMO_VONAGE, type ListeningSmsTwin, startSmsTwin } from '../../src/twins/sms/sms-twin.ts';

const SETTLE_MS = 40;
const CUSTOMER = '+14155550123';
const TEXT = { channel: Channels.SMS, messageType: MessageTypes.TEXT } as const;
const FROM = DEMO_TWILIO.numbers[0] ?? '';

type Post = { readonly url: string; readonly headers: Record<string, unknown>; readonly body: string };

describe('the vendors’ own libraries against the twin', () => {
  let twin: ListeningSmsTwin;
  let hookUrl = '';
  const posts: Post[] = [];
  const hook = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      posts.push({ url: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(chunks).toString('utf8') });
      hook.emit('posted');
      outgoing.writeHead(204).end();
    });
  });
  const posted = async (count: number): Promise<readonly Post[]> => {
    while (posts.length < count) await once(hook, 'posted');
    return posts;
  };

  beforeAll(async () => {
    hook.listen(0, '127.0.0.1');
    await once(hook, 'listening');
    hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
    twin = await startSmsTwin({ clock: machineClock, settleMs: SETTLE_MS });
  });
  beforeEach(() => void posts.splice(0));
  afterAll(async () => {
    await twin.close();
    hook.closeAllConnections();
    hook.close();
  });

  function twilioClient(authToken = DEMO_TWILIO.authToken) {
    const client = twilio(DEMO_TWILIO.accountSid, authToken);
    client.api.baseUrl = twin.url;
    return client;
  }

  it('Twilio’s sends, fetches and lists messages', async () => {
    const client = twilioClient();
    const statusCallback = `${hookUrl}/status?ref=i.1.send-1`;
    const sent = await client.messages.create({ to: CUSTOMER, from: FROM, body: 'Grüße +1 & more', statusCallback });
    expect(sent.status).toBe('queued');
    expect(sent.dateCreated.getTime()).toBeGreaterThan(Date.now() - 60_000);
    await posted(2);
    expect((await client.messages(sent.sid).fetch()).status).toBe('delivered');
    const listed = await client.messages.list({ to: CUSTOMER, from: FROM });
    expect(listed.map(({ sid }) => sid)).toContain(sent.sid);
  });

  it('Twilio’s proves what the twin posts, and nothing that was changed', async () => {
    await twilioClient().messages.create({
      to: CUSTOMER,
      from: FROM,
      body: 'x',
      statusCallback: `${hookUrl}/s?ref=a.1`,
    });
    for (const { url, headers, body } of await posted(2)) {
      const fields = Object.fromEntries(new URLSearchParams(body));
      const signature = String(headers['x-twilio-signature']);
      const proves = (at: string) => twilio.validateRequest(DEMO_TWILIO.authToken, signature, at, fields);
      expect(proves(hookUrl + url)).toBe(true);
      expect(proves(`${hookUrl}/s?ref=a.2`)).toBe(false);
    }
  });

  it('Twilio’s reads a refusal in its own words', async () => {
    const refused = twilioClient().messages.create({ to: '0123', from: FROM, body: 'x' });
    await expect(refused).rejects.toMatchObject({ status: 400, code: 21211 });
    const unknown = twilioClient('wrong').messages.create({ to: CUSTOMER, from: FROM, body: 'x' });
    await expect(unknown).rejects.toMatchObject({ status: 401, code: 20003 });
  });

  it('Vonage’s sends a message under the application’s key, and proves what the twin posts', async () => {
    const auth = new Auth({ applicationId: DEMO_VONAGE.applicationId, privateKey: twin.vonagePrivateKey() ?? '' });
    const client = new Messages(auth, { apiHost: twin.url });
    const text = { to: CUSTOMER.slice(1), from: (DEMO_VONAGE.numbers[0] ?? '').slice(1), text: 'Hello' };
    const sms = new SMS({
      ...TEXT,
      ...text,
      clientRef: 'i.1.send-1',
      webhookUrl: `${hookUrl}/v`,
      webhookVersion: 'v1',
    });
    const { messageUUID } = await client.send(sms);
    const both = await posted(2);
    expect(both.map(({ body }) => JSON.parse(body).status)).toEqual(['submitted', 'delivered']);
    for (const { headers, body } of both) {
      const token = String(headers.authorization).replace('Bearer ', '');
      expect(verifySignature(token, DEMO_VONAGE.signatureSecret)).toBe(true);
      expect(verifySignature(token, 'another')).toBe(false);
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      expect(claims.payload_hash).toBe(hash('sha256', body));
      expect(JSON.parse(body)).toMatchObject({ message_uuid: messageUUID, client_ref: 'i.1.send-1' });
    }
  });

  it('Vonage’s reads a refusal', async () => {
    const auth = new Auth({ applicationId: DEMO_VONAGE.applicationId, privateKey: twin.vonagePrivateKey() ?? '' });
    const client = new Messages(auth, { apiHost: twin.url });
    const refused = client.send(new SMS({ ...TEXT, to: CUSTOMER.slice(1), from: '1', text: 'x' }));
    await expect(refused).rejects.toMatchObject({ response: { status: 422 } });
  });
});
