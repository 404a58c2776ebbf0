// Owns what the store contract writes: appends, messages and blobs that are right in everything a test does not name.

import { expect } from 'vitest';
import type { InteractionId, ManifestRef, PlatformName } from '../../src/ids.ts';
import type {
  Append,
  EventRow,
  InteractionSummary,
  LegKey,
  MessageKey,
  ParkedMessage,
  SealedBlob,
  Store,
} from '../../src/journal/store.ts';

export const T0 = 1_795_000_000_000.25;
export const MINUTE_MS = 60_000;
export const PARKED_FOR_MS = 15 * MINUTE_MS;

const SUMMARY: InteractionSummary = {
  channel: 'voice',
  platform: 'genesys_cloud',
  phase: null,
  holder: 'bot',
  outcome: null,
  openedAt: T0,
  endedAt: null,
  deadLetters: 0,
};

/** Ids that sort as they are numbered. */
export function id(n: number): InteractionId {
  return `019a0000-0000-7000-8000-${String(n).padStart(12, '0')}` as InteractionId;
}

export function leg(external: string, platform = 'genesys_cloud'): LegKey {
  return { platform: platform as PlatformName, external };
}

export function message(messageId: string, sender = 'genesys_cloud'): MessageKey {
  return { sender, messageId };
}

export function rows(interactionId: InteractionId, first: number, count: number): EventRow[] {
  return Array.from({ length: count }, (_, index) => ({
    interactionId,
    version: first + index,
    type: index === 0 ? 'InteractionOpened' : 'LegAttached',
    at: T0 + first + index + 0.5,
    actor: 'api:desk',
    clear: JSON.stringify({ n: first + index, text: 'ü"\\' }),
    sealed: index === 0 ? bytes(first, 40) : null,
    hash: bytes(100 + first + index, 32),
  }));
}

export function bytes(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (seed * 31 + index * 7) % 256);
}

type Given = Partial<Omit<Append, 'events' | 'summary'>> & {
  readonly count?: number;
  readonly summary?: Partial<InteractionSummary>;
};

/** An interaction's first append, unless `expectedVersion` says otherwise. */
export function append(n: number, { count = 1, summary, ...given }: Given = {}): Append {
  const expectedVersion = given.expectedVersion ?? 0;
  return {
    interactionId: id(n),
    expectedVersion,
    wrappedKey: expectedVersion === 0 ? bytes(n, 60) : null,
    events: rows(id(n), expectedVersion + 1, count),
    summary: { ...SUMMARY, ...summary },
    dueAt: null,
    lease: null,
    attach: [],
    detach: [],
    subjects: [],
    messages: [],
    blobs: [],
    snapshot: null,
    erase: false,
    forget: [],
    ...given,
  };
}

export function parked(
  messageId: string,
  of: LegKey,
  { expiresAt = T0 + PARKED_FOR_MS, sender = 'genesys_cloud' } = {},
) {
  return { sender, messageId, leg: of, sealed: bytes(messageId.length, 24), expiresAt } satisfies ParkedMessage;
}

export function blob(name: string, expiresAt: number): SealedBlob {
  return { ref: name as ManifestRef, wrappedKey: bytes(1, 60), sealed: bytes(2, 5_000), expiresAt };
}

export async function mustAppend(store: Store, ...batch: readonly Append[]): Promise<void> {
  expect(await store.append(batch)).toEqual(batch.map(() => ({ kind: 'appended' })));
}

export const kinds = (results: readonly { readonly kind: string }[]) => results.map(({ kind }) => kind);
export const plain = (value: Uint8Array | null | undefined) => (value ? [...value] : null);
export const plainRows = (events: readonly EventRow[]) =>
  events.map(({ interactionId, version, type, at, actor, clear, sealed, hash }) => ({
    interactionId,
    version,
    type,
    at,
    actor,
    clear,
    sealed: plain(sealed),
    hash: plain(hash),
  }));
export const ids = (found: readonly { readonly id: InteractionId }[]) => found.map((one) => one.id);
export const messageIds = (found: readonly MessageKey[]) => found.map(({ messageId }) => messageId);
