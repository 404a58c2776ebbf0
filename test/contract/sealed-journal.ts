// Owns a journal with events and seals in it, for tests of what an audit finds: eight interactions, three seals, and a
// few events that came after the newest.

import { copyFileSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { InteractionId } from '../../src/ids.ts';
import { chainHash, GENESIS } from '../../src/journal/chain.ts';
import { Journal } from '../../src/journal/journal.ts';
import type { SealKey } from '../../src/journal/seal-key.ts';
import { Sealer } from '../../src/journal/sealer.ts';
import { openSqlite } from '../../src/journal/sqlite.ts';
import { SqliteAudit } from '../../src/journal/sqlite-audit.ts';
import type { EventRow, Store } from '../../src/journal/store.ts';
import { evolve } from '../../src/protocols/evolve.ts';
import { decide } from '../../src/protocols/handoff.ts';
import type { Interaction, State } from '../../src/protocols/interaction.ts';
import { contextChange, interactionId, MASTER_KEY, opening } from './journal-bench.ts';
import { manualClock } from './manual-clock.ts';

const ALONE = { dueAt: null, lease: null, messages: [], blobs: [] } as const;

/** Opens an interaction, or changes its context: two events or one. */
export async function note(journal: Journal, n: number): Promise<void> {
  const id = interactionId(n);
  const head = await journal.load(id);
  if (head === 'quarantined') throw new Error('Nothing is quarantined here.');
  let state: State = head?.state ?? null;
  const input = head ? contextChange({ at: String(head.version) }) : opening(id, `c${n}`);
  const events = decide(state, input, 1_000);
  for (const event of events) state = evolve(state, event);
  const { kind } = await journal.append(head, id, events, state as Interaction, ALONE);
  if (kind !== 'appended') throw new Error(kind);
}

export function sealerOf(store: Store, key: SealKey, more: { readonly largestSeal?: number } = {}): Sealer {
  const onFault = (error: unknown) => {
    throw error;
  };
  return new Sealer({ store, key, clock: manualClock(), everyMs: 60_000, onFault, ...more });
}

export async function writeSealedJournal(file: string): Promise<{ readonly key: SealKey }> {
  await using store = openSqlite(file);
  return await sealedJournalIn(store);
}

/** Returns the public key's owner: what a house would keep elsewhere. Nineteen events under three seals, three more under none. */
export async function sealedJournalIn(store: Store): Promise<{ readonly key: SealKey }> {
  const journal = await Journal.open(store, MASTER_KEY);
  const sealer = sealerOf(store, journal.sealKey);
  for (const numbers of [
    [1, 2, 3, 4, 5],
    [1, 2, 6],
    [1, 7, 3, 1],
  ]) {
    for (const n of numbers) await note(journal, n);
    await sealer.sealNext();
  }
  await note(journal, 1);
  await note(journal, 8);
  return { key: journal.sealKey };
}

/** A copy of the file, changed by somebody who has nothing but SQL. */
export function tampered(file: string, to: string, change: (copy: DatabaseSync) => void): string {
  copyFileSync(file, to);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${to}-wal`);
  const copy = new DatabaseSync(to);
  change(copy);
  copy.close();
  return to;
}

/** Makes an interaction's hashes anew, so that its chain holds again. */
export async function rechain(copy: DatabaseSync, id: InteractionId): Promise<void> {
  const update = copy.prepare(
    'update event set hash = ? where version = ? and row = (select row from interaction where id = ?)',
  );
  for (const { version, hash } of rechained(await new SqliteAudit(copy).history(id))) update.run(hash, version, id);
}

/** The hashes that would make the chain hold, whatever its events say. */
export function rechained(events: readonly EventRow[]) {
  let previous = GENESIS;
  return events.map((row) => {
    previous = chainHash(previous, row);
    return { version: row.version, hash: previous };
  });
}
