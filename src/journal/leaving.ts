// Owns what goes with an interaction's key: how it stood just before, and what was kept by reference for its handoffs.

import type { ManifestRef } from '../ids.ts';
import type { Event } from '../protocols/event.ts';
import { evolve } from '../protocols/evolve.ts';
import { type Interaction, isErased, type State } from '../protocols/interaction.ts';

/** The interaction as it was just before these events erase it; null when they do not. */
export function leavingBy(events: readonly Event[], before: State): Interaction | null {
  const index = events.findIndex(isErasure);
  if (index < 0) return null;
  const state = events.slice(0, index).reduce<State>(evolve, before);
  if (!state || isErased(state)) throw new Error('Only an interaction that is known and whole can be erased.');
  return state;
}

/** What is kept by reference: for its handoffs, with the receipts that stand beside, and the files of its conversations. */
export function manifestRefs({ move, settled, chats = [] }: Interaction): readonly ManifestRef[] {
  const refs = [...settled, ...(move ? [move] : [])].flatMap(({ manifestRef }) => manifestRef ?? []);
  const files = chats.flatMap((chat) => (chat.files ?? []) as readonly ManifestRef[]);
  return [...refs.flatMap((ref) => [ref, receiptRef(ref)]), ...files];
}

/** The receipt is kept beside the manifest, and as long. */
export function receiptRef(ref: ManifestRef): ManifestRef {
  return `${ref}.receipt` as ManifestRef;
}

function isErasure({ type }: Pick<Event, 'type'>): boolean {
  return type === 'InteractionErased';
}
