// Tests what the providers of text messages tell, over their twin's own signatures: verified on raw bytes with the query, once however often it is
// told, late and contradictory without harm, and STOP kept before it is answered.

import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { deflect, FLOW, takenBy, tell } from '../../test/contract/deflection-stage.ts';
import { type Served, serve } from '../../test/contract/served.ts';
import { twilioReplyHook } from '../channels/sms/twilio-reply.ts';
import { twilioStatusHook } from '../channels/sms/twilio-status.ts';
import { SuppressionBook } from '../journal/suppression-book.ts';
import { smsHooksOf } from '../sms-hooks.ts';

const TOKEN = 'the-auth-token-of-the-account';
const ORIGIN = 'https://handoff.example.com';
const ANI = '+14155551234';

/** A service whose Twilio hooks are real. */
async function withTwilio(): Promise<Served> {
  const noted: string[] = [];
  const channel = {
    async noteReport(number: string, { reason }: { readonly reason?: string }) {
      if (reason === 'opted-out') noted.push(number);
    },
    async noteReply(_route: string, { from, text }: { readonly from: string; readonly text: string }) {
      if (text === 'STOP') await book?.add(from, 'keyword');
      return { suppression: 'add', reply: null, isTalk: false } as const;
    },
  };
  let book: SuppressionBook | undefined;
  const served = await serve({
    smsHooks: smsHooksOf('twilio', channel, {
      status: twilioStatusHook({ authTokens: [TOKEN], url: `${ORIGIN}/hooks/twilio/status` }),
      reply: twilioReplyHook({ authTokens: [TOKEN], url: `${ORIGIN}/hooks/twilio/reply` }),
      vendor: 'twilio',
    }),
  });
  book = new SuppressionBook(served.journal, served.clock);
  return Object.assign(served, { noted });
}

function signed(url: string, fields: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = url + sorted.map(([name, value]) => name + value).join('');
  return createHmac('sha1', TOKEN).update(text).digest('base64');
}

function post(
  served: Served,
  path: string,
  fields: Readonly<Record<string, string>>,
  signature = signed(`${ORIGIN}${path}`, fields),
) {
  return served.app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
    body: new URLSearchParams(fields).toString(),
  });
}

const SID = `SM${'a'.repeat(32)}`;
const status = (served: Served, ref: string, MessageStatus: string, more: object = {}) =>
  post(served, `/hooks/twilio/status?ref=${ref}`, { MessageSid: SID, MessageStatus, ...more });
const smsOf = async (served: Served, handoffId: string) =>
  (await served.post('/v1/flows/status', { ...FLOW, handoffId })).body.smsStatus;

describe('POST /hooks/twilio/status', () => {
  it('tells the handoff that its reference names what became of the message', async () => {
    await using served = await withTwilio();
    const { handoffId } = await deflect(served);
    expect((await status(served, `${handoffId}.0`, 'sent')).status).toBe(200);
    expect(await smsOf(served, handoffId)).toBe('sent');
    expect((await status(served, `${handoffId}.0`, 'delivered')).status).toBe(200);
    expect(await smsOf(served, handoffId)).toBe('delivered');
  });

  it('changes nothing when it is told again, late, or otherwise', async () => {
    await using served = await withTwilio();
    const { id, handoffId } = await deflect(served);
    await status(served, `${handoffId}.0`, 'delivered');
    const version = async () => (await served.runner.read(id))?.version;
    const before = await version();
    for (const word of ['delivered', 'sent', 'undelivered', 'failed', 'no-such-word']) {
      expect((await status(served, `${handoffId}.0`, word)).status).toBe(200);
    }
    expect([await version(), await smsOf(served, handoffId)]).toEqual([before, 'delivered']);
  });

  it('is refused unless it is signed as it came, query included, and keeps nothing of it', async () => {
    await using served = await withTwilio();
    const { handoffId, id } = await deflect(served);
    const fields = { MessageSid: SID, MessageStatus: 'delivered' };
    const path = `/hooks/twilio/status?ref=${handoffId}.0`;
    const other = signed(`${ORIGIN}/hooks/twilio/status?ref=${id}.9.0`, fields);
    for (const signature of ['', other, signed(`${ORIGIN}${path}`, { ...fields, MessageStatus: 'sent' })]) {
      expect((await post(served, path, fields, signature)).status).toBe(401);
    }
    expect(await smsOf(served, handoffId)).toBe('sent');
    expect(served.log.filter(({ code }) => code === 'hook-refused')).toHaveLength(3);
  });

  it('takes one of a message that is none of ours, or of one that was erased, without a word', async () => {
    await using served = await withTwilio();
    const { handoffId } = await deflect(served);
    for (const ref of ['', 'else', '01934f00-0000-7000-8000-999999999999.1.0', `${handoffId}9.0`]) {
      expect((await status(served, ref, 'delivered')).status).toBe(200);
    }
    await served.post('/v1/erasures', { phone: ANI });
    expect((await status(served, `${handoffId}.0`, 'delivered')).status).toBe(200);
  });

  it('says that it cannot read what is signed and no status', async () => {
    await using served = await withTwilio();
    expect((await post(served, '/hooks/twilio/status', { Hello: 'there' })).status).toBe(400);
    expect(served.log).toContainEqual(expect.objectContaining({ code: 'hook-unreadable' }));
  });

  it('is not taken while the journal is down, so that it comes again', async () => {
    await using served = await withTwilio();
    const { handoffId } = await deflect(served);
    Object.assign(served.journal.store, { append: () => Promise.reject(new Error('no disk')) });
    expect((await status(served, `${handoffId}.0`, 'delivered')).status).toBe(503);
  });

  it('proves by a late receipt what a failed one had said of another route', async () => {
    await using served = await withTwilio();
    const sent = await deflect(served);
    await tell(served, sent, 'failed', 0);
    await takenBy(served, sent.id, 1);
    await status(served, `${sent.handoffId}.0`, 'delivered');
    expect(await smsOf(served, sent.handoffId)).toBe('delivered');
  });
});

describe('POST /hooks/twilio/reply', () => {
  it('keeps a STOP: the customer is texted no more, and the STOP survives an erasure', async () => {
    await using served = await withTwilio();
    const fields = { MessageSid: SID, From: ANI, To: '+15055550100', Body: 'STOP' };
    const answer = await post(served, '/hooks/twilio/reply', fields);
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/xml',
      '<?xml version="1.0" encoding="UTF-8"?><Response/>',
    ]);
    const { answer: refused } = await deflect(served);
    expect(refused).toMatchObject({ ok: false, reason: 'opted-out', smsStatus: 'failed' });
    await served.post('/v1/erasures', { phone: ANI });
    expect((await deflect(served, { conversationId: 'c-later' })).answer).toMatchObject({ reason: 'opted-out' });
  });

  it('is refused without a signature', async () => {
    await using served = await withTwilio();
    const fields = { MessageSid: SID, From: ANI, To: '+15055550100', Body: 'START' };
    expect((await post(served, '/hooks/twilio/reply', fields, 'x')).status).toBe(401);
  });
});
