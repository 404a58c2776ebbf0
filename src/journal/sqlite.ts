// Owns the embedded store on `node:sqlite`: one file, one process, one transaction per batch, fsynced before it answers. The
// only file besides its statements that knows SQLite.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { HandoffId, Instant, InteractionId, ManifestRef } from '../ids.ts';
import type { EntryHeld, EntryLoan, EntrySearch, EntryTaken, EntryWish } from './entry-loan.ts';
import { advanceRow } from './sqlite-advance.ts';
import { SqliteAudit } from './sqlite-audit.ts';
import { SqliteEntries } from './sqlite-entries.ts';
import { openDatabase, openSecond } from './sqlite-opening.ts';
import { SqliteReach } from './sqlite-reach.ts';
import { eventRow, listed, parkedMessage, sealOf } from './sqlite-rows.ts';
import { EVENTS_AT_ONCE, INBOX_KEPT_MS, SQL } from './sqlite-statements.ts';
import { type Alone, transacted, unsynced } from './sqlite-transaction.ts';
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
  ParkedMessage,
  Rewrapped,
  Scrub,
  Seal,
  SealedBlob,
  Store,
  StoredInteraction,
  WrappedKey,
} from './store.ts';

type Row = Record<string, SQLInputValue>;
/** Behind every opening and every row, so that the first page begins with the newest. */
const LISTS_BEGIN = { opened_at: Number.MAX_VALUE, row: 0 };

/** A row of `insertEvent`. */
type EventValues = readonly SQLInputValue[];

type Statements = { readonly [Name in keyof typeof SQL]: StatementSync };

/** Opens or creates the journal's file; `:memory:` is for tests. Throws when another process has it or its schema is newer. */
export function openSqlite(path: string): Store {
  return new SqliteStore(openDatabase(path));
}

/** The store on a second connection of the process that has the file. */
export function openSqliteBeside(path: string): Store {
  return new SqliteStore(openSecond(path));
}

