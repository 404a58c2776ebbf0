// What the contract cannot show against a twin: answers that no vendor should give, and what is in the requests.

import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ChannelAnswer, ChannelRequest } from '../send-request.ts';
import { genesysAgentless } from './genesys-agentless.ts';
import type { SmsMessage } from './sms-provider.ts';
import { twilioProvider } from './twilio-provider.ts';
import { vonageProvider } from './vonage-provider.ts';
import { vonageTokens } from './vonage-token.ts';

const message: SmsMessage = {
  to: '+14155550123',
  from: '+15055550100',
  text: 'Example: https://example.com/c/1',
  ref: 'i.1.send-1',
};
const call = { signal: new AbortController().signal, mayStart: () => true };
const clock = { now: () => 1_700_000_000_000, monotonic: () => 0, sleep: async () => {} };
const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function answering(status: number, body: string | undefined) {
  const asked: ChannelRequest[] = [];
  const send = async (request: ChannelRequest): Promise<ChannelAnswer> => {
    asked.push(request);
    return { kind: 'answer', status, headers: new Headers(), body };
  };
  const twilio = twilioProvider({
    apiUrl: 'https://api.example.com',
    accountSid: 'AC1',
    username: 'AC1',
    password: 'token',
    statusUrl: 'https://care.example.com/hooks/twilio/status',
    send,
  });
  const vonage = vonageProvider({
    apiUrl: 'https://api.example.com',
    applicationId: 'app',
    privateKey,
    statusUrl: 'https://care.example.com/hooks/vonage/status',
    clock,
    send,
    newId: () => 'jti-1',
  });
  return { asked, twilio, vonage };
}

describe('an answer that nobody documented', () => {
  const strange = [undefined, '', '{', '[]', '{}', '{"sid":1,"message_uuid":[]}', '{"sid":"","message_uuid":""}'];

  it.each(strange)('%j after 2xx may stand for a message that was taken', async (body) => {
    const { twilio, vonage } = answering(201, body);
    for (const provider of [twilio, vonage]) {
      expect(await provider.send(message, call)).toEqual({ kind: 'ambiguous', code: 'unexpected-answer' });
    }
  });

  it.each(strange)('%j to a question took nothing', async (body) => {
    const { twilio } = answering(200, body);
    expect(await twilio.look?.('SM1', call)).toEqual({ kind: 'transient', code: 'unexpected-answer' });
    expect(await twilio.find?.(message, 0, call)).toEqual({ kind: 'transient', code: 'unexpected-answer' });
  });

  it('of Genesys is taken the same way', async () => {
    const genesys = genesysAgentless({ send: async () => ({ kind: 'done', value: { body: '{"id":7}' } }) });
    expect(await genesys.send(message, call)).toEqual({ kind: 'ambiguous', code: 'unexpected-answer' });
    expect(await genesys.look?.('1', call)).toEqual({ kind: 'transient', code: 'unexpected-answer' });
  });
});

describe('a refusal', () => {
  it.each([
    [400, 21610, 'rejected', 'opted-out'],
    [400, 21211, 'rejected', 'invalid-number'],
    [400, 21635, 'rejected', 'landline'],
    [400, 12345, 'rejected', 'unknown'],
    [429, 20429, 'transient', 'throttled'],
  ])('of Twilio with %i %i is %s, %s', async (status, code, kind, reason) => {
    const { twilio } = answering(status, JSON.stringify({ code, message: 'to +14155550123', status }));
    expect(await twilio.send(message, call)).toMatchObject({ kind, reason, detail: `twilio ${code}` });
  });

  it.each([
    [422, '1430', 'rejected', 'invalid-number'],
    [402, '1070', 'rejected', 'account'],
    [429, '1000', 'transient', 'throttled'],
  ])('of Vonage with %i %s is %s, %s', async (status, code, kind, reason) => {
    const type = `https://developer.vonage.com/api-errors/messages#${code}`;
    const { vonage } = answering(status, JSON.stringify({ type, title: 'x', detail: '+14155550123' }));
    expect(await vonage.send(message, call)).toMatchObject({ kind, reason, detail: `vonage ${code}` });
  });
});

describe('who answers STOP', () => {
  it('is Twilio, unless that was switched off there; at Vonage we, unless it has Opt-Out Assist', () => {
    const { twilio, vonage } = answering(200, '');
    expect(twilio.capabilities.answersKeywords).toBe(true);
    expect(vonage.capabilities.answersKeywords).toBe(false);
    const off = twilioProvider({
      apiUrl: '',
      accountSid: 'AC1',
      username: '',
      password: '',
      statusUrl: '',
      answersKeywords: false,
      send: async () => ({ kind: 'transient', code: 'not-sent' }),
    });
    expect(off.capabilities.answersKeywords).toBe(false);
  });
});

