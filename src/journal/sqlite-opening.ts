// Owns how the embedded store's file is opened: by one process, fsynced, with nothing of it left elsewhere, and brought up to this
// release's schema.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MIGRATIONS } from './sqlite-statements.ts';

/** Two connections of one process may meet for a moment, such as when one moves the log into the file. */
const LOCK_WAIT_MS = 5_000;
const CACHE_KIB = 65_536;
/** What is written under load is what came last; commits walking through a full cache of 64 MiB were a tenth of its thread's time. */
const SECOND_CACHE_KIB = 8_192;

/** Opens or creates the journal's file; `:memory:` is for tests. Throws when another process has it or its schema is newer. */
export function openDatabase(path: string): DatabaseSync {
  return opened(path, 'exclusive');
}

/**
 * The same for a process that has more than one connection to it. SQLite's own lock would keep the second one out, so what keeps
 * other processes out is a lock on an empty file beside it; it goes with the process, however that ends.
 */
export function openShared(path: string): { readonly database: DatabaseSync; readonly lock: DatabaseSync } {
  makeFolder(path);
  const lock = new DatabaseSync(`${path}-lock`);
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive');
    return { database: opened(path, 'normal'), lock };
  } catch (cause) {
    lock.close();
    throw told(path, cause);
  }
}

/** Another connection of the process that has the lock and has brought the file up to date. */
export function openSecond(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
  configure(database, 'normal', SECOND_CACHE_KIB);
  return database;
}

type LockingMode = 'exclusive' | 'normal';

function opened(path: string, mode: LockingMode): DatabaseSync {
  makeFolder(path);
  const database = new DatabaseSync(path, { timeout: mode === 'normal' ? LOCK_WAIT_MS : 0 });
  try {
    configure(database, mode);
    migrate(database, path);
  } catch (cause) {
    database.close();
    throw told(path, cause);
  }
  return database;
}

function makeFolder(path: string): void {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
}

function configure(database: DatabaseSync, mode: LockingMode, cacheKib = CACHE_KIB): void {
  database.exec(`pragma locking_mode = ${mode}; pragma journal_mode = wal; pragma synchronous = full`);
  database.exec(`pragma secure_delete = on; pragma cache_size = -${cacheKib}; pragma wal_autocheckpoint = 4000`);
  // Else SQLite puts copies of pages, wrapped keys among them, into files of the system's temporary folder.
  database.exec('pragma temp_store = memory');
}

function told(path: string, cause: unknown): unknown {
  const busy = cause instanceof Error && /locked|busy/i.test(cause.message);
  if (!busy) return cause;
  return new Error(`${path} is in use by another process. Stop it, or set THROUGHLINE_DATA to another folder.`, {
    cause,
  });
}

function migrate(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare('pragma user_version').get()?.user_version);
  if (version > MIGRATIONS.length) {
    throw new Error(
      `${path} has schema version ${version}; this release knows ${MIGRATIONS.length}. Run the newer release.`,
    );
  }
  database.exec('begin exclusive');
  for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
  database.exec(`pragma user_version = ${MIGRATIONS.length}; commit`);
  // Pages keep copies of what stood in them: an older file is written anew, so that none of them outlives a key.
  if (version > 0 && version < MIGRATIONS.length) database.exec('vacuum');
}
