// Owns how a transfer reads over HTTP beyond what every handoff has: whom it is for, the place that is held, and how the two sides stand
// against each other (seed 002 §4). The token that redeems the reservation is not in it.

import { z } from '@hono/zod-openapi';
import type { Cycle } from '../protocols/crossing.ts';
import { INITIATORS, TRANSFER_TYPES } from '../protocols/crossing.ts';
import { type Handoff, isSettled, type Leg, type TransferRecord } from '../protocols/move.ts';
import { claimedLeg, linkOf, linkView } from './offer-view.ts';
import { rfc3339, time } from './rfc3339.ts';

const cycleView = z
  .object({
    canonicalInteractionId: z.string(),
    sourceState: z.enum(['holding', 'moving', 'completed', 'failed', 'ended', 'unknown']),
    destinationState: z.enum(['expected', 'arrived', 'queued', 'active', 'ended', 'unknown']),
    expectedState: z.enum(['active', 'queued', 'held-at-source', 'held-at-destination']),
    retries: z.number().int().openapi({ description: 'Looks taken in this cycle.' }),
    lastAttempt: time,
    status: z.enum(['pending_sync', 'in_sync', 'mismatch']),
  })
  .openapi('ReconciliationCycle', { description: 'One pass of reconciliation: how the two sides stood.' });

const placeView = z
  .object({
    id: z.string(),
    kind: z.enum(['native', 'entry-script']).openapi({
      description:
        '`native`: the platform holds the place. `entry-script`: the platform holds nothing; its entry recognises the call.',
    }),
    validUntil: time,
  })
  .openapi('ReservedPlace');

export const transferView = {
  to: z
    .object({ platform: z.string(), agentId: z.string().optional(), queue: z.string().optional() })
    .nullable()
    .openapi({ description: 'Of a transfer: whom it is for on the other platform.' }),
  transferType: z.enum(TRANSFER_TYPES).nullable(),
  initiatedBy: z.enum(INITIATORS).nullable(),
  retryOf: z
    .string()
    .optional()
    .openapi({ description: 'The dead-lettered transfer that a person goes on with by this one.' }),
  offer: z.discriminatedUnion('kind', [placeView, linkView]).nullable().openapi({
    description:
      'What stands for the customer: the place at the destination while a transfer is under way, or the link of a deflection.',
  }),
  destination: z.object({ platform: z.string(), externalId: z.string(), channel: z.string() }).nullable().openapi({
    description: 'The conversation at the destination of a transfer or deflection, once the customer is there.',
  }),
  reconciliation: z
    .object({ reconciliationCycle: cycleView, past: z.array(cycleView) })
    .nullable()
    .openapi({ description: 'The newest cycle, and those before it, the oldest first.' }),
};

export type TransferFields = z.infer<z.ZodObject<typeof transferView>>;

const NO_TRANSFER: TransferFields = {
  to: null,
  transferType: null,
  initiatedBy: null,
  offer: null,
  destination: null,
  reconciliation: null,
};

export function transferFields(handoff: Handoff): TransferFields {
  if (handoff.kind === 'deflection') {
    return { ...NO_TRANSFER, offer: linkOf(handoff), destination: legView(claimedLeg(handoff)) };
  }
  if (handoff.kind !== 'transfer') return NO_TRANSFER;
  const { terms, arrived, retries } = handoff;
  const { target, to: platform } = terms;
  return {
    to: { platform, ...(target.kind === 'agent' ? { agentId: target.agentId } : { queue: target.queueName }) },
    transferType: terms.type,
    initiatedBy: terms.initiatedBy,
    ...(retries !== undefined && { retryOf: retries }),
    offer: offerOf(handoff),
    destination: legView(arrived ?? null),
    reconciliation: reconciliationOf(handoff),
  };
}

function legView(leg: Leg | null): TransferFields['destination'] {
  return leg && { platform: leg.platform, externalId: leg.externalId, channel: leg.channel };
}

function offerOf(handoff: Extract<Handoff, { kind: 'transfer' }>): TransferFields['offer'] {
  if (isSettled(handoff) || !('reservation' in handoff.progress)) return null;
  const { id, validUntil } = handoff.progress.reservation;
  return { id, kind: handoff.terms.reservation, validUntil: rfc3339(validUntil) };
}

function reconciliationOf({ id, cycles }: TransferRecord): TransferFields['reconciliation'] {
  const views = cycles.map((cycle) => viewOfCycle(id.replace(/\.\d+$/, ''), cycle));
  const newest = views.at(-1);
  return newest ? { reconciliationCycle: newest, past: views.slice(0, -1) } : null;
}

function viewOfCycle(canonicalInteractionId: string, cycle: Cycle): z.infer<typeof cycleView> {
  const { sourceState, destinationState, expectedState, retries, lastAttempt, status } = cycle;
  const states = { sourceState, destinationState, expectedState };
  return { canonicalInteractionId, ...states, retries, lastAttempt: rfc3339(lastAttempt), status };
}
