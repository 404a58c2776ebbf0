// Owns the store port: what a database must do to keep the journal. Asynchronous and batch-first; everything it is given is
// sealed or clear, never personal. `test/contract/store.ts` exports the suite that every store passes.
// Keeps H8 (events are only ever added) and the single point of every race: the version, the leg and the message are each
// checked in the transaction that writes.

import type { HandoffId, Instant, InteractionId, ManifestRef, PlatformName } from '../ids.ts';
import type { EntryHeld, EntryLoan, EntrySearch, EntryTaken, EntryWish } from './entry-loan.ts';
import type { ReachTable } from './reach-table.ts';

/** One event as it is kept. The bodies of one append share one seal, which its first row carries. */
export type EventRow = {
  readonly interactionId: InteractionId;
  readonly version: number;
  readonly type: string;
  readonly at: Instant;
  readonly actor: string;
  /** Never personal; canonical JSON, hashed as it stands. */
  readonly clear: string;
  readonly sealed: Uint8Array | null;
  readonly hash: Uint8Array;
};

/** A row with its place in the order of arrival. */
export type ArrivedEventRow = EventRow & { readonly seq: number };

/** `external` is the platform's id, or its keyed hash where the id is personal. */
export type LegKey = { readonly platform: PlatformName; readonly external: string };
export type MessageKey = { readonly sender: string; readonly messageId: string };

export type SealedBlob = {
  readonly ref: ManifestRef;
  readonly wrappedKey: Uint8Array;
  readonly sealed: Uint8Array;
  readonly expiresAt: Instant;
};

/** An event as a seal sees it: which one, and its hash. */
export type ArrivedHead = {
  readonly seq: number;
  readonly interactionId: InteractionId;
  readonly version: number;
  readonly hash: Uint8Array;
};

/** A signed Merkle root over the heads of all interactions with events in (afterSeq, upToSeq]; see `seal.ts`. Never changed. */
export type Seal = {
  /** 1, 2, 3 … without gaps. */
  readonly number: number;
  readonly at: Instant;
  readonly afterSeq: number;
  readonly upToSeq: number;
  /** How many events the range holds. */
  readonly events: number;
  readonly leaves: Uint8Array;
  readonly root: Uint8Array;
  readonly previous: Uint8Array;
  readonly keyId: string;
  readonly signature: Uint8Array;
};

/** Whose data key it is. */
export type KeyOwner = 'interaction' | 'blob';
/** A data key as the master key wrapped it. `id` is the interaction's, or the blob's reference. */
export type WrappedKey = { readonly id: string; readonly wrapped: Uint8Array };
/** The same data key under another master key. */
export type Rewrapped = WrappedKey & { readonly owner: KeyOwner; readonly rewrapped: Uint8Array };

export type Lease = { readonly owner: string; readonly until: Instant };

/** What lists and reports may see of an interaction. */
export type InteractionSummary = {
  readonly channel: string;
  readonly platform: string | null;
  /** The open handoff's phase, `settled` when there was one and none is open, or null when there was none. */
  readonly phase: string | null;
  readonly holder: string;
  readonly outcome: string | null;
  readonly openedAt: Instant;
  readonly endedAt: Instant | null;
  /** Handoffs that settled as dead letters and wait for a person. */
  readonly deadLetters: number;
};

export type Append = {
  readonly interactionId: InteractionId;
  /** 0 for an interaction's first append. */
  readonly expectedVersion: number;
  /** With the first append only. */
  readonly wrappedKey: Uint8Array | null;
  readonly events: readonly EventRow[];
  readonly summary: InteractionSummary;
  readonly dueAt: Instant | null;
  /** `keep`: somebody's command is under way and goes on. */
  readonly lease: Lease | 'keep' | null;
  readonly attach: readonly LegKey[];
  readonly detach: readonly LegKey[];
  readonly subjects: readonly Uint8Array[];
  /** Messages this append answers: recorded, and no longer parked. */
  readonly messages: readonly MessageKey[];
  readonly blobs: readonly SealedBlob[];
  readonly snapshot: Uint8Array | null;
  /**
   * Destroys what opens the interaction, in the same transaction and after everything else it writes: the wrapped key, the
   * snapshot, its subjects, the parked messages of its legs, and what its entry numbers are recognised by go. Its legs stay, so that
   * what comes of them is known for what it is. Never with a first append. Taken also of a quarantined
   * interaction, which is one no longer: what nobody got on with is gone.
   */
  readonly erase: boolean;
  /** Blobs that go in the same transaction, with their keys; also those that this very append brings. Unknown ones are no fault. */
  readonly forget: readonly ManifestRef[];
};

/** All of an append or nothing of it; every append of a batch is judged by itself. */
export type AppendResult =
  | { readonly kind: 'appended' }
  | { readonly kind: 'version-conflict' }
  | { readonly kind: 'leg-taken'; readonly interactionId: InteractionId; readonly leg: LegKey }
  | { readonly kind: 'duplicate'; readonly messages: readonly MessageKey[] };