export class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #alone: Alone;
  readonly #transaction: Alone;
  readonly #lending: Alone;
  readonly #sql: Statements;
  readonly #audit: SqliteAudit;
  readonly #entries: SqliteEntries;
  readonly reach: SqliteReach;

  /** `alone` where others write to the same file. */
  constructor(database: DatabaseSync, alone: Alone = (work) => work()) {
    this.#database = database;
    this.#alone = alone;
    this.#transaction = transacted(database, alone);
    this.#lending = unsynced(database, alone);
    this.#audit = new SqliteAudit(database);
    this.#entries = new SqliteEntries(database);
    this.reach = new SqliteReach(database, alone);
    const entries = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]);
    this.#sql = Object.fromEntries(entries) as Statements;
    // Read at every append: an array costs half of what an object with nine names does.
    this.#sql.expected.setReturnArrays(true);
    this.#sql.legOwner.setReturnArrays(true);
  }

  async append(batch: readonly Append[]): Promise<readonly AppendResult[]> {
    return this.#transaction(() => {
      const rows: EventValues[] = [];
      const results = batch.map((append) => this.#appendOne(append, rows));
      this.#insertEvents(rows);
      return results;
    });
  }

  /** All that the batch appends, in order: nothing of the batch reads it. */
  #insertEvents(rows: readonly EventValues[]): void {
    let from = 0;
    for (; rows.length - from >= EVENTS_AT_ONCE; from += EVENTS_AT_ONCE) {
      this.#sql.insertEvents.run(...rows.slice(from, from + EVENTS_AT_ONCE).flat());
    }
    for (; from < rows.length; from += 1) this.#sql.insertEvent.run(...(rows[from] ?? []));
  }

  #appendOne(append: Append, rows: EventValues[]): AppendResult {
    const duplicates = append.messages.filter(({ sender, messageId }) => this.#sql.knownMessage.get(sender, messageId));
    if (duplicates.length > 0) return { kind: 'duplicate', messages: duplicates };
    for (const leg of append.attach) {
      const owner = this.#legOwner(leg);
      if (owner && owner !== append.interactionId) return { kind: 'leg-taken', interactionId: owner, leg };
    }
    const row = append.expectedVersion === 0 ? this.#insert(append) : this.#advance(append);
    if (row === null) return { kind: 'version-conflict' };
    this.#write(append, row, rows);
    return { kind: 'appended' };
  }

  #insert({ interactionId, events, wrappedKey, dueAt, lease, summary }: Append): SQLInputValue | null {
    const held = lease === 'keep' ? null : lease;
    const { changes, lastInsertRowid } = this.#sql.insertInteraction.run(
      interactionId,
      events.length,
      dueAt,
      held?.until ?? null,
      held?.owner ?? null,
      summary.channel,
      summary.platform,
      summary.phase,
      summary.holder,
      summary.outcome,
      summary.openedAt,
      summary.endedAt,
      summary.deadLetters,
    );
    if (changes === 0) return null;
    this.#sql.insertKey.run(lastInsertRowid, wrappedKey);
    return lastInsertRowid;
  }

  #advance(append: Append): SQLInputValue | null {
    return append.erase ? this.#endWithIt(append) : advanceRow(this.#sql, append);
  }

  #endWithIt({ interactionId, expectedVersion, events, dueAt, lease, summary }: Append): SQLInputValue | null {
    const row = this.#sql.expectedToErase.get(interactionId, expectedVersion)?.row;
    if (row === undefined) return null;
    const held = lease === 'keep' ? null : lease;
    const { phase, holder, outcome, platform, endedAt, deadLetters } = summary;
    const core = [expectedVersion + events.length, dueAt, held?.until ?? null, held?.owner ?? null] as const;
    this.#sql.advanceErasing.run(...core, phase, outcome, platform, endedAt, deadLetters, holder, row);
    return row;
  }

  #write(append: Append, row: SQLInputValue, rows: EventValues[]): void {
    for (const event of append.events) {
      const { version, type, at, actor, clear, sealed, hash } = event;
      rows.push([row, version, type, at, actor, clear, sealed, hash]);
    }
    for (const { platform, external } of append.detach) this.#sql.deleteLeg.run(platform, external, row);
    for (const { platform, external } of append.attach) this.#sql.insertLeg.run(platform, external, row);
    for (const subject of append.subjects) this.#sql.insertSubject.run(subject, row);
    const at = append.events.at(-1)?.at ?? 0;
    this.#know(append.messages, at);
    for (const blob of append.blobs) this.#putBlob(blob);
    if (append.snapshot) this.#sql.setSnapshot.run(append.snapshot, row);
    for (const ref of append.forget) this.#forget(ref);
    if (append.erase) this.#erase(row);
  }

  #erase(row: SQLInputValue): void {
    this.#sql.destroyKey.run(row);
    this.#sql.deleteSubjects.run(row);
    this.#sql.deleteParkedOf.run(row);
    this.#sql.forgetEntries.run(row);
    this.reach.forget(row);
  }

  /** Whether there was one. */
  #forget(ref: string): boolean {
    const found = this.#sql.knownBlob.get(ref);
    if (!found) return false;
    this.#sql.destroyBlobKey.run(found.key_slot as SQLInputValue);
    this.#sql.deleteBlob.run(ref);
    return true;
  }

  async load(ids: readonly InteractionId[]): Promise<readonly StoredInteraction[]> {
    return ids.flatMap((id) => {
      const found = this.#sql.load.get(id);
      if (!found) return [];
      const snapshotVersion = Number(found.snapshot_version ?? 0);
      return {
        id,
        version: Number(found.version),
        wrappedKey: (found.wrapped_key as Uint8Array | null) ?? null,
        snapshot: found.snapshot ? { version: snapshotVersion, sealed: found.snapshot as Uint8Array } : null,
        events: this.#events(id, found.row as SQLInputValue, snapshotVersion),
        quarantined: found.quarantined_at !== null,
      };
    });
  }

  history(id: InteractionId): Promise<readonly EventRow[]> {
    return this.#audit.history(id);
  }

  #events(id: InteractionId, row: SQLInputValue, fromVersion: number): readonly EventRow[] {
    return this.#sql.eventsAfter.all(row, fromVersion).map((found) => eventRow(id, found as Row));
  }

  async findLegs(legs: readonly LegKey[]): Promise<readonly (InteractionId | null)[]> {
    return legs.map((leg) => this.#legOwner(leg));
  }

  #legOwner({ platform, external }: LegKey): InteractionId | null {
    const found = this.#sql.legOwner.get(platform, external) as unknown as readonly [InteractionId] | undefined;
    return found?.[0] ?? null;
  }

  async findSubject(subject: Uint8Array, limit: number, before?: InteractionId): Promise<readonly InteractionId[]> {
    const found =
      before === undefined
        ? this.#sql.findSubject.all(subject, limit)
        : this.#sql.findSubjectBefore.all(subject, before, limit);
    return found.map(({ id }) => id as InteractionId);
  }

  async list(filter: ListFilter): Promise<readonly ListedInteraction[]> {
    const { phase = null, holder = null, channel = null, since = 0, until, before, limit } = filter;
    const begin = until === undefined ? LISTS_BEGIN : { opened_at: until, row: 0 };
    const place = before === undefined ? begin : this.#sql.placeInList.get(before);
    if (!place) return [];
    const statement = phase ? 'listByPhase' : holder ? 'listByHolder' : channel ? 'listByChannel' : 'list';
    const found = this.#sql[statement].all(phase, holder, channel, since, place.opened_at, place.row, limit);
    return found.map((one) => listed(one as Row));
  }

  async park(messages: readonly ParkedMessage[]): Promise<readonly (InteractionId | null)[]> {
    return this.#transaction(() =>
      messages.map((message) => {
        const owner = this.#legOwner(message.leg);
        if (owner) return owner;
        const { sender, messageId, leg, sealed, expiresAt } = message;
        this.#sql.park.run(sender, messageId, leg.platform, leg.external, sealed, expiresAt);
        return null;
      }),
    );
  }

  async parked(legs: readonly LegKey[]): Promise<readonly ParkedMessage[]> {
    return legs.flatMap(({ platform, external }) =>
      this.#sql.parkedForLeg.all(platform, external).map((found) => parkedMessage(found as Row)),
    );
  }

  async claimable(limit: number) {
    return this.#sql.parkedWithKnownLeg
      .all(limit)
      .map((found) => ({ ...parkedMessage(found as Row), interactionId: found.id as InteractionId }));
  }

  async discard(messages: readonly MessageKey[]): Promise<void> {
    await this.#transaction(() => {
      for (const { sender, messageId } of messages) this.#sql.unpark.run(sender, messageId);
    });
  }

  async note(messages: readonly MessageKey[], at: Instant): Promise<void> {
    await this.#transaction(() => this.#know(messages, at));
  }

  async take({ sender, messageId }: MessageKey, at: Instant): Promise<boolean> {
    return this.#transaction(() => Number(this.#sql.insertMessage.run(sender, messageId, at).changes) > 0);
  }

  #know(messages: readonly MessageKey[], at: Instant): void {
    for (const { sender, messageId } of messages) {
      this.#sql.insertMessage.run(sender, messageId, at);
      this.#sql.unpark.run(sender, messageId);
    }
  }

  async claimDue(now: Instant, lease: Lease, limit: number): Promise<readonly Claimed[]> {
    // An idle moment costs one read and no write, and waits for nobody.
    if (this.#sql.due.all(now, 1).length === 0) return [];
    return this.#transaction(() =>
      this.#sql.due.all(now, limit).map((found) => {
        this.#sql.claim.run(lease.until, lease.owner, found.row as SQLInputValue);
        return {
          id: found.id as InteractionId,
          takenFrom: (found.lease_owner as string | null) ?? null,
          claims: Number(found.claims) + 1,
        };
      }),
    );
  }

  async finish(id: InteractionId, version: number, dueAt: Instant | null): Promise<void> {
    await this.#alone(() => this.#sql.finish.run(dueAt, id, version));
  }

  async putBack({ id, claims }: Pick<Claimed, 'id' | 'claims'>, owner: string, dueAt: Instant): Promise<void> {
    await this.#alone(() => this.#sql.putBack.run(dueAt, id, owner, claims));
  }

  async quarantine(id: InteractionId, at: Instant): Promise<void> {
    await this.#alone(() => this.#sql.quarantine.run(at, id));
  }

  async release(id: InteractionId, at: Instant): Promise<void> {
    await this.#alone(() => this.#sql.release.run(at, id));
  }

  async awaitingPerson(before: string | undefined, limit: number): Promise<readonly AwaitingPerson[]> {
    const place = before === undefined ? LISTS_BEGIN : this.#sql.placeInList.get(before);
    if (!place) return [];
    return this.#sql.awaitingPerson.all(place.opened_at, place.row, limit).map((found) => ({
      id: found.id as InteractionId,
      quarantinedAt: found.quarantined_at === null ? null : Number(found.quarantined_at),
    }));
  }

  async recover(now: Instant): Promise<number> {
    return this.#alone(() => Number(this.#sql.recover.run(now).changes));
  }

  async putBlobs(blobs: readonly SealedBlob[]): Promise<void> {
    await this.#transaction(() => {
      for (const blob of blobs) this.#putBlob(blob);
    });
  }

  #putBlob({ ref, wrappedKey, sealed, expiresAt }: SealedBlob): void {
    if (this.#sql.knownBlob.get(ref)) return;
    const { lastInsertRowid } = this.#sql.insertBlobKey.run(wrappedKey);
    this.#sql.putBlob.run(ref, lastInsertRowid, sealed, expiresAt);
  }

  async getBlob(ref: ManifestRef, now: Instant): Promise<SealedBlob | null> {
    const found = this.#sql.getBlob.get(ref, now);
    if (!found) return null;
    return {
      ref,
      wrappedKey: found.wrapped_key as Uint8Array,
      sealed: found.sealed as Uint8Array,
      expiresAt: Number(found.expires_at),
    };
  }

  async expire(now: Instant, limit: number): Promise<number> {
    return this.#transaction(() => {
      const blobs = this.#sql.expiredBlobs.all(now, limit);
      for (const { ref } of blobs) this.#forget(String(ref));
      const gone = [
        { changes: blobs.length },
        this.#sql.expireParked.run(now, limit),
        this.#sql.expireInbox.run(now - INBOX_KEPT_MS, limit),
        this.#sql.expireHeld.run(now, limit),
      ];
      return gone.reduce((sum, { changes }) => sum + Number(changes), 0);
    });
  }

  async scrub(): Promise<Scrub> {
    // Exclusively ours, and nothing is being written, so nobody reads from the log and nothing of it can stay.
    const { busy } = await this.#alone(() => this.#sql.emptyLog.get() ?? {});
    if (busy !== 0) throw new Error('The write-ahead log is in use, so what it holds could not be moved out of it.');
    return { kind: 'scrubbed' };
  }

  async putErasure({ id, requestedAt, subject, interactions, scrubbedAt }: ErasureRecord): Promise<void> {
    await this.#transaction(() => {
      this.#sql.putErasure.run(id, requestedAt, subject, scrubbedAt);
      for (const interaction of interactions) this.#sql.addToErasure.run(id, interaction);
    });
  }

  async getErasure(id: string): Promise<ErasureRecord | null> {
    const found = this.#sql.getErasure.get(id);
    if (!found) return null;
    return {
      id,
      requestedAt: Number(found.requested_at),
      subject: String(found.subject),
      interactions: this.#sql.erasedBy.all(id).map((one) => one.id as InteractionId),
      scrubbedAt: found.scrubbed_at === null ? null : Number(found.scrubbed_at),
    };
  }

  async takeEntry(wish: EntryWish, now: Instant): Promise<EntryTaken | null> {
    return this.#lending(() => this.#entries.take(wish, now));
  }

  async holdEntry(held: EntryHeld): Promise<void> {
    await this.#lending(() => this.#entries.hold(held));
  }

  async findEntries(search: EntrySearch): Promise<readonly EntryLoan[]> {
    return this.#entries.find(search);
  }

  async releaseEntry(handoffId: HandoffId, now: Instant): Promise<void> {
    await this.#lending(() => this.#sql.releaseEntry.run(now, handoffId));
  }

  async feed(afterSeq: number, limit: number): Promise<readonly ArrivedEventRow[]> {
    return this.#sql.feed
      .all(afterSeq, limit)
      .map((found) => ({ ...eventRow(found.id as InteractionId, found as Row), seq: Number(found.seq) }));
  }

  async lastSeq(): Promise<number> {
    return Number(this.#sql.lastSeq.get()?.seq ?? 0);
  }

  chains(afterId: string, limit: number) {
    return this.#audit.chains(afterId, limit);
  }

  arrivals(afterSeq: number, limit: number): Promise<readonly ArrivedHead[]> {
    return this.#audit.arrivals(afterSeq, limit);
  }

  async appendSeal(seal: Seal): Promise<boolean> {
    const { number, at, afterSeq, upToSeq, events, leaves, root, previous, keyId, signature } = seal;
    const said = [number, at, afterSeq, upToSeq, events, leaves, root, previous, keyId, signature];
    return this.#alone(() => this.#sql.insertSeal.run(...said).changes === 1);
  }

  seals(afterNumber: number, limit: number): Promise<readonly Seal[]> {
    return this.#audit.seals(afterNumber, limit);
  }

  async lastSeal(): Promise<Seal | null> {
    const found = this.#sql.lastSeal.get();
    return found ? sealOf(found as Row) : null;
  }

  async wrappedKeys(owner: KeyOwner, afterId: string, limit: number): Promise<readonly WrappedKey[]> {
    const found = this.#sql[owner === 'blob' ? 'blobKeys' : 'interactionKeys'].all(afterId, limit);
    return found.map(({ id, wrapped }) => ({ id: String(id), wrapped: wrapped as Uint8Array }));
  }

  async rewrap(keys: readonly Rewrapped[]): Promise<number> {
    return this.#transaction(() =>
      keys.reduce((sum, { owner, id, wrapped, rewrapped }) => {
        const statement = this.#sql[owner === 'blob' ? 'rewrapBlob' : 'rewrapInteraction'];
        return sum + Number(statement.run(rewrapped, id, wrapped).changes);
      }, 0),
    );
  }

  async settleMeta(name: string, valueIfAbsent: Uint8Array): Promise<Uint8Array> {
    await this.#alone(() => this.#sql.insertMeta.run(name, valueIfAbsent));
    return this.#sql.readMeta.get(name)?.value as Uint8Array;
  }

  readMeta(name: string): Promise<Uint8Array | null> {
    return this.#audit.readMeta(name);
  }

  async replaceMeta(name: string, expected: Uint8Array, value: Uint8Array): Promise<boolean> {
    return this.#alone(() => this.#sql.replaceMeta.run(value, name, expected).changes === 1);
  }

  /** One process has the file, so there are no others. */
  onOthersAppended(): () => void {
    return () => {};
  }

  async now(): Promise<Instant> {
    return Number(this.#sql.now.get()?.now);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close();
  }
}
