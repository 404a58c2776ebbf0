// Owns what the two sides of a transfer say together (seed 002 §4): a verdict for every pair of states, as a function. Where they
// disagree it waits as long as the truth may still be on its way, then names what puts the customer where somebody answers. Keeps H5
// (nothing is asked for again before the last asking can have no effect any more) and H6 (three failed cycles, then a person).

import type { AgentId, Instant, ParticipantId } from '../ids.ts';
import type { Cycle, Goal, Passage } from './crossing.ts';
import type { TransferMove } from './move.ts';
import type { Destination, Source } from './sides.ts';

/** Cycles that may fail before a person is asked (seed 002 §4). */
export const MOST_CYCLES = 3;

export type Verdict =
  | { readonly kind: 'wait' }
  /** The customer is where they were to be. */
  | { readonly kind: 'reached' }
  /** They are with somebody, but not with whom they were meant for: in a fallback queue, or with its agent. */
  | { readonly kind: 'strayed'; readonly reason: string }
  /** They never left, and whoever had them has them still. */
  | { readonly kind: 'stayed'; readonly reason: string }
  /** Somebody answered a consultation. */
  | { readonly kind: 'answered' }
  | { readonly kind: 'conclude'; readonly accept: boolean; readonly because?: string }
  | { readonly kind: 'ask-again' }
  | {
      readonly kind: 'return';
      readonly at: 'source' | 'destination';
      readonly leaving: ParticipantId;
      readonly reason: string;
    }
  /** They are nowhere any more: `hung-up` where they were seen to leave the destination, else nobody knows. */
  | { readonly kind: 'gone'; readonly hungUp: boolean }
  /** They are somewhere, and nothing that we could ask for would move them. */
  | { readonly kind: 'stranded'; readonly reason: string };

export type Sides = {
  readonly source: Source;
  readonly destination: Destination;
  /** Whether everything that was asked for must show by now. */
  readonly ripe: boolean;
  /** Whether the place's own time is over as well: nobody is expected there any more. */
  readonly lapsed: boolean;
};

type Reconciled = Pick<TransferMove, 'terms'> & {
  readonly passage: Passage;
  /** The agents talk. */
  readonly consulting?: boolean;
  /** The source has accepted. */
  readonly sure: boolean;
  readonly rejectedAs?: string;
};

const WAIT: Verdict = { kind: 'wait' };

/** What follows from where the customer is seen to be. */
export function judge(move: Reconciled, sides: Sides): Verdict {
  const { goal } = move.passage;
  if (goal.kind === 'held') return judgeHeld(goal, sides);
  if (move.consulting) return judgeConsulting(sides);
  if (move.passage.accept === false) return judgeDeclined(move, sides);
  switch (sides.destination.state) {
    case 'active':
      return judgeActive(move, sides);
    case 'queued':
      return judgeQueued(move, sides);
    case 'arrived':
      return judgeArrived(move, sides);
    case 'ended':
      return judgeDropped(sides);
    case 'expected':
      return judgeExpected(move, sides);
  }
}

function isConsulting({ terms, passage }: Reconciled): boolean {
  return terms.type !== 'blind' && passage.accept === undefined;
}

function isFlows({ passage }: Reconciled): boolean {
  return passage.route.way === 'flow';
}

function judgeActive(move: Reconciled, sides: Sides): Verdict {
  if (isConsulting(move)) return { kind: 'answered' };
  return isMeant(move, sides.destination.agentId) ? letGo(move, sides) : astray(move, sides, 'agent-did-not-answer');
}

/** With somebody at the destination, though not with whom they were meant for; once the source has let them go. */
function astray(move: Reconciled, sides: Sides, reason: string): Verdict {
  const verdict = letGo(move, sides);
  return verdict.kind === 'reached' ? { kind: 'strayed', reason } : verdict;
}

/** Of a queue any agent will do. */
function isMeant({ terms: { target } }: Reconciled, agentId: AgentId | undefined): boolean {
  return target.kind === 'queue' || agentId === undefined || agentId === target.agentId;
}