/** A vendor event whose leg nobody knows yet. */
export type ParkedMessage = MessageKey & {
  readonly leg: LegKey;
  readonly sealed: Uint8Array;
  readonly expiresAt: Instant;
};

export type StoredInteraction = {
  readonly id: InteractionId;
  readonly version: number;
  /** Null once it was destroyed. */
  readonly wrappedKey: Uint8Array | null;
  readonly snapshot: { readonly version: number; readonly sealed: Uint8Array } | null;
  /** Hash of the last event that the snapshot covers, and all events after it. */
  readonly events: readonly EventRow[];
  readonly quarantined: boolean;
};

export type Claimed = {
  readonly id: InteractionId;
  /** Who held the lease that ran out, when there was one: its commands' fate is unknown (H5). */
  readonly takenFrom: string | null;
  /** Claims of this row, this one included, since it last got on. */
  readonly claims: number;
};

export type ListFilter = {
  readonly phase?: string;
  readonly holder?: string;
  readonly channel?: string;
  readonly since?: Instant;
  /** Opened before it; a page that goes on from `before` begins there anyway. */
  readonly until?: Instant;
  /** The last id of the page before; newest first. */
  readonly before?: string;
  readonly limit: number;
};

export type ListedInteraction = InteractionSummary & { readonly id: InteractionId; readonly version: number };

/** What other processes appended: which interactions, and the version each came to; or that some of it may have gone unheard. */
export type OthersAppended = readonly { readonly id: InteractionId; readonly version: number }[] | 'missed';
/** An erasure that was asked for: nothing personal, and nothing of which its subject could be found again. */
export type ErasureRecord = {
  readonly id: string;
  readonly requestedAt: Instant;
  /** By what was asked: `phone`, `email` or `customerId`. */
  readonly subject: string;
  /** Each once, in order of id. */
  readonly interactions: readonly InteractionId[];
  /** When the bytes of all its keys were last seen to be in no file. */
  readonly scrubbedAt: Instant | null;
};
/** An interaction that waits for a person: quarantined, or with dead letters, or both. */
export type AwaitingPerson = { readonly id: InteractionId; readonly quarantinedAt: Instant | null };

/**
 * What stands in the way. `in-use`: somebody reads where the bytes are. `log-kept`: the database keeps its log, for a standby, an
 * archive or by its settings. `not-permitted`: our role may not look into the log, or not have it moved on.
 */
export type ScrubHindrance = 'in-use' | 'log-kept' | 'not-permitted';
export type Scrub = { readonly kind: 'scrubbed' } | { readonly kind: 'pending'; readonly code: ScrubHindrance };

export interface Store extends AsyncDisposable {
  /** Durable when it resolves. Results stand in the order of the batch. */
  append(batch: readonly Append[]): Promise<readonly AppendResult[]>;
  /** Unknown ids are absent from the answer. */
  load(ids: readonly InteractionId[]): Promise<readonly StoredInteraction[]>;
  /** Every event of one interaction, oldest first. */
  history(id: InteractionId): Promise<readonly EventRow[]>;
  findLegs(legs: readonly LegKey[]): Promise<readonly (InteractionId | null)[]>;
  /** The newest first; `before` is the last one of the page before. */
  findSubject(subject: Uint8Array, limit: number, before?: InteractionId): Promise<readonly InteractionId[]>;
  list(filter: ListFilter): Promise<readonly ListedInteraction[]>;

  /** Keeps messages of unknown legs; answers per message whether its leg has become known instead (then nothing is kept). */
  park(messages: readonly ParkedMessage[]): Promise<readonly (InteractionId | null)[]>;
  /** In the order they came. */
  parked(legs: readonly LegKey[]): Promise<readonly ParkedMessage[]>;
  /** Parked messages whose leg is known by now, in the order they came. */
  claimable(limit: number): Promise<readonly (ParkedMessage & { readonly interactionId: InteractionId })[]>;

  /** Takes messages that changed nothing: from now on they are known, and no longer parked. Durable when it resolves. */
  note(messages: readonly MessageKey[], at: Instant): Promise<void>;
  /**
   * Takes a message that counts once: true for the first who brings it, of any number of nodes at once, and false after that; also where
   * the answer to the first was lost. Durable when it resolves; forgotten with the others, days later.
   */
  take(message: MessageKey, at: Instant): Promise<boolean>;
  /** Forgets parked messages. */
  discard(messages: readonly MessageKey[]): Promise<void>;

  /** Takes up to `limit` rows whose time has come and whose lease has passed, earliest first, and leases them. */
  claimDue(now: Instant, lease: Lease, limit: number): Promise<readonly Claimed[]>;
  /** The claim is done and nothing was appended. */
  finish(id: InteractionId, version: number, dueAt: Instant | null): Promise<void>;
  /**
   * The claim came to nothing through no fault of the row: it is not counted, those before it are. Nothing when the row has got on
   * meanwhile, or is somebody else's.
   */
  putBack(claimed: Pick<Claimed, 'id' | 'claims'>, owner: string, dueAt: Instant): Promise<void>;
  /** Out of everybody's reach until a person has looked. */
  quarantine(id: InteractionId, at: Instant): Promise<void>;
  /** Out of quarantine, and due at once; nothing where it is in none. */
  release(id: InteractionId, at: Instant): Promise<void>;
  /** Newest first; `before` is the last id of the page before. */
  awaitingPerson(before: string | undefined, limit: number): Promise<readonly AwaitingPerson[]>;
  /** At the start of a lone process: makes rows due whose lease can no longer be alive. Returns how many. */
  recover(now: Instant): Promise<number>;

