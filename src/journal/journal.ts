// Owns the journal as the rest of the house uses it: load the fold of the events, append new ones sealed and chained in group
// commits, keep manifests by reference, and tell who listens what was committed. Keeps H8.

import { createHash } from 'node:crypto';
import type { ConversationEvent } from '../context/conversation.ts';
import { isPersonalLeg, looksPersonal } from '../context/personal-id.ts';
import type { Instant, InteractionId, ManifestRef } from '../ids.ts';
import type { Event } from '../protocols/event.ts';
import { evolve } from '../protocols/evolve.ts';
import { type Interaction, isErased, type Known, type State } from '../protocols/interaction.ts';
import type { Leg } from '../protocols/move.ts';
import { type Anchor, auditJournal, PUBLIC_KEY_META, type Verdict } from './audit.ts';
import { GENESIS } from './chain.ts';
import { bodiesInClear, clearColumns, summaryOf } from './clear-columns.ts';
import type { ChooseWriter, Draft, DraftEvent, DraftWriter, PlainBlob, Written } from './draft.ts';
import { GroupCommit } from './group-commit.ts';
import { unavailable } from './journal-unavailable.ts';
import { leavingBy, manifestRefs } from './leaving.ts';
import { machineRandomBytes } from './random-bytes.ts';
import { Rotation, type RotationParts, SECRETS_META } from './rotation.ts';
import { Scribe, sealedBlob } from './scribe.ts';
import { type SealKey, spkiOf } from './seal-key.ts';
import type { Secrets } from './shared-credentials.ts';
import type {
  AppendResult,
  ErasureRecord,
  EventRow,
  Lease,
  LegKey,
  ListedInteraction,
  ListFilter,
  MessageKey,
  ParkedMessage,
  Scrub,
  Store,
  StoredInteraction,
} from './store.ts';
import { type DataKey, type RandomBytes, Vault } from './vault.ts';

/** An interaction as it stands: its fold, and what the next append needs. */
export type Head = {
  readonly state: Known;
  readonly version: number;
  readonly hash: Uint8Array;
  /** Null once it was destroyed: nothing is sealed any more. */
  readonly wrappedKey: Uint8Array | null;
};

/** What goes along with the events of an append. */
export type Along = {
  readonly dueAt: Instant | null;
  readonly lease: Lease | 'keep' | null;
  readonly messages: readonly MessageKey[];
  readonly blobs: readonly PlainBlob[];
};

export type Appended = { readonly kind: 'appended'; readonly head: Head } | Exclude<AppendResult, { kind: 'appended' }>;

export type CommittedEvent = {
  readonly interactionId: InteractionId;
  readonly version: number;
  readonly type: Event['type'];
  readonly at: Instant;
  readonly actor: string;
  readonly clear: string;
};

/** How an event reads in an interaction's journal. */
export type HistoryEntry = {
  readonly version: number;
  readonly type: string;
  readonly at: Instant;
  readonly actor: string;
  readonly clear: string;
  /** Null where the key that opens it was destroyed. */
  readonly event: Event | null;
  readonly hash: Uint8Array;
  readonly prevHash: Uint8Array;
};

export type OpeningParts = { readonly chance?: RandomBytes; readonly writer?: ChooseWriter };

type OwnKeys = { readonly mailbox: DataKey; readonly seal: SealKey };

const SNAPSHOT_EVERY = 64;
const NONE: readonly never[] = [];

/**
 * Whatever reads or writes rejects with `JournalUnavailable` when the store could not; what rejects otherwise is a bug or damage.
 */
export class Journal {
  readonly #store: Store;
  readonly #vault: Vault;
  readonly #appends: GroupCommit<Draft, Written>;
  readonly #parks: GroupCommit<ParkedMessage, InteractionId | null>;
  readonly #notes: GroupCommit<Noted, undefined>;
  readonly #listeners = new Set<(events: readonly CommittedEvent[]) => void>();
  readonly #mailboxKey: DataKey;
  /** What seals of this journal are signed with. */
  readonly sealKey: SealKey;
  /** A process that ended may have destroyed keys and not seen to their bytes. */
  #unscrubbed = true;