function judgeQueued(move: Reconciled, sides: Sides): Verdict {
  const { terms } = move;
  const { route } = move.passage;
  const { queueId } = sides.destination;
  if (isConsulting(move)) return sides.ripe ? unanswered() : WAIT;
  if (route.queue && queueId === route.queue.id) return letGo(move, sides);
  // A call for an agent waits for them in some queue, perhaps this one, until the entry's time for it is up.
  if (terms.target.kind === 'agent' && !sides.ripe) return WAIT;
  if (queueId === route.fallback.destination.id) return astray(move, sides, 'arrived-in-fallback-queue');
  return sides.ripe ? returning('destination', sides, 'destination-did-not-answer') : WAIT;
}

function judgeArrived(move: Reconciled, sides: Sides): Verdict {
  if (!sides.ripe) return WAIT;
  return isConsulting(move) ? unanswered() : returning('destination', sides, 'destination-did-not-answer');
}

/** The destination holds them; a source that does not show it yet is given its time, and after a verdict is asked again. */
function letGo({ passage }: Reconciled, { source, ripe }: Sides): Verdict {
  if (source.state !== 'holding' && source.state !== 'failed') return { kind: 'reached' };
  if (!ripe) return WAIT;
  // Both have them: after a verdict it is the source's agent who has yet to leave; else the destination's entry has proof of the call.
  return passage.accept === true ? { kind: 'conclude', accept: true } : { kind: 'reached' };
}

/** It had them and has them no more: the caller is back with nobody at the source, or gone. */
function judgeDropped(sides: Sides): Verdict {
  switch (sides.source.state) {
    case 'ended':
      return { kind: 'gone', hungUp: true };
    case 'holding':
    case 'failed':
      return { kind: 'stayed', reason: 'destination-dropped' };
    case 'completed':
      return returning('source', sides, 'destination-dropped');
    case 'moving':
      return sides.ripe ? returning('source', sides, 'destination-dropped') : WAIT;
  }
}

/** Nothing has reached the destination yet. */
function judgeExpected(move: Reconciled, sides: Sides): Verdict {
  const { source, ripe } = sides;
  if (source.state === 'failed' && isConsulting(move)) return { kind: 'stayed', reason: 'transfer-failed' };
  // A flow is not told again: it has the caller, and goes its own way.
  if (source.state === 'failed')
    return isFlows(move) ? { kind: 'stayed', reason: 'transfer-failed' } : { kind: 'ask-again' };
  const refused = source.state === 'holding' ? move.rejectedAs : undefined;
  if (refused !== undefined) return { kind: 'stayed', reason: refused };
  if (!ripe) return WAIT;
  switch (source.state) {
    case 'holding':
      // A consultation leaves the customer where they are, and whether one was begun need not show: it is ended, not begun again (H5).
      if (isFlows(move)) return { kind: 'stayed', reason: 'transfer-failed' };
      return isConsulting(move) ? unanswered() : { kind: 'ask-again' };
    case 'completed':
      // A phantom: the source has let go, and nobody has them.
      return returning('source', sides, 'destination-dropped');
    case 'ended':
      // Their call may still be on its way to the place.
      return sides.lapsed ? { kind: 'gone', hungUp: false } : WAIT;
    case 'moving':
      return isConsulting(move) ? unanswered() : { kind: 'stranded', reason: 'transfer-hangs' };
  }
}

/** The consultation is to end with the customer where they were. While it is not known to be over, its end is asked for again. */
function judgeDeclined(move: Reconciled, sides: Sides): Verdict {
  const { source, destination, ripe } = sides;
  const letGo = source.state === 'completed' || source.state === 'ended';
  // They were joined after all, at somebody's own desk: nobody is pulled away from whom they talk to.
  if (letGo && destination.state === 'active') return { kind: 'reached' };
  if (source.state === 'ended') return { kind: 'gone', hungUp: true };
  // A call that has not come in may yet: it is over when the source has taken it back, or says that there is none.
  const takenBack = move.sure || move.rejectedAs !== undefined;
  const over = destination.state === 'ended' || (destination.state === 'expected' && takenBack);
  if (over && (source.state === 'holding' || source.state === 'failed'))
    return { kind: 'stayed', reason: 'declined-by-agent' };
  if (source.state === 'completed' && ripe) return returning('source', sides, 'declined-by-agent');
  if (!ripe || over) return WAIT;
  const { because } = move.passage;
  return { kind: 'conclude', accept: false, ...(because !== undefined && { because }) };
}

