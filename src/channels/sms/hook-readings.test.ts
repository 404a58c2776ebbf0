import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { genesysReport } from './genesys-agentless.ts';
import type { HookReading, HookRequest } from './sms-hook.ts';
import { twilioReplyHook } from './twilio-reply.ts';
import { twilioStatusHook } from './twilio-status.ts';
import { vonageReplyHook } from './vonage-reply.ts';
import { vonageStatusHook } from './vonage-status.ts';

const twilio = { authTokens: ['token'], url: 'https://example.com/hooks/twilio/status' };
const vonage = { apiKey: 'key', signatureSecrets: ['secret'], clock: { now: () => 0 } };
const hooks = {
  twilioStatus: twilioStatusHook(twilio),
  twilioReply: twilioReplyHook(twilio),
  vonageStatus: vonageStatusHook(vonage),
  vonageReply: vonageReplyHook(vonage),
};
const SID = 'SM0123456789abcdef0123456789abcdef';
const UUID = 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab';

const request = (body: string | Uint8Array, query = ''): HookRequest => ({
  headers: { get: () => undefined },
  rawBody: typeof body === 'string' ? Buffer.from(body) : body,
  query,
});
const form = (fields: Record<string, string>) => request(new URLSearchParams(fields).toString());
const json = (value: unknown) => request(JSON.stringify(value));
function said<Said>(reading: HookReading<Said>): Said {
  if (reading.kind !== 'said') throw new Error(reading.problem);
  return reading.said;
}

describe('Twilio’s status', () => {
  it.each([
    ['accepted', { status: 'queued' }],
    ['queued', { status: 'queued' }],
    ['sending', { status: 'queued' }],
    ['sent', { status: 'sent' }],
    ['delivered', { status: 'delivered' }],
    ['read', { status: 'delivered' }],
    ['undelivered', { status: 'undelivered' }],
    ['failed', { status: 'failed' }],
    ['canceled', { status: 'failed' }],
    ['partially_delivered', { status: 'unknown' }],
    ['constructor', { status: 'unknown' }],
  ])('%s is %j', (word, report) => {
    expect(said(hooks.twilioStatus.read(form({ MessageSid: SID, MessageStatus: word }))).report).toEqual(report);
  });

  it.each([
    ['21610', 'opted-out'],
    ['30003', 'unreachable'],
    ['30005', 'invalid-number'],
    ['30006', 'landline'],
    ['30007', 'spam-filtered'],
    ['30004', 'blocked'],
    ['30034', 'sender-refused'],
    ['30036', 'expired'],
    ['39999', 'unknown'],
  ])('with error %s is %s', (code, reason) => {
    const reading = hooks.twilioStatus.read(form({ MessageSid: SID, MessageStatus: 'undelivered', ErrorCode: code }));
    expect(said(reading).report).toEqual({ status: 'undelivered', reason });
  });

  it('tells our reference and one id for all its repeats, and ignores what it does not know', () => {
    const body = `MessageSid=${SID}&MessageStatus=delivered&Something=New&ErrorCode=`;
    expect(said(hooks.twilioStatus.read(request(body, 'ref=i.1.send-1')))).toEqual({
      messageId: SID,
      report: { status: 'delivered' },
      ref: 'i.1.send-1',
      dedupeId: `${SID}.delivered`,
    });
    expect(said(hooks.twilioStatus.read(request(body, 'ref=<script>')))).not.toHaveProperty('ref');
  });

  it('is read from the older names of its fields too', () => {
    expect(said(hooks.twilioStatus.read(form({ SmsSid: SID, SmsStatus: 'sent' }))).report.status).toBe('sent');
  });

  it.each([{}, { MessageSid: SID }, { MessageSid: 'SM1', MessageStatus: 'sent' }])('is unreadable: %j', (fields) => {
    expect(hooks.twilioStatus.read(form(fields)).kind).toBe('unreadable');
  });
});

