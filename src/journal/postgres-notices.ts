// Owns what nodes tell each other by LISTEN/NOTIFY: which interactions moved on, and to which version. It is a hint, never the truth: a
// notice may be lost, and one may come for an append that was refused.

import type { InteractionId } from '../ids.ts';
import type { TokenPut } from './shared-credentials.ts';
import type { Append, OthersAppended } from './store.ts';

/** PostgreSQL takes payloads below 8,000 bytes; an entry is at most 44. */
const ENTRIES_PER_NOTICE = 170;

/** `node id:version,id:version…` */
export function noticesOf(node: string, batch: readonly Append[]): readonly string[] {
  const entries = batch.map(
    ({ interactionId, expectedVersion, events }) =>
      `${interactionId.replaceAll('-', '')}:${(expectedVersion + events.length).toString(36)}`,
  );
  const count = Math.ceil(entries.length / ENTRIES_PER_NOTICE);
  return Array.from({ length: count }, (_, n) => {
    const some = entries.slice(n * ENTRIES_PER_NOTICE, (n + 1) * ENTRIES_PER_NOTICE);
    return `${node} ${some.join(',')}`;
  });
}

/** Null for a node's own notice, and for what a later release may send. */
export function readNotice(node: string, payload: string): OthersAppended | null {
  const [from, entries] = payload.split(' ');
  if (from === node || !entries) return null;
  return entries.split(',').map((entry) => {
    const [hex = '', version = ''] = entry.split(':');
    return { id: dashed(hex), version: Number.parseInt(version, 36) };
  });
}

/** `token:credential:number`, which `readNotice` does not understand, in older releases either. */
export function readTokenNotice(payload: string): TokenPut | null {
  const [what, credential, number] = payload.split(':');
  if (what !== 'token' || !credential || !/^\d{1,9}$/.test(number ?? '')) return null;
  return { credential, number: Number(number) };
}

function dashed(hex: string): InteractionId {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  ) as InteractionId;
}
