// Owns the store on PostgreSQL: any number of nodes on one database. A batch of appends is one statement and one commit, durable
// when it answers; what is read, and what may be repeated, survives a lost connection.

import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { HandoffId, Instant, InteractionId, ManifestRef } from '../ids.ts';
import type { ChooseWriter } from './draft.ts';
import type { EntryHeld, EntryLoan, EntrySearch, EntryTaken, EntryWish } from './entry-loan.ts';
import { GroupCommit } from './group-commit.ts';
import { type Announcing, appendBatch } from './postgres-append.ts';
import { byteas, doubles, isUuid, texts, uuids, writable, written } from './postgres-arrays.ts';
import { FIRST_ID, PostgresAudit } from './postgres-audit.ts';
import {
  clientSettings,
  POSTGRES_SETTINGS,
  PostgresConnections,
  type PostgresSettings,
  type StatementName,
  type Value,
} from './postgres-connections.ts';
import { PostgresCredentials } from './postgres-credentials.ts';
import { findEntries, holdEntry, takeEntry } from './postgres-entries.ts';
import { faultOf } from './postgres-faults.ts';
import { PostgresListening } from './postgres-listening.ts';
import { prepareDatabase } from './postgres-opening.ts';
import { PostgresReach } from './postgres-reach.ts';
import {
  byInteraction,
  erasureRecord,
  eventRow,
  listed,
  parkedMessage,
  sealOf,
  storedInteraction,
} from './postgres-rows.ts';
import { scrubDatabase } from './postgres-scrub.ts';
import { INBOX_KEPT_MS } from './postgres-statements.ts';
import { pipelined } from './scribe.ts';
import type { CredentialTable } from './shared-credentials.ts';
import type {
  Append,
  AppendResult,
  ArrivedEventRow,
  ArrivedHead,
  AwaitingPerson,
  Claimed,
  ErasureRecord,
  EventRow,
  KeyOwner,
  Lease,
  LegKey,
  ListedInteraction,
  ListFilter,
  MessageKey,
  OthersAppended,
  ParkedMessage,
  Rewrapped,
  Scrub,
  Seal,
  SealedBlob,
  Store,
  StoredInteraction,
  WrappedKey,
} from './store.ts';

export type PostgresParts = {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly settings?: Partial<PostgresSettings>;
};

/** Connects, checks the server and brings its schema up to date. Throws with a sentence, never the URL, when that cannot be. */
export async function openPostgres(
  url: string,
  { clock, random, settings: given }: PostgresParts,
): Promise<PostgresStore> {
  const settings = { ...POSTGRES_SETTINGS, ...given };
  const node = randomBytes(6).toString('hex');
  const { channel } = await prepareDatabase(clientSettings(url, settings));
  const connections = new PostgresConnections(url, clock, random, settings);
  const listening = new PostgresListening({ settings: clientSettings(url, settings), channel, node, clock });
  const closing = new AbortController();
  const scrub = () => scrubDatabase({ settings: clientSettings(url, settings), clock, closing: closing.signal });
  const credentials = new PostgresCredentials(connections, listening, channel, clock);
  return new PostgresStore({ connections, listening, announcing: { channel, node }, closing, scrub, credentials });
}

type StoreParts = {
  readonly connections: PostgresConnections;
  readonly listening: PostgresListening;
  readonly announcing: Announcing;
  readonly closing: AbortController;
  readonly scrub: () => Promise<Scrub>;
  readonly credentials: CredentialTable;
};

export class PostgresStore implements Store {
  /** For `Journal.open`. */
  readonly writer: ChooseWriter = pipelined;
  readonly #connections: PostgresConnections;
  readonly #parts: StoreParts;
  readonly #audit: PostgresAudit;
  /** What nodes share that is not the journal's. */
  readonly credentials: CredentialTable;
  readonly reach: PostgresReach;
  /** Questions that many ask at once travel together, as appends do. */
  readonly #loads = new GroupCommit((ids: readonly InteractionId[]) => this.#load(ids));
  readonly #owners = new GroupCommit((legs: readonly LegKey[]) => this.#legOwners(legs));
  readonly #parked = new GroupCommit((legs: readonly LegKey[]) => this.#parkedFor(legs));

  constructor(parts: StoreParts) {
    this.#connections = parts.connections;
    this.#parts = parts;
    this.credentials = parts.credentials;
    this.reach = new PostgresReach(parts.connections);
    this.#audit = new PostgresAudit((name, values) => parts.connections.run(name, values));
  }

