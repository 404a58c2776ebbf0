// Owns how a batch of appends becomes one call of `append_batch`, how its answer reads, and what is believed when an answer was
// lost (H5, H8).
//
// 1. A batch is one statement: it stands as a whole or not at all, and each append in it is judged by itself.
// 2. When an answer is lost the same call is made again: the lock puts it behind the lost one, should that still run, and the
//    compare-and-set refuses what stands already. A refusal where our own hash stands is therefore an append that was taken.

import { FateUnknown } from './journal-unavailable.ts';
import { booleans, byteas, doubles, ints, texts, uuids } from './postgres-arrays.ts';
import type { PostgresConnections, Row } from './postgres-connections.ts';
import { faultOf } from './postgres-faults.ts';
import { noticesOf } from './postgres-notices.ts';
import type { Append, AppendResult } from './store.ts';

export type Announcing = { readonly channel: string; readonly node: string };

/** Appends a batch. Rejects with `FateUnknown` when the answer was lost and the database did not come back to be asked. */
export async function appendBatch(
  connections: PostgresConnections,
  batch: readonly Append[],
  announcing: Announcing,
): Promise<readonly AppendResult[]> {
  if (batch.length === 0) return [];
  const values = parameters(batch, announcing);
  let inDoubt = false;
  const tried = connections.persist(async () => {
    try {
      return resultsOf(batch, await connections.once('append', values));
    } catch (error) {
      inDoubt ||= faultOf(error) === 'in-doubt';
      throw error;
    }
  });
  const results = await tried.catch((error) => {
    throw inDoubt ? new FateUnknown({ cause: error }) : error;
  });
  return inDoubt ? recognised(connections, batch, results) : results;
}

/** Appends that were refused because they stand already are told as what they are. */
async function recognised(
  connections: PostgresConnections,
  batch: readonly Append[],
  results: readonly AppendResult[],
): Promise<readonly AppendResult[]> {
  const ids = uuids(batch.map(({ interactionId }) => interactionId));
  const versions = ints(batch.map(({ expectedVersion }) => expectedVersion + 1));
  const found = await connections.run('standing', [ids, versions]).catch((error) => {
    throw new FateUnknown({ cause: error });
  });
  const ours = new Set<number>();
  for (const { append, hash } of found) {
    const index = Number(append) - 1;
    const own = batch[index]?.events[0]?.hash;
    if (own && Buffer.compare(own, hash as Buffer) === 0) ours.add(index);
  }
  return results.map((result, index) => (ours.has(index) ? { kind: 'appended' } : result));
}

/**
 * In which part each append travels, from 1 on: within a part no two of them can meet, so a part is judged all at once, and parts
 * one after the other. Nearly always there is one.
 */
function partsOf(batch: readonly Append[]): readonly number[] {
  let part = 1;
  let seen = new Set<string>();
  return batch.map((append) => {
    const names = [
      append.interactionId,
      ...[...append.attach, ...append.detach].map(({ platform, external }) => `leg\0${platform}\0${external}`),
      ...append.messages.map(({ sender, messageId }) => `message\0${sender}\0${messageId}`),
      ...[...append.blobs.map(({ ref }) => ref), ...append.forget].map((ref) => `blob\0${ref}`),
    ];
    if (names.some((name) => seen.has(name))) {
      part += 1;
      seen = new Set();
    }
    for (const name of names) seen.add(name);
    return part;
  });
}

/** The appends' many-valued fields, each item with the ordinal of its append. */
function flat<Item>(batch: readonly Append[], of: (append: Append) => readonly Item[]) {
  return batch.flatMap((append, index) => of(append).map((item) => ({ item, append, ordinal: index + 1 })));
}

function parameters(batch: readonly Append[], { channel, node }: Announcing) {
  return [...appendsOf(batch), ...eventsOf(batch), ...alongOf(batch), channel, texts(noticesOf(node, batch))];
}

