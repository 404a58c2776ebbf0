// Proves by searching every file of a PostgreSQL server's data directory, while it runs and with fsync on, that nothing personal
// ever reaches one, its log and its write-ahead log included, and that after an erasure the bytes of the destroyed keys are in none
// either; and that where the server does not let us see to that, nobody is told that it was.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManifestRef } from '../../src/ids.ts';
import { eraseSubject } from '../../src/journal/erasures.ts';
import { Journal } from '../../src/journal/journal.ts';
import { openPostgres } from '../../src/journal/postgres.ts';
import { Runner } from '../../src/journal/runner.ts';
import type { Scrub, Store } from '../../src/journal/store.ts';
import { machineClock as clock } from '../../src/machine-clock.ts';
import { interactionId, MASTER_KEY, opening } from '../contract/journal-bench.ts';
import { append, blob, bytes, id, mustAppend, T0 } from '../contract/store-samples.ts';
import { type Cluster, removeCluster, startCluster } from '../postgres/cluster.ts';
import { createDatabase, query } from '../postgres/database.ts';
import { filesBelow, foundIn } from './files.ts';

const PHONE = '+14155550142';
const MARKERS = [PHONE, PHONE.slice(1), 'zebulon.quark@example.com', 'Zebulon Quarkington', 'CUST-ZQ-4477-PRIVATE'];
const [, , EMAIL = '', NAME = '', CUSTOMER = ''] = MARKERS;
/** As in a page: many keys lie beside each other, some are destroyed and some are not. */
const KEYS = 240;
/** All that can be logged but the values of statements: docs/erasure.md says that these must not be. */
const LOGGING = ["log_statement = 'all'", 'log_parameter_max_length = 0', "log_min_messages = 'debug1'"];

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ fsync: true, settings: [...LOGGING, 'wal_recycle = off'] });
}, 60_000);
afterAll(() => removeCluster(cluster));

const open = (url: string) => openPostgres(url, { clock, random: Math.random });
const dataFiles = () => filesBelow(join(cluster.folder, 'data'));
/** How many of the keys a file of the server holds, as they are or as PostgreSQL spells bytes. */
function inFiles(keys: readonly Uint8Array[]): number {
  const all = dataFiles();
  const held = (form: Buffer | string) => all.some(({ content }) => content.includes(form));
  return keys.filter((key) => held(Buffer.from(key)) || held(Buffer.from(key).toString('hex'))).length;
}

/** Interactions and blobs with keys of their own, of which the even ones are destroyed. */
async function destroyHalf(store: Store) {
  const keys = Array.from({ length: KEYS }, () => new Uint8Array(randomBytes(60)));
  const numbers = keys.map((_, n) => n);
  const keyOf = (n: number) => keys[n] ?? bytes(0, 60);
  const half = KEYS / 2;
  for (const n of numbers.slice(0, half)) {
    const kept = { ...blob(`m-${n}`, T0 + 1), wrappedKey: keyOf(half + n) };
    await mustAppend(store, append(n, { wrappedKey: keyOf(n), blobs: [kept] }));
  }
  await query(adminUrl(), 'checkpoint');
  for (let n = 0; n < half; n += 2) {
    const forget = [`m-${n}` as ManifestRef];
    await mustAppend(store, append(n, { expectedVersion: 1, erase: true, forget }));
  }
  return {
    destroyed: keys.filter((_, n) => n % 2 === 0),
    kept: keys.filter((_, n) => n % 2 === 1),
  };
}

const adminUrl = () => cluster.url;

describe('the files of a PostgreSQL server', { timeout: 60_000 }, () => {
  it('hold no byte of a destroyed key after a scrub, while it runs, and every key that was not', async () => {
    await using store = await open(await createDatabase(cluster.url));
    const { destroyed, kept } = await destroyHalf(store);
    expect(inFiles(destroyed)).toBe(destroyed.length);
    expect(await store.scrub()).toEqual({ kind: 'scrubbed' });
    expect(inFiles(destroyed)).toBe(0);
    expect(inFiles(kept)).toBe(kept.length);
    expect((await store.load([id(1)]))[0]?.wrappedKey).not.toBeNull();
  });

  it('hold no wrapping that was replaced, nor an expired blob’s key', async () => {
    await using store = await open(await createDatabase(cluster.url));
    const [one, other, expiring, own, next] = Array.from({ length: 5 }, () => new Uint8Array(randomBytes(60))) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    await mustAppend(store, append(1, { wrappedKey: one, blobs: [{ ...blob('b', T0), wrappedKey: expiring }] }));
    await store.settleMeta('own', own);
    expect(await store.rewrap([{ owner: 'interaction', id: id(1), wrapped: one, rewrapped: other }])).toBe(1);
    expect(await store.replaceMeta('own', own, next)).toBe(true);
    expect(await store.expire(T0, 10)).toBe(1);
    expect(inFiles([one, expiring, own])).toBe(3);
    expect(await store.scrub()).toEqual({ kind: 'scrubbed' });
    expect(inFiles([one, expiring, own])).toBe(0);
    expect(inFiles([other, next])).toBe(2);
  });

  it('hold nothing personal, its log included, before an erasure by subject and after it', async () => {
    const url = await createDatabase(cluster.url);
    const store = await open(url);
    const journal = await Journal.open(store, MASTER_KEY);
    const onFault = (error: unknown) => {
      throw error;
    };
    await using runner = new Runner({
      journal,
      execute: async () => ({ kind: 'transient', code: 'not-sent' }),
      clock,
      random: Math.random,
      owner: 'test',
      onFault,
    });
    const customer = { phone: PHONE, email: EMAIL, name: NAME, customerId: CUSTOMER };
    const numbers = [1, 2, 3].map(interactionId);
    for (const [n, one] of numbers.entries()) await runner.submit(one, opening(one, `c${n}`, { customer }));
    const nothingPersonal = () => {
      for (const { name, content } of dataFiles()) expect(foundIn(content, MARKERS), name).toEqual([]);
    };
    nothingPersonal();
    const wrapped = (await store.wrappedKeys('interaction', '', 10)).map((key) => key.wrapped);
    expect([wrapped.length, inFiles(wrapped)]).toEqual([3, 3]);
    const subject = { kind: 'phone', value: PHONE } as const;
    await eraseSubject({ runner, journal, clock }, { id: 'e-1', actor: 'api:desk', subject, patienceMs: 1_000 });
    expect(await journal.scrub()).toEqual({ kind: 'scrubbed' });
    expect(inFiles(wrapped)).toBe(0);
    nothingPersonal();
    expect(await journal.verify()).toMatchObject({ ok: true });
    await store[Symbol.asyncDispose]();
  });
});

