// Owns the PostgreSQL store's proof: the contract on a real server.

import { openPostgres } from '../../src/journal/postgres.ts';
import type { Store } from '../../src/journal/store.ts';
import { machineClock as clock } from '../../src/machine-clock.ts';
import { newDatabase, query } from '../postgres/database.ts';
import { storeContract } from './store.ts';

let database: Promise<string> | undefined;
let schemas = 0;

/** An empty store: a schema of its own in this file's database. */
async function emptyStore(): Promise<Store> {
  database ??= newDatabase();
  const url = new URL(await database);
  const schema = `s${schemas++}`;
  await query(url.href, `create schema ${schema}`);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return openPostgres(url.href, { clock, random: Math.random });
}

storeContract('PostgreSQL', emptyStore);
