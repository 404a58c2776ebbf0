// Owns how an interaction is erased, by request or because its time is up: what is open is cancelled, or settles first where it is
// too late for that (H6), and then the key goes. What is left of it afterwards decides on clear columns alone.

import type { Instant } from '../ids.ts';
import { isTooLateToCancel } from './cancelling.ts';
import { choreAnswered, choreKey, choresDue, choresTakenOver } from './chore.ts';
import type { Command } from './command.ts';
import { settled, takenAsEnded, withdrawn } from './ending.ts';
import type { ErasedInteraction, Remains } from './erased-interaction.ts';
import type { EventBody, RefusalCode } from './event.ts';
import { evolve } from './evolve.ts';
import type { Input } from './input.ts';
import { type Interaction, isErased, type State } from './interaction.ts';
import type { Move } from './move.ts';
import { succeed } from './ownership.ts';
import { refusal } from './refusal.ts';
import { isLettingGo } from './transfer-course.ts';
import {
  copiesOf,
  copyKey,
  OVERWRITE_TIMEOUT_MS,
  overwriteAnswered,
  overwriteDue,
  type VendorCopy,
} from './vendor-copy.ts';

type Asked = NonNullable<Interaction['erasing']>;

/**
 * It is to be erased. What can be cancelled is; a transfer that was asked for may be under way and settles in its own bounded time
 * (H6), unless `atOnce`: then a person has to look where the customer is.
 */
export function requestErasure(state: Interaction, asked: Asked, atOnce = false): readonly EventBody[] {
  const { move } = state;
  if (state.erasing && !(atOnce && move)) return [];
  const cancelled =
    move && !isTooLateToCancel(move) && !mayLetGo(move)
      ? [settled(move, 'cancelled', { reason: 'erasure-requested', vendorMs: 0 })]
      : [];
  const left =
    move && atOnce && cancelled.length === 0
      ? [settled(move, 'dead_lettered', { reason: 'erasure-requested', vendorMs: 0 })]
      : [];
  return [...cancelled, ...left, ...withdrawn(state.offers, 'cancelled'), { type: 'ErasureRequested', ...asked }];
}

/** A flow that was told where to transfer to may be doing so: the caller on the line is still known when they arrive. */
function mayLetGo(move: Move): boolean {
  return move.kind === 'transfer' && isLettingGo(move);
}

/** The end of what is to be erased, as soon as `bodies` leave no move open. */
export function erasedOnceFree(state: Interaction, bodies: readonly EventBody[], now: Instant): readonly EventBody[] {
  if (!state.erasing && !bodies.some(({ type }) => type === 'ErasureRequested')) return [];
  const after = bodies.reduce<State>((before, body) => evolve(before, { ...body, at: now, actor: '' }), state);
  if (!after || isErased(after) || !after.erasing || after.move) return [];
  return [{ type: 'InteractionErased', remains: remainsOf(after, after.erasing, now) }];
}

function remainsOf(state: Interaction, asked: Asked, now: Instant): Remains {
  const { id, channel, direction, settled: handoffs, chores } = state;
  const overwrite = asked.reason === 'request' || state.retention?.overwrite === true;
  return {
    id,
    channel,
    direction,
    platform: state.legs.at(-1)?.platform ?? null,
    holder: succeed(state.holder, { kind: 'none' }),
    handoffs: handoffs.length,
    outcome: handoffs.at(-1)?.outcome ?? null,
    manifests: handoffs.filter(({ manifestRef }) => manifestRef !== undefined).length,
    openedAt: state.openedAt,
    endedAt: state.endedAt ?? now,
    ...asked,
    copies: overwrite ? copiesOf(state, now) : [],
    chores,
  };
}

const REQUESTS: Partial<Record<Input['kind'], string>> = {
  'request-escalation': 'escalation',
  'request-transfer': 'transfer',
  'request-deflection': 'deflection',
  'request-callback': 'callback',
  'claim-offer': 'claim',
  'open-chat': 'chat',
  'customer-says': 'chat',
  'agent-says': 'chat',
  'end-chat': 'chat',
  'redeem-reservation': 'redeem',
  'complete-transfer': 'complete',
  'attach-leg': 'attach-leg',
  'detach-leg': 'detach-leg',
  'change-context': 'change-context',
  'cancel-handoff': 'cancel',
  'record-wrapup': 'wrapup',
  'record-survey': 'survey',
};

/** The refusal of a request; null for every input that is none. */
export function refusedWhile(code: RefusalCode, input: Input): readonly EventBody[] | null {
  const request = REQUESTS[input.kind];
  return request === undefined ? null : [refusal(request, code)];
}

/** What is told of an erased interaction is dropped; only its own work goes on. */
export function decideErased(state: ErasedInteraction, input: Input, now: Instant): readonly EventBody[] {
  switch (input.kind) {
    case 'command-outcome':
      return answered(state, input, now);
    case 'due':
      return [...state.copies.flatMap((copy) => overwriteDue(copy, now)), ...choresDue(state.chores, now)];
    case 'taken-over':
      return choresTakenOver(state.chores, now);
    default:
      return refusedWhile('interaction-erased', input) ?? [];
  }
}

function answered(
  state: ErasedInteraction,
  { key, outcome, chance }: Extract<Input, { kind: 'command-outcome' }>,
  now: Instant,
): readonly EventBody[] {
  const chore = state.chores.find((one) => one.task.kind === 'running' && choreKey(one) === key);
  if (chore) return choreAnswered(chore, outcome, chance, now);
  const running = state.copies.flatMap(underWay).find(({ copy, seq }) => copyKey(copy, seq) === key);
  return running ? overwriteAnswered(running.copy, running.seq, outcome, { chance, now }) : [];
}

function underWay(copy: VendorCopy): readonly { readonly copy: VendorCopy; readonly seq: number }[] {
  const { progress } = copy;
  return progress.state === 'pending' && progress.task.kind === 'running' ? [{ copy, seq: progress.task.seq }] : [];
}

/** The overwriting that must be under way. The same again has the same effect, so it may simply be repeated (H5). */
export function overwrites(state: ErasedInteraction): readonly Command[] {
  return state.copies.flatMap(underWay).flatMap(({ copy, seq }): readonly Command[] => {
    const { platform, externalId, channel, overwrite } = copy;
    if (externalId === null || overwrite.what === 'callback') return [];
    const key = copyKey(copy, seq);
    const timeoutMs = OVERWRITE_TIMEOUT_MS;
    return [
      { kind: 'OverwriteContext', key, safety: 'repeatable', timeoutMs, platform, externalId, channel, overwrite },
    ];
  });
}

export function erasedDeadline({ copies, chores }: ErasedInteraction): Instant | null {
  const instants = [
    ...copies.flatMap(({ progress }) => (progress.state === 'pending' ? [progress.task.until] : [])),
    ...chores.map((chore) => chore.task.until),
  ];
  return instants.length === 0 ? null : Math.min(...instants);
}

/** When an interaction without an open move is taken as ended, or, ended, is erased; none without a retention. */
export function retainedUntil({ retention, endedAt, lastAt, activeAt = lastAt }: Interaction): readonly Instant[] {
  if (!retention) return [];
  return [endedAt === undefined ? activeAt + retention.idleMs : endedAt + retention.contextMs];
}

/** What the time brings to an interaction without an open move. */
export function retentionDue(state: Interaction, now: Instant): readonly EventBody[] {
  if (!retainedUntil(state).some((until) => until <= now)) return [];
  return state.endedAt === undefined ? takenAsEnded(state) : requestErasure(state, { reason: 'retention' });
}
