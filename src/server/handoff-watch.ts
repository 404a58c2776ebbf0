// Owns how long an answer waits for a handoff to get somewhere: until the conversation was looked at, or until it has settled.

import type { HandoffId, InteractionId } from '../ids.ts';
import { findHandoff, type Interaction } from '../protocols/interaction.ts';
import { type Handoff, isSettled } from '../protocols/move.ts';
import type { ServerParts } from './parts.ts';
import { standing } from './taking.ts';

/** How long the look at a conversation is waited for: flow builders give up after 3 s, the rest is for the way there and back. */
const INSPECTION_PATIENCE_MS = 2_500;

/** The interaction when the handoff has settled, or as it stands after `withinMs`. */
export function settledWithin(
  parts: ServerParts,
  id: InteractionId,
  handoffId: HandoffId,
  withinMs: number,
): Promise<Interaction> {
  return reached(parts, id, handoffId, { when: isSettled, withinMs });
}

/** The interaction when the look at its conversation is back, or as it stands after `INSPECTION_PATIENCE_MS`. */
export function inspectedWithinPatience(
  parts: ServerParts,
  id: InteractionId,
  handoffId: HandoffId,
): Promise<Interaction> {
  return reached(parts, id, handoffId, { when: isInspected, withinMs: INSPECTION_PATIENCE_MS });
}

function isInspected(handoff: Handoff): boolean {
  return isSettled(handoff) || handoff.progress.step !== 'inspecting';
}

type Goal = { readonly when: (handoff: Handoff) => boolean; readonly withinMs: number };

async function reached(
  { runner }: ServerParts,
  id: InteractionId,
  handoffId: HandoffId,
  { when, withinMs }: Goal,
): Promise<Interaction> {
  const isThere = (now: Interaction) => {
    const handoff = findHandoff(now, handoffId);
    return handoff !== undefined && when(handoff);
  };
  return (await runner.watch(id, isThere, withinMs)) ?? (await standing(runner, id)).state;
}
