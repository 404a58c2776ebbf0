// Owns the work that is left after a move: an alert, which asks a person to look. It goes on until it is done, after an erasure too.

import type { HandoffId, Instant } from '../ids.ts';
import type { Command } from './command.ts';
import type { Event, EventBody } from './event.ts';
import { retryDelayMs } from './retry.ts';

export type Chore = {
  readonly id: string;
  readonly kind: 'alert';
  readonly code: string;
  readonly handoffId: HandoffId;
  /** `seq` counts its commands; `until` is when it is tried again or, under way, when it should have come back. */
  readonly task: { readonly kind: 'running' | 'waiting'; readonly seq: number; readonly until: Instant };
};

/** How long an alert may take to be raised. */
const CHORE_TIMEOUT_MS = 5_000;

export function choreKey(chore: Chore): string {
  return `${chore.id}.${chore.task.seq}`;
}

/** The alerts that must be under way. */
export function alertsOf(chores: readonly Chore[]): readonly Command[] {
  return chores
    .filter((chore) => chore.task.kind === 'running')
    .map((chore) => ({
      kind: 'RaiseAlert',
      key: choreKey(chore),
      code: chore.code,
      handoffId: chore.handoffId,
      safety: 'repeatable',
      timeoutMs: CHORE_TIMEOUT_MS,
    }));
}

/** What follows from the answer to an alert's command. */
export function choreAnswered(chore: Chore, done: boolean, chance: number, now: Instant): readonly EventBody[] {
  if (done) return [{ type: 'ChoreDone', id: chore.id }];
  return [{ type: 'ChoreDelayed', id: chore.id, until: now + retryDelayMs(chore.task.seq, chance) }];
}

export function choresDue(chores: readonly Chore[], now: Instant): readonly EventBody[] {
  return chores
    .filter((chore) => chore.task.until <= now)
    .map((chore): EventBody => ({ type: 'ChoreRetried', id: chore.id }));
}

/** The chores after an event; the very same when it is about none. */
export function evolveChores(chores: readonly Chore[], event: Event): readonly Chore[] {
  switch (event.type) {
    case 'ChoreAdded': {
      const { id, code, handoffId } = event;
      const task = { kind: 'running', seq: 1, until: event.at + CHORE_TIMEOUT_MS } as const;
      return [...chores, { id, kind: 'alert', code, handoffId, task }];
    }
    case 'ChoreDelayed':
      return onChore(chores, event.id, ({ seq }) => ({ kind: 'waiting', seq, until: event.until }));
    case 'ChoreRetried': {
      const until = event.at + CHORE_TIMEOUT_MS;
      return onChore(chores, event.id, ({ seq }) => ({ kind: 'running', seq: seq + 1, until }));
    }
    case 'ChoreDone':
      return chores.filter((chore) => chore.id !== event.id);
    default:
      return chores;
  }
}

function onChore(chores: readonly Chore[], id: string, change: (task: Chore['task']) => Chore['task']) {
  return chores.map((chore) => (chore.id === id ? { ...chore, task: change(chore.task) } : chore));
}
