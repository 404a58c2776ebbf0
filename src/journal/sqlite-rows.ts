// Owns how rows of the embedded store read as the port's shapes.

import type { SQLInputValue } from 'node:sqlite';
import type { InteractionId, PlatformName } from '../ids.ts';
import type { ListedInteraction, ParkedMessage } from './store.ts';

export type Row = Record<string, SQLInputValue>;

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
