// Owns the giving back of a place at the destination once its transfer has settled or has another (H6: what was held is released). A chore:
// it outlives the handoff, and an erasure. A reservation runs out by itself, so giving up on it loses nothing but time.

import type { HandoffId, Instant, PlatformName } from '../ids.ts';
import type { Command, CommandOutcome, ReservationRef } from './command.ts';
import type { EventBody } from './event.ts';
import type { Move } from './move.ts';
import { retryDelayMs } from './retry.ts';

export type ReleaseChore = {
  readonly id: string;
  readonly kind: 'release';
  readonly handoffId: HandoffId;
  readonly to: PlatformName;
  readonly reservation: ReservationRef;
  readonly task: { readonly kind: 'running' | 'waiting'; readonly seq: number; readonly until: Instant };
};

/** One command's hard time-out. */
const RELEASE_TIMEOUT_MS = 5_000;
/** By then it has run out. */
const MOST_TRIES = 12;

/** The chore that gives back what `move` holds; none where it holds nothing, or its conversation has taken the place. */
export function releaseOf(move: Move, at: Instant): readonly ReleaseChore[] {
  if (move.kind !== 'transfer') return [];
  const { id: handoffId, terms, progress, arrived } = move;
  const held = 'reservation' in progress ? progress.reservation : undefined;
  const { to, reservation: kind } = terms;
  // A native place is used up by the arrival; a number of ours is lent until it is given back.
  if (kind === 'native' ? !held || arrived : !held && progress.step !== 'reserving') return [];
  const reservation = { kind, id: kind === 'native' && held ? held.id : handoffId };
  const task = { kind: 'running', seq: 1, until: at + RELEASE_TIMEOUT_MS } as const;
  return [{ id: `${handoffId}.release.${progress.task.seq}`, kind: 'release', handoffId, to, reservation, task }];
}

export function releaseCommand({ id, handoffId, to, reservation, task }: ReleaseChore): Command {
  const key = `${id}.${task.seq}`;
  return { kind: 'Release', key, timeoutMs: RELEASE_TIMEOUT_MS, safety: 'repeatable', handoffId, to, reservation };
}

/** What follows from the answer to its command. */
export function releaseAnswered(
  { id, task }: ReleaseChore,
  outcome: CommandOutcome,
  chance: number,
  now: Instant,
): readonly EventBody[] {
  if (outcome.kind === 'done' || outcome.kind === 'rejected' || task.seq >= MOST_TRIES)
    return [{ type: 'ChoreDone', id }];
  const told = outcome.kind === 'transient' ? outcome.retryAfterMs : undefined;
  return [{ type: 'ChoreDelayed', id, until: now + retryDelayMs(task.seq, chance, told) }];
}
