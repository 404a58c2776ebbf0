// Owns which stores the benches can put under a house. A new store is one line here, and then it races.

import { join } from 'node:path';
import { openPostgres } from '../src/journal/postgres.ts';
import { openSqlite } from '../src/journal/sqlite.ts';
import type { Store } from '../src/journal/store.ts';
import { machineClock } from '../src/machine-clock.ts';

/** Opens a store in a folder of its own or, where the store is a server's, at its address. */
export type OpenStore = (at: {
  readonly folder: string;
  readonly databaseUrl?: string | undefined;
}) => Store | Promise<Store>;

export const STORES = {
  sqlite: ({ folder }) => openSqlite(join(folder, 'journal.db')),
  postgres: ({ databaseUrl }) => openPostgres(databaseUrl ?? '', { clock: machineClock, random: Math.random }),
} as const satisfies Readonly<Record<string, OpenStore>>;
