// Owns the store port: what a database must do to keep the journal. Asynchronous and batch-first; everything it is given is
// sealed or clear, never personal. `test/contract/store.ts` exports the suite that every store passes.
// Keeps H8 (events are only ever added) and the single point of every race: the version, the leg and the message are each
// checked in the transaction that writes.

import type { Instant, InteractionId, ManifestRef, PlatformName } from '../ids.ts';

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
  readonly wrappedKey: Uint8Array;
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
  /** The last id of the page before; newest first. */
  readonly before?: string;
  readonly limit: number;
};

export type ListedInteraction = InteractionSummary & { readonly id: InteractionId; readonly version: number };

/** An interaction that waits for a person: quarantined, or with dead letters, or both. */
export type AwaitingPerson = { readonly id: InteractionId; readonly quarantinedAt: Instant | null };

export interface Store extends AsyncDisposable {
  /** Durable when it resolves. Results stand in the order of the batch. */
  append(batch: readonly Append[]): Promise<readonly AppendResult[]>;
  /** Unknown ids are absent from the answer. */
  load(ids: readonly InteractionId[]): Promise<readonly StoredInteraction[]>;
  /** Every event of one interaction, oldest first. */
  history(id: InteractionId): Promise<readonly EventRow[]>;
  findLegs(legs: readonly LegKey[]): Promise<readonly (InteractionId | null)[]>;
  findSubject(subject: Uint8Array, limit: number): Promise<readonly InteractionId[]>;
  list(filter: ListFilter): Promise<readonly ListedInteraction[]>;

  /** Keeps messages of unknown legs; answers per message whether its leg has become known instead (then nothing is kept). */
  park(messages: readonly ParkedMessage[]): Promise<readonly (InteractionId | null)[]>;
  /** In the order they came. */
  parked(legs: readonly LegKey[]): Promise<readonly ParkedMessage[]>;
  /** Parked messages whose leg is known by now, in the order they came. */
  claimable(limit: number): Promise<readonly (ParkedMessage & { readonly interactionId: InteractionId })[]>;

  /** Forgets parked messages. */
  discard(messages: readonly MessageKey[]): Promise<void>;

  /** Takes up to `limit` rows whose time has come and whose lease has passed, earliest first, and leases them. */
  claimDue(now: Instant, lease: Lease, limit: number): Promise<readonly Claimed[]>;
  /** The claim is done and nothing was appended. */
  finish(id: InteractionId, version: number, dueAt: Instant | null): Promise<void>;
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
  /** Deletes what has expired, at most `limit` of each kind. Returns how many rows went. */
  expire(now: Instant, limit: number): Promise<number>;

  /** Events in order of arrival after `seq`. */
  feed(afterSeq: number, limit: number): Promise<readonly ArrivedEventRow[]>;
  /** The `seq` of the newest event, 0 when there is none: where a listener to what comes starts. */
  lastSeq(): Promise<number>;
  /** Every interaction's chain, page by page in order of id: for verification. */
  chains(
    afterId: string,
    limit: number,
  ): Promise<readonly { readonly id: InteractionId; readonly version: number; readonly events: readonly EventRow[] }[]>;

  /** Small values the journal keeps for itself, such as the wrapped key of the keyed hashes. Returns what is stored after the call. */
  settleMeta(name: string, valueIfAbsent: Uint8Array): Promise<Uint8Array>;
}
