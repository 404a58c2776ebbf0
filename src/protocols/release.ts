// Owns the giving back of a place at the destination once its transfer has settled or has another (H6: what was held is released). A chore:
// it outlives the handoff, and an erasure. A reservation runs out by itself, so giving up on it loses nothing but time.

import type { HandoffId, Instant, PlatformName } from '../ids.ts';
import type { Command, CommandOutcome, PlaceholderRef, ReservationRef } from './command.ts';
import type { Crossing, Reservation } from './crossing.ts';
import type { Event, EventBody } from './event.ts';
import { givenUpBy, type Move, type TransferMove } from './move.ts';
import { retryDelayMs } from './retry.ts';

export type ReleaseChore = {
  readonly id: string;
  readonly kind: 'release';
  readonly handoffId: HandoffId;
  readonly to: PlatformName;
  readonly reservation: ReservationRef;
  /** It may have come into being later than it was first looked for: then once more. */
  readonly againAt?: Instant;
  readonly task: { readonly kind: 'running' | 'waiting'; readonly seq: number; readonly until: Instant };
};

/** One command's hard time-out. */
const RELEASE_TIMEOUT_MS = 5_000;
/** By then it has run out. */
const MOST_TRIES = 12;

/**
 * The chore that gives back what `move` held when it settled. A number of ours is not given back while a call may still be on its way to
 * it: then the loan runs out by itself, and who arrives late is still known.
 */
export function releaseOf(move: Move, at: Instant): readonly ReleaseChore[] {
  if (move.kind !== 'transfer') return [];
  return [...placeOf(move, at), ...(move.arrived ? [] : agentLetGo(move, at))];
}

/** What asks the destination's agent to keep free: no longer than until their call has come in, which is for them to take. */
export function agentLetGo(move: TransferMove, at: Instant): readonly ReleaseChore[] {
  const { progress, placeholder, limits } = move;
  if (!placeholder && progress.step !== 'asking') return [];
  const askedAt = progress.step === 'asking' ? progress.askedAt : undefined;
  const showsBy = progress.step === 'awaiting-agent' ? progress.showsBy : undefined;
  const againAt = askedAt === undefined ? showsBy : givenUpBy(askedAt, limits) + limits.settleMs;
  const { id: handoffId, terms } = move;
  const reservation = { kind: 'placeholder', ...placeholderOf(move) } as const;
  const again = againAt !== undefined && againAt > at ? { againAt } : {};
  return [
    { id: `${handoffId}.agent`, kind: 'release', handoffId, to: terms.to, reservation, ...again, task: running(at) },
  ];
}

/** It bears our name of the handoff. */
export function placeholderOf({ id: key, placeholder }: TransferMove): PlaceholderRef {
  return { key, ...placeholder };
}

function placeOf(move: TransferMove, at: Instant): readonly ReleaseChore[] {
  const { id, terms, progress, arrived, attempts } = move;
  const held = heldIn(progress);
  // A native place is used up by the arrival.
  if (terms.reservation === 'native') return held && !arrived ? [choreFor(move, held.id, at)] : [];
  // While the source is marked a number may have been lent ahead of what would say so.
  const lent = held !== undefined || progress.step === 'reserving' || (progress.step === 'marking' && !terms.asksAgent);
  return lent && (attempts === 0 || arrived) ? [choreFor(move, id, at)] : [];
}

/** A platform's own place that another one takes the place of. A number of ours stays with its handoff. */
export function replaced(move: TransferMove, at: Instant): readonly ReleaseChore[] {
  const held = heldIn(move.progress);
  return move.terms.reservation === 'native' && held ? [choreFor(move, held.id, at)] : [];
}

/** A place that was held after nobody wanted it any more. */
export function strayed({
  id,
  handoffId,
  to,
  reservation,
  at,
}: Extract<Event, { type: 'PlaceStrayed' }>): ReleaseChore {
  return { id, kind: 'release', handoffId, to, reservation, task: running(at) };
}

function heldIn(progress: Crossing): Reservation | undefined {
  if (progress.step === 'reserving') return progress.held;
  return 'reservation' in progress ? progress.reservation : undefined;
}

function choreFor({ id: handoffId, terms, progress }: TransferMove, reservationId: string, at: Instant): ReleaseChore {
  const reservation = { kind: terms.reservation, id: reservationId };
  const id = `${handoffId}.release.${progress.task.seq}`;
  return { id, kind: 'release', handoffId, to: terms.to, reservation, task: running(at) };
}

function running(at: Instant): ReleaseChore['task'] {
  return { kind: 'running', seq: 1, until: at + RELEASE_TIMEOUT_MS };
}

export function releaseCommand({ id, handoffId, to, reservation, task }: ReleaseChore): Command {
  const key = `${id}.${task.seq}`;
  return { kind: 'Release', key, timeoutMs: RELEASE_TIMEOUT_MS, safety: 'repeatable', handoffId, to, reservation };
}

/** What follows from the answer to its command. */
export function releaseAnswered(
  { id, task, againAt, handoffId, to, reservation }: ReleaseChore,
  outcome: CommandOutcome,
  chance: number,
  now: Instant,
): readonly EventBody[] {
  const release = { handoffId, to, reservation };
  // One that began before everything must show has proven no absence, however late its answer is.
  if (outcome.kind === 'done' && againAt !== undefined && task.until - RELEASE_TIMEOUT_MS < againAt)
    return [{ type: 'ChoreDelayed', id, until: Math.max(againAt, now), release }];
  if (outcome.kind === 'done') return [{ type: 'ChoreDone', id, release: { ...release, ended: 'released' } }];
  const { code } = outcome;
  const ended = outcome.kind === 'rejected' ? 'rejected' : task.seq >= MOST_TRIES ? 'given-up' : null;
  if (ended) return [{ type: 'ChoreDone', id, release: { ...release, ended }, code }];
  const told = outcome.kind === 'transient' ? outcome.retryAfterMs : undefined;
  return [{ type: 'ChoreDelayed', id, until: now + retryDelayMs(task.seq, chance, told), release, code }];
}
