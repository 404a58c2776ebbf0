// Owns the entry numbers in the store on PostgreSQL: which is lent to whom, over all nodes.

import type { HandoffId, Instant, InteractionId, PlatformName } from '../ids.ts';
import {
  type EntryHeld,
  type EntryLoan,
  type EntrySearch,
  type EntryTaken,
  type EntryWish,
  RESERVATION_PREFIX,
} from './entry-loan.ts';
import { isUuid, texts, writable, written } from './postgres-arrays.ts';
import type { PostgresConnections, Row } from './postgres-connections.ts';

export async function takeEntry(
  connections: PostgresConnections,
  wish: EntryWish,
  now: Instant,
): Promise<EntryTaken | null> {
  const { platform, numbers, handoffId, interactionId, tokenHash, aniHash, until, freeFrom } = wish;
  if (!isUuid(interactionId)) return null;
  const marks = [Buffer.from(tokenHash), aniHash && Buffer.from(aniHash)];
  const who = [writable(platform), texts(numbers), writable(handoffId), interactionId];
  const [taken] = await connections.run('takeEntry', [...who, ...marks, until, freeFrom, now]);
  return taken ? { number: written(String(taken.number)), until: Number(taken.until) } : null;
}

export async function holdEntry(connections: PostgresConnections, held: EntryHeld): Promise<void> {
  const { platform, reservationId, handoffId, interactionId, tokenHash, aniHash, until, freeFrom } = held;
  if (!isUuid(interactionId)) return;
  const number = writable(`${RESERVATION_PREFIX}${reservationId}`);
  const marks = [Buffer.from(tokenHash), aniHash && Buffer.from(aniHash)];
  await connections.run('holdEntry', [
    writable(platform),
    number,
    writable(handoffId),
    interactionId,
    ...marks,
    until,
    freeFrom,
  ]);
}

export async function findEntries(
  connections: PostgresConnections,
  search: EntrySearch,
): Promise<readonly EntryLoan[]> {
  return (await rowsOf(connections, search)).map(loanOf);
}

function rowsOf(connections: PostgresConnections, search: EntrySearch): Promise<readonly Row[]> {
  const platform = writable(search.platform);
  if ('tokenHash' in search) return connections.run('entryByToken', [platform, Buffer.from(search.tokenHash)]);
  if ('number' in search) return connections.run('entryByNumber', [platform, writable(search.number)]);
  return connections.run('entryByAni', [platform, Buffer.from(search.aniHash), search.since]);
}

function loanOf({ handoff, interaction, platform, number, until, ani_hash }: Row): EntryLoan {
  return {
    handoffId: written(String(handoff)) as HandoffId,
    interactionId: interaction as InteractionId,
    platform: written(String(platform)) as PlatformName,
    number: written(String(number)),
    until: Number(until),
    aniHash: (ani_hash as Uint8Array | null) ?? null,
  };
}
