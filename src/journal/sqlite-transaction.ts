// Owns how the embedded store writes: all of a piece of work or nothing of it, and when it may, where others write to the same file.

import type { DatabaseSync } from 'node:sqlite';

/** Does what writes, in one go, when it may. */
export type Alone = <Result>(work: () => Result) => Result | Promise<Result>;

export function transacted(database: DatabaseSync, alone: Alone): Alone {
  return (work) => alone(() => inOneGo(database, work));
}

/**
 * The same for what is worth nothing before a later append speaks of it: it is in the log before that one, and so is on the disk with it.
 * A power cut before then loses both; a process that is killed loses neither.
 */
export function unsynced(database: DatabaseSync, alone: Alone): Alone {
  return (work) =>
    alone(() => {
      database.exec('pragma synchronous = normal');
      try {
        return inOneGo(database, work);
      } finally {
        database.exec('pragma synchronous = full');
      }
    });
}

function inOneGo<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('begin immediate');
  try {
    const result = work();
    database.exec('commit');
    return result;
  } catch (error) {
    // A full disk or a failed write has rolled back by itself.
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}
