// Owns what can be asked of an interaction beside its handoffs: that it is opened, that conversations join and leave it, and that what is
// known of it changes.

import { mergePatch } from '../context/interaction-context.ts';
import { mask } from '../context/masking.ts';
import { isPersonalLeg } from '../context/personal-id.ts';
import { gainLeg, knownOf, loseLeg } from './attendance.ts';
import type { EventBody } from './event.ts';
import type { Input, OpenInteraction } from './input.ts';
import { type Interaction, underWay } from './interaction.ts';
import { isSameLeg, type Leg } from './move.ts';
import { NOBODY_YET } from './ownership.ts';
import { refusal } from './refusal.ts';

export function open(input: OpenInteraction): readonly EventBody[] {
  const flags = input.context.complianceFlags ?? [];
  const { value, loss } = mask({ customer: input.customer, context: input.context }, flags);
  return [
    {
      type: 'InteractionOpened',
      id: input.id,
      channel: input.channel,
      direction: input.direction,
      customer: withMaskingState(value.customer, loss.length > 0),
      context: value.context,
      masked: loss,
      holder: { kind: 'bot', epoch: 1 },
      ...(input.retention && { retention: input.retention }),
    },
    { type: 'LegAttached', leg: input.leg },
  ];
}

export function attachLeg(
  state: Interaction,
  { leg, known }: Extract<Input, { kind: 'attach-leg' }>,
): readonly EventBody[] {
  if (state.endedAt !== undefined) return [refusal('attach-leg', 'interaction-ended')];
  const held = state.legs.find((one) => isSameLeg(one, leg));
  // An id that is the customer's own may begin anew; a conversation that is over stays over, whoever has it.
  const mayBegin = isPersonalLeg(leg);
  if (held && !(held.state === 'ended' && mayBegin)) return [];
  const attached: EventBody = { type: 'LegAttached', leg, later: true };
  if (known?.ended && !mayBegin) return [attached, { type: 'LegEnded', leg }];
  return [attached, ...gainLeg(state, known?.attendance ?? NOBODY_YET)];
}

export function detachLeg(state: Interaction, leg: Leg): readonly EventBody[] {
  const busy =
    underWay(state) ?? state.offers.find((offer) => offer.progress.step === 'deflecting' && isSameLeg(offer.leg, leg));
  // What is being written to a conversation must not come to whoever has it next.
  if (busy) return [refusal('detach-leg', 'leg-busy', busy)];
  if (!state.legs.some((held) => isSameLeg(held, leg))) return [];
  return [{ type: 'LegDetached', leg, known: knownOf(state, leg) }, ...loseLeg(state, leg)];
}

export function changeContext(
  state: Interaction,
  input: Extract<Input, { kind: 'change-context' }>,
): readonly EventBody[] {
  const context = mergePatch(state.context, input.context ?? {}) as Interaction['context'];
  const customer = mergePatch(state.customer, input.customer ?? {}) as Interaction['customer'];
  const { value, loss } = mask({ customer, context }, context.complianceFlags ?? []);
  const masked = [...state.masked, ...loss.filter(({ field }) => !state.masked.some((known) => known.field === field))];
  const wasMasked = loss.length > 0 || state.customer.piiMasked === true;
  return [
    { type: 'ContextChanged', customer: withMaskingState(value.customer, wasMasked), context: value.context, masked },
  ];
}

/** Seed 002 §1's `piiMasked`: who told us may have masked already, and what we mask ourselves is said in the same place. */
function withMaskingState(customer: Interaction['customer'], isMasked: boolean): Interaction['customer'] {
  return isMasked ? { ...customer, piiMasked: true } : customer;
}

/** Once per interaction. */
export function recordWrapup(
  state: Interaction,
  { code, notes }: Extract<Input, { kind: 'record-wrapup' }>,
): readonly EventBody[] {
  if (state.wrapup) return [refusal('wrapup', 'already-recorded')];
  return [{ type: 'WrapupRecorded', code, ...(notes !== undefined && { notes }) }];
}

/** Once per interaction. */
export function recordSurvey(
  state: Interaction,
  { score, comment }: Extract<Input, { kind: 'record-survey' }>,
): readonly EventBody[] {
  if (state.survey) return [refusal('survey', 'already-recorded')];
  return [{ type: 'SurveyRecorded', score, ...(comment !== undefined && { comment }) }];
}
