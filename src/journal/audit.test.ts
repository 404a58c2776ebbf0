// Tests what an audit finds in a copy that somebody changed by SQL: every kind of tampering is detected and named (H8).

import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interactionId, MASTER_KEY } from '../../test/contract/journal-bench.ts';
import { note, rechain, sealerOf, tampered, writeSealedJournal } from '../../test/contract/sealed-journal.ts';
import type { Anchor } from './audit.ts';
import { auditCopy, keyOfCopy } from './audit-copy.ts';
import { Journal } from './journal.ts';
import { newSealKey, pemOf, type SealKey, sealKey, spkiOf } from './seal-key.ts';
import { openSqlite } from './sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'throughline-audit-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const original = join(folder, 'journal.db');
let key: SealKey;
let pem: string;
let newest: Anchor;
let copies = 0;

beforeAll(async () => {
  ({ key } = await writeSealedJournal(original));
  pem = pemOf(key.public);
  newest = (await auditCopy(original, {})).newestSeal!;
});

const changed = (change: string | ((copy: DatabaseSync) => void)) =>
  tampered(original, join(folder, `${copies++}.db`), (copy) =>
    typeof change === 'string' ? copy.exec(change) : change(copy),
  );
const audited = (path: string, given: { readonly anchor?: Anchor } = {}) =>
  auditCopy(path, { publicKey: pem, ...given });
const row = (n: number) => `(select row from interaction where id = '${interactionId(n)}')`;
const fault = (kind: string, n: number | null, version: number | null, seal: number | null) => ({
  kind,
  interactionId: n && interactionId(n),
  version,
  seal,
});

describe('a copy that nobody changed', () => {
  it('is whole, and says how much of it no seal covers yet', async () => {
    expect(await audited(original, { anchor: newest })).toEqual({
      ok: true,
      interactions: 8,
      events: 22,
      seals: 3,
      unsealed: 3,
      newestSeal: { number: 3, digest: newest.digest, at: '2026-11-20T00:00:00.000Z' },
      keyId: key.public.id,
      firstBad: null,
      faults: [],
      truncated: false,
      trustedKey: true,
    });
    expect(await auditCopy(original, {})).toMatchObject({ ok: true, trustedKey: false });
    expect(await keyOfCopy(original)).toBe(pem);
  });

  it('is read with what is still in its -wal, and neither is changed, nor is anything left beside them', async () => {
    const live = join(folder, 'live.db');
    await using store = openSqlite(live);
    const journal = await Journal.open(store, MASTER_KEY);
    await note(journal, 1);
    await sealerOf(store, journal.sealKey).sealNext();
    await note(journal, 2);
    const pair = join(folder, 'pair');
    mkdirSync(pair);
    for (const end of ['', '-wal']) copyFileSync(`${live}${end}`, join(pair, `copy.db${end}`));
    const digests = () => readdirSync(pair).map((name) => [name, sha256(readFileSync(join(pair, name)))]);
    const before = digests();
    const verdict = await auditCopy(join(pair, 'copy.db'), {});
    expect(verdict).toMatchObject({ ok: true, interactions: 2, events: 4, seals: 1, unsealed: 2 });
    expect(digests()).toEqual(before);
    expect(before.map(([name]) => name)).toEqual(['copy.db', 'copy.db-wal']);
  });

  it('alone stays as it is, too', async () => {
    const before = [sha256(readFileSync(original)), readdirSync(folder).filter((name) => name.startsWith('journal'))];
    await audited(original);
    expect([sha256(readFileSync(original)), readdirSync(folder).filter((name) => name.startsWith('journal'))]).toEqual(
      before,
    );
  });

  it('is refused when it is no journal of this release, or not there', async () => {
    await expect(audited(join(folder, 'nowhere.db'))).rejects.toThrow(/nowhere\.db does not exist/);
    const foreign = changed('pragma user_version = 99');
    await expect(audited(foreign)).rejects.toThrow(/schema version 99/);
    const text = join(folder, 'text.db');
    writeFileSync(text, 'this is no database, however long it may be'.repeat(40));
    await expect(audited(text)).rejects.toThrow(/not a database/);
    await expect(auditCopy(original, { publicKey: 'no key' })).rejects.toThrow();
  });
});

