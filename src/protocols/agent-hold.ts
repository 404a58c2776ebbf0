// Owns the hold of an agent who has just accepted (seed 004, edge case 2): off unless configured. Their presence is read, set to the
// hold's, and put back when its time is over, if it still is what we set. Whatever fails, a hold that may have been set is released in
// bounded time or handed to a person (H6); nothing is set twice (H5). docs/agent-hold.md says what speaks against it.

import type { ConversationEvent } from '../context/conversation.ts';
import type { AgentId, HandoffId, Instant, PlatformName } from '../ids.ts';
import type { Command, CommandOutcome } from './command.ts';
import type { Event, EventBody } from './event.ts';
import type { Interaction } from './interaction.ts';
import { isSameLeg, type Leg, type SettledHandoff } from './move.ts';
import { retryDelayMs } from './retry.ts';

/** As it is configured for a platform when the handoff is asked for. */
export type AgentHold = {
  readonly holdMs: number;
  /** The platform's id of the presence that holds. */
  readonly presence: string;
  /** How long after a write of unknown fate its effect may still appear. */
  readonly settleMs: number;
};

/** An agent's presence: `since` tells one choice of the same presence from another, where the platform says it. */
export type Presence = { readonly id: string; readonly since?: string };

export type HoldTask = { readonly kind: 'running' | 'waiting'; readonly seq: number; readonly until: Instant };

export type HoldChore = {
  readonly id: string;
  readonly kind: 'hold';
  readonly handoffId: HandoffId;
  readonly platform: PlatformName;
  readonly agentId: AgentId;
  readonly hold: AgentHold;
  readonly step:
    | { readonly name: 'reading' }
    | { readonly name: 'holding'; readonly previous: string }
    /** `set` as the platform answered; without it, it is not known whether it was set. */
    | { readonly name: 'releasing'; readonly previous: string; readonly set?: Presence };
  readonly task: HoldTask;
};

/** One command's hard time-out: two calls of the platform at most. */
const HOLD_TIMEOUT_MS = 5_000;
/** With the pauses between them some five minutes; then a person is told. */
const MOST_RELEASES = 20;

/** The beginning of a hold, when `event` tells that an agent took the customer whom a handoff had brought to their queue. */
export function holdOnAccept(state: Interaction, event: ConversationEvent): readonly EventBody[] {
  const agentId = accepting(event);
  if (agentId === undefined || state.erasing || state.endedAt !== undefined) return [];
  const handoff = heldFor(state, event);
  const hold = handoff?.limits.agentHold;
  if (!handoff || !hold) return [];
  const { platform } = event;
  return [{ type: 'AgentHoldBegun', id: `${handoff.id}.hold`, handoffId: handoff.id, platform, agentId, hold }];
}

function accepting(event: ConversationEvent): AgentId | undefined {
  if (event.kind === 'queue-left') return event.answeredBy;
  if (event.kind !== 'seen') return undefined;
  return event.view.parties.findLast(({ role, state }) => role === 'agent' && state === 'connected')?.agentId;
}

/** The newest handoff, where it was completed on this leg and nobody was held for it yet. */
function heldFor({ settled, held = [] }: Interaction, leg: Pick<Leg, 'platform' | 'externalId'>) {
  const newest: SettledHandoff | undefined = settled.findLast((one) => isSameLeg(one.leg, leg));
  return newest?.outcome === 'completed' && !held.includes(newest.id) ? newest : undefined;
}

export function holdCommand({ id, platform, agentId, hold, step, task }: HoldChore): Command {
  const base = { key: `${id}.${task.seq}`, timeoutMs: HOLD_TIMEOUT_MS, platform, agentId } as const;
  switch (step.name) {
    case 'reading':
      return { ...base, kind: 'ReadPresence', safety: 'repeatable' };
    case 'holding':
      // Never asked for twice: the release looks whether it was taken, and by then the agent may have chosen something else.
      return { ...base, kind: 'HoldAgent', safety: 'lookable', presence: hold.presence };
    case 'releasing':
      // It looks before it writes, so that the same again after it has landed finds nothing to put back.
      return {
        ...base,
        kind: 'ReleaseAgent',
        safety: 'repeatable',
        set: step.set ?? { id: hold.presence },
        previous: step.previous,
      };
  }
}

