// Owns the process that is killed while it waits for the receipt of a text message whose provider calls no hook: it tells of every look at it, and
// answers as it was told on its command line.

import { writeSync } from 'node:fs';
import type { ExternalId, InteractionId, PlatformName } from '../../src/ids.ts';
import { Journal } from '../../src/journal/journal.ts';
import { Runner } from '../../src/journal/runner.ts';
import { openSqlite } from '../../src/journal/sqlite.ts';
import { machineClock as clock } from '../../src/machine-clock.ts';
import type { Execute } from '../../src/protocols/command.ts';
import { MASTER_KEY } from '../contract/journal-bench.ts';

export type ReceiptOrders = { readonly file: string; readonly answers: 'pending' | 'delivered' };

const ID = '01934f00-0000-7000-8000-000000000001' as InteractionId;
const { file, answers } = JSON.parse(process.argv[2] ?? '') as ReceiptOrders;
const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

const execute: Execute = async (command) => {
  if (command.kind === 'SendSms') {
    say({ sent: command.ref });
    return { kind: 'done', of: 'SendSms', result: { messageId: 'agentless-1' } };
  }
  if (command.kind !== 'AskReceipt') throw new Error(`nobody asks for ${command.kind} here`);
  say({ asked: command.messageId });
  return { kind: 'done', of: 'AskReceipt', result: { status: answers } };
};

const journal = await Journal.open(openSqlite(file), MASTER_KEY);
const onFault = (error: unknown) => {
  throw error;
};
const runner = new Runner({ journal, clock, random: Math.random, owner: `p-${process.pid}`, execute, onFault });
await runner.start({ recovering: true });
if (!(await runner.read(ID))) await deflect();
await runner.watch(ID, ({ offers }) => offers[0]?.sms === 'delivered', 60_000);
say({ delivered: true });

async function deflect(): Promise<void> {
  const leg = {
    platform: 'genesys_cloud' as PlatformName,
    externalId: 'call-1' as ExternalId,
    channel: 'voice',
  } as const;
  const opens = { kind: 'open-interaction', actor: 'test', id: ID, channel: 'voice', direction: 'inbound' } as const;
  const asks = {
    kind: 'request-deflection',
    actor: 'test',
    number: { ok: true, to: '+14155550123', routes: ['genesys'] },
    text: 'Go on here',
    source: 'park',
    ttlMs: 3_600_000,
    policy: {
      told: [],
      asked: ['genesys'],
      receiptWaitMs: 120_000,
      purge: [],
      digital: { attributeValueBytes: 256, attributeCount: 50 },
      limits: { commandTimeoutMs: 5_000, settleMs: 1_000 },
    },
  } as const;
  const inputs = [{ input: { ...opens, customer: {}, context: {}, leg } }, { input: asks }];
  await Promise.all(runner.submitAll(ID, inputs));
}
