// Owns the list of what waits for a person: interactions in quarantine and handoffs that settled as dead letters. Read from clear
// columns alone: what brought an interaction here may be that its bodies cannot be read.

import type { HandoffId, Instant, InteractionId } from '../ids.ts';
import { unavailable } from './journal-unavailable.ts';
import type { AwaitingPerson, EventRow, Store } from './store.ts';
import { WITHHELD } from './transfer-columns.ts';

export type DeadLetter = {
  /** The handoff's, or the interaction's where that is quarantined as a whole. */
  readonly id: string;
  readonly interactionId: InteractionId;
  readonly handoffId?: HandoffId;
  readonly kind: 'quarantine' | 'handoff';
  /** A stable code. */
  readonly reason: string;
  readonly at: Instant;
  readonly platform?: string;
  /** Of a transfer: how the two sides were last seen to stand, and which conversations to look at. */
  readonly transfer?: LastSeen;
};

export type LastSeen = {
  readonly transferType?: string;
  /** Which pass of reconciliation was the last; none where nothing was looked at. */
  readonly cycle?: number;
  readonly source: SideSeen;
  readonly destination: SideSeen;
};
/** `externalId` is absent where there is no conversation, or its id is personal. */
export type SideSeen = {
  readonly platform: string;
  readonly externalId?: string;
  readonly state: string;
  readonly agentId?: string;
};

/** A page of them, of the newest interactions first; `next` where there may be more. */
export async function deadLetters(
  store: Store,
  before: string | undefined,
  limit: number,
): Promise<{ readonly letters: readonly DeadLetter[]; readonly next: InteractionId | null }> {
  const waiting = await store.awaitingPerson(before, limit).catch(unavailable);
  const letters = await Promise.all(
    waiting.map(async (one) => lettersOf(one, await store.history(one.id).catch(unavailable))),
  );
  return { letters: letters.flat(), next: waiting.length < limit ? null : (waiting.at(-1)?.id ?? null) };
}

/** The open one of this id, or undefined. */
export async function deadLetter(store: Store, id: string): Promise<DeadLetter | undefined> {
  const interactionId = id.replace(/\.\d+$/, '') as InteractionId;
  const read = Promise.all([store.load([interactionId]), store.history(interactionId)]);
  const [[stored], history] = await read.catch(unavailable);
  if (!stored) return undefined;
  // When it was set aside makes no difference to whether it is.
  const quarantinedAt = stored.quarantined ? 0 : null;
  return lettersOf({ id: interactionId, quarantinedAt }, history).find((letter) => letter.id === id);
}

type Clear = Readonly<Record<string, unknown>>;

function lettersOf({ id, quarantinedAt }: AwaitingPerson, history: readonly EventRow[]): readonly DeadLetter[] {
  const open = new Map<string, DeadLetter>();
  const agents = new Map<unknown, unknown>();
  let platform: string | undefined;
  for (const { type, at, clear } of history) {
    const columns: Clear = JSON.parse(clear);
    if (typeof columns.platform === 'string') platform = columns.platform;
    // Who let go stands beside the steps, not at the end.
    if (columns.sourceAgentId !== undefined) agents.set(columns.handoffId, columns.sourceAgentId);
    if (type === 'HandoffSettled' && columns.outcome === 'dead_lettered') {
      const letter = settledLetter(id, at, { ...columns, sourceAgentId: agents.get(columns.handoffId) });
      open.set(letter.id, letter);
    }
    if (type === 'DeadLetterResolved' && columns.handoffId === undefined) open.clear();
    if (type === 'DeadLetterResolved') open.delete(String(columns.handoffId));
    if (type === 'DeadLetterRetried') forgetQuarantined(open);
  }
  if (quarantinedAt === null) return [...open.values()];
  // What was open when it was set aside is the same matter.
  forgetQuarantined(open);
  const whole = { id, interactionId: id, kind: 'quarantine', reason: 'quarantined', at: quarantinedAt } as const;
  return [{ ...whole, ...(platform !== undefined && { platform }) }, ...open.values()];
}

function settledLetter(interactionId: InteractionId, at: Instant, columns: Clear): DeadLetter {
  const handoffId = String(columns.handoffId) as HandoffId;
  return {
    id: handoffId,
    interactionId,
    handoffId,
    kind: 'handoff',
    reason: String(columns.reason ?? 'unknown'),
    at,
    ...(typeof columns.platform === 'string' && { platform: columns.platform }),
    ...(columns.kind === 'transfer' && { transfer: lastSeen(columns) }),
  };
}

function lastSeen(columns: Clear): LastSeen {
  const { transferType, cycle } = columns;
  return {
    ...(typeof transferType === 'string' && { transferType }),
    ...(typeof cycle === 'number' && { cycle }),
    source: sideSeen(columns, 'platform', 'source'),
    destination: sideSeen(columns, 'to', 'destination'),
  };
}

function sideSeen(columns: Clear, platform: 'platform' | 'to', side: 'source' | 'destination'): SideSeen {
  const externalId = columns[`${side}Ref`];
  const agentId = columns[side === 'source' ? 'sourceAgentId' : 'targetAgentId'];
  return {
    platform: String(columns[platform]),
    ...(typeof externalId === 'string' && externalId !== WITHHELD && { externalId }),
    state: String(columns[`${side}State`] ?? 'unknown'),
    ...(typeof agentId === 'string' && { agentId }),
  };
}

function forgetQuarantined(open: Map<string, DeadLetter>): void {
  for (const [id, { reason }] of open) if (reason === 'quarantined') open.delete(id);
}