  append(batch: readonly Append[]): Promise<readonly AppendResult[]> {
    return appendBatch(this.#connections, batch, this.#parts.announcing);
  }

  async load(ids: readonly InteractionId[]): Promise<readonly StoredInteraction[]> {
    const found = await Promise.all(ids.map((id) => (isUuid(id) ? this.#loads.submit(id) : null)));
    return found.filter((one) => one !== null);
  }

  async #load(ids: readonly InteractionId[]): Promise<readonly (StoredInteraction | null)[]> {
    const rows = await this.#connections.run('load', [uuids([...new Set(ids)])]);
    const found = new Map(
      byInteraction(rows)
        .flatMap(storedInteraction)
        .map((one) => [one.id, one]),
    );
    return ids.map((id) => found.get(id) ?? null);
  }

  history(id: InteractionId): Promise<readonly EventRow[]> {
    return this.#audit.history(id);
  }

  findLegs(legs: readonly LegKey[]): Promise<readonly (InteractionId | null)[]> {
    return Promise.all(legs.map((leg) => this.#owners.submit(leg)));
  }

  async #legOwners(legs: readonly LegKey[]): Promise<readonly (InteractionId | null)[]> {
    const rows = await this.#connections.run('legOwners', legArrays(legs));
    const owners = new Map(rows.map(({ item, id }) => [Number(item), id as InteractionId]));
    return legs.map((_, index) => owners.get(index + 1) ?? null);
  }

  async findSubject(subject: Uint8Array, limit: number, before?: InteractionId): Promise<readonly InteractionId[]> {
    if (before !== undefined && !isUuid(before)) return [];
    const rows = await this.#connections.run('findSubject', [Buffer.from(subject), limit, before ?? null]);
    return rows.map(({ id }) => id as InteractionId);
  }

  async list(filter: ListFilter): Promise<readonly ListedInteraction[]> {
    const { phase = null, holder = null, channel = null, since = 0, until = null, before = null, limit } = filter;
    if (before !== null && !isUuid(before)) return [];
    const statement = phase ? 'listByPhase' : holder ? 'listByHolder' : channel ? 'listByChannel' : 'list';
    return (await this.#connections.run(statement, [phase, holder, channel, since, before, limit, until])).map(listed);
  }

  async park(messages: readonly ParkedMessage[]): Promise<readonly (InteractionId | null)[]> {
    const rows = await this.#connections.run('park', [
      ...keysOf(messages),
      ...legArrays(messages.map(({ leg }) => leg)),
      byteas(messages.map(({ sealed }) => sealed)),
      doubles(messages.map(({ expiresAt }) => expiresAt)),
    ]);
    const owners = new Map(rows.map(({ item, id }) => [Number(item), id as InteractionId]));
    return messages.map((_, index) => owners.get(index + 1) ?? null);
  }

  async parked(legs: readonly LegKey[]): Promise<readonly ParkedMessage[]> {
    return (await Promise.all(legs.map((leg) => this.#parked.submit(leg)))).flat();
  }

  async #parkedFor(legs: readonly LegKey[]): Promise<readonly (readonly ParkedMessage[])[]> {
    const rows = await this.#connections.run('parkedForLegs', legArrays(legs));
    const found = legs.map((): ParkedMessage[] => []);
    for (const row of rows) found[Number(row.item) - 1]?.push(parkedMessage(row));
    return found;
  }

  async claimable(limit: number) {
    const rows = await this.#connections.run('parkedWithKnownLeg', [limit]);
    return rows.map((row) => ({ ...parkedMessage(row), interactionId: row.id as InteractionId }));
  }

  async note(messages: readonly MessageKey[], at: Instant): Promise<void> {
    await this.#connections.run('note', [...keysOf(messages), at]);
  }

  async take({ sender, messageId }: MessageKey, at: Instant): Promise<boolean> {
    return (await this.#connections.run('take', [sender, messageId, at])).length > 0;
  }

  async discard(messages: readonly MessageKey[]): Promise<void> {
    await this.#connections.run('unpark', keysOf(messages));
  }

  /** A repeat after a lost answer does not see what the lost one leased: those rows come again when that lease has passed. */
  async claimDue(now: Instant, lease: Lease, limit: number): Promise<readonly Claimed[]> {
    const rows = await this.#connections.run('claimDue', [now, limit, lease.until, lease.owner]);
    return rows
      .toSorted((a, b) => Number(a.due_at) - Number(b.due_at))
      .map(({ id, taken_from, claims }) => ({
        id: id as InteractionId,
        takenFrom: (taken_from as string | null) ?? null,
        claims: Number(claims),
      }));
  }

  async finish(id: InteractionId, version: number, dueAt: Instant | null): Promise<void> {
    if (isUuid(id)) await this.#connections.run('finish', [dueAt, id, version]);
  }

  async putBack({ id, claims }: Pick<Claimed, 'id' | 'claims'>, owner: string, dueAt: Instant): Promise<void> {
    await this.#connections.run('putBack', [dueAt, id, owner, claims]);
  }

  async quarantine(id: InteractionId, at: Instant): Promise<void> {
    if (isUuid(id)) await this.#connections.run('quarantine', [at, id]);
  }

  async release(id: InteractionId, at: Instant): Promise<void> {
    if (isUuid(id)) await this.#connections.run('release', [at, id]);
  }

  async awaitingPerson(before: string | undefined, limit: number): Promise<readonly AwaitingPerson[]> {
    if (before !== undefined && !isUuid(before)) return [];
    const rows = await this.#connections.run('awaitingPerson', [before ?? null, limit]);
    return rows.map(({ id, quarantined_at }) => ({
      id: id as InteractionId,
      quarantinedAt: quarantined_at === null ? null : Number(quarantined_at),
    }));
  }

  recover(now: Instant): Promise<number> {
    return this.#connections.count('recover', [now]);
  }

  async putBlobs(blobs: readonly SealedBlob[]): Promise<void> {
    await this.#connections.run('putBlobs', [
      texts(blobs.map(({ ref }) => ref)),
      byteas(blobs.map(({ wrappedKey }) => wrappedKey)),
      byteas(blobs.map(({ sealed }) => sealed)),
      doubles(blobs.map(({ expiresAt }) => expiresAt)),
    ]);
  }

  async getBlob(ref: ManifestRef, now: Instant): Promise<SealedBlob | null> {
    const [found] = await this.#connections.run('getBlob', [writable(ref), now]);
    if (!found) return null;
    return {
      ref,
      wrappedKey: found.wrapped as Uint8Array,
      sealed: found.sealed as Uint8Array,
      expiresAt: Number(found.expires_at),
    };
  }

  async expire(now: Instant, limit: number): Promise<number> {
    const [blobs] = await this.#connections.run('expireBlobs', [now, limit]);
    const parked = await this.#connections.count('expireParked', [now, limit]);
    const messages = await this.#connections.count('expireInbox', [now - INBOX_KEPT_MS, limit]);
    const held = await this.#connections.count('expireHeld', [now, limit]);
    return Number(blobs?.count) + parked + messages + held;
  }

  takeEntry(wish: EntryWish, now: Instant): Promise<EntryTaken | null> {
    return takeEntry(this.#connections, wish, now);
  }

  holdEntry(held: EntryHeld): Promise<void> {
    return holdEntry(this.#connections, held);
  }

  findEntries(search: EntrySearch): Promise<readonly EntryLoan[]> {
    return findEntries(this.#connections, search);
  }

  async releaseEntry(handoffId: HandoffId, now: Instant): Promise<void> {
    await this.#connections.run('releaseEntry', [now, writable(handoffId)]);
  }

  async feed(afterSeq: number, limit: number): Promise<readonly ArrivedEventRow[]> {
    const rows = await this.#connections.run('feed', [afterSeq, limit]);
    return rows.map((row) => ({ ...eventRow(row), seq: Number(row.seq) }));
  }

  async lastSeq(): Promise<number> {
    const [found] = await this.#connections.run('lastSeq', []);
    return Number(found?.seq ?? 0);
  }

  chains(afterId: string, limit: number) {
    return this.#audit.chains(afterId, limit);
  }

  scrub(): Promise<Scrub> {
    return this.#connections.persist(this.#parts.scrub);
  }

  async putErasure({ id, requestedAt, subject, interactions, scrubbedAt }: ErasureRecord): Promise<void> {
    const known = [writable(id), requestedAt, writable(subject), scrubbedAt];
    await this.#connections.run('putErasure', [...known, uuids(interactions.filter(isUuid))]);
  }

  async getErasure(id: string): Promise<ErasureRecord | null> {
    const [found] = await this.#connections.run('getErasure', [writable(id)]);
    return found ? erasureRecord(id, found) : null;
  }

  arrivals(afterSeq: number, limit: number): Promise<readonly ArrivedHead[]> {
    return this.#audit.arrivals(afterSeq, limit);
  }

  appendSeal(seal: Seal): Promise<boolean> {
    const { number, at, afterSeq, upToSeq, events, leaves, root, previous, keyId, signature } = seal;
    const bytes = [leaves, root, previous].map((some) => Buffer.from(some));
    const said = [number, at, afterSeq, upToSeq, events, ...bytes, keyId, Buffer.from(signature)];
    return this.#wins('insertSeal', said, async () => {
      const [standing] = await this.#audit.seals(number - 1, 1);
      return standing?.number === number && same(standing.signature, signature);
    });
  }

  seals(afterNumber: number, limit: number): Promise<readonly Seal[]> {
    return this.#audit.seals(afterNumber, limit);
  }

  async lastSeal(): Promise<Seal | null> {
    const [found] = await this.#connections.run('lastSeal', []);
    return found ? sealOf(found) : null;
  }

  async wrappedKeys(owner: KeyOwner, afterId: string, limit: number): Promise<readonly WrappedKey[]> {
    const rows =
      owner === 'blob'
        ? await this.#connections.run('blobKeys', [writable(afterId), limit])
        : await this.#connections.run('interactionKeys', [isUuid(afterId) ? afterId : FIRST_ID, limit]);
    return rows.map(({ id, wrapped }) => ({ id: written(String(id)), wrapped: wrapped as Uint8Array }));
  }

  async rewrap(keys: readonly Rewrapped[]): Promise<number> {
    const interactions = keys.filter(({ owner, id }) => owner === 'interaction' && isUuid(id));
    const blobs = keys.filter(({ owner }) => owner === 'blob');
    const bytes = (some: readonly Rewrapped[]) => [
      byteas(some.map(({ wrapped }) => wrapped)),
      byteas(some.map(({ rewrapped }) => rewrapped)),
    ];
    const idsOf = (some: readonly Rewrapped[]) => some.map(({ id }) => id);
    const [ofInteractions] = await this.#connections.run('rewrapInteractions', [
      uuids(idsOf(interactions)),
      ...bytes(interactions),
    ]);
    const [ofBlobs] = await this.#connections.run('rewrapBlobs', [texts(idsOf(blobs)), ...bytes(blobs)]);
    return Number(ofInteractions?.count) + Number(ofBlobs?.count);
  }

  async settleMeta(name: string, valueIfAbsent: Uint8Array): Promise<Uint8Array> {
    await this.#connections.run('insertMeta', [name, Buffer.from(valueIfAbsent)]);
    const [found] = await this.#connections.run('readMeta', [name]);
    return found?.value as Uint8Array;
  }

  readMeta(name: string): Promise<Uint8Array | null> {
    return this.#audit.readMeta(name);
  }

  replaceMeta(name: string, expected: Uint8Array, value: Uint8Array): Promise<boolean> {
    return this.#wins('replaceMeta', [name, Buffer.from(expected), Buffer.from(value)], async () => {
      const standing = await this.#audit.readMeta(name);
      return standing !== null && same(standing, value);
    });
  }

  /** Whether a write that only one can make was ours: when an answer was lost, that is whether ours stands. */
  async #wins(name: StatementName, values: readonly Value[], stands: () => Promise<boolean>): Promise<boolean> {
    let inDoubt = false;
    const rows = await this.#connections.persist(() =>
      this.#connections.once(name, values).catch((error) => {
        inDoubt ||= faultOf(error) === 'in-doubt';
        throw error;
      }),
    );
    return rows.length > 0 || (inDoubt && (await stands()));
  }

  onOthersAppended(listener: (others: OthersAppended) => void): () => void {
    return this.#parts.listening.listen(listener);
  }

  async now(): Promise<Instant> {
    const [found] = await this.#connections.run('now', []);
    return Number(found?.now);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.closing.abort();
    await Promise.all([this.#parts.listening[Symbol.asyncDispose](), this.#connections.close()]);
  }
}

function legArrays(legs: readonly LegKey[]): readonly [Buffer, Buffer] {
  return [texts(legs.map(({ platform }) => platform)), texts(legs.map(({ external }) => external))];
}

function keysOf(messages: readonly MessageKey[]): readonly [Buffer, Buffer] {
  return [texts(messages.map(({ sender }) => sender)), texts(messages.map(({ messageId }) => messageId))];
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
