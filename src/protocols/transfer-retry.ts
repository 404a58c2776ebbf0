// Owns how a person goes on with a transfer that became a dead letter: by a new one with the same terms, which looks at both sides before
// anybody is let go of. Keeps H1 and H5: nothing is asked for again while the first asking may still take effect, or where it has.

import type { HandoffId, Instant } from '../ids.ts';
import { withdrawn } from './ending.ts';
import type { EventBody } from './event.ts';
import type { Input } from './input.ts';
import { findHandoff, type Interaction, nextNumber, underWay } from './interaction.ts';
import { givenUpBy, isOpenDeadLetter, isSameLeg, isSettled, type SettledHandoff, type TransferRecord } from './move.ts';
import { refusal } from './refusal.ts';
import { markOf } from './transfer.ts';

type RetryTransfer = Extract<Input, { kind: 'retry-transfer' }>;
type SettledTransfer = SettledHandoff & { readonly kind: 'transfer' };

/** Why a handoff of unknown fate is not gone on with from here. */
export type Hindrance =
  | 'not-a-transfer'
  | 'flow-lets-go'
  | 'may-still-happen'
  | 'with-somebody-there'
  | 'source-is-over';

const OURS = 'retry-dead-letter';

/** The new transfer, or why there can be none now; nothing where there is one already. */
export function retryTransfer(state: Interaction, input: RetryTransfer, now: Instant): readonly EventBody[] {
  const { handoffId, token, note } = input;
  const letter = findHandoff(state, handoffId);
  const before = retryOf(state, handoffId);
  const isOpen = letter !== undefined && isSettled(letter) && isOpenDeadLetter(letter);
  // What has moved nobody can be tried again; all else is answered as it was.
  if (before && !(isOpen && isSettled(before))) return [];
  if (!isOpen) return [refusal(OURS, 'dead-letter-not-found')];
  if (state.endedAt !== undefined) return [refusal(OURS, 'interaction-ended')];
  const open = underWay(state);
  if (open) return [refusal(OURS, 'handoff-in-progress', open)];
  if (letter.kind !== 'transfer') return [hindered(letter, 'not-a-transfer')];
  const hindrance = hindranceTo(state, letter, now);
  if (hindrance) return [hindered(letter, hindrance)];
  const handoff = anew(state, letter, { token, now });
  return [
    { type: 'DeadLetterRetried', handoffId, by: handoff.id, ...(note !== undefined && { note }) },
    ...withdrawn(state.offers, 'superseded'),
    { type: 'TransferRequested', attributes: markOf(state, letter), handoff },
  ];
}

/** The newest handoff by which a person has gone on with this one. */
export function retryOf({ move, settled }: Interaction, id: HandoffId) {
  return [...settled, ...(move ? [move] : [])].findLast((one) => one.kind === 'transfer' && one.retries === id);
}

function hindered(letter: SettledHandoff, because: Hindrance): EventBody {
  return { ...refusal(OURS, 'retry-would-repeat', letter), because };
}

function hindranceTo(state: Interaction, letter: SettledTransfer, now: Instant): Hindrance | undefined {
  const { arrived, leg, commitBy } = letter;
  // A flow that was told cannot be told once more: it has the caller, and goes its own way.
  if (commitBy === 'flow') return 'flow-lets-go';
  if (now < quietFrom(letter)) return 'may-still-happen';
  const { legs, attendance } = state;
  const agents = attendance.present.filter(({ holds }) => holds.kind === 'agent');
  if (arrived && agents.some((party) => isSameLeg(party.leg, arrived))) return 'with-somebody-there';
  return legs.some((held) => held.state === 'live' && isSameLeg(held, leg)) ? undefined : 'source-is-over';
}

/** When nothing of it can take effect any more: whatever was asked last was asked for before it settled. */
function quietFrom({ settledAt, limits, terms }: SettledTransfer): Instant {
  return givenUpBy(settledAt, limits) + Math.max(limits.settleMs, limits.confirmWithinMs, terms.reservationMs);
}

/** The same as it was asked for, with a token and a time of its own. */
function anew(
  state: Interaction,
  letter: SettledTransfer,
  { token, now }: { readonly token: string; readonly now: Instant },
): Extract<EventBody, { type: 'TransferRequested' }>['handoff'] {
  const { kind, commitBy, resumeBot, leg, wish, manifestRef, briefing, summary, loss, limits, terms } = letter;
  const n = nextNumber(state);
  return {
    id: `${state.id}.${n}` as HandoffId,
    n,
    kind,
    retries: letter.id,
    commitBy,
    resumeBot,
    leg,
    wish,
    requestedAt: now,
    ...(manifestRef && { manifestRef }),
    briefing,
    summary,
    loss,
    limits: { ...limits, settleBy: now + limits.settleBy - letter.requestedAt },
    terms: { ...terms, token },
  };
}

/** The conversation that the transfer it goes on with has had at the destination. */
export function arrivedBefore({ settled }: Interaction, { retries }: TransferRecord): TransferRecord['arrived'] {
  const before = settled.find(({ id }) => id === retries);
  return before?.kind === 'transfer' ? before.arrived : undefined;
}

/**
 * What goes on with a dead letter stands for the matter from when it has let the customer go, whatever comes of it. Where it has moved
 * nobody, or nobody gets on with it, the first still waits for a person.
 */
export function settledByRetry({ move, settled }: Interaction, bodies: readonly EventBody[]): readonly EventBody[] {
  if (move?.kind !== 'transfer' || move.retries === undefined || move.attempts === 0) return [];
  const { id: by, retries: handoffId } = move;
  const isOpen = settled.some((one) => one.id === handoffId && isOpenDeadLetter(one));
  const settles = bodies.some(
    (body) => body.type === 'HandoffSettled' && body.handoffId === by && body.reason !== 'quarantined',
  );
  return isOpen && settles ? [{ type: 'DeadLetterResolved', handoffId, by }] : [];
}
