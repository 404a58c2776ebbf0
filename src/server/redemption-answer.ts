// Owns what a destination's entry is told of a call that has come in: one level of strings, what is unknown left out. A call that came
// late is told the queue that takes such callers, and nothing of where it once was to go.

import { z } from '@hono/zod-openapi';
import type { Queue } from '../context/conversation.ts';
import { ATTRIBUTE, namedContext, nameThere, PII_MASKED } from '../context/fields.ts';
import { isPiiMasked } from '../context/masking.ts';
import type { Rung } from '../protocols/event.ts';
import type { Interaction } from '../protocols/interaction.ts';
import { isSettled, type Leg, type Move, queueOf, type SettledHandoff } from '../protocols/move.ts';
import { cardAddress } from './card-address.ts';

const text = z.string().optional();

export const redemptionView = z
  .object({
    found: z.enum(['true', 'false']),
    late: text.openapi({ description: '`true`: take the caller to the fallback queue.' }),
    foundBy: text.openapi({
      description:
        '`reservation`, `token`, `number-and-caller`, `number` or `caller`, surest first. By the last two no `authenticationStatus` is told, and to a late one nothing of the customer.',
    }),
    reason: text.openapi({ description: 'Why it was not found: a stable code.' }),
    handoffId: text,
    interactionId: text,
    reservationId: text,
    transferType: text,
    queueId: text,
    skillId: text.openapi({ description: 'The same as `queueId`.' }),
    queueName: text,
    targetAgentId: text,
    agentAsked: text.openapi({
      description: '`true`: the agent has been asked to keep free for this call, so their state need not be looked at.',
    }),
    fallbackQueueId: text,
    fallbackSkillId: text,
    fallbackQueueName: text,
    cardUrl: text.openapi({
      description:
        'Plain: agents who sign in at the platform read it. Where a card opens by a reference, ask `POST /v1/flows/card` when an agent has answered.',
    }),
    summary: text,
    briefing: text,
    piiMasked: text,
  })
  .catchall(z.string())
  .openapi('FlowRedemption', {
    description:
      'Beside these the context: `intent`, `authenticationStatus`, `accountNumber`, `dtmfSequence` (JSON), …; where the platform’s `transfers.mapping` names fields, those alone, by its names.',
  });
export type RedemptionAnswer = { readonly found: 'true' | 'false' } & Record<string, string>;

type Transfer = Extract<Move | SettledHandoff, { kind: 'transfer' }>;
export type Redeemed = {
  readonly state: Interaction;
  readonly handoff: Transfer;
  readonly leg: Leg;
  readonly late: boolean;
  /** By what it was recognised. */
  readonly rung: Rung;
  /** Under which we are known: where the card is. */
  readonly origin: string;
  /** Of the destination, for what the handoff no longer remembers. */
  readonly queues: () => Promise<readonly Queue[]>;
};

export async function redemptionOf(redeemed: Redeemed): Promise<RedemptionAnswer> {
  const { state, handoff, leg, late, rung, origin } = redeemed;
  return {
    ...toldTo(redeemed),
    ...maskingIn(redeemed),
    found: 'true' as const,
    foundBy: rung,
    ...(late ? { late: 'true' } : targetOf(handoff)),
    ...(await fallbackOf(redeemed)),
    handoffId: handoff.id,
    interactionId: state.id,
    transferType: handoff.terms.type,
    cardUrl: cardAddress(origin, { platform: leg.platform, conversationId: leg.externalId }),
  };
}

const PROVEN: ReadonlySet<Rung> = new Set(['reservation', 'token', 'number-and-caller']);

/**
 * Whoever dials a number, or shows another's as their own, is not known to be the customer: nobody is verified by that, and one who comes
 * when nobody is expected any more is told nothing. The agent's card has it all once both sides have been seen.
 */
function toldTo({ state, handoff, late, rung }: Redeemed): Record<string, string> {
  if (!PROVEN.has(rung) && (late || rung === 'caller')) return {};
  const { authenticationStatus: _, ...unproven } = state.context;
  const context = PROVEN.has(rung) ? state.context : unproven;
  const { summary, briefing } = handoff;
  return {
    ...contextOf({ context, customer: state.customer }, handoff),
    ...(isTold(ATTRIBUTE.summary, handoff) && { summary }),
    ...(isTold(ATTRIBUTE.briefing, handoff) && { briefing }),
  };
}

function maskingIn({ state, handoff }: Redeemed): Record<string, string> {
  const piiMasked = isPiiMasked(state.customer, handoff.loss) ? 'true' : 'false';
  return isTold(PII_MASKED, handoff) ? { piiMasked } : {};
}

/** What the platform's mapping keeps back is in no answer, either. */
function isTold(name: string, { terms }: Transfer): boolean {
  return nameThere({ name }, terms.mapping) !== undefined;
}

function targetOf(handoff: Transfer): Record<string, string> {
  const { target } = handoff.terms;
  const reservation = isSettled(handoff) || !('reservation' in handoff.progress) ? null : handoff.progress.reservation;
  const place = reservation ? { reservationId: reservation.id } : {};
  if (target.kind === 'agent') {
    return { ...place, targetAgentId: target.agentId, ...(handoff.placeholder && { agentAsked: 'true' }) };
  }
  const queue = isSettled(handoff) ? handoff.queue : queueOf(handoff);
  return { ...place, queueName: target.queueName, ...(queue && { queueId: queue.id, skillId: queue.id }) };
}

async function fallbackOf({ handoff, queues }: Redeemed): Promise<Record<string, string>> {
  const name = handoff.terms.fallback.destination;
  const known = isSettled(handoff) || !('route' in handoff.progress) ? undefined : handoff.progress.route.fallback;
  const id = known?.destination.id ?? (await queues()).find((queue) => queue.name === name)?.id;
  return { fallbackQueueName: name, ...(id !== undefined && { fallbackQueueId: id, fallbackSkillId: id }) };
}

/**
 * Under the names by which it is written there (`mapping`), so that what the loss report names as behind the reference is not told either (H4); but
 * whole, however few places the platform has. A name of the answer's own is taken.
 */
function contextOf(known: Pick<Interaction, 'context' | 'customer'>, { terms }: Transfer): Record<string, string> {
  const told = Object.entries(namedContext(known, terms.mapping));
  return Object.fromEntries(told.filter(([name]) => !Object.hasOwn(redemptionView.shape, name)));
}
