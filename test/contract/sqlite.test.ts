// Owns the embedded store's proof: the contract, and what a file adds to it.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { openSqlite } from '../../src/journal/sqlite.ts';
import { MIGRATIONS } from '../../src/journal/sqlite-statements.ts';
import { storeContract } from './store.ts';
import { id } from './store-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'throughline-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newFile = () => join(folder, String(files++), 'journal.db');

storeContract('SQLite on disk', async () => openSqlite(newFile()));
storeContract('SQLite in memory', async () => openSqlite(':memory:'));

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
  });

  it('takes a file of the first release over as it is: events stay, and can be sealed', async () => {
    const file = newFile();
    mkdirSync(dirname(file), { recursive: true });
    const first = new DatabaseSync(file);
    first.exec(`${MIGRATIONS[0]}; pragma user_version = 1;
      insert into interaction (row, id, version, wrapped_key, channel, holder, opened_at)
        values (1, '${id(1)}', 1, zeroblob(60), 'voice', 'bot', 1);
      insert into event values (1, 1, 1, 'InteractionOpened', 1, 'api:desk', '{}', null, zeroblob(32))`);
    first.close();
    await using store = openSqlite(file);
    expect(await store.lastSeal()).toBeNull();
    expect(await store.arrivals(0, 9)).toMatchObject([{ seq: 1, interactionId: id(1), version: 1 }]);
    expect(await store.wrappedKeys('interaction', '', 9)).toMatchObject([{ id: id(1) }]);
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
