// Owns what one committed row is held against: its hash, computed here anew, and the row that the store gives back.

import { createHash } from 'node:crypto';
import type { EventRow } from '../../src/journal/store.ts';

/** Written out again rather than borrowed, so that a mistake in the journal's own cannot hide: SHA-256(previous ‖ clear ‖ sealed). */
export function hashOf(previous: Uint8Array, row: EventRow): Uint8Array {
  const clear = JSON.stringify([row.interactionId, row.version, row.type, row.at, row.actor, row.clear]);
  const hash = createHash('sha256').update(previous).update(clear);
  if (row.sealed) hash.update(row.sealed);
  return hash.digest();
}

export function isSame(a: EventRow, b: EventRow): boolean {
  return a.interactionId === b.interactionId && a.version === b.version && a.type === b.type && isEqual(a.hash, b.hash);
}

export function isEqual(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}