describe('an event that', () => {
  it.each([
    ['was the last of a sealed chain and is gone', `delete from event where row = ${row(3)} and version = 3`, 3],
    ['is gone from the middle', `delete from event where row = ${row(1)} and version = 3`, 3],
    ['was the first and is gone', `delete from event where row = ${row(1)} and version = 1`, 1],
  ])('%s is named', async (_, tampering, version) => {
    const n = tampering.includes(interactionId(3)) ? 3 : 1;
    const { ok, faults } = await audited(changed(tampering));
    expect(ok).toBe(false);
    expect(faults[0]).toMatchObject({ kind: 'event-removed', interactionId: interactionId(n), version });
    expect(new Set(faults.map(({ interactionId: id }) => id))).toEqual(new Set([interactionId(n)]));
  });

  it('was the last and is gone without a gap is named by its seal', async () => {
    const path = changed(`
      delete from event where row = ${row(3)} and version = 3;
      update interaction set version = 2 where row = ${row(3)}`);
    expect((await audited(path)).faults).toEqual([fault('event-removed', 3, 3, 3)]);
  });

  it.each([
    ['clear column', `update event set clear = replace(clear, 'voice', 'email') where row = ${row(4)} and version = 1`],
    ['type', `update event set type = 'X' where row = ${row(4)} and version = 1`],
    ['time', `update event set at = at + 1 where row = ${row(4)} and version = 1`],
    ['sealed body', `update event set sealed = cast(sealed || 'x' as blob) where row = ${row(4)} and version = 1`],
    ['hash', `update event set hash = zeroblob(32) where row = ${row(4)} and version = 1`],
    ['hash, made text', `update event set hash = 'text' where row = ${row(4)} and version = 1`],
  ])('has another %s is named', async (_, tampering) => {
    const { faults } = await audited(changed(tampering));
    expect(faults).toEqual([fault('event-changed', 4, 1, null)]);
  });

  it('was inserted is named: at the end of a chain that was made to hold, or in front of everything', async () => {
    const atEnd = changed(`
      insert into event select null, row, 3, type, at, actor, clear, sealed, hash from event where row = ${row(4)} and version = 2`);
    expect((await audited(atEnd)).faults).toEqual([fault('event-inserted', 4, 3, null)]);
    const holding = changed(() => {});
    await withCopy(holding, async (copy) => {
      copy.exec(`
        insert into event select -5, row, 3, type, at, actor, clear, null, hash from event where row = ${row(4)} and version = 2;
        update interaction set version = 3 where row = ${row(4)}`);
      await rechain(copy, interactionId(4));
    });
    expect((await audited(holding)).faults).toEqual([fault('event-inserted', 4, 3, null)]);
  });

  it('was inserted into the range of a seal is named, also as an interaction of its own', async () => {
    const path = changed(`
      update event set seq = seq + 1000 where seq = 2;
      insert into interaction (row, id, version, channel, holder, opened_at)
        select 99, '${interactionId(99)}', 0, channel, holder, opened_at from interaction where row = ${row(4)};
      insert into event select 2, 99, 1, type, at, actor, clear, sealed, hash from event where seq = 3;
      update interaction set version = 1 where row = 99`);
    await withCopy(path, (copy) => rechain(copy, interactionId(99)));
    const { faults } = await audited(path);
    expect(faults).toContainEqual(fault('event-inserted', 99, 1, 1));
    expect(faults).toContainEqual(fault('event-moved', 1, 2, 1));
  });

  it('stands elsewhere in the order of arrival is named with its seal', async () => {
    const { faults } = await audited(changed('update event set seq = seq + 1000 where seq = 1'));
    expect(faults).toEqual([fault('event-moved', null, null, 1)]);
  });
});

describe('an interaction', () => {
  it.each([
    ['with all of its rows', `delete from event where row = ${row(2)}; delete from leg where row = ${row(2)};`],
    ['with its events left behind', ''],
  ])('that was removed %s is named, with the first seal that knew it', async (_, more) => {
    const path = changed(`${more} delete from interaction where id = '${interactionId(2)}'`);
    expect((await audited(path)).faults).toEqual([fault('interaction-removed', 2, null, 1)]);
  });

  it('whose chain was made anew after a change is named, with every seal’s last event of it', async () => {
    const path = changed(`update event set actor = 'api:nobody' where row = ${row(1)} and version = 3`);
    await withCopy(path, (copy) => rechain(copy, interactionId(1)));
    const { ok, faults } = await audited(path);
    expect(ok).toBe(false);
    expect(faults[0]).toEqual(fault('chain-rewritten', 1, 3, 2));
    expect(new Set(faults.map(({ interactionId: id, kind }) => `${kind} ${id}`)).size).toBe(1);
  });
});

