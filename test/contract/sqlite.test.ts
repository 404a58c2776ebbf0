// Owns the embedded store's proof: the contract, and what a file adds to it.

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import type { InteractionId, ManifestRef } from '../../src/ids.ts';
import { openSqlite } from '../../src/journal/sqlite.ts';
import { MIGRATIONS } from '../../src/journal/sqlite-statements.ts';
import { openSqliteWithClerk } from '../../src/journal/sqlite-with-clerk.ts';
import { storeContract } from './store.ts';
import { append, blob, bytes, id, mustAppend, plain, T0 } from './store-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'throughline-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newFile = () => join(folder, String(files++), 'journal.db');

storeContract('SQLite on disk', async () => openSqlite(newFile()));
storeContract('SQLite in memory', async () => openSqlite(':memory:'));
storeContract('SQLite with a clerk', async () => openSqliteWithClerk(newFile()));

describe('the file of the embedded store', () => {
  it('holds after it was closed and opened again', async () => {
    const file = newFile();
    {
      await using store = openSqlite(file);
      await store.settleMeta('key', new Uint8Array([1, 2, 3]));
    }
    await using again = openSqlite(file);
    expect([...(await again.settleMeta('key', new Uint8Array()))]).toEqual([1, 2, 3]);
  });

  it('belongs to one process: who comes second is told so, and what to do', async () => {
    const file = newFile();
    await using _store = openSqlite(file);
    expect(() => openSqlite(file)).toThrow(/in use by another process.*THROUGHLINE_DATA/);
    expect(() => openSqliteWithClerk(file)).toThrow(/in use by another process.*THROUGHLINE_DATA/);
  });

  it('belongs to one process with a clerk, too, also before one that knows of none; and to the next when it is closed', async () => {
    const file = newFile();
    {
      await using _store = openSqliteWithClerk(file);
      expect(() => openSqliteWithClerk(file)).toThrow(/in use by another process.*THROUGHLINE_DATA/);
      expect(() => openSqlite(file)).toThrow(/in use by another process.*THROUGHLINE_DATA/);
    }
    {
      await using _next = openSqlite(file);
    }
    await using _last = openSqliteWithClerk(file);
  });

  it('holds a destroyed key nowhere, its log included, while it is open: not even as a copy that a page kept', async () => {
    const file = newFile();
    await using store = openSqlite(file);
    const keys = Array.from({ length: 400 }, (_, n) => new Uint8Array(randomBytes(n < 200 ? 60 : 61)));
    const count = 200;
    for (let n = 0; n < count; n += 1) {
      const kept = { ...blob(`m-${n}`, T0 + 1), wrappedKey: keys[count + n] ?? bytes(0, 60) };
      await mustAppend(store, append(n, { wrappedKey: keys[n] ?? null, blobs: [kept], summary: { phase: null } }));
      // What grows and shrinks makes SQLite move rows about in their pages.
      const other = (n * 37) % (n + 1);
      const version = (await store.load([id(other)]))[0]?.version ?? 0;
      const snapshot = bytes(n, 30 + ((n * 211) % 1_500));
      await mustAppend(
        store,
        append(other, { expectedVersion: version, snapshot, dueAt: T0, summary: { phase: 'x' } }),
      );
    }
    const inFiles = () => {
      const all = readdirSync(dirname(file)).map((name) => readFileSync(join(dirname(file), name)));
      return keys.filter((key) => all.some((content) => content.includes(Buffer.from(key)))).length;
    };
    expect(inFiles()).toBe(400);
    for (let n = 0; n < count; n += 1) {
      const version = (await store.load([id(n)]))[0]?.version ?? 0;
      const forget = n % 2 === 0 ? [`m-${n}` as ManifestRef] : [];
      await mustAppend(store, append(n, { expectedVersion: version, erase: true, forget }));
    }
    await store.expire(T0 + 1, 1_000);
    expect(inFiles()).toBeGreaterThan(0);
    await store.scrub();
    expect(inFiles()).toBe(0);
  });

  it('takes over a file of the first schema with its keys and blobs', async () => {
    const file = newFile();
    mkdirSync(dirname(file), { recursive: true });
    const first = new DatabaseSync(file);
    first.exec(`${MIGRATIONS[0]}; pragma user_version = 1`);
    first.exec(`insert into interaction (id, version, wrapped_key, channel, holder, opened_at)
      values ('i-1', 0, x'0102', 'voice', 'bot', 5), ('i-2', 0, x'0304', 'voice', 'bot', 6)`);
    first.exec(`insert into sealed_blob values ('b', x'0a', x'0b', 10), ('a', x'0c', x'0d', 10)`);
    first.close();
    await using store = openSqlite(file);
    const found = await store.load(['i-1', 'i-2'] as InteractionId[]);
    expect(found.map(({ wrappedKey }) => plain(wrappedKey))).toEqual([
      [1, 2],
      [3, 4],
    ]);
    const blobs = await Promise.all(['a', 'b'].map((ref) => store.getBlob(ref as ManifestRef, 1)));
    expect(blobs.map((one) => [plain(one?.wrappedKey), plain(one?.sealed)])).toEqual([
      [[0x0c], [0x0d]],
      [[0x0a], [0x0b]],
    ]);
  });

  it('refuses a schema from a later release rather than guess at it', () => {
    const file = newFile();
    void openSqlite(file)[Symbol.asyncDispose]();
    const later = new DatabaseSync(file);
    later.exec('pragma user_version = 99');
    later.close();
    expect(() => openSqlite(file)).toThrow(/schema version 99.*newer release/);
  });
});
