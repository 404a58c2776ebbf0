// Owns which stores the benches can put under a house. A new store is one line here, and then it races.

import { join } from 'node:path';
import type { ChooseWriter } from '../src/journal/draft.ts';
import { openPostgres } from '../src/journal/postgres.ts';
import { openSqliteWithClerk } from '../src/journal/sqlite-with-clerk.ts';
import type { Store } from '../src/journal/store.ts';
import { machineClock } from '../src/machine-clock.ts';

/** A store and, where it has one, who writes to it in large batches. */
export type Opened = Store & { readonly writer?: ChooseWriter };

/** Opens a store in a folder of its own or, where the store is a server's, at its address. */
export type OpenStore = (at: {
  readonly folder: string;
  readonly databaseUrl?: string | undefined;
}) => Opened | Promise<Opened>;

export const STORES = {
  sqlite: ({ folder }) => openSqliteWithClerk(join(folder, 'journal.db')),
  postgres: ({ databaseUrl }) => openPostgres(databaseUrl ?? '', { clock: machineClock, random: Math.random }),
} as const satisfies Readonly<Record<string, OpenStore>>;