/** Cut off with the server when a test has failed, which must not be heard as a fault of its own. */
async function readerOf(url: string): Promise<pg.Client> {
  const reader = new pg.Client({ connectionString: url });
  reader.on('error', () => {});
  await reader.connect();
  return reader;
}

describe('a scrub that cannot be done', { timeout: 60_000 }, () => {
  /** What a scrub says while something stands in its way, and what it says once nothing does. */
  async function hindered(hinder: (url: string) => Promise<() => Promise<unknown>>): Promise<readonly Scrub[]> {
    const url = await createDatabase(cluster.url);
    await using store = await open(url);
    const key = new Uint8Array(randomBytes(60));
    await mustAppend(store, append(1, { wrappedKey: key }));
    const free = await hinder(url);
    await mustAppend(store, append(1, { expectedVersion: 1, erase: true }));
    const meanwhile = await store.scrub();
    expect(inFiles([key])).toBe(1);
    await free();
    const after = await store.scrub();
    expect(inFiles([key])).toBe(0);
    return [meanwhile, after];
  }

  it('for a reader whose snapshot is older says so, and is made up for', async () => {
    const said = await hindered(async (url) => {
      const reader = await readerOf(url);
      await reader.query('begin isolation level repeatable read; select count(*) from meta');
      return () => reader.end();
    });
    expect(said).toEqual([{ kind: 'pending', code: 'in-use' }, { kind: 'scrubbed' }]);
  });

  it('for somebody who holds the partition says so, and keeps nobody waiting', async () => {
    const said = await hindered(async (url) => {
      const reader = await readerOf(url);
      await reader.query('begin; lock table interaction_key in access share mode');
      return () => reader.end();
    });
    expect(said).toEqual([{ kind: 'pending', code: 'in-use' }, { kind: 'scrubbed' }]);
  });

  it('since a standby’s slot keeps the log says so, and is made up for', async () => {
    const said = await hindered(async (url) => {
      await query(url, "select pg_create_physical_replication_slot('standby', true)");
      return async () => {
        await query(url, "select pg_drop_replication_slot('standby')");
        await query(url, 'checkpoint');
      };
    });
    expect(said).toEqual([{ kind: 'pending', code: 'log-kept' }, { kind: 'scrubbed' }]);
  });

  it('for want of rights says so; with three grants it can be', async () => {
    const admin = await createDatabase(cluster.url);
    await query(admin, "create role plain login password 'plain'; grant create on schema public to plain");
    const url = new URL(admin);
    [url.username, url.password] = ['plain', 'plain'];
    await using store = await open(url.href);
    const key = new Uint8Array(randomBytes(60));
    await mustAppend(store, append(1, { wrappedKey: key }));
    await mustAppend(store, append(1, { expectedVersion: 1, erase: true }));
    expect(await store.scrub()).toEqual({ kind: 'pending', code: 'not-permitted' });
    const grants = ['pg_checkpoint to plain', 'execute on function pg_switch_wal() to plain'];
    for (const grant of [...grants, 'execute on function pg_ls_waldir() to plain'])
      await query(admin, `grant ${grant}`);
    expect(await store.scrub()).toEqual({ kind: 'scrubbed' });
    expect(inFiles([key])).toBe(0);
  });
});

describe('a server with its settings as they come', { timeout: 60_000 }, () => {
  it('keeps old log files for later use: those are used up, so that they hold nothing either', async () => {
    const plain = cluster;
    const other = await startCluster({ fsync: true, settings: ['wal_recycle = on', 'min_wal_size = 80MB'] });
    try {
      cluster = other;
      await using store = await open(await createDatabase(other.url));
      const { destroyed } = await destroyHalf(store);
      expect(await store.scrub()).toEqual({ kind: 'scrubbed' });
      expect(inFiles(destroyed)).toBe(0);
    } finally {
      cluster = plain;
      removeCluster(other);
    }
  });
});
