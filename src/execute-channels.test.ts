// Tests what reaching a customer asks of platforms and providers: whoever is the customer is written to, and no failure is taken for an answer (H5).

import { describe, expect, it } from 'vitest';
import { type Answers, type AskedCall, farSide, queueNamed, SEEN } from '../test/contract/far-side.ts';
import { NO_ENTRIES, NOBODY } from '../test/contract/no-entries.ts';
import type { SmsChannel } from './channels/sms/sms-channel.ts';
import type { Party } from './context/conversation.ts';
import { executor } from './execute.ts';
import type { ExternalId, ParticipantId, PlatformName } from './ids.ts';
import type { Command } from './protocols/command.ts';

const HERE = 'genesys_cloud' as PlatformName;
const leg = { platform: HERE, externalId: 'c-1' as ExternalId, channel: 'message' } as const;
const base = { key: 'i-1.1.step.1', timeoutMs: 8_000 };
const sms = { route: 'twilio', to: '+14155550123', text: 'hello', ref: 'i-1.1.0' } as const;
type Of<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;
const write: Of<'WriteContext'> = {
  ...base,
  ...leg,
  kind: 'WriteContext',
  safety: 'repeatable',
  attributes: { intent: 'billing' },
  tag: 'i-1',
};
const send: Of<'SendSms'> = { ...base, ...sms, kind: 'SendSms', safety: 'lookable' };
const find: Of<'FindSms'> = { ...base, ...sms, kind: 'FindSms', safety: 'repeatable', since: 5 };
const receipt: Of<'AskReceipt'> = {
  ...base,
  kind: 'AskReceipt',
  safety: 'repeatable',
  route: 'genesys',
  messageId: 'm-1',
};
const close: Of<'CloseLeg'> = { ...base, ...leg, kind: 'CloseLeg', safety: 'repeatable' };
const book: Of<'BookCallback'> = {
  ...base,
  kind: 'BookCallback',
  safety: 'unlookable',
  platform: HERE,
  queueName: 'Claims',
  phone: '+14155550123',
  pattern: 'queued',
  consent: 'asked',
  data: { correlationId: 'i-1' },
  at: 9_000,
  priority: 3,
};

const party = (id: string, role: Party['role'], state: Party['state'] = 'connected'): Party => ({
  id: id as ParticipantId,
  role,
  state,
});

function perform(
  command: Command,
  answers: Answers = {},
  channel?: Partial<SmsChannel>,
  has: (number: string) => Promise<boolean> = async () => false,
) {
  const asked: AskedCall[] = [];
  const execute = executor({
    platforms: new Map([[HERE as string, farSide(HERE, answers, asked)]]),
    entries: NO_ENTRIES,
    now: () => 0,
    alert: NOBODY,
    suppression: { has },
    ...(channel && { sms: channel as SmsChannel }),
  });
  const outcome = execute(command, { signal: new AbortController().signal, mayStart: () => true });
  return outcome.then((result) => ({ result, asked: asked.map(({ verb, with: given }) => [verb, ...given]) }));
}

describe('a receipt that is asked after', () => {
  it.each([
    ['delivered', 'delivered'],
    ['failed', 'failed'],
    ['undelivered', 'failed'],
    ['queued', 'pending'],
    ['unknown', 'pending'],
  ] as const)('%s is %s', async (status, told) => {
    const asked: unknown[] = [];
    const look: SmsChannel['look'] = async (...given) => {
      asked.push(given.slice(0, 2));
      return { kind: 'done', value: { status } };
    };
    const { result } = await perform(receipt, {}, { look });
    expect(result).toEqual({ kind: 'done', of: 'AskReceipt', result: { status: told } });
    expect(asked).toEqual([['genesys', 'm-1']]);
  });

  it('says why it failed, and no failure is taken for an answer', async () => {
    const failed = { kind: 'done', value: { status: 'failed', reason: 'landline' } } as const;
    expect((await perform(receipt, {}, { look: async () => failed })).result).toMatchObject({
      result: { status: 'failed', reason: 'landline' },
    });
    const down = { kind: 'transient', code: 'unavailable' } as const;
    expect((await perform(receipt, {}, { look: async () => down })).result).toEqual(down);
    expect((await perform(receipt)).result).toMatchObject({ kind: 'rejected', code: 'not-found' });
  });
});