describe('Vonage’s status', () => {
  const status = {
    message_uuid: UUID,
    to: '447700900000',
    from: '447700900001',
    timestamp: '2023-05-01T14:00:00.000Z',
  };

  it.each([
    ['submitted', { status: 'sent' }],
    ['delivered', { status: 'delivered' }],
    ['read', { status: 'delivered' }],
    ['rejected', { status: 'undelivered', reason: 'unknown' }],
    ['undeliverable', { status: 'failed', reason: 'unknown' }],
    ['something', { status: 'unknown' }],
  ])('%s is %j', (word, report) => {
    expect(said(hooks.vonageStatus.read(json({ ...status, status: word }))).report).toEqual(report);
  });

  it.each([
    [{ type: 'https://developer.vonage.com/api-errors/messages#1240', title: 'x' }, 'opted-out'],
    [{ title: 1180 }, 'unreachable'],
    [{ title: '1210' }, 'spam-filtered'],
    [{ type: 'https://developer.nexmo.com/api-errors/messages-olympus#1280', title: 1000 }, 'blocked'],
    [{ title: '1360' }, 'expired'],
    [{ title: 'Throttled' }, 'unknown'],
    [{ title: 9999 }, 'unknown'],
    [{}, 'unknown'],
  ])('with %j is %s', (error, reason) => {
    expect(said(hooks.vonageStatus.read(json({ ...status, status: 'rejected', error }))).report.reason).toBe(reason);
  });

  it('tells our reference and one id for all its repeats', () => {
    expect(said(hooks.vonageStatus.read(json({ ...status, status: 'delivered', client_ref: 'i.1.send-1' })))).toEqual({
      messageId: UUID,
      report: { status: 'delivered' },
      ref: 'i.1.send-1',
      dedupeId: `${UUID}.delivered`,
    });
  });

  it.each(['', '{', '[]', '{}', '{"message_uuid":"<>","status":"sent"}', 'null'])('is unreadable: %s', (body) => {
    const reading = hooks.vonageStatus.read(request(body));
    expect(reading.kind).toBe('unreadable');
  });
});

describe('a customer’s message', () => {
  it('is read from Twilio, with its own finding of a keyword', () => {
    const fields = { MessageSid: SID, From: '+14155550123', To: '+15055550100', Body: 'stop' };
    expect(said(hooks.twilioReply.read(form({ ...fields, OptOutType: 'STOP' })))).toEqual({
      messageId: SID,
      from: '+14155550123',
      to: '+15055550100',
      text: 'stop',
      keyword: 'stop',
    });
    expect(said(hooks.twilioReply.read(form(fields))).keyword).toBeNull();
    expect(hooks.twilioReply.read(form({ ...fields, From: 'client:anna' })).kind).toBe('unreadable');
    expect(hooks.twilioReply.read(form({ From: '+14155550123' })).kind).toBe('unreadable');
  });

  it('is read from Vonage, whose numbers lack the plus', () => {
    const body = { channel: 'sms', message_uuid: UUID, to: '15055550110', from: '14155550123', text: 'Hello', sms: {} };
    expect(said(hooks.vonageReply.read(json(body)))).toEqual({
      messageId: UUID,
      from: '+14155550123',
      to: '+15055550110',
      text: 'Hello',
      keyword: null,
    });
    expect(said(hooks.vonageReply.read(json({ ...body, to: '12345' }))).to).toBe('12345');
    expect(hooks.vonageReply.read(json({ ...body, channel: 'whatsapp' })).kind).toBe('unreadable');
  });
});

describe('Genesys’s message status', () => {
  it.each([
    ['queued', { status: 'queued' }],
    ['sent', { status: 'sent' }],
    ['delivery-success', { status: 'delivered' }],
    ['read', { status: 'delivered' }],
    ['delivery-failed', { status: 'undelivered', reason: 'unknown' }],
    ['failed', { status: 'failed', reason: 'unknown' }],
    ['removed', { status: 'unknown' }],
    ['received', { status: 'unknown' }],
  ])('%s is %j', (word, report) => {
    expect(genesysReport(word)).toEqual(report);
  });
});

describe('every reader', () => {
  it('never throws, and says nothing of what it could not read', () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    const texts = fc
      .oneof(fc.json(), fc.string(), fc.webQueryParameters())
      .map((text) => new Uint8Array(Buffer.from(text)));
    fc.assert(
      fc.property(fc.oneof(bytes, texts), fc.string(), (body, query) => {
        for (const hook of Object.values(hooks)) {
          const reading = hook.read(request(body, query));
          if (reading.kind === 'unreadable') expect(reading.problem.length).toBeLessThan(100);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('takes a megabyte in its stride', () => {
    const bodies = [
      'a'.repeat(1_000_000),
      'a=1&'.repeat(250_000),
      `{"a":"${'b'.repeat(1_000_000)}"}`,
      '['.repeat(1_000_000),
    ];
    for (const body of bodies)
      for (const hook of Object.values(hooks)) expect(hook.read(request(body)).kind).toBe('unreadable');
  });
});
