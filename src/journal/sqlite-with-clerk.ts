// Owns the embedded store of a service: one file, one process, and a clerk on a thread of its own for what comes in large batches.

import type { DatabaseSync } from 'node:sqlite';
import { Clerk } from './clerk.ts';
import type { ChooseWriter } from './draft.ts';
import { SqliteStore } from './sqlite.ts';
import { openShared } from './sqlite-opening.ts';
import type { Store } from './store.ts';
import { Turns } from './turns.ts';

export type StoreWithClerk = Store & {
  /** For `Journal.open`. */
  readonly writer: ChooseWriter<Clerk>;
};

/** Opens or creates the journal's file. Throws when another process has it or its schema is newer. */
export function openSqliteWithClerk(path: string, worthIt?: number): StoreWithClerk {
  return new SqliteWithClerk(path, openShared(path), new Turns(), worthIt);
}

class SqliteWithClerk extends SqliteStore {
  readonly #path: string;
  readonly #lock: DatabaseSync;
  readonly #turns: Turns;
  readonly #clerks: Clerk[] = [];

  readonly #worthIt: number | undefined;

  constructor(path: string, { database, lock }: ReturnType<typeof openShared>, turns: Turns, worthIt?: number) {
    super(database, (work) => turns.alone(work));
    this.#path = path;
    this.#lock = lock;
    this.#turns = turns;
    this.#worthIt = worthIt;
  }

  readonly writer: ChooseWriter<Clerk> = (own, keys) => {
    const clerk = new Clerk({ path: this.#path, keys }, own, this.#turns, this.#worthIt);
    this.#clerks.push(clerk);
    return clerk;
  };

  override async [Symbol.asyncDispose](): Promise<void> {
    for (const clerk of this.#clerks) await clerk[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
    this.#lock.close();
  }
}
