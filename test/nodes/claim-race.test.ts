// Eight devices race for a link over two nodes on one PostgreSQL: one wins, whichever node each of them met (H7).

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ExternalId, HandoffId, InteractionId, PlatformName } from '../../src/ids.ts';
import { Journal } from '../../src/journal/journal.ts';
import { openPostgres } from '../../src/journal/postgres.ts';
import { Runner } from '../../src/journal/runner.ts';
import { machineClock as clock } from '../../src/machine-clock.ts';
import type { Execute } from '../../src/protocols/command.ts';
import { whole } from '../../src/protocols/interaction.ts';
import type { Leg } from '../../src/protocols/move.ts';
import { newDatabase } from '../postgres/database.ts';

const ANCHOR = 'throughline' as PlatformName;
const RACES = 20;
const DEVICES = 8;
const KEY = randomBytes(32);

const execute: Execute = async (command) =>
  command.kind === 'SendSms'
    ? { kind: 'done', of: 'SendSms', result: { messageId: 'm' } }
    : { kind: 'rejected', code: 'bad-request' };

async function node(url: string, owner: string) {
  const store = await openPostgres(url, { clock, random: Math.random });
  const journal = await Journal.open(store, KEY);
  const faults: unknown[] = [];
  const runner = new Runner({
    journal,
    execute,
    clock,
    random: Math.random,
    owner,
    onFault: (fault) => faults.push(fault),
  });
  await runner.start({ recovering: false });
  return {
    runner,
    faults,
    async [Symbol.asyncDispose]() {
      await runner[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

describe('a link on two nodes', () => {
  it('has one winner among eight devices, and everybody else is told so', async () => {
    const url = await newDatabase();
    await using one = await node(url, 'one');
    await using two = await node(url, 'two');
    for (let race = 0; race < RACES; race += 1) {
      const id = `019a0000-0000-7000-8000-${String(race).padStart(12, '0')}` as InteractionId;
      const actor = 'api:desk';
      const leg: Leg = {
        platform: 'genesys_cloud' as PlatformName,
        externalId: `c-${race}` as ExternalId,
        channel: 'voice',
      };
      const opening = { channel: 'voice', direction: 'inbound', customer: {}, context: {} } as const;
      await one.runner.submit(id, { kind: 'open-interaction', actor, id, leg, ...opening });
      await one.runner.submit(id, {
        kind: 'request-deflection',
        actor,
        number: { ok: true, to: '+14155551234', routes: ['twilio'] },
        text: 'https://handoff.example.com/c/x',
        source: 'park',
        ttlMs: 3_600_000,
        policy: {
          told: [],
          receiptWaitMs: 20_000,
          purge: [],
          digital: { attributeValueBytes: 256, attributeCount: 50 },
          limits: { commandTimeoutMs: 8_000, settleMs: 5_000 },
        },
      });
      const claims = Array.from({ length: DEVICES }, (_, n) =>
        (n % 2 === 0 ? one : two).runner.submit(id, {
          kind: 'claim-offer',
          actor,
          handoffId: `${id}.1` as HandoffId,
          device: `device-${n}`,
          leg: { platform: ANCHOR, externalId: `chat-${race}-${n}` as ExternalId, channel: 'webchat' },
          move: false,
          anchor: ANCHOR,
        }),
      );
      const replies = await Promise.all(claims);
      const events = replies.map((reply) => (reply.kind === 'taken' ? reply.events : []));
      const won = events.filter((some) => some.some(({ type }) => type === 'OfferClaimed'));
      const told = events.filter((some) =>
        some.some((event) => event.type === 'RequestRefused' && event.code === 'claim-already-active'),
      );
      expect([won.length, told.length]).toEqual([1, DEVICES - 1]);
      const { legs, settled } = whole((await two.runner.read(id))?.state);
      expect(legs.filter(({ platform }) => platform === ANCHOR)).toHaveLength(1);
      expect(settled).toMatchObject([{ kind: 'deflection', outcome: 'completed' }]);
    }
    expect([...one.faults, ...two.faults]).toEqual([]);
  });
});
