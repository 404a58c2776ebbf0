import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import {
  agentJoined,
  escalation,
  interactionId,
  legOf,
  MASTER_KEY,
  opening,
  replaced,
} from '../../test/contract/journal-bench.ts';
import type { HandoffId, InteractionId, ManifestRef, PlatformName } from '../ids.ts';
import type { Event } from '../protocols/event.ts';
import { evolve } from '../protocols/evolve.ts';
import { decide } from '../protocols/handoff.ts';
import type { Input } from '../protocols/input.ts';
import type { Interaction, State } from '../protocols/interaction.ts';
import { GENESIS } from './chain.ts';
import { type CommittedEvent, digestOf, type Head, Journal } from './journal.ts';
import { JournalUnavailable } from './journal-unavailable.ts';
import { openSqlite } from './sqlite.ts';

const ID = interactionId(1);
const ALONE = { dueAt: null, lease: null, messages: [], blobs: [] } as const;

const folder = mkdtempSync(join(tmpdir(), 'throughline-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `${files++}.db`);

const inMemory = () => Journal.open(openSqlite(':memory:'), MASTER_KEY);

/** Decides the inputs one after the other and appends what they cause, all in one append. */
async function take(journal: Journal, head: Head | null, ...inputs: readonly Input[]): Promise<Head> {
  let state: State = head?.state ?? null;
  const events: Event[] = [];
  for (const input of inputs) {
    for (const event of decide(state, input, 1_000 + events.length)) {
      events.push(event);
      state = evolve(state, event);
    }
  }
  const id = head?.state.id ?? (inputs[0] as { id: InteractionId }).id;
  const appended = await journal.append(head, id, events, state as Interaction, ALONE);
  if (appended.kind !== 'appended') throw new Error(appended.kind);
  return appended.head;
}

const noting = (n: number): Input => ({
  kind: 'change-context',
  actor: 'api:desk',
  context: { attributes: { n: String(n) } },
});
const attaching = (external: string): Input => ({ kind: 'attach-leg', actor: 'api:desk', leg: legOf(external) });
const detaching = (external: string): Input => ({ kind: 'detach-leg', actor: 'api:desk', leg: legOf(external) });

describe('the journal', () => {
  it('keeps each row’s clear columns as things stood then, though a handoff opens and settles in one append', async () => {
    const journal = await inMemory();
    const cancel: Input = { kind: 'cancel-handoff', actor: 'api:desk', handoffId: `${ID}.1` as HandoffId };
    await take(journal, null, opening(ID, 'c1'), escalation(), cancel);
    const clear = (await journal.history(ID))?.map((entry) => [entry.type, JSON.parse(entry.clear)]);
    expect(clear?.slice(2)).toMatchObject([
      ['EscalationRequested', { handoffId: `${ID}.1`, phase: 'preparing' }],
      ['HandoffSettled', { handoffId: `${ID}.1`, phase: 'settled', outcome: 'cancelled' }],
    ]);
  });

  it('gives back the fold of what was appended, and knows nothing of what was not', async () => {
    const journal = await inMemory();
    const head = await take(journal, await take(journal, null, opening(ID, 'c1')), noting(1));
    const loaded = (await journal.load(ID)) as Head;
    expect([loaded.state, loaded.version]).toEqual([head.state, 3]);
    expect(Buffer.compare(loaded.hash, head.hash)).toBe(0);
    expect(await journal.load(interactionId(9))).toBeNull();
    expect(await journal.peek(interactionId(9))).toBeNull();
    expect(await journal.history(interactionId(9))).toBeNull();
  });

  it('refuses the second of two appends after the same head, and the second opening', async () => {
    const journal = await inMemory();
    const head = await take(journal, null, opening(ID, 'c1'));
    await take(journal, head, noting(1));
    await expect(take(journal, head, noting(2))).rejects.toThrow('version-conflict');
    await expect(take(journal, null, opening(ID, 'c2'))).rejects.toThrow('version-conflict');
    await expect(take(journal, null, opening(interactionId(2), 'c1'))).rejects.toThrow('leg-taken');
  });

  it('goes on from a snapshot as it would from all of the events, for any number of events per append', async () => {
    const journal = await inMemory();
    let head = await take(journal, null, opening(ID, 'c1'));
    for (let n = 0; n < 60; n += 1) {
      const batch = Array.from({ length: 1 + (n % 5) }, (_, m) => noting(n * 10 + m));
      head = await take(journal, head, ...batch);
      const loaded = (await journal.load(ID)) as Head;
      expect([loaded.version, loaded.state]).toEqual([head.version, head.state]);
      expect(Buffer.compare(loaded.hash, head.hash)).toBe(0);
    }
    expect(head.version).toBe(182);
    const [stored] = await journal.store.load([ID]);
    expect(stored?.snapshot?.version).toBeGreaterThanOrEqual(128);
    expect(await journal.verify()).toMatchObject({ ok: true, events: 182 });
  });

  it('folds no event twice that its snapshot has seen', async () => {
    const journal = await inMemory();
    let head = await take(journal, null, opening(ID, 'c1'));
    for (let n = 0; n < 70; n += 1) {
      const handoffId = `${ID}.1` as HandoffId;
      const event: Event = {
        type: 'ChoreAdded',
        id: `chore-${n}`,
        code: 'x',
        handoffId,
        at: 2_000,
        actor: 'throughline',
      };
      const after = evolve(head.state, event) as Interaction;
      const appended = await journal.append(head, ID, [event], after, ALONE);
      if (appended.kind === 'appended') head = appended.head;
      expect(((await journal.load(ID)) as Head).state.chores).toHaveLength(n + 1);
    }
  });

  it('tells its history from the first event on, each with the hash before it', async () => {
    const journal = await inMemory();
    await take(journal, await take(journal, null, opening(ID, 'c1')), noting(1), noting(2));
    const history = (await journal.history(ID)) ?? [];
    expect(history.map(({ version, event, type }) => [version, event?.type, type])).toEqual([
      [1, 'InteractionOpened', 'InteractionOpened'],
      [2, 'LegAttached', 'LegAttached'],
      [3, 'ContextChanged', 'ContextChanged'],
      [4, 'ContextChanged', 'ContextChanged'],
    ]);
    expect(history[3]?.event).toMatchObject({ context: { attributes: { n: '2' } }, at: 1_001, actor: 'api:desk' });
    expect(history.map(({ prevHash }) => prevHash)).toEqual([GENESIS, ...history.slice(0, 3).map(({ hash }) => hash)]);
  });

  it('opens only with the master key it was made with', async () => {
    const file = newFile();
    {
      await using store = openSqlite(file);
      await take(await Journal.open(store, MASTER_KEY), null, opening(ID, 'c1'));
    }
    await using store = openSqlite(file);
    await expect(Journal.open(store, Buffer.alloc(32, 6))).rejects.toThrow(/wrong master key/);
    const journal = await Journal.open(store, MASTER_KEY);
    expect((await journal.findSubject('phone', '+14155551234', 10))[0]).toBe(ID);
  });

  it.each([
    ['a clear column', `update event set clear = '{"queueId":"other"}' where version = 2 and row = 1`, 2],
    ['a time', 'update event set at = at + 1 where version = 1 and row = 1', 1],
    ['the sealed bytes', 'update event set sealed = zeroblob(length(sealed)) where version = 3 and row = 1', 3],
    ['an event that is gone', 'delete from event where version = 2 and row = 1', 2],
    ['the last event, gone', 'delete from event where version = 3 and row = 1', 3],
  ])('finds what was changed behind its back (H8): %s', async (_what, tampering, version) => {
    const file = newFile();
    {
      await using store = openSqlite(file);
      const journal = await Journal.open(store, MASTER_KEY);
      await take(journal, await take(journal, null, opening(ID, 'c1')), noting(1));
      await take(journal, null, opening(interactionId(2), 'c2'));
      expect(await journal.verify()).toMatchObject({ ok: true, interactions: 2, events: 5, firstBad: null });
    }
    const behind = new DatabaseSync(file);
    behind.exec(tampering);
    behind.close();
    await using store = openSqlite(file);
    const journal = await Journal.open(store, MASTER_KEY);
    expect(await journal.verify()).toMatchObject({ ok: false, firstBad: { interactionId: ID, version } });
  });

  it('tells its listeners what was committed, in order, until they stop listening', async () => {
    const journal = await inMemory();
    const heard: CommittedEvent[] = [];
    const stop = journal.onCommit((events) => heard.push(...events));
    const head = await take(journal, null, opening(ID, 'c1'));
    await expect(take(journal, null, opening(ID, 'c9'))).rejects.toThrow();
    stop();
    await take(journal, head, noting(1));
    expect(heard.map(({ version, type }) => [version, type])).toEqual([
      [1, 'InteractionOpened'],
      [2, 'LegAttached'],
    ]);
  });
});

describe("the journal's legs, subjects, messages and blobs", () => {
  it('does to each leg what the last event of the append says', async () => {
    const journal = await inMemory();
    let head = await take(journal, null, opening(ID, 'c1'));
    head = await take(journal, head, attaching('c2'), detaching('c2'), detaching('c1'), attaching('c1'));
    expect(await journal.ownerOf(legOf('c1'))).toBe(ID);
    expect(await journal.ownerOf(legOf('c2'))).toBeNull();
    await take(journal, head, detaching('c1'));
    expect(await journal.ownerOf(legOf('c1'))).toBeNull();
  });

  it.each([
    '+14155551234',
    '4155551234',
    '+1 (415) 555-1234',
    '415.555.1234',
    'tel:+14155551234',
    'ana.lima@example.com',
    'sip:ana@pbx.example',
  ])("keeps a conversation's id as a keyed hash when it is personal: %s", async (external) => {
    const journal = await inMemory();
    expect(journal.legKey(legOf(external)).external).toMatch(/^[\da-f]{64}$/);
    await take(journal, null, opening(ID, external));
    expect(await journal.ownerOf(legOf(external))).toBe(ID);
    expect(await journal.ownerOf({ ...legOf(external), platform: 'nice_cxone' as PlatformName })).toBeNull();
  });

  it("keeps a conversation's id as it is when it is not personal", async () => {
    const journal = await inMemory();
    for (const external of ['6f1d4c1e-8c3b-4f6d-9d4a-0f6f0c3a9b11', 'conv-voice-uuid-001', 'c1']) {
      expect(journal.legKey(legOf(external)).external).toBe(external);
    }
  });

  it('finds a customer by what they are known by, however it is spelled, also by what they had before', async () => {
    const journal = await inMemory();
    const customer = { phone: '+14155551234', email: 'Ana@Example.com', customerId: 'ACC-1' };
    const head = await take(journal, null, opening(ID, 'c1', { customer }));
    await take(journal, head, { kind: 'change-context', actor: 'api:desk', customer: { phone: '+14155550000' } });
    expect(await journal.findSubject('email', 'ana@example.COM', 5)).toEqual([ID]);
    expect(await journal.findSubject('customerId', 'acc-1', 5)).toEqual([ID]);
    expect(await journal.findSubject('phone', '+14155551234', 5)).toEqual([ID]);
    expect(await journal.findSubject('phone', '+14155550000', 5)).toEqual([ID]);
    expect(await journal.findSubject('customerId', '+14155550000', 5)).toEqual([]);
  });

  it('parks events sealed and gives them back as they were', async () => {
    const journal = await inMemory();
    const event = agentJoined('c1', 'm1', 5);
    expect(await journal.park(event, 'genesys_cloud', 900)).toBeNull();
    expect(await journal.parkedFor(legOf('c1'))).toEqual([
      { message: { sender: 'genesys_cloud', messageId: 'm1' }, event },
    ]);
    expect(await journal.strays(5)).toEqual([]);
    await take(journal, null, opening(ID, 'c1'));
    expect(await journal.strays(5)).toMatchObject([{ interactionId: ID, event }]);
    expect(await journal.park(agentJoined('c1', 'm2', 6), 'genesys_cloud', 900)).toBe(ID);
  });

  it('keeps blobs each under its own key until they expire', async () => {
    const store = openSqlite(':memory:');
    const journal = await Journal.open(store, MASTER_KEY);
    const blobs = ['r1', 'r2'].map((ref) => ({ ref: ref as ManifestRef, content: `{"of":"${ref}"}`, expiresAt: 100 }));
    for (const blob of blobs) await journal.putBlob(blob);
    expect(await journal.readBlob('r1' as ManifestRef, 99)).toEqual({ content: '{"of":"r1"}', expiresAt: 100 });
    expect(await journal.readBlob('r1' as ManifestRef, 100)).toBeNull();
    const two = await store.getBlob('r2' as ManifestRef, 1);
    await store.putBlobs([{ ...two!, ref: 'r3' as ManifestRef }]);
    await expect(journal.readBlob('r3' as ManifestRef, 1)).rejects.toThrow(/seal of blob\.r3/);
  });

  it('tells requests apart by a digest of what they say', () => {
    expect(digestOf('{"a":1}')).toBe(digestOf('{"a":1}'));
    expect(digestOf('{"a":1}')).not.toBe(digestOf('{"a":2}'));
  });
});

describe('a journal that cannot be reached', () => {
  it('says so with its cause, whatever was to be read or written, and calls nothing else so', async () => {
    const cause = new Error('database or disk is full');
    const fails = () => Promise.reject(cause);
    const store = openSqlite(':memory:');
    const broken = { append: fails, load: fails, park: fails, parked: fails, findLegs: fails, putBlobs: fails };
    const journal = await Journal.open(replaced(store, broken), MASTER_KEY);
    const blob = { ref: 'ref' as ManifestRef, content: 'content', expiresAt: 1_000 };
    const tries = [
      () => journal.load(ID),
      () => journal.peek(ID),
      () => take(journal, null, opening(ID, 'c1')),
      () => journal.park(agentJoined('c1', 'm1', 5), 'genesys_cloud', 1_000),
      () => journal.parkedFor(legOf('c1')),
      () => journal.ownerOf(legOf('c1')),
      () => journal.putBlob(blob),
    ];
    for (const attempt of tries) {
      const error = await attempt().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(JournalUnavailable);
      expect(error).toHaveProperty('cause', cause);
    }

    const damaged = replaced(store, {
      load: async (ids) => (await store.load(ids)).map((stored) => ({ ...stored, wrappedKey: new Uint8Array(60) })),
    });
    await take(await Journal.open(store, MASTER_KEY), null, opening(ID, 'c1'));
    const error = await (await Journal.open(damaged, MASTER_KEY)).load(ID).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(JournalUnavailable);
  });
});
