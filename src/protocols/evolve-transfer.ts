// Owns how an event advances an open transfer. Pure and total: null when the event does not fit its step.

import type { Instant } from '../ids.ts';
import { CLOCKS_APART_MS } from './clocks.ts';
import type { Crossing, Cycle, Goal, Passage, Route } from './crossing.ts';
import type { Event } from './event.ts';
import { givenUpBy, type MoveLimits, type Task, type TransferMove } from './move.ts';
import { running, waiting } from './task.ts';

/** Where the open transfer stands after the event. */
export function advanceTransfer(move: TransferMove, event: Event): Crossing | null {
  const { progress } = move;
  const fresh = running(event.at, progress.task.seq + 1);
  switch (event.type) {
    case 'FlowTold':
    case 'FlowRecalled':
      return flowGoesOn(progress, event);
    case 'ReservationLapsed':
      if (!('reservation' in progress)) return null;
      return { step: 'reserving', task: fresh, route: event.route ?? progress.route, held: progress.reservation };
    case 'TransferAccepted':
    case 'ConsultationEnded':
      return accepted(move, event.at);
    case 'TransferUncertain':
      return uncertain(move, event);
    case 'ReservationRedeemed':
      return redeemed(move, event.at, event.late === true);
    case 'CycleObserved':
      if (progress.step !== 'reconciling' && progress.step !== 'consulting') return null;
      return { ...progress, task: waiting(progress.task.seq, event.until, progress.step, progress.task.tries) };
    case 'ContextRepacked':
      // What was being written is not what is to be there: it is written under another key.
      return progress.step === 'injecting' && progress.task.kind === 'running'
        ? { ...progress, task: { ...fresh, tries: progress.task.tries } }
        : progress;
    case 'StepDelayed': {
      const { seq, tries } = progress.task;
      return { ...progress, task: waiting(seq, event.until, event.code, tries) };
    }
    case 'StepRetried': {
      const task = { ...fresh, tries: progress.task.tries + 1 };
      return asks(progress) || progress.step === 'asking'
        ? { ...progress, task, askedAt: event.at }
        : { ...progress, task };
    }
    default:
      return advancePreparation(move, event) ?? advancePassage(progress, event);
  }
}

/** The events of what comes before anybody is let go of. */
function advancePreparation(move: TransferMove, event: Event): Crossing | null {
  const { progress } = move;
  const fresh = running(event.at, progress.task.seq + 1);
  switch (event.type) {
    case 'TransferChecked':
      if (progress.step !== 'checking') return null;
      return {
        step: 'marking',
        task: fresh,
        route: event.route,
        attributes: progress.attributes,
        checkedAt: event.freeAt ?? event.at,
      };
    case 'ContextAttached':
      if (progress.step === 'marking') {
        const { route, checkedAt } = progress;
        return move.terms.asksAgent
          ? { step: 'asking', task: fresh, route, askedAt: event.at }
          : { step: 'reserving', task: fresh, route, ...(checkedAt !== undefined && { checkedAt }) };
      }
      return progress.step === 'injecting' ? progress : null;
    case 'AgentAsked':
      return progress.step === 'asking' ? agentAsked(move, progress, event) : null;
    case 'AgentReady':
      return progress.step === 'awaiting-agent' ? { step: 'reserving', task: fresh, route: progress.route } : null;
    case 'PlaceReserved':
      return progress.step === 'reserving' ? placed(move, progress, event) : null;
    default:
      return null;
  }
}

