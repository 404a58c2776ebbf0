// Owns how drafts, and what became of them, travel between two threads: one flat list of plain values and one piece of bytes for
// a whole batch. Objects with names cost several times as much to copy.

import type { Instant, InteractionId, ManifestRef, PlatformName } from '../ids.ts';
import type { Draft, DraftEvent, PlainBlob, Written } from './draft.ts';
import type { InteractionSummary, Lease, LegKey, MessageKey } from './store.ts';

type Plain = string | number | boolean | null;
export type Parcel = { readonly values: readonly Plain[]; readonly bytes: Uint8Array<ArrayBuffer> };

class Packing {
  readonly #values: Plain[] = [];
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  add(...values: readonly Plain[]): void {
    for (const value of values) this.#values.push(value);
  }

  list<Item>(items: readonly Item[], each: (item: Item) => void): void {
    this.#values.push(items.length);
    for (const item of items) each(item);
  }

  bytes(piece: Uint8Array | null): void {
    this.#values.push(piece === null ? null : piece.length);
    if (!piece) return;
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  parcel(): Parcel {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return { values: this.#values, bytes };
  }
}

/** Reads in the order in which it was packed. */
class Unpacking {
  readonly #values: readonly Plain[];
  readonly #bytes: Uint8Array;
  #next = 0;
  #from = 0;

  constructor({ values, bytes }: Parcel) {
    this.#values = values;
    this.#bytes = bytes;
  }

  get<Value extends Plain>(): Value {
    this.#next += 1;
    return this.#values[this.#next - 1] as Value;
  }

  list<Item>(each: () => Item): Item[] {
    return Array.from({ length: this.get<number>() }, each);
  }

  bytes(): Uint8Array | null {
    const length = this.get<number | null>();
    if (length === null) return null;
    this.#from += length;
    return this.#bytes.subarray(this.#from - length, this.#from);
  }

  someBytes(): Uint8Array {
    return this.bytes() ?? new Uint8Array();
  }
}

export function packDrafts(batch: readonly Draft[]): Parcel {
  const packing = new Packing();
  packing.list(batch, (draft) => packDraft(packing, draft));
  return packing.parcel();
}

export function unpackDrafts(parcel: Parcel): readonly Draft[] {
  const parts = new Unpacking(parcel);
  return parts.list(() => unpackDraft(parts));
}

function packDraft(packing: Packing, draft: Draft): void {
  const { interactionId, expectedVersion, bodies, snapshot, erase, dueAt, summary } = draft;
  packing.add(interactionId, expectedVersion, bodies, snapshot, erase, dueAt);
  packLease(packing, draft.lease);
  const { channel, platform, phase, holder, outcome, openedAt, endedAt, deadLetters } = summary;
  packing.add(channel, platform, phase, holder, outcome, openedAt, endedAt, deadLetters);
  packing.list(draft.events, ({ type, at, actor, clear }) => packing.add(type, at, actor, clear));
  packing.list(draft.attach, (leg) => packing.add(leg.platform, leg.external));
  packing.list(draft.detach, (leg) => packing.add(leg.platform, leg.external));
  packing.list(draft.messages, ({ sender, messageId }) => packing.add(sender, messageId));
  packing.list(draft.blobs, ({ ref, content, expiresAt }) => packing.add(ref, content, expiresAt));
  packing.list(draft.forget, (ref) => packing.add(ref));
  packing.list(draft.subjects, (subject) => packing.bytes(subject));
  packing.bytes(draft.previous);
  packing.bytes(draft.wrappedKey);
}

function unpackDraft(parts: Unpacking): Draft {
  return {
    interactionId: parts.get<InteractionId>(),
    expectedVersion: parts.get<number>(),
    bodies: parts.get<string | null>(),
    snapshot: parts.get<string | null>(),
    erase: parts.get<boolean>(),
    dueAt: parts.get<Instant | null>(),
    lease: unpackLease(parts),
    summary: unpackSummary(parts),
    events: parts.list(() => unpackEvent(parts)),
    attach: parts.list(() => unpackLeg(parts)),
    detach: parts.list(() => unpackLeg(parts)),
    messages: parts.list(() => unpackMessage(parts)),
    blobs: parts.list(() => unpackBlob(parts)),
    forget: parts.list(() => parts.get<ManifestRef>()),
    subjects: parts.list(() => parts.someBytes()),
    previous: parts.someBytes(),
    wrappedKey: parts.bytes(),
  };
}

/** Its kind goes first: an owner may have any name. */
function packLease(packing: Packing, lease: Draft['lease']): void {
  if (lease === 'keep' || lease === null) packing.add(lease);
  else packing.add(true, lease.owner, lease.until);
}

function unpackLease(parts: Unpacking): Draft['lease'] {
  const kind = parts.get<'keep' | true | null>();
  return kind === true ? ({ owner: parts.get<string>(), until: parts.get<Instant>() } satisfies Lease) : kind;
}

function unpackSummary(parts: Unpacking): InteractionSummary {
  return {
    channel: parts.get<string>(),
    platform: parts.get<string | null>(),
    phase: parts.get<string | null>(),
    holder: parts.get<string>(),
    outcome: parts.get<string | null>(),
    openedAt: parts.get<Instant>(),
    endedAt: parts.get<Instant | null>(),
    deadLetters: parts.get<number>(),
  };
}

function unpackEvent(parts: Unpacking): DraftEvent {
  return {
    type: parts.get<string>(),
    at: parts.get<Instant>(),
    actor: parts.get<string>(),
    clear: parts.get<string>(),
  };
}

function unpackLeg(parts: Unpacking): LegKey {
  return { platform: parts.get<PlatformName>(), external: parts.get<string>() };
}

function unpackMessage(parts: Unpacking): MessageKey {
  return { sender: parts.get<string>(), messageId: parts.get<string>() };
}

function unpackBlob(parts: Unpacking): PlainBlob {
  return { ref: parts.get<ManifestRef>(), content: parts.get<string>(), expiresAt: parts.get<Instant>() };
}

export function packWritten(results: readonly Written[]): Parcel {
  const packing = new Packing();
  packing.list(results, (result) => {
    packing.add(result.kind);
    if (result.kind === 'appended') {
      packing.bytes(result.hash);
      packing.bytes(result.wrappedKey);
    } else if (result.kind === 'leg-taken') {
      packing.add(result.interactionId, result.leg.platform, result.leg.external);
    } else if (result.kind === 'duplicate') {
      packing.list(result.messages, ({ sender, messageId }) => packing.add(sender, messageId));
    }
  });
  return packing.parcel();
}

export function unpackWritten(parcel: Parcel): readonly Written[] {
  const parts = new Unpacking(parcel);
  return parts.list(() => unpackResult(parts));
}

function unpackResult(parts: Unpacking): Written {
  const kind = parts.get<Written['kind']>();
  switch (kind) {
    case 'appended':
      return { kind, hash: parts.someBytes(), wrappedKey: parts.bytes() };
    case 'leg-taken':
      return { kind, interactionId: parts.get<InteractionId>(), leg: unpackLeg(parts) };
    case 'duplicate':
      return { kind, messages: parts.list(() => unpackMessage(parts)) };
    case 'version-conflict':
      return { kind };
  }
}
