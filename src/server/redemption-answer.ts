// Owns what a destination's entry is told of a call that has come in: one level of strings, what is unknown left out. A call that came
// late is told the queue that takes such callers, and nothing of where it once was to go.

import { z } from '@hono/zod-openapi';
import type { Queue } from '../context/conversation.ts';
import { CUSTOMER_FIELDS, JSON_FIELDS, TEXT_FIELDS } from '../context/packing.ts';
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
      'Beside these the context: `intent`, `authenticationStatus`, `accountNumber`, `dtmfSequence` (JSON), …',
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
  const masked = state.customer.piiMasked === true || handoff.loss.some(({ carriedBy }) => carriedBy === 'masked');
  return {
    ...toldTo(redeemed),
    found: 'true' as const,
    foundBy: rung,
    ...(late ? { late: 'true' } : targetOf(handoff)),
    ...(await fallbackOf(redeemed)),
    handoffId: handoff.id,
    interactionId: state.id,
    transferType: handoff.terms.type,
    cardUrl: cardAddress(origin, { platform: leg.platform, conversationId: leg.externalId }),
    piiMasked: masked ? 'true' : 'false',
  };
}

const PROVEN: ReadonlySet<Rung> = new Set(['reservation', 'token', 'number-and-caller']);

/**
 * Whoever dials a number, or shows another's as their own, is not known to be the customer: nobody is verified by that, and one who comes
 * when nobody is expected any more is told nothing. The agent's card has it all once both sides have been seen.
 */
function toldTo({ state, handoff, late, rung }: Redeemed): Record<string, string> {
  const told: Record<string, string> = {
    ...contextOf(state),
    summary: handoff.summary,
    briefing: handoff.briefing,
  };
  if (PROVEN.has(rung)) return told;
  if (late || rung === 'caller') return {};
  const { authenticationStatus: _, ...unproven } = told;
  return unproven;
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

/** Under their own names; the operator's own attributes too, where no name of ours is taken by them. */
function contextOf({ context, customer }: Interaction): Record<string, string> {
  const own = Object.entries(context.attributes ?? {}).filter(([name]) => !Object.hasOwn(redemptionView.shape, name));
  const plain = TEXT_FIELDS.flatMap((name) => (context[name] === undefined ? [] : [[name, context[name]] as const]));
  const written = JSON_FIELDS.flatMap((name) =>
    context[name] === undefined ? [] : [[name, JSON.stringify(context[name])] as const],
  );
  const theirs = CUSTOMER_FIELDS.flatMap((name) =>
    customer[name] === undefined ? [] : [[name, customer[name]] as const],
  );
  return Object.fromEntries([...own, ...plain, ...written, ...theirs]);
}
