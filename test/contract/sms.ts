// Owns the promises of `src/channels/sms/sms-provider.ts` as a suite that every provider passes against its far side: a twin or, with
// credentials, the vendor itself. What a provider cannot do it says in its capabilities; what it does, it does like this.

import { describe, expect, it } from 'vitest';
import type { ChannelCall } from '../../src/channels/send-request.ts';
import { NO_RECEIPT, type Receipt, withReport } from '../../src/channels/sms/receipt.ts';
import type { SmsStatusSaid } from '../../src/channels/sms/sms-hook.ts';
import type { SmsMessage, SmsOutcome, SmsProvider } from '../../src/channels/sms/sms-provider.ts';

/** A provider in front of its far side, fresh for each test. */
export type SmsStage = AsyncDisposable & {
  readonly provider: SmsProvider;
  /** One of the provider's own numbers. */
  readonly sender: string;
  now(): number;
  /** Lets what was accepted take effect, until its last status. */
  settle(): Promise<void>;
  /** What is on the customer's telephone. */
  inbox(number: string): Promise<readonly { readonly from: string; readonly text: string }[]>;
  /** What becomes of the next message to that number. */
  destine(number: string, delivery: 'delivered' | 'undelivered' | 'silent'): Promise<void>;
  /** The next send meets this: said before it is taken, or after; or nothing is ever said. */
  fault(fault: 'refuse' | 'fail' | 'break' | 'hang'): Promise<void>;
  /** The hook's posts meet this until the test ends. */
  trouble(fault: 'repeat' | 'reorder'): Promise<void>;
  /** Lets the time of a call run out. */
  runOut(): Promise<void>;
  /** Sends that the far side was asked for. */
  sendsAsked(): number;
  /** What the hook was told so far, verified and read, once there are at least so many. Only where there is a hook. */
  told(atLeast: number): Promise<readonly SmsStatusSaid[]>;
};

const CUSTOMER = '+14155550123';
const LINK = 'https://example.com/c/4Zr1';

const call = (change: Partial<ChannelCall> = {}): ChannelCall => ({
  signal: new AbortController().signal,
  mayStart: () => true,
  ...change,
});
const messageOf = (stage: SmsStage, change: Partial<SmsMessage> = {}): SmsMessage => ({
  to: CUSTOMER,
  from: stage.sender,
  text: `Example: continue here: ${LINK}`,
  ref: '0190c0de-0000-7000-8000-000000000001.1.send-1',
  ...change,
});