/** The events of what has been let go of: verdicts, the return, and the arrival. */
function advancePassage(progress: Crossing, event: Event): Crossing | null {
  const passage = passageOf(progress);
  if (!passage) return null;
  const seq = progress.task.seq + 1;
  const fresh = running(event.at, seq);
  switch (event.type) {
    case 'ConsultationBegun': {
      const { until } = event;
      return { step: 'consulting', task: waiting(seq, until, 'consulting'), until, ...passage };
    }
    case 'VerdictGiven':
      // What an agent agrees to is looked at once more: the other may have gone meanwhile (H3).
      if (progress.step === 'consulting' && event.accept) return { ...progress, task: fresh, agreed: true };
      return concluding(passage, fresh, event);
    case 'ConclusionBegun':
      return concluding(passage, fresh, event);
    case 'ReturnBegun': {
      const { leaving, goal } = event;
      return { step: 'returning', task: fresh, ...passage, goal, askedAt: event.at, leaving };
    }
    case 'DestinationReached':
      return { step: 'injecting', task: fresh, ...passage, customer: event.customer };
    case 'ArrivalLost':
      if (progress.step !== 'injecting') return null;
      return { step: 'reconciling', task: fresh, ...passage, sure: true, mayMoveUntil: event.at };
    default:
      return null;
  }
}

/** What asks them shows a moment later; whoever sent it may have begun later than it was asked for, but is done by now or by its time-out. */
function agentAsked(
  { limits }: TransferMove,
  { task, route, askedAt }: Extract<Crossing, { step: 'asking' }>,
  { at, uncertain: code }: Extract<Event, { type: 'AgentAsked' }>,
): Crossing {
  const doneBy = code === undefined ? at : Math.max(givenUpBy(askedAt, limits), at + CLOCKS_APART_MS);
  const seq = task.seq + 1;
  return {
    step: 'awaiting-agent',
    task: waiting(seq, at + AGENT_LOOK_MS, code ?? 'agent-asked'),
    route,
    showsBy: doneBy + limits.settleMs,
  };
}

/** How soon it is looked whether an agent has taken what they are asked by. */
const AGENT_LOOK_MS = 500;

/** We tell the source to let go; a flow is told when it asks. */
function placed(
  { commitBy, limits }: TransferMove,
  { route, task }: Extract<Crossing, { step: 'reserving' }>,
  { reservation, at }: Extract<Event, { type: 'PlaceReserved' }>,
): Crossing {
  const seq = task.seq + 1;
  const passage = { route, reservation, askedAt: at, goal: { kind: 'across' } } as const;
  if (commitBy !== 'flow') return { step: 'committing', task: running(at, seq), ...passage };
  const until = at + limits.flowWithinMs;
  return { step: 'awaiting-flow', task: waiting(seq, until, WAITS), ...passage, until };
}

/** The flow takes its time and events tell of it: half of that is soon enough for a look. What is recalled is looked at at once. */
function flowGoesOn(progress: Crossing, event: Extract<Event, { type: 'FlowTold' | 'FlowRecalled' }>): Crossing | null {
  const { at, until } = event;
  const seq = progress.task.seq + 1;
  if (event.type === 'FlowTold') {
    if (progress.step !== 'awaiting-flow') return null;
    return { ...progress, task: waiting(seq, at + (until - at) / 2, WAITS), askedAt: at, until, told: true };
  }
  if (progress.step !== 'reserving' || !progress.held) return null;
  const { route, held: reservation } = progress;
  const passage = { route, reservation, askedAt: at, goal: { kind: 'across' } } as const;
  return { step: 'awaiting-flow', task: running(at, seq), ...passage, until, recalled: event.code };
}

const WAITS = 'flow-transfers';

type Asking = Extract<Crossing, { step: 'committing' | 'returning' | 'concluding' }>;

function asks(progress: Crossing): progress is Asking {
  return progress.step === 'committing' || progress.step === 'returning' || progress.step === 'concluding';
}

function accepted({ progress, limits }: TransferMove, at: Instant): Crossing | null {
  if (!asks(progress) && progress.step !== 'awaiting-flow') return null;
  const task = waiting(progress.task.seq + 1, at + limits.settleMs, 'accepted');
  return reconciling(progress, { task, sure: true, mayMoveUntil: at + limits.confirmWithinMs });
}

