// Owns how the embedded store's file is opened: by one process, fsynced, with nothing of it left elsewhere, and brought up to this
// release's schema.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MIGRATIONS } from './sqlite-statements.ts';

/** Opens or creates the journal's file; `:memory:` is for tests. Throws when another process has it or its schema is newer. */
export function openDatabase(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path);
  try {
    database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full');
    database.exec('pragma secure_delete = on; pragma cache_size = -65536; pragma wal_autocheckpoint = 4000');
    // Else SQLite puts copies of pages, wrapped keys among them, into files of the system's temporary folder.
    database.exec('pragma temp_store = memory');
    migrate(database, path);
  } catch (cause) {
    database.close();
    const busy = cause instanceof Error && /locked|busy/i.test(cause.message);
    if (busy)
      throw new Error(`${path} is in use by another process. Stop it, or set THROUGHLINE_DATA to another folder.`, {
        cause,
      });
    throw cause;
  }
  return database;
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
