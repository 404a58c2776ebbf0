// Owns the journal of a process that is killed: where it is kept, and the commit at which the process dies by its own hand.

import type { ChooseWriter, DraftWriter } from '../../src/journal/draft.ts';
import { Journal } from '../../src/journal/journal.ts';
import { openPostgres } from '../../src/journal/postgres.ts';
import { openSqlite } from '../../src/journal/sqlite.ts';
import { openSqliteWithClerk } from '../../src/journal/sqlite-with-clerk.ts';
import type { Store } from '../../src/journal/store.ts';
import { machineClock } from '../../src/machine-clock.ts';
import type { Event } from '../../src/protocols/event.ts';
import { MASTER_KEY, replaced } from '../contract/journal-bench.ts';

/** Where the journal is kept. */
export type Kept = { readonly file: string; readonly clerk?: true } | { readonly databaseUrl: string };

/** What the process is told on its command line, as JSON. */
export type Orders = {
  readonly kept: Kept;
  readonly vendor: string;
  readonly conversations: number;
  /** Dies by its own hand at the first commit that holds an event of this type, just before it is written or just after. */
  readonly dieAt?: { readonly commit: Event['type']; readonly when: 'before' | 'after' };
};

const die = () => process.kill(process.pid, 'SIGKILL');

function mortal(store: Store, dieAt: Orders['dieAt']): Store {
  return replaced(store, {
    append: (batch) => dyingAt(batch, dieAt, () => store.append(batch)),
  });
}

/** The same for what a clerk writes on a thread of its own. */
function mortalWriter(writer: DraftWriter, dieAt: Orders['dieAt']): DraftWriter {
  const { atOnce, largestBatch } = writer;
  return {
    atOnce,
    largestBatch,
    write: (batch) => dyingAt(batch, dieAt, () => writer.write(batch)),
    letGo: (ids) => writer.letGo(ids),
  };
}

/** Dies just before the write or just after it, if this is the one. */
async function dyingAt<Result>(
  batch: readonly { readonly events: readonly { readonly type: string }[] }[],
  dieAt: Orders['dieAt'],
  write: () => Promise<Result>,
): Promise<Result> {
  const isNow = batch.some(({ events }) => events.some(({ type }) => type === dieAt?.commit));
  if (isNow && dieAt?.when === 'before') die();
  const results = await write();
  if (isNow && dieAt?.when === 'after') die();
  return results;
}

/** With a clerk everything goes through its hands, however little it is. */
export async function openJournal(kept: Kept, dieAt: Orders['dieAt']): Promise<{ store: Store; journal: Journal }> {
  if (!('file' in kept && kept.clerk)) {
    const store = await openStore(kept);
    const { writer = (own) => own } = store;
    return { store, journal: await Journal.open(mortal(store, dieAt), MASTER_KEY, [], { writer }) };
  }
  const store = openSqliteWithClerk(kept.file, 1);
  let hired: Promise<void> | undefined;
  const writer: ChooseWriter = (own, keys) => {
    const clerk = store.writer(own, keys);
    hired = clerk.hire();
    return mortalWriter(clerk, dieAt);
  };
  const journal = await Journal.open(store, MASTER_KEY, [], { writer });
  await hired;
  return { store, journal };
}

async function openStore(kept: Kept): Promise<Store & { readonly writer?: ChooseWriter }> {
  if ('file' in kept) return openSqlite(kept.file);
  return openPostgres(kept.databaseUrl, { clock: machineClock, random: Math.random });
}
