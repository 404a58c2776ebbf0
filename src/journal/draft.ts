// Owns what an append is before it is sealed and chained, and the port of whoever does that. Keeps H8: what becomes a row is what
// was decided, in the order in which it was decided.

import type { Instant, InteractionId, ManifestRef } from '../ids.ts';
import type { Append, AppendResult, EventRow } from './store.ts';

/** A blob before it is sealed. */
export type PlainBlob = { readonly ref: ManifestRef; readonly content: string; readonly expiresAt: Instant };

export type DraftEvent = Pick<EventRow, 'type' | 'at' | 'actor' | 'clear'>;

/** An append as it was decided. Personal: it is nowhere but in memory. */
export type Draft = Omit<Append, 'wrappedKey' | 'events' | 'snapshot' | 'blobs'> & {
  /** Of an interaction that has one; a new one's is made. */
  readonly wrappedKey: Uint8Array | null;
  /** Hash of the event before. */
  readonly previous: Uint8Array;
  readonly events: readonly DraftEvent[];
  /** The events as JSON, to be sealed; null where the key is gone or goes: then nothing is. */
  readonly bodies: string | null;
  readonly snapshot: string | null;
  readonly blobs: readonly PlainBlob[];
};

/** `hash` is the last event's, `wrappedKey` what opens the interaction from now on. */
export type Written =
  | { readonly kind: 'appended'; readonly hash: Uint8Array; readonly wrappedKey: Uint8Array | null }
  | Exclude<AppendResult, { kind: 'appended' }>;

export interface DraftWriter {
  /** How many batches may be under way at a time, and how large each may be. */
  readonly atOnce: number;
  readonly largestBatch: number;
  /** Seals, chains and appends; durable when it resolves. Results stand in the order of the batch. */
  write(batch: readonly Draft[]): Promise<readonly Written[]>;
  /** Keeps nothing in memory that opens these. */
  letGo(ids: readonly InteractionId[]): void;
}

/** The key that wraps, and the older ones that still open. */
export type MasterKeys = { readonly current: Uint8Array; readonly older: readonly Uint8Array[] };

/** Who writes in place of `own`, which seals on this thread and appends to the store as it is. */
export type ChooseWriter<Writer extends DraftWriter = DraftWriter> = (own: DraftWriter, keys: MasterKeys) => Writer;
