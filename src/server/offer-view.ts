// Owns how a deflection and a callback read over HTTP beyond what every handoff has: how the message fares and whether its link was used;
// when the customer is called. The link itself, the number and the message are in no answer.

import { z } from '@hono/zod-openapi';
import type { Handoff } from '../protocols/move.ts';
import { rfc3339, time } from './rfc3339.ts';

export const SMS_STATUSES = ['pending', 'sent', 'delivered', 'unconfirmed', 'failed'] as const;

/** The part of a deflection's `offer`. */
export const linkView = z
  .object({
    kind: z.literal('link'),
    expiresAt: time,
    smsStatus: z.enum(SMS_STATUSES),
    source: z.enum(['park', 'disconnect', 'flow']),
    claimed: z.boolean(),
    claimedAt: time.nullable(),
  })
  .openapi('OfferedLink');

/** Of a settled deflection as well: whether its link was used is worth knowing then. */
export function linkOf(handoff: Handoff): z.infer<typeof linkView> | null {
  if (handoff.kind !== 'deflection') return null;
  const { terms, sms, claimed } = handoff;
  return {
    kind: 'link',
    expiresAt: rfc3339(terms.expiresAt),
    smsStatus: sms,
    source: terms.source,
    claimed: claimed !== undefined,
    claimedAt: claimed ? rfc3339(claimed.at) : null,
  };
}

export const callbackView = {
  callback: z
    .object({
      platform: z.string(),
      pattern: z.enum(['queued', 'bridged']),
      at: time
        .nullable()
        .openapi({ description: 'When the customer is called; null for as soon as an agent is free.' }),
      priority: z.number().nullable(),
      consent: z.string().openapi({ description: 'By what the customer agreed to be called.' }),
    })
    .nullable()
    .openapi({ description: 'Of a callback.' }),
};

export function callbackFields(handoff: Handoff): z.infer<z.ZodObject<typeof callbackView>> {
  if (handoff.kind !== 'callback') return { callback: null };
  const { platform, pattern, at, priority, consent } = handoff.terms;
  return {
    callback: { platform, pattern, at: at === undefined ? null : rfc3339(at), priority: priority ?? null, consent },
  };
}

/** The conversation that the customer went on in. */
export function claimedLeg(handoff: Handoff) {
  return handoff.kind === 'deflection' ? (handoff.claimed?.leg ?? null) : null;
}