  private constructor(store: Store, vault: Vault, own: OwnKeys, writer: DraftWriter) {
    this.#store = store;
    this.#vault = vault;
    this.#mailboxKey = own.mailbox;
    this.sealKey = own.seal;
    this.#appends = new GroupCommit(
      (batch) => writer.write(batch).catch(unavailable),
      writer.largestBatch,
      writer.atOnce,
    );
    this.#parks = new GroupCommit((batch) => store.park(batch).catch(unavailable));
    this.#notes = new GroupCommit((batch) => noteAll(store, batch).catch(unavailable));
  }

  /**
   * Throws when none of the master keys is the one this journal was made with. `chance` is for a simulation that must repeat itself,
   * `writer` for a store whose appends can be written elsewhere.
   */
  static async open(
    store: Store,
    masterKey: Uint8Array,
    olderKeys: readonly Uint8Array[] = [],
    { chance = machineRandomBytes, writer = (own) => own }: OpeningParts = {},
  ): Promise<Journal> {
    const vault = new Vault(masterKey, chance, undefined, olderKeys);
    vault.useSubjectKey(await store.settleMeta('subject-key', vault.newSubjectKey()));
    const mailbox = vault.unwrap(await store.settleMeta('mailbox-key', vault.newDataKey().wrapped));
    const seal = vault.sealKey(await store.settleMeta('seal-key', vault.newSealKey()));
    await store.settleMeta(PUBLIC_KEY_META, spkiOf(seal.public));
    const chosen = writer(new Scribe(store, vault), { current: masterKey, older: olderKeys });
    return new Journal(store, vault, { mailbox, seal }, chosen);
  }

  async load(id: InteractionId): Promise<Head | 'quarantined' | null> {
    const [stored] = await this.#store.load([id]).catch(unavailable);
    if (!stored) return null;
    return stored.quarantined ? 'quarantined' : this.#fold(stored);
  }

  /** Reads it even when it is quarantined. */
  async peek(id: InteractionId): Promise<Head | null> {
    const [stored] = await this.#store.load([id]).catch(unavailable);
    return stored ? this.#fold(stored) : null;
  }

  #fold(stored: StoredInteraction): Head {
    const { snapshot, id } = stored;
    const key = stored.wrappedKey && this.#vault.unwrap(stored.wrappedKey);
    let state: State =
      snapshot && key ? JSON.parse(this.#vault.open(key, snapshot.sealed, `${id}.snapshot.${snapshot.version}`)) : null;
    const rows = snapshot ? stored.events.filter((row) => row.version > snapshot.version) : stored.events;
    const events = key ? this.#bodies(key, rows) : bodiesInClear(rows).filter((event) => event !== null);
    for (const event of events) state = evolve(state, event);
    const hash = stored.events.at(-1)?.hash;
    if (!state || !hash)
      throw new Error(`Interaction ${id} has no events: the journal is damaged. Run \`throughline audit verify\`.`);
    return { state, version: stored.version, hash, wrappedKey: stored.wrappedKey };
  }

  #bodies(key: DataKey, rows: readonly EventRow[]): Event[] {
    return rows.flatMap((row) =>
      row.sealed
        ? (JSON.parse(this.#vault.open(key, row.sealed, `${row.interactionId}.${row.version}`)) as Event[])
        : [],
    );
  }

  /** Appends `events` (at least one) after `head`, or as a new interaction's first. Durable when it resolves. */
  append(
    head: Head | null,
    id: InteractionId,
    events: readonly Event[],
    after: Known,
    along: Along,
  ): Promise<Appended> {
    // One promise from here to the commit: what waits for it is what the garbage collector copies.
    return new Promise((resolve, reject) => {
      const leaving = leavingBy(events, head?.state ?? null);
      const draft = this.#draft(head, id, events, after, leaving, along);
      const written = (result: Written) => {
        if (result.kind !== 'appended') return resolve(result);
        if (leaving) this.#unscrubbed = true;
        const { hash, wrappedKey } = result;
        try {
          this.#tell(draft);
          const version = draft.expectedVersion + events.length;
          resolve({ kind: 'appended', head: { state: after, version, hash, wrappedKey } });
        } catch (error) {
          // A listener's bug is not the others' of the batch.
          reject(error);
        }
      };
      this.#appends.add(draft, written, reject);
    });
  }

  #draft(
    head: Head | null,
    id: InteractionId,
    events: readonly Event[],
    after: Known,
    leaving: Interaction | null,
    { dueAt, lease, messages, blobs }: Along,
  ): Draft {
    const isSealed = leaving === null && (head === null || head.wrappedKey !== null);
    const version = head?.version ?? 0;
    const crossed = Math.floor((version + events.length) / SNAPSHOT_EVERY) > Math.floor(version / SNAPSHOT_EVERY);
    const { attach, detach } = this.#legsOf(events);
    return {
      interactionId: id,
      expectedVersion: version,
      wrappedKey: head?.wrappedKey ?? null,
      previous: head?.hash ?? GENESIS,
      events: draftEvents(head?.state ?? null, events, after),
      bodies: isSealed ? JSON.stringify(events) : null,
      summary: summaryOf(after),
      attach,
      detach: leaving ? this.#personalLegs(leaving) : detach,
      subjects: this.#subjectsOf(head?.state ?? null, after),
      erase: leaving !== null,
      forget: leaving ? manifestRefs(leaving) : NONE,
      snapshot: crossed && isSealed ? JSON.stringify(after) : null,
      dueAt,
      lease,
      messages,
      blobs,
    };
  }

  /** What the events together do to each leg: the last one that names it counts. */
  #legsOf(events: readonly Event[]): Pick<Draft, 'attach' | 'detach'> {
    if (!events.some(namesLeg)) return { attach: NONE, detach: NONE };
    const attach = new Map<string, LegKey>();
    const detach = new Map<string, LegKey>();
    for (const event of events) {
      if (event.type !== 'LegAttached' && event.type !== 'LegDetached') continue;
      const leg = this.legKey(event.leg);
      const name = `${leg.platform}\0${leg.external}`;
      const [here, there] = event.type === 'LegAttached' ? [attach, detach] : [detach, attach];
      here.set(name, leg);
      there.delete(name);
    }
    return { attach: [...attach.values()], detach: [...detach.values()] };
  }

  /** The id of such a leg is its customer's rather than one conversation's: whoever comes by it later is somebody new. */
  #personalLegs({ legs }: Interaction): LegKey[] {
    return legs.filter(isPersonalLeg).map((leg) => this.legKey(leg));
  }

  #subjectsOf(before: State, after: Known): readonly Uint8Array[] {
    if (isErased(after) || isErased(before) || before?.customer === after.customer) return NONE;
    const { phone, email, customerId } = after.customer;
    const named = Object.entries({ phone, email, customerId });
    return named.flatMap(([kind, value]) =>
      value === undefined ? [] : [this.#vault.subject(kind, value.toLowerCase())],
    );
  }

  #tell({ interactionId, expectedVersion, events: drafts }: Draft): void {
    if (this.#listeners.size === 0) return;
    const events = drafts.map(({ type, at, actor, clear }, index) => {
      return { interactionId, version: expectedVersion + 1 + index, type: type as Event['type'], at, actor, clear };
    });
    for (const listener of this.#listeners) listener(events);
  }

  /** Calls back after every commit, in order per interaction. Returns how to stop. */
  onCommit(listener: (events: readonly CommittedEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back when there may be more to read in the feed, whoever wrote it. Returns how to stop. */
  onArrival(listener: () => void): () => void {
    const stops = [this.onCommit(listener), this.#store.onOthersAppended(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  legKey({ platform, externalId }: Pick<Leg, 'platform' | 'externalId'>): LegKey {
    // A phone number or address as a conversation's id is personal: it is findable by its keyed hash only.
    const personal = looksPersonal(externalId);
    const external = personal
      ? Buffer.from(this.#vault.subject(`leg:${platform}`, externalId)).toString('hex')
      : externalId;
    return { platform, external };
  }

  async ownerOf(leg: Pick<Leg, 'platform' | 'externalId'>): Promise<InteractionId | null> {
    const [owner] = await this.#store.findLegs([this.legKey(leg)]).catch(unavailable);
    return owner ?? null;
  }

  /** The newest first; `before` is the last one of the page before. */
  findSubject(
    kind: 'phone' | 'email' | 'customerId',
    value: string,
    limit: number,
    before?: InteractionId,
  ): Promise<readonly InteractionId[]> {
    return this.#store.findSubject(this.#vault.subject(kind, value.toLowerCase()), limit, before).catch(unavailable);
  }

  /** The keyed hash of what a caller calls something: the same for the same name, and nothing of the name is in it. */
  keyedName(kind: string, name: string): string {
    return Buffer.from(this.#vault.subject(kind, name)).subarray(0, 16).toString('hex');
  }

  /** The keyed hash of something personal: findable, not readable. */
  keyedHash(kind: string, value: string): Uint8Array {
    return this.#vault.subject(kind, value);
  }

  /** Whether keys were destroyed, here or before this start, since their bytes were last seen to. */
  get unscrubbed(): boolean {
    return this.#unscrubbed;
  }

  putErasure(erasure: ErasureRecord): Promise<void> {
    return this.#store.putErasure(erasure).catch(unavailable);
  }

  getErasure(id: string): Promise<ErasureRecord | null> {
    return this.#store.getErasure(id).catch(unavailable);
  }

  /** When it resolves with `scrubbed`, the bytes of keys that were destroyed before the call are in no file of the store. */
  async scrub(): Promise<Scrub> {
    this.#unscrubbed = false;
    try {
      const scrub = await this.#store.scrub();
      if (scrub.kind === 'pending') this.#unscrubbed = true;
      return scrub;
    } catch (error) {
      this.#unscrubbed = true;
      return unavailable(error);
    }
  }

  list(filter: ListFilter): Promise<readonly ListedInteraction[]> {
    return this.#store.list(filter).catch(unavailable);
  }

  /** Keeps an event of a leg that nobody knows yet; answers the leg's interaction when it has become known meanwhile. */
  park(event: ConversationEvent, sender: string, expiresAt: Instant): Promise<InteractionId | null> {
    const { messageId } = event;
    const sealed = this.#vault.seal(this.#mailboxKey, JSON.stringify(event), `parked.${sender}.${messageId}`);
    return this.#parks.submit({ sender, messageId, leg: this.legKey(event), sealed, expiresAt });
  }

  /** Takes messages that changed nothing, so that they are known. */
  async note(messages: readonly MessageKey[], at: Instant): Promise<void> {
    await Promise.all(messages.map((message) => this.#notes.submit({ message, at })));
  }

  /** Whether this is the first time that somebody brings it, over all nodes; from now on it is known. */
  take(message: MessageKey, at: Instant): Promise<boolean> {
    return this.#store.take(message, at).catch(unavailable);
  }

  async parkedFor(leg: Pick<Leg, 'platform' | 'externalId'>): Promise<readonly Parked[]> {
    const found = await this.#store.parked([this.legKey(leg)]).catch(unavailable);
    return found.map((message) => this.#unpark(message));
  }

  /** Events whose leg has become known while they were being parked. */
  async strays(limit: number): Promise<readonly (Parked & { readonly interactionId: InteractionId })[]> {
    const found = await this.#store.claimable(limit).catch(unavailable);
    return found.map((message) => ({ ...this.#unpark(message), interactionId: message.interactionId }));
  }

  #unpark({ sender, messageId, sealed }: ParkedMessage): Parked {
    const event = JSON.parse(this.#vault.open(this.#mailboxKey, sealed, `parked.${sender}.${messageId}`));
    return { message: { sender, messageId }, event };
  }

  /** A blob by itself, under a key of its own. */
  putBlob(blob: PlainBlob): Promise<void> {
    return this.#store.putBlobs([sealedBlob(this.#vault, blob)]).catch(unavailable);
  }

  /** Null when it is unknown or has expired. */
  async readBlob(
    ref: ManifestRef,
    now: Instant,
  ): Promise<{ readonly content: string; readonly expiresAt: Instant } | null> {
    const blob = await this.#store.getBlob(ref, now).catch(unavailable);
    if (!blob) return null;
    const content = this.#vault.open(this.#vault.unwrap(blob.wrappedKey), blob.sealed, `blob.${ref}`);
    return { content, expiresAt: blob.expiresAt };
  }

  /** Oldest first, opened; null when the interaction is unknown. */
  async history(id: InteractionId): Promise<readonly HistoryEntry[] | null> {
    const [stored] = await this.#store.load([id]).catch(unavailable);
    if (!stored) return null;
    const rows = await this.#store.history(id).catch(unavailable);
    const key = stored.wrappedKey && this.#vault.unwrap(stored.wrappedKey);
    const bodies = key ? this.#bodies(key, rows) : bodiesInClear(rows);
    return rows.map((row, index) => {
      const { version, type, at, actor, clear, hash } = row;
      return {
        version,
        type,
        at,
        actor,
        clear,
        event: bodies[index] ?? null,
        hash,
        prevHash: rows[index - 1]?.hash ?? GENESIS,
      };
    });
  }

  /** Walks every chain and every seal. */
  verify(anchor?: Anchor): Promise<Verdict> {
    return auditJournal(this.#store, { key: this.sealKey.public, anchor }).catch(unavailable);
  }

  /** The rotation of the master key, for whoever keeps it going. */
  rotation(parts: RotationParts): Rotation {
    return new Rotation(this.#store, this.#vault, parts);
  }

  /** Seals what nodes share that is a secret and no interaction's. Its key is made when it is first asked for. */
  async secrets(): Promise<Secrets> {
    const wrapped = await this.#store.settleMeta(SECRETS_META, this.#vault.newDataKey().wrapped).catch(unavailable);
    const key = this.#vault.unwrap(wrapped);
    return {
      seal: (text, context) => this.#vault.seal(key, text, context),
      open: (sealed, context) => this.#vault.open(key, sealed, context),
    };
  }

  feed(afterSeq: number, limit: number) {
    return this.#store.feed(afterSeq, limit).catch(unavailable);
  }

  /** Where a listener to what comes starts. */
  lastSeq(): Promise<number> {
    return this.#store.lastSeq().catch(unavailable);
  }

  get store(): Store {
    return this.#store;
  }

  /** Resolves when what was submitted is committed. */
  async drain(): Promise<void> {
    await Promise.all([this.#appends.drain(), this.#parks.drain(), this.#notes.drain()]);
  }
}

/** Each as things stood just after it: a move that opens and settles in one append is gone from the state after both. */
function draftEvents(before: State, events: readonly Event[], after: Known): readonly DraftEvent[] {
  let state = before;
  return events.map((event) => {
    const { type, at, actor } = event;
    state = events.length === 1 ? after : evolve(state, event);
    return { type, at, actor, clear: clearColumns(event, state ?? after) };
  });
}

function namesLeg({ type }: Event): boolean {
  return type === 'LegAttached' || type === 'LegDetached';
}

export type Parked = { readonly message: MessageKey; readonly event: ConversationEvent };

type Noted = { readonly message: MessageKey; readonly at: Instant };

async function noteAll(store: Store, batch: readonly Noted[]): Promise<readonly undefined[]> {
  const messages = batch.map(({ message }) => message);
  await store.note(messages, Math.max(...batch.map(({ at }) => at)));
  return messages.map(() => undefined);
}

/** A digest of a request's content, to tell a repeated request from another under the same key. */
export function digestOf(content: string): string {
  return createHash('sha256').update(content).digest('base64url');
}