  putBlobs(blobs: readonly SealedBlob[]): Promise<void>;
  getBlob(ref: ManifestRef, now: Instant): Promise<SealedBlob | null>;
  /** Deletes what has expired, the keys of blobs included, at most `limit` of each kind. Returns how many rows went. */
  expire(now: Instant, limit: number): Promise<number>;

  /**
   * When it resolves with `scrubbed`, the bytes of wrapped keys that were destroyed or replaced before the call (by `erase`, `forget`,
   * `expire`, `rewrap` or `replaceMeta`) are in no file of the store, its write-ahead log included. With `pending` it did what it
   * may, and they may still be in one. Costs time in proportion to what was written lately.
   */
  scrub(): Promise<Scrub>;
  /** Notes an erasure. Where its id is known, interactions are added to those it has, and `scrubbedAt` is what this call says. */
  putErasure(erasure: ErasureRecord): Promise<void>;
  getErasure(id: string): Promise<ErasureRecord | null>;

  /**
   * Lends a number of the pool to the handoff: the one it has already, else one that was never lent, else the one that has been free the
   * longest; null when none is free at `now`, or the interaction is unknown or erased. Of any number of nodes that ask at once each gets another. The same handoff
   * asks again and keeps its number, for as long as the longer of both says. Durable with the next append: until then
   * a power cut, but no death of the process, may lose it.
   */
  takeEntry(wish: EntryWish, now: Instant): Promise<EntryTaken | null>;
  /**
   * Notes a place that the destination holds itself, as `RESERVATION_PREFIX` and its id in the place of a number; in place of what the handoff
   * had. Nothing where the interaction is unknown or erased. Repeatable; durable with the next append. It is forgotten by `expire` once it is free.
   */
  holdEntry(held: EntryHeld): Promise<void>;
  /** None, one, or by `aniHash` at most two: then it is not known which. */
  findEntries(search: EntrySearch): Promise<readonly EntryLoan[]>;
  /** The loan is over and its number free; it is still found until the number is lent anew. Nothing where there is none; durable with the next append. */
  releaseEntry(handoffId: HandoffId, now: Instant): Promise<void>;

  /** Links that were sent, and who may not be texted. */
  readonly reach: ReachTable;

  /** Events in order of arrival after `seq`. */
  feed(afterSeq: number, limit: number): Promise<readonly ArrivedEventRow[]>;
  /** The `seq` of the newest event, 0 when there is none: where a listener to what comes starts. */
  lastSeq(): Promise<number>;
  /** Every interaction's chain, page by page in order of id: for verification. */
  chains(
    afterId: string,
    limit: number,
  ): Promise<readonly { readonly id: InteractionId; readonly version: number; readonly events: readonly EventRow[] }[]>;

  /**
   * Events in order of arrival after `seq`, as seals see them. An event is shown only when none can still appear before it: who
   * goes on from the last one has missed nothing. (The first `seq` is above 0; who tampers may have used others.)
   */
  arrivals(afterSeq: number, limit: number): Promise<readonly ArrivedHead[]>;
  /** Durable when it resolves with true; false when a seal of that number is there already, which stays as it is. */
  appendSeal(seal: Seal): Promise<boolean>;
  /** In order of their numbers. */
  seals(afterNumber: number, limit: number): Promise<readonly Seal[]>;
  lastSeal(): Promise<Seal | null>;

  /** The wrapped keys of all interactions or blobs that have one, in order of id. */
  wrappedKeys(owner: KeyOwner, afterId: string, limit: number): Promise<readonly WrappedKey[]>;
  /** Replaces wrapped keys, each only while it still is what it was (an erased key stays erased). Returns how many were. */
  rewrap(keys: readonly Rewrapped[]): Promise<number>;

  /** Small values the journal keeps for itself, such as the wrapped key of the keyed hashes. Returns what is stored after the call. */
  settleMeta(name: string, valueIfAbsent: Uint8Array): Promise<Uint8Array>;
  readMeta(name: string): Promise<Uint8Array | null>;
  /** Replaces a small value only while it still is `expected`; answers whether it was. */
  replaceMeta(name: string, expected: Uint8Array, value: Uint8Array): Promise<boolean>;

  /** Calls back when others appended to this database. A hint: it may come late, twice or never. Returns how to stop. */
  onOthersAppended(listener: (others: OthersAppended) => void): () => void;
  /** The database's clock, by which all its processes agree. */
  now(): Promise<Instant>;
}
