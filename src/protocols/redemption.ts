// Owns the arrival of a transferred conversation at the destination: its entry redeems the reservation (seed 002, phase 2). One
// conversation redeems it (H7), as often as it asks. Who comes late is still known: the caller on the line is worth more than a deadline.

import type { Instant } from '../ids.ts';
import type { EventBody } from './event.ts';
import type { Input } from './input.ts';
import { findHandoff, type Interaction } from './interaction.ts';
import { isSameLeg, isSettled, type Leg, type Move, type SettledHandoff } from './move.ts';
import { refusal } from './refusal.ts';

const OURS = 'redeem';

/** The arrival, or why this is none; nothing when it is told again. */
export function redeem(
  state: Interaction,
  { handoffId, leg, rung }: Extract<Input, { kind: 'redeem-reservation' }>,
  now: Instant,
): readonly EventBody[] {
  const handoff = findHandoff(state, handoffId);
  // Where the source was never told to let go, whoever calls that number is somebody else.
  if (handoff?.kind !== 'transfer' || handoff.attempts === 0) return [refusal(OURS, 'reservation-unknown')];
  if (state.endedAt !== undefined) return [refusal(OURS, 'interaction-ended', handoff)];
  const { arrived } = handoff;
  if (arrived && isSameLeg(arrived, leg)) return [];
  if (arrived && isLive(state, arrived)) return [refusal(OURS, 'reservation-redeemed', handoff)];
  const late = isLate(handoff, now);
  return [
    { type: 'ReservationRedeemed', handoffId, leg, rung, ...(late && { late }) },
    ...(state.legs.some((held) => isSameLeg(held, leg)) ? [] : [{ type: 'LegAttached', leg, later: true } as const]),
  ];
}

function isLive({ legs }: Interaction, leg: Leg): boolean {
  return legs.some((held) => held.state === 'live' && isSameLeg(held, leg));
}

/** After the reservation's time, or after its handoff has settled: what it was for may be gone. */
function isLate(handoff: Move | SettledHandoff, now: Instant): boolean {
  if (isSettled(handoff)) return true;
  const { progress } = handoff;
  if (progress.step === 'reserving' && 'held' in progress) return now > (progress.held?.validUntil ?? now);
  if (!('reservation' in progress)) return true;
  return now > progress.reservation.validUntil || progress.goal.kind === 'held';
}