describe('what a conversation is told', () => {
  it('is written to its customer, and tagged', async () => {
    const parties = [party('bot', 'bot'), party('gone', 'customer', 'ended'), party('cust', 'customer')];
    const { result, asked } = await perform(write, { look: { kind: 'done', value: { ...SEEN, parties } } });
    expect(result).toEqual({ kind: 'done', of: 'WriteContext', result: { customer: 'cust' } });
    expect(asked.at(-1)).toMatchObject([
      'attachContext',
      {},
      { customer: 'cust', attributes: write.attributes, tag: 'i-1' },
    ]);
  });

  it('is written to a customer who has left, where nobody else is', async () => {
    const parties = [party('gone', 'customer', 'ended')];
    const { result } = await perform(write, { look: { kind: 'done', value: { ...SEEN, parties } } });
    expect(result).toMatchObject({ result: { customer: 'gone' } });
  });

  it('is rejected where there is no customer, and nothing is written', async () => {
    const { result, asked } = await perform(write);
    expect(result).toMatchObject({ kind: 'rejected', code: 'not-found' });
    expect(asked.map(([verb]) => verb)).toEqual(['look']);
  });

  it('fails as the look or the writing failed', async () => {
    const lost = { kind: 'ambiguous', code: 'timed-out' } as const;
    const parties = [party('cust', 'customer')];
    const look = { kind: 'done', value: { ...SEEN, parties } } as const;
    expect((await perform(write, { look: lost })).result).toEqual(lost);
    expect((await perform(write, { look, attachContext: lost })).result).toEqual(lost);
  });
});

describe('a text message', () => {
  it('is sent by its route once, under our reference', async () => {
    const orders: unknown[] = [];
    const value = { messageId: 'm-1', report: { status: 'queued' } } as const;
    const { result } = await perform(
      send,
      {},
      {
        async send(order) {
          orders.push(order);
          return { kind: 'done', value, message: { ...sms, from: '+15055550100' } };
        },
      },
    );
    expect(result).toEqual({ kind: 'done', of: 'SendSms', result: { messageId: 'm-1' } });
    expect(orders).toEqual([sms]);
  });

  it('that is refused says why, and nothing of itself', async () => {
    const message = { ...sms, from: '+15055550100' };
    const { result } = await perform(
      send,
      {},
      {
        send: async () => ({ kind: 'rejected', code: 'bad-request', reason: 'opted-out', message }),
      },
    );
    expect(result).toEqual({ kind: 'rejected', code: 'bad-request', detail: 'opted-out' });
  });

  it('whose fate is unknown is found, not there, or unsure', async () => {
    const accepted = { messageId: 'm-1', report: { status: 'queued' } } as const;
    for (const [value, told] of [
      [
        { kind: 'taken', accepted },
        { kind: 'taken', messageId: 'm-1' },
      ],
      [{ kind: 'not-there' }, { kind: 'not-there' }],
      [{ kind: 'unsure' }, { kind: 'unsure' }],
    ] as const) {
      const { result } = await perform(find, {}, { find: async () => ({ kind: 'done', value }) });
      expect(result).toEqual({ kind: 'done', of: 'FindSms', result: told });
    }
    const lost = { kind: 'transient', code: 'unreachable' } as const;
    expect((await perform(find, {}, { find: async () => lost })).result).toEqual(lost);
  });

  it('cannot be sent where none is configured', async () => {
    for (const command of [send, find]) {
      expect((await perform(command)).result).toMatchObject({ kind: 'rejected', code: 'not-found' });
    }
  });
});

describe('an end and a callback', () => {
  it('end the conversation, or fail as it did', async () => {
    expect((await perform(close)).result).toEqual({ kind: 'done', of: 'CloseLeg', result: null });
    const gone = { kind: 'rejected', code: 'not-found' } as const;
    expect((await perform(close, { closeLeg: gone })).result).toEqual(gone);
    const elsewhere = { ...close, platform: 'nowhere' as PlatformName };
    expect((await perform(elsewhere)).result).toMatchObject({ kind: 'rejected', code: 'not-found' });
  });

  it('book the call in the queue of that name', async () => {
    const { result, asked } = await perform(book);
    const queue = queueNamed('Claims');
    expect(result).toEqual({ kind: 'done', of: 'BookCallback', result: { externalId: 'callback-1', queue } });
    expect(asked.at(-1)).toMatchObject([
      'bookCallback',
      { queue, phone: book.phone, at: 9_000, priority: 3, pattern: 'queued', data: book.data },
    ]);
  });

  it('ask for no call of whoever has said STOP meanwhile', async () => {
    const { result, asked } = await perform(book, {}, undefined, async (number) => number === book.phone);
    expect(result).toEqual({ kind: 'rejected', code: 'bad-request', detail: 'opted-out' });
    expect(asked.map(([verb]) => verb)).toEqual(['resolveQueue']);
  });

  it('ask for no call where there is no such queue, and tell what became of one', async () => {
    const unknown = { kind: 'rejected', code: 'queue-not-found-or-not-visible' } as const;
    const first = await perform(book, { resolveQueue: unknown });
    expect([first.result, first.asked.map(([verb]) => verb)]).toEqual([unknown, ['resolveQueue']]);
    const lost = { kind: 'ambiguous', code: 'connection-lost' } as const;
    expect((await perform(book, { bookCallback: lost })).result).toEqual(lost);
  });
});
