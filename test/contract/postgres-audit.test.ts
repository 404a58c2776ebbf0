// Tests what an offline audit finds in a journal on PostgreSQL that somebody changed by SQL: it is read by whoever may read it, without
// the master key, and nothing in it changes (H8). Every kind of tampering is tried in `src/journal/audit.test.ts`.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Anchor } from '../../src/journal/audit.ts';
import { auditCopy, keyOfCopy } from '../../src/journal/audit-copy.ts';
import { openPostgres } from '../../src/journal/postgres.ts';
import { newSealKey, pemOf, type SealKey, sealKey } from '../../src/journal/seal-key.ts';
import { machineClock as clock } from '../../src/machine-clock.ts';
import { createDatabase, newDatabase, query } from '../postgres/database.ts';
import { interactionId } from './journal-bench.ts';
import { rechained, sealedJournalIn, sealerOf } from './sealed-journal.ts';

let original = '';
let key: SealKey;
let pem: string;
let newest: Anchor;

const open = (url: string) => openPostgres(url, { clock, random: Math.random });

beforeAll(async () => {
  original = await newDatabase();
  const store = await open(original);
  ({ key } = await sealedJournalIn(store));
  await store[Symbol.asyncDispose]();
  pem = pemOf(key.public);
  newest = (await auditCopy(original, {})).newestSeal!;
}, 60_000);

/** A copy as by a dump, changed by somebody who has nothing but SQL. */
async function changed(change: string): Promise<string> {
  const copy = await createDatabase(original, original);
  await query(copy, change);
  return copy;
}

/** Makes an interaction's hashes anew, so that its chain holds again. */
async function rechain(url: string, n: number): Promise<void> {
  await using store = await open(url);
  for (const { version, hash } of rechained(await store.history(interactionId(n)))) {
    const values = [Buffer.from(hash), interactionId(n), version];
    await query(url, 'update event set hash = $1 where id = $2 and version = $3', values);
  }
}

const audited = (url: string, given: { readonly anchor?: Anchor } = {}) => auditCopy(url, { publicKey: pem, ...given });
const of = (n: number) => `id = '${interactionId(n)}'`;
const fault = (kind: string, n: number | null, version: number | null, seal: number | null) => ({
  kind,
  interactionId: n && interactionId(n),
  version,
  seal,
});

describe('a copy on PostgreSQL that nobody changed', { timeout: 60_000 }, () => {
  it('is whole, also for whoever may only read it', async () => {
    await query(original, "create role auditor login password 'auditor'");
    await query(original, 'grant select on schema_version, interaction, event, seal, meta to auditor');
    const asAuditor = new URL(original);
    [asAuditor.username, asAuditor.password] = ['auditor', 'auditor'];
    const whole = { ok: true, interactions: 8, events: 22, seals: 3, unsealed: 3, faults: [], trustedKey: true };
    expect(await audited(asAuditor.href, { anchor: newest })).toMatchObject(whole);
    expect(await auditCopy(original, {})).toMatchObject({ ok: true, trustedKey: false });
    expect(await keyOfCopy(original)).toBe(pem);
    await query(original, 'drop owned by auditor; drop role auditor');
  });

  it('is refused when it is no journal of this release, or cannot be reached, without telling the URL', async () => {
    const empty = await createDatabase(original);
    await expect(audited(empty)).rejects.toThrow(/holds no journal/);
    await expect(keyOfCopy(await changed('delete from meta'))).rejects.toThrow(/^The database has no key for seals/);
    await expect(audited(await changed('update schema_version set version = 99'))).rejects.toThrow(/schema version 99/);
    const wrong = new URL(original);
    wrong.password = 'guessed';
    await expect(audited(wrong.href)).rejects.toThrow(/^The database cannot be reached \(28P01\)\.$/);
  });
});

describe('on PostgreSQL', { timeout: 60_000 }, () => {
  it('a removed event is named', async () => {
    const { ok, faults } = await audited(await changed(`delete from event where ${of(1)} and version = 3`));
    expect([ok, faults[0]]).toMatchObject([false, fault('event-removed', 1, 3, 2)]);
  });

  it('the last event of a chain that is gone without a gap is named by its seal', async () => {
    const copy = await changed(`delete from event where ${of(3)} and version = 3;
      update interaction set version = 2 where ${of(3)}`);
    expect((await audited(copy)).faults).toEqual([fault('event-removed', 3, 3, 3)]);
  });

  it.each([
    ['sealed body', "sealed = sealed || '\\x00'"],
    ['clear column', "clear = replace(clear, 'voice', 'email')"],
    ['hash', "hash = decode(repeat('00', 32), 'hex')"],
    ['time', 'at = at + 1'],
  ])('an event with another %s is named', async (_, change) => {
    const { faults } = await audited(await changed(`update event set ${change} where ${of(4)} and version = 1`));
    expect(faults).toEqual([fault('event-changed', 4, 1, null)]);
  });

  it.each([
    ['with all of its rows', `delete from event where ${of(2)}; delete from leg where ${of(2)};`],
    ['with its events left behind', ''],
  ])('a removed interaction %s is named', async (_, more) => {
    const copy = await changed(`${more} delete from interaction where ${of(2)}`);
    expect((await audited(copy)).faults).toEqual([fault('interaction-removed', 2, null, 1)]);
  });

  it('a chain that was made anew after a change is named', async () => {
    const copy = await changed(`update event set actor = 'api:nobody' where ${of(1)} and version = 3`);
    await rechain(copy, 1);
    expect((await audited(copy)).faults[0]).toEqual(fault('chain-rewritten', 1, 3, 2));
  });

  it.each([
    ['another key', () => sealKey(newSealKey()), ['seal-under-another-key']],
    ['the true key', () => key, ['seal-removed']],
  ])('a journal that was rewritten and signed anew with %s is named', async (_, byKey, kinds) => {
    const copy = await changed(
      `update event set actor = 'api:nobody' where ${of(1)} and version = 2; delete from seal`,
    );
    await rechain(copy, 1);
    const store = await open(copy);
    const sealer = sealerOf(store, byKey(), { largestSeal: 12 });
    while (await sealer.sealNext());
    await store[Symbol.asyncDispose]();
    const found = (await audited(copy, { anchor: newest })).faults.map(({ kind }) => kind);
    expect(found).toEqual(expect.arrayContaining(kinds));
  });

  it('a changed and a removed seal are named', async () => {
    const one = await changed('update seal set events = events - 1 where number = 2');
    expect((await audited(one)).faults).toEqual([fault('seal-changed', null, null, 2)]);
    const other = await changed('delete from seal where number = 2');
    expect((await audited(other)).faults).toEqual([fault('seal-removed', null, null, 2)]);
  });
});
