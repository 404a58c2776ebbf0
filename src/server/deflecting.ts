// Owns the request of a deflection as every way in makes it: the number is checked, a link is minted and kept before anybody is told of it, and
// the message is composed. The link's token is in the message alone.

import { z } from '@hono/zod-openapi';
import type { RequestDeflection } from '../protocols/input.ts';
import { findByRequest, type Interaction } from '../protocols/interaction.ts';
import type { RequestKey } from './idempotency.ts';
import type { ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import type { ReachRefusal } from './reach-refusals.ts';
import { durable } from './taking.ts';

const MOST_TTL_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;
const NO_NUMBER: ReachRefusal = 'no-number';

export const e164 = z.string().regex(/^\+[1-9]\d{1,14}$/, 'must be E.164');

export const deflectionInput = z.strictObject({
  kind: z.literal('deflection'),
  channel: z.literal('sms'),
  to: e164.optional().openapi({ description: 'The customer’s own number where it is left out.' }),
  ttlMinutes: z.int().min(1).max(MOST_TTL_MINUTES).optional().openapi({ description: 'How long the link stands.' }),
  source: z.enum(['park', 'disconnect']).openapi({
    description:
      '`park`: the call stays where it is. `disconnect`: it ends, and only once the message is known to be delivered.',
  }),
});
export type DeflectionInput = z.infer<typeof deflectionInput>;

export type Deflecting = {
  /** E.164; undefined where no number is known. */
  readonly to: string | undefined;
  readonly source: RequestDeflection['source'];
  readonly ttlMs?: number | undefined;
  readonly request?: RequestKey | undefined;
};

export function deflectionAsked({ to, source, ttlMinutes }: DeflectionInput, { customer }: Interaction): Deflecting {
  return { to: to ?? customer.phone, source, ttlMs: ttlMinutes === undefined ? undefined : ttlMinutes * MINUTE_MS };
}

/** The input. What it names is kept: a message never goes out with a link that nobody knows. */
export async function deflectionOf(
  { deflections, claims, clock }: ServerParts,
  state: Interaction,
  { to, source, ttlMs = deflections.ttlMs, request }: Deflecting,
): Promise<RequestDeflection> {
  const number = to === undefined ? ({ ok: false, reason: NO_NUMBER } as const) : await durable(deflections.check(to));
  const minted = claims.mint();
  const asked = request && findByRequest(state, request.key);
  if (number.ok && !asked) {
    const expiresAt = clock.now() + ttlMs;
    const kept = await durable(claims.keep(minted, { interactionId: state.id, number: number.to, expiresAt }));
    if (!kept) throw new Problem('interaction-erased');
  }
  return {
    kind: 'request-deflection',
    number,
    text: number.ok ? deflections.compose(deflections.linkTo(minted.token)) : '',
    claim: minted.claim,
    source,
    ttlMs,
    policy: deflections.policy,
    ...(request && { request }),
  };
}