/** The agents talk: as long as both are there, nothing is to be done. One may end it at their own desk, and join the two or not. */
function judgeConsulting(sides: Sides): Verdict {
  const { source, destination } = sides;
  switch (source.state) {
    case 'completed':
    case 'ended':
      if (destination.state === 'active') return { kind: 'reached' };
      if (source.state === 'completed') return returning('source', sides, 'destination-dropped');
      return { kind: 'gone', hungUp: true };
    case 'holding':
    case 'moving':
    case 'failed':
      return destination.state === 'ended' ? { kind: 'conclude', accept: false, because: 'destination-dropped' } : WAIT;
  }
}

/** They are being put where somebody answers. */
function judgeHeld(goal: Extract<Goal, { kind: 'held' }>, sides: Sides): Verdict {
  const { source, destination, ripe } = sides;
  const inQueue = destination.state === 'queued' && (goal.at === 'source' || destination.queueId === goal.queue.id);
  const across = destination.state === 'active' || inQueue;
  // Who is held at the source is taken from nobody there, though they were meant to be held at the destination and its call is over.
  const held = source.state === 'holding' && (goal.at === 'source' || destination.state === 'ended');
  if (held) return { kind: 'strayed', reason: goal.reason };
  // The source is putting them back: as long as that may show, they may leave again.
  if (across && goal.mayGoBack && source.state !== 'ended' && !ripe) return WAIT;
  if (across && (goal.at === 'destination' || source.state === 'ended'))
    return { kind: 'strayed', reason: goal.reason };
  const here = goal.at === 'source' ? source.state : destination.state;
  const there = goal.at === 'source' ? destination.state : source.state;
  if (here === 'ended') {
    if (there === 'ended' || there === 'expected') return { kind: 'gone', hungUp: true };
    // They turned up on the other side after all.
    return returning(goal.at === 'source' ? 'destination' : 'source', sides, goal.reason);
  }
  return ripe ? returning(goal.at, sides, goal.reason) : WAIT;
}

function unanswered(): Verdict {
  return { kind: 'conclude', accept: false, because: 'destination-did-not-answer' };
}

/** By the side that still has somebody whose place a queue could take. */
function returning(at: 'source' | 'destination', { source, destination }: Sides, reason: string): Verdict {
  const leaving = (at === 'source' ? source : destination).replaceable;
  return leaving ? { kind: 'return', at, leaving: leaving.id, reason } : { kind: 'stranded', reason };
}

/** The record of this pass: `status` says whether the sides agree with what is expected. */
export function cycleOf(
  move: Reconciled & Pick<TransferMove, 'cycles'>,
  { source, destination }: Pick<Sides, 'source' | 'destination'>,
  status: Cycle['status'],
  at: Instant,
): Cycle {
  const before = move.cycles.at(-1);
  const begun = before === undefined || before.status === 'mismatch';
  const n = (before?.n ?? 0) + (begun ? 1 : 0);
  return {
    n,
    sourceState: source.state,
    destinationState: destination.state,
    expectedState: expectedOf(move),
    retries: begun ? 0 : before.retries + 1,
    lastAttempt: at,
    status,
  };
}

function expectedOf({ passage: { goal, accept }, terms }: Reconciled): Cycle['expectedState'] {
  if (goal.kind === 'held') return goal.at === 'source' ? 'held-at-source' : 'held-at-destination';
  if (accept === false) return 'held-at-source';
  return terms.target.kind === 'agent' ? 'active' : 'queued';
}