function appendsOf(batch: readonly Append[]): readonly Buffer[] {
  const leases = batch.map(({ lease }) => (lease === 'keep' ? null : lease));
  const summaries = batch.map(({ summary }) => summary);
  return [
    ints(partsOf(batch)),
    uuids(batch.map(({ interactionId }) => interactionId)),
    ints(batch.map(({ expectedVersion }) => expectedVersion)),
    ints(batch.map(({ expectedVersion, events }) => expectedVersion + events.length)),
    byteas(batch.map(({ wrappedKey }) => wrappedKey)),
    doubles(batch.map(({ dueAt }) => dueAt)),
    doubles(leases.map((lease) => lease?.until ?? null)),
    texts(leases.map((lease) => lease?.owner ?? null)),
    booleans(batch.map(({ lease, erase }) => lease === 'keep' && !erase)),
    texts(summaries.map((summary) => summary.channel)),
    texts(summaries.map((summary) => summary.platform)),
    texts(summaries.map((summary) => summary.phase)),
    texts(summaries.map((summary) => summary.holder)),
    texts(summaries.map((summary) => summary.outcome)),
    doubles(summaries.map((summary) => summary.openedAt)),
    doubles(summaries.map((summary) => summary.endedAt)),
    ints(summaries.map((summary) => summary.deadLetters)),
    byteas(batch.map(({ snapshot }) => snapshot)),
    booleans(batch.map(({ erase }) => erase)),
  ];
}

function eventsOf(batch: readonly Append[]): readonly Buffer[] {
  const events = flat(batch, (append) => append.events);
  return [
    ints(events.map(({ ordinal }) => ordinal)),
    ints(events.map(({ item }) => item.version)),
    texts(events.map(({ item }) => item.type)),
    doubles(events.map(({ item }) => item.at)),
    texts(events.map(({ item }) => item.actor)),
    texts(events.map(({ item }) => item.clear)),
    byteas(events.map(({ item }) => item.sealed)),
    byteas(events.map(({ item }) => item.hash)),
  ];
}

function alongOf(batch: readonly Append[]): readonly Buffer[] {
  const legs = (of: (append: Append) => Append['attach']) => {
    const items = flat(batch, of);
    return [
      ints(items.map(({ ordinal }) => ordinal)),
      texts(items.map(({ item }) => item.platform)),
      texts(items.map(({ item }) => item.external)),
    ];
  };
  const subjects = flat(batch, (append) => append.subjects);
  const messages = flat(batch, (append) => append.messages);
  const blobs = flat(batch, (append) => append.blobs);
  const forgotten = flat(batch, (append) => append.forget);
  return [
    ...legs((append) => append.attach),
    ...legs((append) => append.detach),
    ints(subjects.map(({ ordinal }) => ordinal)),
    byteas(subjects.map(({ item }) => item)),
    ints(messages.map(({ ordinal }) => ordinal)),
    texts(messages.map(({ item }) => item.sender)),
    texts(messages.map(({ item }) => item.messageId)),
    doubles(messages.map(({ append }) => append.events.at(-1)?.at ?? 0)),
    ints(blobs.map(({ ordinal }) => ordinal)),
    texts(blobs.map(({ item }) => item.ref)),
    byteas(blobs.map(({ item }) => item.wrappedKey)),
    byteas(blobs.map(({ item }) => item.sealed)),
    doubles(blobs.map(({ item }) => item.expiresAt)),
    ints(forgotten.map(({ ordinal }) => ordinal)),
    texts(forgotten.map(({ item }) => item)),
  ];
}

/** A row per refusal; a duplicate has one per message that was known. */
function resultsOf(batch: readonly Append[], rows: readonly Row[]): readonly AppendResult[] {
  const results: AppendResult[] = batch.map(() => ({ kind: 'appended' }));
  const legs = flat(batch, (append) => append.attach);
  const messages = flat(batch, (append) => append.messages);
  for (const row of rows) {
    const index = Number(row.r_append) - 1;
    const item = Number(row.r_item) - 1;
    if (row.r_kind === 'duplicate') {
      const before = results[index];
      const known = messages[item]?.item;
      const already = before?.kind === 'duplicate' ? before.messages : [];
      results[index] = { kind: 'duplicate', messages: known ? [...already, known] : already };
    } else if (row.r_kind === 'leg-taken') {
      const leg = legs[item]?.item;
      if (leg) results[index] = { kind: 'leg-taken', interactionId: row.r_id as Append['interactionId'], leg };
    } else {
      results[index] = { kind: 'version-conflict' };
    }
  }
  return results;
}
