// Owns what is left to a person: an interaction that is set aside with what is open in it, and how a person says that it is
// settled or goes on. Keeps H6 (what is open settles) and H5 (nothing of unknown fate is asked for again).

import type { Instant } from '../ids.ts';
import { settled, withdrawn } from './ending.ts';
import type { EventBody } from './event.ts';
import type { Input } from './input.ts';
import type { Interaction } from './interaction.ts';
import { isOpenDeadLetter } from './move.ts';
import { refusal } from './refusal.ts';
import { retryTransfer } from './transfer-retry.ts';

type Of<Kind extends Input['kind']> = Extract<Input, { kind: Kind }>;

/**
 * What is open is left to a person (H6). Adds no alert: it would be one more command of a row that nobody gets on with, so
 * it is raised from the list of what was set aside, outside the row.
 */
export function setAside({ move, offers }: Interaction): readonly EventBody[] {
  const left = move ? [settled(move, 'dead_lettered', { reason: 'quarantined', vendorMs: 0 })] : [];
  return [...left, ...withdrawn(offers, 'cancelled')];
}

/** A person sees to what was left to them. */
export function seenTo(
  state: Interaction,
  input: Of<'resolve-dead-letter' | 'retry-dead-letter' | 'retry-transfer'>,
  now: Instant,
): readonly EventBody[] {
  switch (input.kind) {
    case 'resolve-dead-letter':
      return resolveDeadLetter(state, input);
    case 'retry-dead-letter':
      return retryDeadLetter(state, input);
    case 'retry-transfer':
      return retryTransfer(state, input, now);
  }
}

/** Whatever setting aside could not settle is settled now: a person has said how it ended. */
function resolveDeadLetter(state: Interaction, input: Of<'resolve-dead-letter'>): readonly EventBody[] {
  const { handoffId } = input;
  if (handoffId === undefined) return [...setAside(state), { type: 'DeadLetterResolved', ...noteOf(input) }];
  const open = state.settled.some((handoff) => handoff.id === handoffId && isOpenDeadLetter(handoff));
  if (!open) return [refusal('resolve-dead-letter', 'dead-letter-not-found')];
  return [{ type: 'DeadLetterResolved', handoffId, ...noteOf(input) }];
}

/** Goes on with what was set aside; the handoffs that only that had ended are settled with it. */
function retryDeadLetter(state: Interaction, input: Of<'retry-dead-letter'>): readonly EventBody[] {
  return [...setAside(state), { type: 'DeadLetterRetried', ...noteOf(input) }];
}

function noteOf({ note }: { readonly note?: string }): { readonly note?: string } {
  return note === undefined ? {} : { note };
}
