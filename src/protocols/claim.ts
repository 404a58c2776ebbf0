// Owns the claim of a deflection's link (seed 000 §3, edge case 1): one winner, however many devices race for it (H7); the same device may
// return, another may have the conversation moved to it, and a link whose time has passed says so.

import type { Instant } from '../ids.ts';
import { chatOn } from './chat.ts';
import { offerEnded } from './ending.ts';
import type { EventBody } from './event.ts';
import type { Input } from './input.ts';
import { findHandoff, type Interaction } from './interaction.ts';
import { isSameLeg, isSettled, type Leg } from './move.ts';
import type { Claimed, DeflectionRecord } from './offer.ts';
import { refusal } from './refusal.ts';

const OURS = 'claim';

type Claiming = Extract<Input, { kind: 'claim-offer' }>;

/** The claim, or why there can be none; nothing when the same device claims again. */
export function claim(state: Interaction, input: Claiming, now: Instant): readonly EventBody[] {
  const handoff = findHandoff(state, input.handoffId);
  if (handoff?.kind !== 'deflection') return [refusal(OURS, 'claim-unknown')];
  if (state.endedAt !== undefined) return [refusal(OURS, 'claim-expired', handoff)];
  if (handoff.claimed) return again(state, handoff, handoff.claimed, input);
  if (isSettled(handoff) || now >= handoff.terms.expiresAt) return [refusal(OURS, 'claim-expired', handoff)];
  return [
    { type: 'OfferClaimed', handoffId: handoff.id, device: input.device, leg: input.leg },
    ...attached(state, input.leg),
    // Our own conversation is told by being it: nothing is left to write.
    ...(input.leg.platform === input.anchor
      ? [...purged(state, handoff), ...offerEnded(state, handoff, 'completed')]
      : []),
  ];
}

/** It was claimed: by this device or this conversation, or by another, to which the customer may move it. */
function again(
  state: Interaction,
  handoff: DeflectionRecord,
  claimed: Claimed,
  { device, leg, move, anchor }: Claiming,
): readonly EventBody[] {
  const anchored = claimed.leg.platform === anchor;
  // A device that comes with another conversation of the vendor's has one too many.
  const same = isSameLeg(claimed.leg, leg) || (anchored && claimed.device === device);
  const live = state.legs.some((held) => held.state === 'live' && isSameLeg(held, claimed.leg));
  if (same && live) return [];
  if (!live) return [refusal(OURS, 'claim-expired', handoff)];
  // Only a conversation of our own can be moved between devices; a vendor's stays where it is.
  if (!move || !anchored) return [refusal(OURS, 'claim-already-active', handoff)];
  return [
    { type: 'OfferClaimed', handoffId: handoff.id, device, leg: claimed.leg },
    ...chatMoved(state, claimed.leg, device),
  ];
}

/** Whoever moved the claim has moved the talk with it: the page that comes with that device is not asked again. */
function chatMoved(state: Interaction, leg: Leg, device: string): readonly EventBody[] {
  const chat = chatOn(state, leg);
  return chat && chat.device !== device ? [{ type: 'ChatMoved', leg, device }] : [];
}

function attached({ legs }: Interaction, leg: Leg): readonly EventBody[] {
  return legs.some((held) => isSameLeg(held, leg)) ? [] : [{ type: 'LegAttached', leg, later: true }];
}

/** Seed 000 §3: what was marked as too sensitive to keep goes with its first use, once it has been of use. */
export function purged({ context, customer, masked }: Interaction, { terms }: DeflectionRecord): readonly EventBody[] {
  const { attributes = {}, ...rest } = context;
  const isKept = ([name]: readonly [string, unknown]) => !terms.purge.includes(name);
  const kept = Object.fromEntries(Object.entries(rest).filter(isKept));
  const left = Object.fromEntries(Object.entries(attributes).filter(isKept));
  const gone = [...Object.keys(rest), ...Object.keys(attributes)].filter((name) => terms.purge.includes(name));
  if (gone.length === 0) return [];
  const withheld = gone.map(
    (field) => ({ field: `context.${field}`, limit: 'purged on first use', carriedBy: 'withheld' }) as const,
  );
  const after = Object.keys(left).length > 0 ? { ...kept, attributes: left } : kept;
  return [{ type: 'ContextChanged', customer, context: after, masked: [...masked, ...withheld] }];
}
