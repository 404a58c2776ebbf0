// Owns the embedded store on `node:sqlite`: one file, one process, one transaction per batch, fsynced before it answers. The
// only file besides its statements that knows SQLite.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Instant, InteractionId, ManifestRef, PlatformName } from '../ids.ts';
import { INBOX_KEPT_MS, MIGRATIONS, SQL } from './sqlite-statements.ts';
import type {
  Append,
  AppendResult,
  ArrivedEventRow,
  AwaitingPerson,
  Claimed,
  EventRow,
  Lease,
  LegKey,
  ListedInteraction,
  ListFilter,
  MessageKey,
  ParkedMessage,
  SealedBlob,
  Store,
  StoredInteraction,
} from './store.ts';

type Row = Record<string, SQLInputValue>;
/** Behind every opening and every row, so that the first page begins with the newest. */
const LISTS_BEGIN = { opened_at: Number.MAX_VALUE, row: 0 };

type Statements = { readonly [Name in keyof typeof SQL]: StatementSync };

/** Opens or creates the journal's file; `:memory:` is for tests. Throws when another process has it or its schema is newer. */
export function openSqlite(path: string): Store {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path);
  try {
    database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full');
    database.exec('pragma secure_delete = on; pragma cache_size = -65536; pragma wal_autocheckpoint = 4000');
    migrate(database, path);
  } catch (cause) {
    database.close();
    const busy = cause instanceof Error && /locked|busy/i.test(cause.message);
    if (busy)
      throw new Error(`${path} is in use by another process. Stop it, or set THROUGHLINE_DATA to another folder.`, {
        cause,
      });
    throw cause;
  }
  return new SqliteStore(database);
}

function migrate(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare('pragma user_version').get()?.user_version);
  if (version > MIGRATIONS.length) {
    throw new Error(
      `${path} has schema version ${version}; this release knows ${MIGRATIONS.length}. Run the newer release.`,
    );
  }
  database.exec('begin exclusive');
  for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
  database.exec(`pragma user_version = ${MIGRATIONS.length}; commit`);
}

