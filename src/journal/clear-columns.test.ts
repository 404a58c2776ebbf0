import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  agentJoined,
  escalation,
  house,
  interactionId,
  legOf,
  opening,
  SETTLE_MS,
  settled,
  told,
} from '../../test/contract/journal-bench.ts';
import type { ManifestRef } from '../ids.ts';
import { openSqlite } from './sqlite.ts';

const ID = interactionId(1);
const PARKED_UNTIL = 1e15;

const folder = mkdtempSync(join(tmpdir(), 'throughline-clear-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const word = fc.stringMatching(/^[A-Z][a-zé]{5,9}$/);
const digits = (length: number) => fc.stringMatching(new RegExp(`^[1-9]\\d{${length - 1}}$`));

/** Everything that a customer, a bot or an agent may have said, none of it short enough to turn up by chance. */
const personal = fc.record({
  phone: digits(11).map((number) => `+${number}`),
  bareNumber: digits(10),
  legPhone: digits(11).map((number) => `+${number}`),
  parkedPhone: digits(11).map((number) => `+${number}`),
  email: fc.tuple(word, word).map(([first, last]) => `${first}.${last}@example.com`),
  name: fc.tuple(word, word).map((names) => names.join(' ')),
  customerId: digits(9).map((number) => `ACC-${number}`),
  account: digits(12),
  utterance: fc.tuple(word, word, word).map((words) => `I am ${words.join(' ')}, call me`),
  slot: fc.tuple(word, digits(8)).map(([text, number]) => `${text} ${number}`),
  note: fc.tuple(word, word).map((words) => `said: ${words.join(' ')}`),
  detail: fc.tuple(word, word).map((words) => `no queue for ${words.join(' ')}`),
});
type Personal = Record<string, string>;

/** A whole escalation with personal data wherever it may stand; also where a code is expected. */
async function wholeEscalation(file: string, p: Personal) {
  const store = openSqlite(file);
  const { runner, journal, center, clock } = await house({ store });
  const at = clock.now();
  await journal.park(agentJoined(p.parkedPhone!, 'm1', at), 'genesys_cloud', PARKED_UNTIL);
  await runner.submit(
    ID,
    opening(ID, p.legPhone!, {
      customer: {
        phone: p.phone,
        email: p.email,
        name: p.name,
        customerId: p.customerId,
        segment: p.utterance,
        nickname: p.note,
      },
      context: {
        intent: p.bareNumber,
        authenticationStatus: p.note,
        accountNumber: p.account,
        previousQueue: p.detail,
        dtmfSequence: [p.account!],
        sentiment: p.slot,
        attributes: { [p.name!]: p.slot!, note: p.utterance! },
      },
    }),
  );
  const manifest = {
    trigger: p.note!,
    trigger_utterance: p.utterance!,
    intents_detected: [{ intent: p.name! }],
    slots_collected: { [p.email!]: p.slot, account: p.account },
    sentiment_trend: p.slot!,
    recommended_queue: p.detail!,
    agent_briefing: p.note!,
  };
  const blob = { ref: 'ref-1' as ManifestRef, content: JSON.stringify(manifest), expiresAt: PARKED_UNTIL };
  await runner.submit(ID, escalation({ manifest, manifestRef: blob.ref }), { blob });
  await settled();
  await clock.advance(SETTLE_MS + 100);
  const { input, message } = told(agentJoined(p.legPhone!, 'm2', clock.now()));
  await runner.submit(ID, input, { message });
  await runner.submit(ID, { kind: 'record-wrapup', actor: 'api:desk', code: p.name!, notes: p.note! });
  await runner.submit(ID, { kind: 'record-survey', actor: 'api:desk', score: 5, comment: p.utterance! });
  const refused = { kind: 'rejected', code: 'queue-not-found-or-not-visible', detail: p.detail! } as const;
  center.script = () => refused;
  const second = interactionId(2);
  await runner.submit(
    second,
    opening(second, 'c2', { customer: { segment: p.customerId }, context: { intent: p.customerId } }),
  );
  await runner.submit(second, escalation({ queue: p.detail! }));
  await settled();
  await runner.submit(ID, { kind: 'attach-leg', actor: 'api:desk', leg: legOf(p.email!) });
  // Long enough a story for a snapshot.
  for (let n = 0; n < 60; n += 1) {
    await runner.submit(ID, { kind: 'change-context', actor: 'api:desk', context: { attributes: { note: p.slot! } } });
  }
  return { store, runner, journal };
}

function bytesOf(file: string): Buffer {
  const [base, name] = [join(file, '..'), file.split(/[\\/]/).at(-1) ?? ''];
  const all = readdirSync(base).filter((one) => one.startsWith(name));
  return Buffer.concat(all.map((one) => readFileSync(join(base, one))));
}

describe('clear columns', () => {
  it('never show anything personal, nor does any byte of the files, after a whole escalation and its erasure', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(personal, async (p: Personal) => {
        const file = join(folder, `${runs++}.db`);
        const { store, runner, journal } = await wholeEscalation(file, p);
        expect((await store.load([ID]))[0]?.snapshot).not.toBeNull();
        for (const id of [ID, interactionId(2)]) {
          await runner.submit(id, { kind: 'erase', actor: 'api:desk', erasureId: 'e-1' });
        }
        await settled();
        const clear = JSON.stringify([
          (await journal.feed(0, 1_000)).map(({ clear: columns, type, actor }) => [columns, type, actor]),
          await journal.list({ limit: 100 }),
        ]);
        expect(clear).toContain('"completed"');
        expect(clear).toContain('queue-not-found-or-not-visible');
        expect(clear).toContain('id-withheld');
        // While it runs, with the write-ahead log, and when all of it has been moved into the file.
        const running = bytesOf(file);
        await runner[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
        const closed = bytesOf(file);
        expect(running.includes(ID)).toBe(true);
        expect(closed.includes(ID)).toBe(true);
        for (const [field, value] of Object.entries(p)) {
          expect([field, clear.includes(value)]).toEqual([field, false]);
          expect([field, running.includes(value), closed.includes(value)]).toEqual([field, false, false]);
        }
        rmSync(file);
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });

  it("show what reports run on: codes of the operator's own, phases, outcomes, durations", async () => {
    const { runner, journal, clock } = await house();
    const context = { intent: 'billing_dispute' };
    await runner.submit(ID, opening(ID, 'c1', { customer: { segment: 'enterprise' }, context }));
    await runner.submit(ID, escalation());
    await settled();
    await clock.advance(SETTLE_MS + 100);
    const columns = new Map((await journal.history(ID))?.map(({ type, clear }) => [type, JSON.parse(clear)]));
    expect(columns.get('InteractionOpened')).toEqual({
      channel: 'voice',
      direction: 'inbound',
      intent: 'billing_dispute',
      segment: 'enterprise',
      piiMasked: false,
    });
    expect(columns.get('EscalationRequested')).toMatchObject({ handoffId: `${ID}.1`, phase: 'preparing' });
    expect(columns.get('HandoffSettled')).toMatchObject({
      kind: 'escalation',
      phase: 'settled',
      outcome: 'completed',
      queueId: 'q-tier2',
      attempts: 1,
    });
    expect(columns.get('HolderChanged')).toEqual({ holder: 'queue', epoch: 2, queueId: 'q-tier2' });
    const [listed] = await journal.list({ limit: 1 });
    expect(listed).toMatchObject({ id: ID, platform: 'genesys_cloud', phase: 'settled', outcome: 'completed' });
  });
});
