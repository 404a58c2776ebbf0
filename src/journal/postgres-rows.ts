// Owns how PostgreSQL's rows read in the store's words.

import type { InteractionId, PlatformName } from '../ids.ts';
import { written } from './postgres-arrays.ts';
import type { Row } from './postgres-connections.ts';
import type { ErasureRecord, EventRow, ListedInteraction, ParkedMessage, Seal, StoredInteraction } from './store.ts';

export function eventRow(found: Row): EventRow {
  return {
    interactionId: found.id as InteractionId,
    version: Number(found.event_version),
    type: String(found.type),
    at: Number(found.at),
    actor: written(String(found.actor)),
    clear: String(found.clear),
    sealed: (found.sealed as Uint8Array | null) ?? null,
    hash: found.hash as Uint8Array,
  };
}

/** The rows of one interaction lie together; one without events has a row without an event. */
export function byInteraction(rows: readonly Row[]): readonly (readonly Row[])[] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last && last[0]?.id === row.id) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

export function eventsOf(rows: readonly Row[]): readonly EventRow[] {
  return rows.filter((row) => row.event_version !== null).map(eventRow);
}

/** From the rows of `load`: what is said once stands in the first. */
export function storedInteraction(rows: readonly Row[]): readonly StoredInteraction[] {
  const first = rows[0];
  if (!first) return [];
  const sealed = first.snapshot as Uint8Array | null;
  return [
    {
      id: first.id as InteractionId,
      version: Number(first.version),
      wrappedKey: (first.wrapped as Uint8Array | null) ?? null,
      snapshot: sealed ? { version: Number(first.snapshot_version), sealed } : null,
      events: eventsOf(rows),
      quarantined: Boolean(first.quarantined),
    },
  ];
}

export function parkedMessage(found: Row): ParkedMessage {
  return {
    sender: written(String(found.sender)),
    messageId: written(String(found.message_id)),
    leg: { platform: found.platform as PlatformName, external: written(String(found.external)) },
    sealed: found.sealed as Uint8Array,
    expiresAt: Number(found.expires_at),
  };
}

export function listed(found: Row): ListedInteraction {
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

export function sealOf(found: Row): Seal {
  return {
    number: Number(found.number),
    at: Number(found.at),
    afterSeq: Number(found.after_seq),
    upToSeq: Number(found.up_to_seq),
    events: Number(found.events),
    leaves: found.leaves as Uint8Array,
    root: found.root as Uint8Array,
    previous: found.previous as Uint8Array,
    keyId: String(found.key_id),
    signature: found.signature as Uint8Array,
  };
}

export function erasureRecord(id: string, found: Row): ErasureRecord {
  return {
    id,
    requestedAt: Number(found.requested_at),
    subject: String(found.subject),
    interactions: found.interactions as readonly InteractionId[],
    scrubbedAt: found.scrubbed_at === null ? null : Number(found.scrubbed_at),
  };
}