class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const entries = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]);
    this.#sql = Object.fromEntries(entries) as Statements;
  }

  async append(batch: readonly Append[]): Promise<readonly AppendResult[]> {
    return this.#transaction(() => batch.map((append) => this.#appendOne(append)));
  }

  #appendOne(append: Append): AppendResult {
    const duplicates = append.messages.filter(({ sender, messageId }) => this.#sql.knownMessage.get(sender, messageId));
    if (duplicates.length > 0) return { kind: 'duplicate', messages: duplicates };
    for (const leg of append.attach) {
      const owner = this.#legOwner(leg);
      if (owner && owner !== append.interactionId) return { kind: 'leg-taken', interactionId: owner, leg };
    }
    const row = append.expectedVersion === 0 ? this.#insert(append) : this.#advance(append);
    if (row === null) return { kind: 'version-conflict' };
    this.#write(append, row);
    return { kind: 'appended' };
  }

  #insert({ interactionId, events, wrappedKey, dueAt, lease, summary }: Append): SQLInputValue | null {
    const held = lease === 'keep' ? null : lease;
    const inserted = this.#sql.insertInteraction.get(
      interactionId,
      events.length,
      wrappedKey,
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
    return inserted?.row ?? null;
  }

  #advance({ interactionId, expectedVersion, events, dueAt, lease, summary }: Append): SQLInputValue | null {
    const version = expectedVersion + events.length;
    const { phase, holder, outcome, platform, endedAt, deadLetters } = summary;
    const seen = [phase, holder, outcome, platform, endedAt, deadLetters] as const;
    const advanced =
      lease === 'keep'
        ? this.#sql.advanceKeepingLease.get(version, dueAt, ...seen, interactionId, expectedVersion)
        : this.#sql.advance.get(
            version,
            dueAt,
            lease?.until ?? null,
            lease?.owner ?? null,
            ...seen,
            interactionId,
            expectedVersion,
          );
    return advanced?.row ?? null;
  }

  #write(append: Append, row: SQLInputValue): void {
    for (const event of append.events) {
      const { version, type, at, actor, clear, sealed, hash } = event;
      this.#sql.insertEvent.run(row, version, type, at, actor, clear, sealed, hash);
    }
    for (const { platform, external } of append.detach) this.#sql.deleteLeg.run(platform, external, row);
    for (const { platform, external } of append.attach) this.#sql.insertLeg.run(platform, external, row);
    for (const subject of append.subjects) this.#sql.insertSubject.run(subject, row);
    const at = append.events.at(-1)?.at ?? 0;
    for (const { sender, messageId } of append.messages) {
      this.#sql.insertMessage.run(sender, messageId, at);
      this.#sql.unpark.run(sender, messageId);
    }
    for (const blob of append.blobs) this.#putBlob(blob);
    if (append.snapshot) this.#sql.setSnapshot.run(append.snapshot, row);
  }

  async load(ids: readonly InteractionId[]): Promise<readonly StoredInteraction[]> {
    return ids.flatMap((id) => {
      const found = this.#sql.load.get(id);
      if (!found) return [];
      const snapshotVersion = Number(found.snapshot_version ?? 0);
      return {
        id,
        version: Number(found.version),
        wrappedKey: found.wrapped_key as Uint8Array,
        snapshot: found.snapshot ? { version: snapshotVersion, sealed: found.snapshot as Uint8Array } : null,
        events: this.#events(id, found.row as SQLInputValue, snapshotVersion),
        quarantined: found.quarantined_at !== null,
      };
    });
  }

  async history(id: InteractionId): Promise<readonly EventRow[]> {
    const found = this.#sql.load.get(id);
    return found ? this.#events(id, found.row as SQLInputValue, 0) : [];
  }

  #events(id: InteractionId, row: SQLInputValue, fromVersion: number): readonly EventRow[] {
    return this.#sql.eventsAfter.all(row, fromVersion).map((found) => eventRow(id, found as Row));
  }

  async findLegs(legs: readonly LegKey[]): Promise<readonly (InteractionId | null)[]> {
    return legs.map((leg) => this.#legOwner(leg));
  }

  #legOwner({ platform, external }: LegKey): InteractionId | null {
    return (this.#sql.legOwner.get(platform, external)?.id as InteractionId | undefined) ?? null;
  }

  async findSubject(subject: Uint8Array, limit: number): Promise<readonly InteractionId[]> {
    return this.#sql.findSubject.all(subject, limit).map((found) => found.id as InteractionId);
  }

  async list(filter: ListFilter): Promise<readonly ListedInteraction[]> {
    const { phase = null, holder = null, channel = null, since = 0, before, limit } = filter;
    const place = before === undefined ? LISTS_BEGIN : this.#sql.placeInList.get(before);
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
    this.#transaction(() => {
      for (const { sender, messageId } of messages) this.#sql.unpark.run(sender, messageId);
    });
  }

  async claimDue(now: Instant, lease: Lease, limit: number): Promise<readonly Claimed[]> {
    // An idle moment costs one read and no write.
    const due = this.#sql.due.all(now, limit);
    if (due.length === 0) return [];
    return this.#transaction(() =>
      due.map((found) => {
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
    this.#sql.finish.run(dueAt, id, version);
  }

  async quarantine(id: InteractionId, at: Instant): Promise<void> {
    this.#sql.quarantine.run(at, id);
  }

  async release(id: InteractionId, at: Instant): Promise<void> {
    this.#sql.release.run(at, id);
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
    return Number(this.#sql.recover.run(now).changes);
  }

  async putBlobs(blobs: readonly SealedBlob[]): Promise<void> {
    this.#transaction(() => {
      for (const blob of blobs) this.#putBlob(blob);
    });
  }

  #putBlob({ ref, wrappedKey, sealed, expiresAt }: SealedBlob): void {
    this.#sql.putBlob.run(ref, wrappedKey, sealed, expiresAt);
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
      const gone = [
        this.#sql.expireBlobs.run(now, limit),
        this.#sql.expireParked.run(now, limit),
        this.#sql.expireInbox.run(now - INBOX_KEPT_MS, limit),
      ];
      return gone.reduce((sum, { changes }) => sum + Number(changes), 0);
    });
  }

  async feed(afterSeq: number, limit: number): Promise<readonly ArrivedEventRow[]> {
    return this.#sql.feed
      .all(afterSeq, limit)
      .map((found) => ({ ...eventRow(found.id as InteractionId, found as Row), seq: Number(found.seq) }));
  }

  async lastSeq(): Promise<number> {
    return Number(this.#sql.lastSeq.get()?.seq ?? 0);
  }

  async chains(afterId: string, limit: number) {
    return this.#sql.page.all(afterId, limit).map((found) => ({
      id: found.id as InteractionId,
      version: Number(found.version),
      events: this.#events(found.id as InteractionId, found.row as SQLInputValue, 0),
    }));
  }

  async settleMeta(name: string, valueIfAbsent: Uint8Array): Promise<Uint8Array> {
    this.#sql.insertMeta.run(name, valueIfAbsent);
    return this.#sql.readMeta.get(name)?.value as Uint8Array;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close();
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec('begin immediate');
    try {
      const result = work();
      this.#database.exec('commit');
      return result;
    } catch (error) {
      // A full disk or a failed write has rolled back by itself.
      if (this.#database.isTransaction) this.#database.exec('rollback');
      throw error;
    }
  }
}

function eventRow(interactionId: InteractionId, found: Row): EventRow {
  return {
    interactionId,
    version: Number(found.version),
    type: String(found.type),
    at: Number(found.at),
    actor: String(found.actor),
    clear: String(found.clear),
    sealed: (found.sealed as Uint8Array | null) ?? null,
    hash: found.hash as Uint8Array,
  };
}

function parkedMessage(found: Row): ParkedMessage {
  return {
    sender: String(found.sender),
    messageId: String(found.message_id),
    leg: { platform: found.platform as PlatformName, external: String(found.external) },
    sealed: found.sealed as Uint8Array,
    expiresAt: Number(found.expires_at),
  };
}

function listed(found: Row): ListedInteraction {
  return {
    id: found.id as InteractionId,
    version: Number(found.version),
    channel: String(found.channel),
    platform: (found.platform as string | null) ?? null,
    phase: (found.phase as string | null) ?? null,
    holder: String(found.holder),
    outcome: (found.outcome as string | null) ?? null,
    openedAt: Number(found.opened_at),
    endedAt: found.ended_at === null ? null : Number(found.ended_at),
    deadLetters: Number(found.dead_letters),
  };
}
