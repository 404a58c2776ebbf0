// Owns how SQLite's rows read in the store's words.

import type { SQLInputValue } from 'node:sqlite';
import type { InteractionId, PlatformName } from '../ids.ts';
import type { EventRow, ListedInteraction, ParkedMessage, Seal } from './store.ts';

type Row = Record<string, SQLInputValue>;

export function eventRow(interactionId: InteractionId, found: Row): EventRow {
  return {
    interactionId,
    version: Number(found.version),
    type: String(found.type),
    at: Number(found.at),
    actor: String(found.actor),
    clear: String(found.clear),
    sealed: (found.sealed as Uint8Array | null) ?? null,
    hash: bytesOf(found.hash),
  };
}

/** Who tampers may have left anything there; what is not bytes is none. */
export function bytesOf(value: SQLInputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

export function sealOf(found: Row): Seal {
  return {
    number: Number(found.number),
    at: Number(found.at),
    afterSeq: Number(found.after_seq),
    upToSeq: Number(found.up_to_seq),
    events: Number(found.events),
    leaves: bytesOf(found.leaves),
    root: bytesOf(found.root),
    previous: bytesOf(found.previous),
    keyId: String(found.key_id),
    signature: bytesOf(found.signature),
  };
}

export function parkedMessage(found: Row): ParkedMessage {
  return {
    sender: String(found.sender),
    messageId: String(found.message_id),
    leg: { platform: found.platform as PlatformName, external: String(found.external) },
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
