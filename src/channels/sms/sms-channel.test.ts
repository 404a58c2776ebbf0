import { describe, expect, it } from 'vitest';
import { smsChannel } from './sms-channel.ts';
import type { SmsAccepted, SmsMessage, SmsOutcome, SmsProvider } from './sms-provider.ts';
import type { Suppression } from './suppression.ts';

const CUSTOMER = '+14155550123';
const call = { signal: new AbortController().signal, mayStart: () => true };
const order = { route: 'main', to: CUSTOMER, text: 'Example: https://example.com/c/1', ref: 'i.1.send-1' };

function kept(): Suppression & { readonly log: string[] } {
  const numbers = new Set<string>();
  const log: string[] = [];
  return {
    log,
    has: async (number) => numbers.has(number),
    async add(number, cause) {
      log.push(`add ${cause}`);
      numbers.add(number);
    },
    async lift(number) {
      log.push('lift');
      numbers.delete(number);
    },
  };
}

/** A provider that answers as it is told and remembers what it was given: the far side of a port. */
function stage(
  outcome: SmsOutcome<SmsAccepted> = { kind: 'done', value: { messageId: 'm-1', report: { status: 'queued' } } },
  suppression = kept(),
) {
  const sent: SmsMessage[] = [];
  const provider: SmsProvider = {
    vendor: 'twilio',
    maxTextUnits: 100,
    capabilities: { receipts: 'hook', refInReceipts: true, settleMs: 0, answersKeywords: true },
    find: null,
    look: null,
    async send(message) {
      sent.push(message);
      return outcome;
    },
  };
  const senders = [{ number: '+15055550100' }, { number: '+15055550101' }];
  const channel = smsChannel({
    routes: new Map([['main', { provider, senders }]]),
    suppression,
    senderKey: new Uint8Array(32),
  });
  return { channel, sent, suppression };
}

describe('texting a customer', () => {
  it('goes out once, from the number that is theirs', async () => {
    const { channel, sent } = stage();
    const sending = await channel.send(order, call);
    expect(sending).toMatchObject({ kind: 'done', value: { messageId: 'm-1' } });
    expect(sent).toEqual([{ to: CUSTOMER, from: sent[0]?.from, text: order.text, ref: order.ref }]);
    await channel.send(order, call);
    expect(sent[1]?.from).toBe(sent[0]?.from);
  });

  it('takes another number when theirs was tried, and refuses when all were', async () => {
    const { channel, sent } = stage();
    await channel.send(order, call);
    await channel.send({ ...order, avoidSenders: [sent[0]?.from ?? ''] }, call);
    expect(sent[1]?.from).not.toBe(sent[0]?.from);
    const none = await channel.send({ ...order, avoidSenders: ['+15055550100', '+15055550101'] }, call);
    expect(none).toMatchObject({ kind: 'rejected', reason: 'sender-refused' });
  });

  it.each([
    [{ to: '+442079460018' }, 'landline'],
    [{ to: '+19005550100' }, 'region-not-allowed'],
    [{ to: '0123' }, 'invalid-number'],
    [{ text: 'x'.repeat(101) }, 'content-refused'],
    [{ text: '' }, 'content-refused'],
  ])('is refused without asking anybody: %j is %s', async (change, reason) => {
    const { channel, sent } = stage();
    expect(await channel.send({ ...order, ...change }, call)).toEqual({
      kind: 'rejected',
      code: 'bad-request',
      reason,
    });
    expect(sent).toEqual([]);
  });

  it('is refused by a way that is not configured', async () => {
    const { channel } = stage();
    expect(await channel.send({ ...order, route: 'other' }, call)).toMatchObject({
      kind: 'rejected',
      code: 'not-found',
    });
  });

  it('gives back what went out when nobody knows what became of it', async () => {
    const { channel, sent } = stage({ kind: 'ambiguous', code: 'timed-out' });
    expect(await channel.send(order, call)).toEqual({ kind: 'ambiguous', code: 'timed-out', message: sent[0] });
  });
});

describe('a customer who said STOP', () => {
  it('is texted no more by any way, until they say START', async () => {
    const { channel, sent, suppression } = stage();
    const stop = { from: CUSTOMER, text: 'Stop', keyword: null };
    expect(await channel.noteReply('main', stop)).toEqual({ suppression: 'add', reply: null, isTalk: false });
    expect(await channel.send(order, call)).toMatchObject({ kind: 'rejected', reason: 'opted-out' });
    expect(sent).toEqual([]);
    await channel.noteReply('main', { from: CUSTOMER, text: 'START', keyword: null });
    expect(await channel.send(order, call)).toMatchObject({ kind: 'done' });
    expect(suppression.log).toEqual(['add keyword', 'lift']);
  });

  it('is answered by us where nobody else does', async () => {
    const { channel } = stage();
    const decision = await channel.noteReply('unknown', { from: CUSTOMER, text: 'STOP', keyword: null });
    expect(decision.reply).toBe('opted-out');
  });

  it('is found out when the vendor refuses, or says so in a status', async () => {
    const refused = stage({ kind: 'rejected', code: 'bad-request', reason: 'opted-out' });
    await refused.channel.send(order, call);
    expect(refused.suppression.log).toEqual(['add vendor']);
    const told = stage();
    await told.channel.noteReport(CUSTOMER, { status: 'undelivered', reason: 'opted-out' });
    await told.channel.noteReport(CUSTOMER, { status: 'undelivered', reason: 'landline' });
    expect(told.suppression.log).toEqual(['add vendor']);
    expect(await told.channel.send(order, call)).toMatchObject({ kind: 'rejected', reason: 'opted-out' });
  });

  it('is not texted either when the list cannot be read', async () => {
    const { channel, sent } = stage(undefined, { ...kept(), has: () => Promise.reject(new Error('unreadable')) });
    await expect(channel.send(order, call)).rejects.toThrow('unreadable');
    expect(sent).toEqual([]);
  });
});