function value<Value>(outcome: SmsOutcome<Value>): Value {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind} ${outcome.code} ${outcome.detail ?? ''}`);
  return outcome.value;
}

/** What all that is known of a message comes to, by the way the provider has of telling. */
async function receiptOf(stage: SmsStage, messageId: string, statuses: number): Promise<Receipt> {
  const { look, capabilities } = stage.provider;
  const reports =
    capabilities.receipts === 'hook'
      ? (await stage.told(statuses)).filter((said) => said.messageId === messageId).map(({ report }) => report)
      : [value(await look!(messageId, call()))];
  return reports.reduce(withReport, NO_RECEIPT);
}

/** Runs every promise of the contract. `make` starts a fresh stage. */
export function smsContract(name: string, make: () => Promise<SmsStage>): void {
  describe(`${name} keeps the contract of text messages: sending`, () => {
    it('brings the text to the customer as it is, from the number that was asked for', async () => {
      await using stage = await make();
      const message = messageOf(stage, { text: `Grüße & 100 % "sure" + more: ${LINK}?a=b` });
      const accepted = value(await stage.provider.send(message, call()));
      expect(accepted.messageId).not.toBe('');
      expect(accepted.report.status).toBe('queued');
      await stage.settle();
      expect(await stage.inbox(CUSTOMER)).toMatchObject([{ from: stage.sender, text: message.text }]);
    });

    it('takes texts of the length it says, and refuses longer ones', async () => {
      await using stage = await make();
      const longest = 'x'.repeat(stage.provider.maxTextUnits);
      value(await stage.provider.send(messageOf(stage, { text: longest }), call()));
      const longer = await stage.provider.send(messageOf(stage, { text: `${longest}x` }), call());
      expect(longer).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    });

    it('refuses what is no number, and tells neither number nor text in its failure', async () => {
      await using stage = await make();
      const outcome = await stage.provider.send(messageOf(stage, { to: '+1', text: `secret ${LINK}` }), call());
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'bad-request' });
      expect(JSON.stringify(outcome)).not.toMatch(/secret|example\.com|\+1"/);
    });
  });

  describe(`${name} keeps the contract of text messages: receipts`, () => {
    it('tells that the customer has it', async () => {
      await using stage = await make();
      const { messageId } = value(await stage.provider.send(messageOf(stage), call()));
      await stage.settle();
      expect(await receiptOf(stage, messageId, 2)).toEqual({ kind: 'delivered' });
    });

    it('tells that the customer does not have it', async () => {
      await using stage = await make();
      await stage.destine(CUSTOMER, 'undelivered');
      const { messageId } = value(await stage.provider.send(messageOf(stage), call()));
      await stage.settle();
      expect(await receiptOf(stage, messageId, 2)).toMatchObject({ kind: 'not-delivered' });
      expect(await stage.inbox(CUSTOMER)).toEqual([]);
    });

    it('says no more than that it is under way when the carrier is silent', async () => {
      await using stage = await make();
      await stage.destine(CUSTOMER, 'silent');
      const { messageId } = value(await stage.provider.send(messageOf(stage), call()));
      await stage.settle();
      expect(await stage.inbox(CUSTOMER)).toHaveLength(1);
      await stage.settle();
      expect(await receiptOf(stage, messageId, 1)).toEqual({ kind: 'under-way', at: 'carrier' });
    });

    it.each(['repeat', 'reorder'] as const)('comes to the same where its statuses are told in %s', async (fault) => {
      await using stage = await make();
      if (stage.provider.capabilities.receipts === 'look') return expect(stage.provider.look).not.toBeNull();
      await stage.trouble(fault);
      const { messageId } = value(await stage.provider.send(messageOf(stage), call()));
      await stage.settle();
      await stage.settle();
      const atLeast = fault === 'repeat' ? 4 : 2;
      expect(await receiptOf(stage, messageId, atLeast)).toEqual({ kind: 'delivered' });
      const said = await stage.told(atLeast);
      expect(new Set(said.map(({ dedupeId }) => dedupeId)).size).toBe(2);
    });
  });

  describe(`${name} keeps the contract of text messages: what may be repeated (H5)`, () => {
    it('says that a refused send was not taken', async () => {
      await using stage = await make();
      await stage.fault('refuse');
      const outcome = await stage.provider.send(messageOf(stage), call());
      expect(outcome).toMatchObject({ kind: 'transient', code: 'rate-limited', retryAfterMs: 1_000 });
      await stage.settle();
      expect(await stage.inbox(CUSTOMER)).toEqual([]);
    });

    it('does not know what became of a send that failed at the vendor, and does not repeat it', async () => {
      await using stage = await make();
      await stage.fault('fail');
      expect(await stage.provider.send(messageOf(stage), call())).toMatchObject({
        kind: 'ambiguous',
        code: 'vendor-error',
      });
      expect(stage.sendsAsked()).toBe(1);
    });

    it('does not know what became of a send whose answer was lost, and does not repeat it', async () => {
      await using stage = await make();
      await stage.fault('break');
      expect(await stage.provider.send(messageOf(stage), call())).toMatchObject({
        kind: 'ambiguous',
        code: 'connection-lost',
      });
      await stage.settle();
      expect(stage.sendsAsked()).toBe(1);
      expect(await stage.inbox(CUSTOMER)).toHaveLength(1);
    });

    it('finds a send whose answer was lost, or says that it cannot', async () => {
      await using stage = await make();
      const message = messageOf(stage);
      const since = stage.now();
      const { find } = stage.provider;
      if (find === null) {
        expect(stage.provider.look === null || !stage.provider.capabilities.refInReceipts).toBe(true);
        return;
      }
      expect(value(await find(message, since, call()))).toEqual({ kind: 'not-there' });
      await stage.fault('break');
      await stage.provider.send(message, call());
      const found = value(await find(message, since, call()));
      expect(found.kind).toBe('taken');
      expect(value(await find({ ...message, text: `${message.text}!` }, since, call()))).toEqual({ kind: 'not-there' });
      expect(value(await find({ ...message, to: '+14155550199' }, since, call()))).toEqual({ kind: 'not-there' });
    });

    it('gives our reference back with every status, where it says so, also of a send whose answer was lost', async () => {
      await using stage = await make();
      const message = messageOf(stage);
      if (!stage.provider.capabilities.refInReceipts) return expect(stage.provider.find).toBeNull();
      await stage.fault('break');
      await stage.provider.send(message, call());
      await stage.settle();
      const said = await stage.told(2);
      expect(said.map(({ ref }) => ref)).toEqual([message.ref, message.ref]);
    });

    it('gives up when its time runs out, not knowing', async () => {
      await using stage = await make();
      await stage.fault('hang');
      const sending = stage.provider.send(messageOf(stage), call());
      await stage.runOut();
      expect(await sending).toMatchObject({ kind: 'ambiguous', code: 'timed-out' });
      expect(stage.sendsAsked()).toBe(1);
    });

    it('sends nothing once it may not start, or the call was ended', async () => {
      await using stage = await make();
      const fenced = await stage.provider.send(messageOf(stage), call({ mayStart: () => false }));
      const ended = await stage.provider.send(messageOf(stage), call({ signal: AbortSignal.abort() }));
      for (const outcome of [fenced, ended]) expect(outcome).toMatchObject({ kind: 'transient' });
      expect(stage.sendsAsked()).toBe(0);
    });

    it('looks as often as it is asked, where it can be looked', async () => {
      await using stage = await make();
      const { look } = stage.provider;
      const { messageId } = value(await stage.provider.send(messageOf(stage), call()));
      if (look === null) return expect(stage.provider.capabilities.receipts).toBe('hook');
      expect(value(await look(messageId, call())).status).toBe('queued');
      await stage.settle();
      expect(value(await look(messageId, call())).status).toBe('delivered');
      expect(await look('no-such-message', call())).toMatchObject({ kind: 'rejected', code: 'not-found' });
    });
  });
}