/** What follows from the answer to a hold's command. Holding is a kindness: what cannot be begun at once is left. */
export function holdAnswered(
  chore: HoldChore,
  outcome: CommandOutcome,
  chance: number,
  now: Instant,
): readonly EventBody[] {
  const { id, step, hold } = chore;
  if (step.name === 'reading') {
    if (outcome.kind !== 'done' || outcome.of !== 'ReadPresence') return [{ type: 'ChoreDone', id }];
    // Whoever is held already, for another customer or by their own choice, is not ours to put back.
    if (outcome.result.id === hold.presence) return [{ type: 'ChoreDone', id }];
    return [{ type: 'AgentPresenceRead', id, previous: outcome.result.id }];
  }
  if (step.name === 'holding') {
    if (outcome.kind === 'done' && outcome.of === 'HoldAgent') {
      return [{ type: 'AgentHeld', id, set: outcome.result, until: now + hold.holdMs }];
    }
    return outcome.kind === 'ambiguous' ? [uncertain(chore, now)] : [{ type: 'ChoreDone', id }];
  }
  if (outcome.kind === 'done' && outcome.of === 'ReleaseAgent') {
    return [{ type: 'AgentReleased', id, restored: outcome.result.restored }];
  }
  // The platform no longer knows the agent: there is nobody to release.
  if (outcome.kind === 'rejected' && outcome.code === 'not-found') {
    return [{ type: 'AgentReleased', id, restored: false }];
  }
  const forGood = outcome.kind === 'rejected' && outcome.code !== 'unauthorized';
  if (forGood || triesLeft(chore) === 0) return givenUp(chore);
  const told = outcome.kind === 'transient' ? outcome.retryAfterMs : undefined;
  return [{ type: 'ChoreDelayed', id, until: now + retryDelayMs(chore.task.seq, chance, told) }];
}

/** What the time brings: the end of the hold, another try, or an answer that never came. */
export function holdDue(chore: HoldChore, now: Instant): readonly EventBody[] {
  const { id, step, task } = chore;
  if (task.until > now) return [];
  if (task.kind === 'waiting') return [{ type: 'ChoreRetried', id }];
  if (step.name === 'reading') return [{ type: 'ChoreDone', id }];
  if (step.name === 'holding') return [uncertain(chore, now)];
  return triesLeft(chore) === 0 ? givenUp(chore) : [{ type: 'ChoreRetried', id }];
}

/** Another process had it under way and is gone: a hold that may have been set is not set again (H5). */
export function holdTakenOver(chore: HoldChore, now: Instant): readonly EventBody[] {
  return chore.step.name === 'holding' && chore.task.kind === 'running' ? [uncertain(chore, now)] : [];
}

/** It may have been set or may still land: it is released as if it was, once it must have. */
function uncertain({ id, hold }: HoldChore, now: Instant): EventBody {
  return { type: 'AgentHeld', id, until: now + Math.max(hold.holdMs, hold.settleMs) };
}

/** Reading and holding took a command each. */
function triesLeft({ task }: HoldChore): number {
  return Math.max(0, MOST_RELEASES + 2 - task.seq);
}

function givenUp({ id, handoffId }: HoldChore): readonly EventBody[] {
  return [
    { type: 'ChoreDone', id },
    { type: 'ChoreAdded', id: `${id}.alert`, code: 'agent-hold-not-released', handoffId },
  ];
}

export function begunHold(event: Extract<Event, { type: 'AgentHoldBegun' }>): HoldChore {
  const { id, handoffId, platform, agentId, hold, at } = event;
  const task = { kind: 'running', seq: 1, until: at + HOLD_TIMEOUT_MS } as const;
  return { id, kind: 'hold', handoffId, platform, agentId, hold, step: { name: 'reading' }, task };
}

/** The hold after an event of its own; the very same when the event does not fit its step. */
export function evolveHold(
  chore: HoldChore,
  event: Extract<Event, { type: 'AgentPresenceRead' | 'AgentHeld' }>,
): HoldChore {
  const { step, task } = chore;
  const seq = task.seq + 1;
  if (event.type === 'AgentPresenceRead' && step.name === 'reading') {
    const { previous, at } = event;
    return {
      ...chore,
      step: { name: 'holding', previous },
      task: { kind: 'running', seq, until: at + HOLD_TIMEOUT_MS },
    };
  }
  if (event.type === 'AgentHeld' && step.name === 'holding') {
    const { set, until } = event;
    const releasing = { name: 'releasing', previous: step.previous, ...(set && { set }) } as const;
    // The command of the release gets its number when its time comes.
    return { ...chore, step: releasing, task: { kind: 'waiting', seq: task.seq, until } };
  }
  return chore;
}
