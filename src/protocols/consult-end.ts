// Owns the end of a consultation whose customer has hung up: the two agents have nobody to talk about, and the consulted one is to be free again.
// A chore: it outlives the handoff. Its customer is gone, so to end it twice moves nobody.

import type { AgentId, HandoffId, Instant, ParticipantId } from '../ids.ts';
import type { Command, CommandOutcome } from './command.ts';
import type { EventBody } from './event.ts';
import type { Interaction } from './interaction.ts';
import { givenUpBy, isSameLeg, type Leg, legOf, type Move, type TransferMove } from './move.ts';
import { retryDelayMs } from './retry.ts';

export type ConsultChore = {
  readonly id: string;
  readonly kind: 'consult';
  readonly handoffId: HandoffId;
  readonly leg: Leg;
  readonly leaving: ParticipantId;
  readonly leavingAgent?: AgentId;
  /** It may begin later than it was first ended: then once more. */
  readonly againAt?: Instant;
  readonly task: { readonly kind: 'running' | 'waiting'; readonly seq: number; readonly until: Instant };
};

const TIMEOUT_MS = 5_000;
/** People hang up by themselves in the end. */
const MOST_TRIES = 6;

/** A move whose customer waits while two agents talk, or one is rung. */
function isConsultation(move: Move): move is TransferMove {
  if (move.kind !== 'transfer' || move.terms.type === 'blind' || move.attempts === 0) return false;
  const { progress } = move;
  return 'reservation' in progress && progress.accept !== true && progress.step !== 'injecting';
}

/** The conversation of the consulted agent, which is over with its customer's. */
export function consultedIn({ legs }: Interaction, move: Move | null): readonly Leg[] {
  if (!move || !isConsultation(move)) return [];
  const { arrived } = move;
  return legs.filter((leg) => leg.state === 'live' && arrived && isSameLeg(leg, arrived)).map(legOf);
}

/** The chore that ends what `move` had begun, where its customer has gone. */
export function consultEndOf(state: Interaction, move: Move, outcome: string, at: Instant): readonly ConsultChore[] {
  if (outcome !== 'cancelled' || !isConsultation(move) || !('route' in move.progress)) return [];
  const { id: handoffId, arrived, leg, limits, progress } = move;
  const isOver = arrived && state.legs.some((held) => isSameLeg(held, arrived) && held.state === 'ended');
  if (isOver) return [];
  const { leaving, leavingAgent } = progress.route;
  const begins = progress.step === 'committing' ? { againAt: givenUpBy(at, limits) + limits.settleMs } : {};
  return [
    {
      id: `${handoffId}.consult`,
      kind: 'consult',
      handoffId,
      leg: legOf(leg),
      leaving,
      ...(leavingAgent !== undefined && { leavingAgent }),
      ...begins,
      task: { kind: 'running', seq: 1, until: at + TIMEOUT_MS },
    },
  ];
}

export function consultCommand({ id, leg, leaving, leavingAgent, task }: ConsultChore): Command {
  const who = { leaving, ...(leavingAgent !== undefined && { leavingAgent }) };
  const key = `${id}.${task.seq}`;
  return { ...leg, key, timeoutMs: TIMEOUT_MS, safety: 'repeatable', kind: 'EndConsult', accept: false, ...who };
}

/** What follows from the answer: a conversation that is over has no consultation. */
export function consultAnswered(
  { id, task, againAt }: ConsultChore,
  outcome: CommandOutcome,
  chance: number,
  now: Instant,
): readonly EventBody[] {
  const isAnswer = outcome.kind === 'done' || outcome.kind === 'rejected';
  if (isAnswer && againAt !== undefined && task.until - TIMEOUT_MS < againAt)
    return [{ type: 'ChoreDelayed', id, until: Math.max(againAt, now) }];
  if (isAnswer || task.seq >= MOST_TRIES) return [{ type: 'ChoreDone', id }];
  const told = outcome.kind === 'transient' ? outcome.retryAfterMs : undefined;
  return [{ type: 'ChoreDelayed', id, until: now + retryDelayMs(task.seq, chance, told) }];
}
