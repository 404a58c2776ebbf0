// Owns the end of a call whose caller goes on by a link (seed 000 §2, edge case 4): it is asked for only while nobody talks to the caller and
// nothing is under way, a few times, and never again.

import type { HandoffId, Instant } from '../ids.ts';
import type { Command, CommandOutcome } from './command.ts';
import type { EventBody } from './event.ts';
import type { Interaction } from './interaction.ts';
import { isSameLeg, type Leg } from './move.ts';
import { retryDelayMs } from './retry.ts';

/** `until` is when it is tried again or, under way, when it should have come back. */
export type CloseChore = {
  readonly id: string;
  readonly kind: 'close';
  readonly handoffId: HandoffId;
  readonly leg: Leg;
  readonly task: { readonly kind: 'running' | 'waiting'; readonly seq: number; readonly until: Instant };
};

/** What cannot be closed ends by itself when its customer hangs up; an end that comes minutes later would surprise them. */
const MOST_TRIES = 4;

/** Whether the call may be ended: an agent who has answered meanwhile has it, and so has a move. */
export function mayClose({ holder, move, legs }: Interaction, leg: Leg): boolean {
  const live = legs.some((held) => held.state === 'live' && isSameLeg(held, leg));
  return live && holder.kind !== 'agent' && move === null;
}

export function closeCommand({ leg, id, task }: CloseChore, timeoutMs: number): Command {
  const { platform, externalId, channel } = leg;
  const key = `${id}.${task.seq}`;
  return { key, timeoutMs, safety: 'repeatable', kind: 'CloseLeg', platform, externalId, channel };
}

export function closeAnswered(
  { id, task }: CloseChore,
  outcome: CommandOutcome,
  chance: number,
  now: Instant,
): readonly EventBody[] {
  const over = outcome.kind === 'done' || outcome.kind === 'rejected' || task.seq >= MOST_TRIES;
  return over
    ? [{ type: 'ChoreDone', id }]
    : [{ type: 'ChoreDelayed', id, until: now + retryDelayMs(task.seq, chance) }];
}

/** Ends that may not come any more are given up, whatever they wait for. */
export function closingsDropped(state: Interaction): readonly EventBody[] {
  return state.chores
    .filter((chore) => chore.kind === 'close' && !mayClose(state, chore.leg))
    .map(({ id }) => ({ type: 'ChoreDone', id }));
}
