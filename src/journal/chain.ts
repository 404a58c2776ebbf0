// Owns the hash chain of one interaction: hash = SHA-256(previous ‖ clear columns ‖ ciphertext). What is hashed is what is
// stored, so the chain verifies after any crash and after the keys are gone (H8).

import { hash } from 'node:crypto';
import type { EventRow } from './store.ts';

export const GENESIS: Uint8Array = new Uint8Array(32);

/** Where what is hashed is put together: one call of the hash costs half of what an object with its updates does. */
let desk = Buffer.allocUnsafeSlow(16_384);
/** Of one UTF-16 unit in UTF-8. */
const MOST_BYTES = 3;

/** The clear parts go in as one JSON array, which says itself where each ends, so that no two different rows read the same. */
export function chainHash(previous: Uint8Array, row: Omit<EventRow, 'hash'>): Uint8Array {
  const clear = JSON.stringify([row.interactionId, row.version, row.type, row.at, row.actor, row.clear]);
  const most = previous.length + clear.length * MOST_BYTES + (row.sealed?.length ?? 0);
  if (most > desk.length) desk = Buffer.allocUnsafeSlow(most);
  desk.set(previous);
  let length = previous.length + desk.write(clear, previous.length);
  if (row.sealed) {
    desk.set(row.sealed, length);
    length += row.sealed.length;
  }
  // As text first: bytes of its own for each hash, rather than a piece of Node's pool, cost as much as the hash.
  return Buffer.from(hash('sha256', desk.subarray(0, length), 'binary'), 'binary');
}

/** The version of the first row that does not follow from the one before, or null. `version` is what the interaction claims. */
export function firstBroken(events: readonly EventRow[], version: number): number | null {
  let previous = GENESIS;
  for (const [index, row] of events.entries()) {
    const follows = row.version === index + 1 && Buffer.compare(chainHash(previous, row), row.hash) === 0;
    if (!follows) return index + 1;
    previous = row.hash;
  }
  return events.length === version ? null : events.length + 1;
}

/** The same, said as what somebody did: an event that is not there, one too many, or one that is not as it was written. */
export function chainFault(events: readonly EventRow[], version: number) {
  const at = firstBroken(events, version);
  if (at === null) return null;
  const found = events[at - 1];
  if (at > version) return { kind: 'event-inserted', version: version + 1 } as const;
  if (!found || found.version > at) return { kind: 'event-removed', version: at } as const;
  if (found.version < at) return { kind: 'event-inserted', version: found.version } as const;
  return { kind: 'event-changed', version: at } as const;
}