/** Whoever sent it may have begun later than it was asked for, but is done by now or by its time-out; then it may take its time to show. */
function uncertain(
  { progress, limits }: TransferMove,
  event: Extract<Event, { type: 'TransferUncertain' }>,
): Crossing | null {
  if (!asks(progress)) return null;
  const doneBy = Math.max(givenUpBy(progress.askedAt, limits), event.at + CLOCKS_APART_MS);
  return reconciling(progress, {
    task: running(event.at, progress.task.seq + 1),
    sure: false,
    mayMoveUntil: doneBy + Math.max(limits.settleMs, limits.confirmWithinMs),
    ...(event.rejected && { rejectedAs: event.code }),
  });
}

function concluding(
  { because: _, ...passage }: Passage,
  task: Task,
  { accept, because, at }: Extract<Event, { type: 'VerdictGiven' | 'ConclusionBegun' }>,
): Crossing {
  return { step: 'concluding', task, ...passage, askedAt: at, accept, ...(because !== undefined && { because }) };
}

/**
 * They are at the destination's entry: from here on its own time counts. One who comes late goes to the queue that somebody answers; what is
 * under way goes on, and the next look judges it. Who arrives while a place is sought anew was let go of before. The call of a consultation
 * is an agent's: the customer is where they were, and late or not it is ended like any other.
 */
function redeemed({ progress, limits, terms }: TransferMove, at: Instant, late: boolean): Crossing | null {
  if (progress.step === 'reserving' && progress.held) {
    const { route, held: reservation } = progress;
    return arrivedFirst({ route, reservation }, { at, late, seq: progress.task.seq, limits });
  }
  if (progress.step === 'awaiting-flow') return arrivedFirst(progress, { at, late, seq: progress.task.seq, limits });
  if (progress.step !== 'reconciling') return 'reservation' in progress ? progress : null;
  const customers = terms.type === 'blind' || progress.accept === true;
  const goal = late && customers ? fallbackFrom(progress) : progress.goal;
  return { ...progress, goal, mayMoveUntil: Math.max(progress.mayMoveUntil, at + limits.confirmWithinMs) };
}

/** They came before anything of it showed at the source. */
function arrivedFirst(
  { route, reservation }: Pick<Passage, 'route' | 'reservation'>,
  {
    at,
    late,
    seq,
    limits,
  }: { readonly at: Instant; readonly late: boolean; readonly seq: number; readonly limits: MoveLimits },
): Crossing {
  const goal = late ? fallbackOf(route) : ({ kind: 'across' } as const);
  const task = waiting(seq + 1, at, 'arrived');
  const mayMoveUntil = at + limits.confirmWithinMs;
  return { step: 'reconciling', task, route, reservation, askedAt: at, goal, sure: true, mayMoveUntil };
}

/** Whom the source was being told to put back may be pulled away again. */
function fallbackFrom({ route, goal }: Passage): Goal {
  const goesBack = goal.kind === 'held' && (goal.at === 'source' || goal.mayGoBack === true);
  return goesBack ? { ...fallbackOf(route), mayGoBack: true } : fallbackOf(route);
}

function fallbackOf({ fallback }: Route): Extract<Goal, { kind: 'held' }> {
  return { kind: 'held', at: 'destination', queue: fallback.destination, reason: 'reservation-expired' };
}

function reconciling(
  progress: Asking | Extract<Crossing, { step: 'awaiting-flow' }>,
  more: Omit<Extract<Crossing, { step: 'reconciling' }>, 'step' | keyof Passage>,
): Crossing | null {
  const passage = passageOf(progress);
  return passage && { step: 'reconciling', ...passage, ...more };
}

/** What is known once the source may have been told to let go, without what belongs to the step. */
function passageOf(progress: Crossing): Passage | null {
  if (!('reservation' in progress)) return null;
  const { route, reservation, askedAt, goal, accept, because } = progress;
  return {
    route,
    reservation,
    askedAt,
    goal,
    ...(accept !== undefined && { accept }),
    ...(because !== undefined && { because }),
  };
}

/** The passes of reconciliation with a new one: a cycle's newest pass stands for it. */
export function withCycle(cycles: readonly Cycle[], cycle: Cycle): readonly Cycle[] {
  return cycles.at(-1)?.n === cycle.n ? [...cycles.slice(0, -1), cycle] : [...cycles, cycle];
}
