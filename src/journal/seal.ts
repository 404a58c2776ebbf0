// Owns what a seal says: for each interaction with events in its range the last of them, the Merkle root over these leaves in
// order of id, and the seal before it, all under one signature (docs/decisions/0014). Leaves are kept with the seal, 52 bytes
// each, so that what is missing later can be named. Keeps H8 where a hash chain alone cannot: against who can write the file.

import { createHash } from 'node:crypto';
import type { InteractionId } from '../ids.ts';
import type { ArrivedHead, Seal } from './store.ts';

/** An interaction's newest event within a seal's range. */
export type Leaf = { readonly interactionId: InteractionId; readonly version: number; readonly hash: Uint8Array };

const DOMAIN = 'throughline seal 1\n';
const ID_BYTES = 16;
const HASH_AT = 20;
const LEAF_BYTES = 52;
/** What the first seal names as the one before it. */
export const NO_SEAL: Uint8Array = new Uint8Array(32);

/** The newest head of each interaction, gathered over any number of pages. */
export class Heads {
  readonly #heads = new Map<InteractionId, ArrivedHead>();
  events = 0;

  add(head: ArrivedHead): void {
    this.events += 1;
    const known = this.#heads.get(head.interactionId);
    if (!known || known.version < head.version) this.#heads.set(head.interactionId, head);
  }

  get(id: InteractionId): Leaf | undefined {
    return this.#heads.get(id);
  }

  /** In order of id. */
  leaves(): readonly Leaf[] {
    return [...this.#heads.values()].sort((a, b) => (a.interactionId < b.interactionId ? -1 : 1));
  }
}

/** Id, version and hash, one after the other. Throws when the id is not a UUID. */
export function leafBytes({ interactionId, version, hash }: Leaf): Buffer {
  const bytes = Buffer.alloc(LEAF_BYTES);
  if (bytes.write(interactionId.replaceAll('-', ''), 0, ID_BYTES, 'hex') !== ID_BYTES) {
    throw new Error(`${interactionId} is not a UUID, so it cannot be sealed.`);
  }
  bytes.writeUInt32BE(version, ID_BYTES);
  bytes.set(hash, HASH_AT);
  return bytes;
}

/** Each leaf of a seal, with the bytes that were hashed. A rest that is no leaf shows in the root. */
export function* leavesOf({ leaves }: Pick<Seal, 'leaves'>): Generator<Leaf & { readonly bytes: Uint8Array }> {
  for (let at = 0; at < leaves.length; at += LEAF_BYTES) {
    const bytes = Buffer.from(leaves.buffer, leaves.byteOffset + at, Math.min(LEAF_BYTES, leaves.length - at));
    if (bytes.length < LEAF_BYTES) return;
    const hex = bytes.toString('hex', 0, ID_BYTES);
    const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    const version = bytes.readUInt32BE(ID_BYTES);
    yield { interactionId: id as InteractionId, version, hash: bytes.subarray(HASH_AT), bytes };
  }
}

/** What is signed: everything a seal says, its leaves by their root and their number. */
export function statementOf(seal: Omit<Seal, 'signature'>): Buffer {
  const { number, at, afterSeq, upToSeq, events, leaves, root, previous, keyId } = seal;
  const said = [number, at, afterSeq, upToSeq, events, leaves.length, hex(root), hex(previous), keyId];
  return Buffer.from(DOMAIN + JSON.stringify(said));
}

/** What the next seal names, and what can be kept elsewhere as an anchor. */
export function sealDigest(seal: Seal): Uint8Array {
  return createHash('sha256').update(statementOf(seal)).update(seal.signature).digest();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
