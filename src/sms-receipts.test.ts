// Tests how receipts are asked for where a provider calls no hook: until the end is known, told once, and never beyond its time.

import { expect, it } from 'vitest';
import { manualClock } from '../test/contract/manual-clock.ts';
import type { SmsOutcome, SmsProvider } from './channels/sms/sms-provider.ts';
import type { SmsReport } from './channels/sms/sms-status.ts';
import { awaitReceipt, type SmsReceipt } from './sms-receipts.ts';

const done = (status: SmsReport['status']): SmsOutcome<SmsReport> => ({ kind: 'done', value: { status } });

function asking(answers: readonly SmsOutcome<SmsReport>[], receipts: 'look' | 'hook' = 'look') {
  const clock = manualClock();
  const closing = new AbortController();
  const told: SmsReceipt[] = [];
  let looks = 0;
  const look = async () => {
    looks += 1;
    return answers[looks - 1] ?? done('sent');
  };
  const capabilities = { receipts, refInReceipts: false, settleMs: 0, answersKeywords: true };
  const provider = { look, capabilities } as unknown as SmsProvider;
  const tell = async (receipt: SmsReceipt) => void told.push(receipt);
  const asked = awaitReceipt({ provider }, { ref: 'r', messageId: 'm' }, { clock, closing: closing.signal, tell });
  return { clock, closing, told, asked, looks: () => looks };
}

it('asks until the end is known, and tells it once', async () => {
  const { clock, told, asked, looks } = asking([
    done('queued'),
    { kind: 'transient', code: 'unreachable' },
    done('delivered'),
  ]);
  for (let second = 0; second < 300; second += 1) await clock.advance(1_000);
  await asked;
  expect([told, looks()]).toEqual([[{ ref: 'r', messageId: 'm', report: { status: 'delivered' } }], 3]);
});

it('gives up after some minutes, where the message is not known, and when the service ends', async () => {
  const silent = asking([]);
  for (let second = 0; second < 300; second += 1) await silent.clock.advance(1_000);
  await silent.asked;
  expect([silent.told, silent.looks()]).toEqual([[], 8]);
  const unknown = asking([{ kind: 'rejected', code: 'not-found' }]);
  await unknown.clock.advance(2_000);
  await unknown.asked;
  expect([unknown.told, unknown.looks()]).toEqual([[], 1]);
  const ended = asking([done('delivered')]);
  ended.closing.abort();
  await ended.clock.advance(2_000);
  await ended.asked;
  expect(ended.told).toEqual([]);
});

it('asks nothing of a provider that calls its hook', async () => {
  const { asked, looks } = asking([done('delivered')], 'hook');
  await asked;
  expect(looks()).toBe(0);
});
