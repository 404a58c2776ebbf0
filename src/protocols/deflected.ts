// Owns which call a customer was sent from to the conversation that they are in, so that whoever takes over there is told (seed 000 §4).

import type { Deflected } from '../context/summary.ts';
import type { Interaction } from './interaction.ts';
import { isSameLeg, type Leg } from './move.ts';

/** The newest call whose link was used; undefined where `leg` is that call itself, or none was. */
export function deflectedTo(
  { settled, offers }: Pick<Interaction, 'settled' | 'offers'>,
  leg: Leg,
): Deflected | undefined {
  for (const handoff of [...settled, ...offers].toReversed()) {
    if (handoff.kind !== 'deflection' || !handoff.claimed) continue;
    return isSameLeg(handoff.leg, leg) ? undefined : { conversation: handoff.leg.externalId, at: handoff.requestedAt };
  }
  return undefined;
}