describe('what Twilio is asked', () => {
  it('is the documented form, our reference in the status URL, under Basic authentication', async () => {
    const { asked, twilio } = answering(201, '{"sid":"SM1","status":"accepted"}');
    const sent = await twilio.send({ ...message, validForSec: 3_600 }, call);
    expect(sent).toEqual({ kind: 'done', value: { messageId: 'SM1', report: { status: 'queued' } } });
    const [request] = asked;
    expect(request?.url).toBe('https://api.example.com/2010-04-01/Accounts/AC1/Messages.json');
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('AC1:token').toString('base64')}`);
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      To: '+14155550123',
      From: '+15055550100',
      Body: message.text,
      StatusCallback: 'https://care.example.com/hooks/twilio/status?ref=i.1.send-1',
      ValidityPeriod: '3600',
    });
  });

  it.each([
    [0.5, '1'],
    [99_999, '36000'],
  ])('is no validity that it refuses: %d s become %s', async (validForSec, sent) => {
    const { asked, twilio } = answering(201, '{"sid":"SM1","status":"queued"}');
    await twilio.send({ ...message, validForSec }, call);
    expect(new URLSearchParams(asked[0]?.body).get('ValidityPeriod')).toBe(sent);
  });

  it('finds only what is ours, and is unsure where the bodies were thrown away', async () => {
    const listed = (change: object) => ({
      sid: 'SM9',
      status: 'sent',
      body: message.text,
      direction: 'outbound-api',
      ...change,
    });
    const at = Date.UTC(2026, 10, 20, 12);
    const dated = (minutes: number) => new Date(at + minutes * 60_000).toUTCString();
    const found = async (...messages: object[]) => {
      const outcome = await answering(200, JSON.stringify({ messages })).twilio.find?.(message, at, call);
      return outcome?.kind === 'done' ? outcome.value : outcome;
    };
    const taken = { kind: 'taken', accepted: { messageId: 'SM9', report: { status: 'sent' } } };
    expect(await found(listed({ date_created: dated(0) }))).toEqual(taken);
    expect(await found(listed({ date_created: dated(-0.5) }))).toEqual(taken);
    expect(await found(listed({ date_created: dated(-5) }))).toEqual({ kind: 'not-there' });
    expect(await found(listed({ date_created: dated(0), direction: 'inbound' }))).toEqual({ kind: 'not-there' });
    expect(await found(listed({ date_created: dated(0), body: 'other' }))).toEqual({ kind: 'not-there' });
    expect(await found(listed({ date_created: dated(0), body: '' }))).toEqual({ kind: 'unsure' });
    expect(await found()).toEqual({ kind: 'not-there' });
  });
});

describe('what Vonage is asked', () => {
  it('is the documented JSON, our reference as client_ref, under a fresh token of the application', async () => {
    const { asked, vonage } = answering(202, '{"message_uuid":"u-1"}');
    await vonage.send({ ...message, validForSec: 60 }, call);
    const [request] = asked;
    expect(request?.url).toBe('https://api.example.com/v1/messages');
    expect(JSON.parse(request?.body ?? '')).toEqual({
      channel: 'sms',
      message_type: 'text',
      to: '14155550123',
      from: '15055550100',
      text: message.text,
      client_ref: 'i.1.send-1',
      webhook_url: 'https://care.example.com/hooks/vonage/status',
      webhook_version: 'v1',
      ttl: 1_800,
    });
    const [header = '', payload = '', signature = ''] =
      request?.headers.authorization?.slice('Bearer '.length).split('.') ?? [];
    const signed = Buffer.from(`${header}.${payload}`);
    expect(
      verify(
        'RSA-SHA256',
        signed,
        createPublicKey(keys.publicKey.export({ type: 'spki', format: 'pem' })),
        Buffer.from(signature, 'base64url'),
      ),
    ).toBe(true);
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({
      application_id: 'app',
      iat: 1_700_000_000,
      exp: 1_700_000_300,
      jti: 'jti-1',
    });
  });

  it('cannot be asked with a key that is none', () => {
    expect(() => vonageTokens({ applicationId: 'app', privateKey: 'no key' })).toThrow();
    const { privateKey: elliptic } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = elliptic.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => vonageTokens({ applicationId: 'app', privateKey: pem })).toThrow('RSA');
  });
});

describe('what Genesys is asked', () => {
  it('is the documented body, and nothing that a live conversation refuses', async () => {
    const asked: unknown[] = [];
    const genesys = genesysAgentless({
      send: async (request) => {
        asked.push(request);
        return { kind: 'done', value: { body: '{"id":"m/1"}' } };
      },
    });
    expect(await genesys.send(message, call)).toMatchObject({ kind: 'done', value: { messageId: 'm/1' } });
    await genesys.look?.('m/1', call);
    expect(asked).toEqual([
      {
        method: 'POST',
        path: '/api/v2/conversations/messages/agentless',
        body: {
          fromAddress: '+15055550100',
          toAddress: '+14155550123',
          toAddressMessengerType: 'sms',
          textBody: message.text,
          useExistingActiveConversation: true,
        },
      },
      { method: 'GET', path: '/api/v2/conversations/messages/m%2F1/details' },
    ]);
  });
});