describe('seals', () => {
  /** Somebody with every power over the copy but our key: new hashes, leaves, roots and signatures. */
  async function sealedAnew(byKey: SealKey): Promise<string> {
    const path = changed(`
      update event set actor = 'api:nobody' where row = ${row(1)} and version = 2;
      delete from seal`);
    await withCopy(path, (copy) => rechain(copy, interactionId(1)));
    const store = openSqlite(path);
    const sealer = sealerOf(store, byKey, { largestSeal: 12 });
    while (await sealer.sealNext());
    await store[Symbol.asyncDispose]();
    return path;
  }

  it('that another key made are each named when the true key is at hand, and not without it', async () => {
    const stranger = sealKey(newSealKey());
    const path = await sealedAnew(stranger);
    const found = await audited(path);
    expect(found.faults).toEqual([1, 2].map((seal) => fault('seal-under-another-key', null, null, seal)));
    await withCopy(path, (copy) => {
      copy.prepare("update meta set value = ? where name = 'seal-public-key'").run(spkiOf(stranger.public));
    });
    expect((await audited(path)).faults.map(({ kind }) => kind)).toContain('key-replaced');
    expect(await auditCopy(path, {})).toMatchObject({ ok: true, trustedKey: false });
  });

  it('that another key made under our key’s name are named as changed', async () => {
    const stranger = sealKey(newSealKey());
    const path = await sealedAnew({ ...stranger, public: key.public });
    expect((await audited(path)).faults).toEqual([1, 2].map((seal) => fault('seal-changed', null, null, seal)));
  });

  it('that our own key made anew are named by a seal that was kept elsewhere', async () => {
    const path = await sealedAnew(key);
    expect((await audited(path)).ok).toBe(true);
    expect((await audited(path, { anchor: newest })).faults).toEqual([fault('seal-removed', null, null, 3)]);
    const { newestSeal } = await audited(original);
    expect((await audited(original, { anchor: { number: 2, digest: newestSeal!.digest } })).faults).toEqual([
      fault('seal-replaced', null, null, 2),
    ]);
  });

  it('that are gone from the middle or the front are named', async () => {
    expect((await audited(changed('delete from seal where number = 2'))).faults).toEqual([
      fault('seal-removed', null, null, 2),
    ]);
    expect((await audited(changed('delete from seal where number = 1'))).faults).toEqual([
      fault('seal-removed', null, null, 1),
    ]);
  });

  it('of which the newest is gone are whole but for the one that was kept elsewhere', async () => {
    const path = changed('delete from seal where number = 3');
    expect(await audited(path)).toMatchObject({ ok: true, seals: 2, unsealed: 8 });
    expect((await audited(path, { anchor: newest })).faults).toEqual([fault('seal-removed', null, null, 3)]);
  });

  it('in another order are named', async () => {
    const path = changed(`
      update seal set number = 20 where number = 2;
      update seal set number = 2 where number = 3;
      update seal set number = 3 where number = 20`);
    expect((await audited(path)).faults).toEqual([2, 3].map((seal) => fault('seal-out-of-order', null, null, seal)));
  });

  it.each([
    ['at', 'at = at + 1'],
    ['events', 'events = events - 1'],
    ['root', 'root = zeroblob(32)'],
    ['leaves', 'leaves = cast(substr(leaves, 53) as blob)'],
    ['leaves cut in the middle of one', 'leaves = cast(substr(leaves, 1, 60) as blob)'],
    ['signature', 'signature = zeroblob(64)'],
    ['signature made a number', 'signature = 7'],
  ])('with another %s are named', async (_, change) => {
    const { faults } = await audited(changed(`update seal set ${change} where number = 2`));
    expect(faults).toEqual([fault('seal-changed', null, null, 2)]);
  });
});

describe('many faults', () => {
  it('are listed up to a hundred, and it is said that there are more', async () => {
    const path = join(folder, 'many.db');
    {
      await using store = openSqlite(path);
      const journal = await Journal.open(store, MASTER_KEY);
      for (let n = 1; n <= 110; n += 1) await note(journal, n);
    }
    const verdict = await auditCopy(
      tampered(path, join(folder, 'many-bad.db'), (copy) => copy.exec('delete from event')),
      {},
    );
    expect([verdict.ok, verdict.faults.length, verdict.truncated]).toEqual([false, 100, true]);
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function withCopy(path: string, work: (copy: DatabaseSync) => unknown): Promise<void> {
  const copy = new DatabaseSync(path);
  await work(copy);
  copy.close();
}
