// Owns the PostgreSQL store's proof: the contract on a real server.

import { beforeAll } from 'vitest';
import { openPostgres } from '../../src/journal/postgres.ts';
import type { Store } from '../../src/journal/store.ts';
import { machineClock as clock } from '../../src/machine-clock.ts';
import { newDatabase, query } from '../postgres/database.ts';
import { storeContract } from './store.ts';

let url = '';

const TABLES = [
  'meta',
  'interaction',
  'interaction_key',
  'event',
  'leg',
  'subject',
  'inbox',
  'parked',
  'sealed_blob',
  'blob_key',
  'seal',
  'erasure',
  'erasure_interaction',
  'destroyed_key',
  'entry',
  'credential_token',
  'credential_slice',
];

/** Tests follow each other and each closes its store, so this file's one database is emptied for the next. */
async function emptyStore(): Promise<Store> {
  await query(url, TABLES.map((table) => `delete from ${table}`).join('; '));
  return openPostgres(url, { clock, random: Math.random });
}

beforeAll(async () => {
  url = await newDatabase();
  await (await openPostgres(url, { clock, random: Math.random }))[Symbol.asyncDispose]();
}, 60_000);

storeContract('PostgreSQL', emptyStore);
