// Owns the work that is left after a move: an alert, which asks a person to look, the hold of an agent, and the giving back of a
// place. It goes on until it is done, after an erasure too.

import type { HandoffId, Instant } from '../ids.ts';
import {
  begunHold,
  evolveHold,
  type HoldChore,
  holdAnswered,
  holdCommand,
  holdDue,
  holdTakenOver,
} from './agent-hold.ts';
import { type CloseChore, closeAnswered, closeCommand } from './closing.ts';
import type { Command, CommandOutcome } from './command.ts';
import { type ConsultChore, consultAnswered, consultCommand } from './consult-end.ts';
import type { Event, EventBody } from './event.ts';
import { type ReleaseChore, releaseAnswered, releaseCommand, strayed } from './release.ts';
import { retryDelayMs } from './retry.ts';

export type Chore = AlertChore | HoldChore | ReleaseChore | CloseChore | ConsultChore;

type AlertChore = {
  readonly id: string;
  readonly kind: 'alert';
  readonly code: string;
  readonly handoffId: HandoffId;
  /** `seq` counts its commands; `until` is when it is tried again or, under way, when it should have come back. */
  readonly task: { readonly kind: 'running' | 'waiting'; readonly seq: number; readonly until: Instant };
};

/** How long an alert may take to be raised. */
const CHORE_TIMEOUT_MS = 5_000;
const QUICK_ALERTS = 10;
const FIRST_LONG_PAUSE_MS = 30_000;
const LONGEST_ALERT_PAUSE_MS = 3_600_000;

export function choreKey(chore: Chore): string {
  return `${chore.id}.${chore.task.seq}`;
}

/** The commands of chores that must be under way. */
export function choresUnderWay(chores: readonly Chore[]): readonly Command[] {
  return chores.filter((chore) => chore.task.kind === 'running').map(commandOf);
}

function commandOf(chore: Chore): Command {
  switch (chore.kind) {
    case 'hold':
      return holdCommand(chore);
    case 'release':
      return releaseCommand(chore);
    case 'close':
      return closeCommand(chore, CHORE_TIMEOUT_MS);
    case 'consult':
      return consultCommand(chore);
    case 'alert':
      return alertCommand(chore);
  }
}

function alertCommand(chore: AlertChore): Command {
  const { code, handoffId } = chore;
  const key = choreKey(chore);
  return { kind: 'RaiseAlert', key, code, handoffId, safety: 'repeatable', timeoutMs: CHORE_TIMEOUT_MS };
}

/** What follows from the answer to a chore's command. */
export function choreAnswered(
  chore: Chore,
  outcome: CommandOutcome,
  chance: number,
  now: Instant,
): readonly EventBody[] {
  if (chore.kind === 'hold') return holdAnswered(chore, outcome, chance, now);
  if (chore.kind === 'release') return releaseAnswered(chore, outcome, chance, now);
  if (chore.kind === 'close') return closeAnswered(chore, outcome, chance, now);
  if (chore.kind === 'consult') return consultAnswered(chore, outcome, chance, now);
  if (outcome.kind === 'done') return [{ type: 'ChoreDone', id: chore.id }];
  return [{ type: 'ChoreDelayed', id: chore.id, until: now + alertPauseMs(chore.task.seq, chance) }];
}

/** An alert is raised until it is heard; what is down for hours is not asked every few seconds. */
function alertPauseMs(seq: number, chance: number): number {
  if (seq < QUICK_ALERTS) return retryDelayMs(seq, chance);
  return Math.min(LONGEST_ALERT_PAUSE_MS, FIRST_LONG_PAUSE_MS * 2 ** (seq - QUICK_ALERTS)) * (0.5 + chance / 2);
}

/** What follows when whoever had the chores under way is gone: an alert may simply be raised again. */
export function choresTakenOver(chores: readonly Chore[], now: Instant): readonly EventBody[] {
  return chores.flatMap((chore) => (chore.kind === 'hold' ? holdTakenOver(chore, now) : []));
}

export function choresDue(chores: readonly Chore[], now: Instant): readonly EventBody[] {
  return chores.flatMap((chore): readonly EventBody[] => {
    if (chore.kind === 'hold') return holdDue(chore, now);
    return chore.task.until <= now ? [{ type: 'ChoreRetried', id: chore.id }] : [];
  });
}

/** The chores after an event; the very same when it is about none. */
export function evolveChores(chores: readonly Chore[], event: Event): readonly Chore[] {
  switch (event.type) {
    case 'ChoreAdded': {
      const { id, code, handoffId } = event;
      const task = { kind: 'running', seq: 1, until: event.at + CHORE_TIMEOUT_MS } as const;
      return [...chores, { id, kind: 'alert', code, handoffId, task }];
    }
    case 'ClosingAdded': {
      const { id, handoffId, leg } = event;
      const task = { kind: 'running', seq: 1, until: event.at + CHORE_TIMEOUT_MS } as const;
      return [...chores, { id, kind: 'close', handoffId, leg, task }];
    }
    case 'ChoreDelayed':
      return onChore(chores, event.id, ({ seq }) => ({ kind: 'waiting', seq, until: event.until }));
    case 'ChoreRetried': {
      const until = event.at + CHORE_TIMEOUT_MS;
      return onChore(chores, event.id, ({ seq }) => ({ kind: 'running', seq: seq + 1, until }));
    }
    case 'PlaceStrayed':
      return [...chores, strayed(event)];
    case 'AgentHoldBegun':
      return [...chores, begunHold(event)];
    case 'AgentPresenceRead':
    case 'AgentHeld':
      return chores.map((chore) => (chore.kind === 'hold' && chore.id === event.id ? evolveHold(chore, event) : chore));
    case 'ChoreDone':
    case 'AgentReleased':
      return chores.filter((chore) => chore.id !== event.id);
    case 'DeadLetterResolved':
      return chores.filter((chore) => !isAboutDeadLetter(chore, event.handoffId));
    default:
      return chores;
  }
}

/** Whether it calls somebody for a dead letter that a person has settled; without an id for all of them. Nobody need be called any more. */
function isAboutDeadLetter(chore: Chore, handoffId: HandoffId | undefined): boolean {
  if (chore.kind !== 'alert' || chore.id !== deadLetterAlert(chore.handoffId)) return false;
  return handoffId === undefined || chore.handoffId === handoffId;
}

/** The name of the alert that a dead letter raises. */
export function deadLetterAlert(handoffId: HandoffId): string {
  return `${handoffId}.alert`;
}

function onChore(chores: readonly Chore[], id: string, change: (task: Chore['task']) => Chore['task']) {
  return chores.map((chore) => (chore.id === id ? { ...chore, task: change(chore.task) } : chore));
}
