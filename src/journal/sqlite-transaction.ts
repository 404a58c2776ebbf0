// Owns how the embedded store writes: all of a piece of work or nothing of it, and when it may, where others write to the same file.

import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Does what writes, in one go, when it may. */
export type Alone = <Result>(work: () => Result) => Result | Promise<Result>;

/** Prepared once: every append begins and commits. */
type Bounds = { readonly begin: StatementSync; readonly commit: StatementSync };

export function transacted(database: DatabaseSync, alone: Alone): Alone {
  const bounds = boundsOf(database);
  return (work) => alone(() => inOneGo(database, bounds, work));
}

/**
 * The same for what is worth nothing before a later append speaks of it: it is in the log before that one, and so is on the disk with it.
 * A power cut before then loses both; a process that is killed loses neither.
 */
export function unsynced(database: DatabaseSync, alone: Alone): Alone {
  const bounds = boundsOf(database);
  return (work) =>
    alone(() => {
      database.exec('pragma synchronous = normal');
      try {
        return inOneGo(database, bounds, work);
      } finally {
        database.exec('pragma synchronous = full');
      }
    });
}

function boundsOf(database: DatabaseSync): Bounds {
  return { begin: database.prepare('begin immediate'), commit: database.prepare('commit') };
}

function inOneGo<Result>(database: DatabaseSync, { begin, commit }: Bounds, work: () => Result): Result {
  begin.run();
  try {
    const result = work();
    commit.run();
    return result;
  } catch (error) {
    // A full disk or a failed write has rolled back by itself.
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}
