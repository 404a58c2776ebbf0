// Owns the request of a callback as it is asked for over HTTP: whom to call, by what the customer agreed to it, and the input that it becomes.

import { z } from '@hono/zod-openapi';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { isZone } from '../protocols/calling-hours.ts';
import type { RequestCallback } from '../protocols/input.ts';
import type { Interaction } from '../protocols/interaction.ts';
import { e164 } from './deflecting.ts';
import type { ServedCallbacks } from './deflection-parts.ts';
import type { RequestKey } from './idempotency.ts';
import type { ServerParts } from './parts.ts';
import type { ReachRefusal } from './reach-refusals.ts';
import { durable } from './taking.ts';

/** As Genesys Cloud has it; a point is about a minute of waiting. */
const MOST_PRIORITY = 25_000_000;
/** Where a flow or a bot has noted it. */
const ZONE_ATTRIBUTES = ['timeZone', 'time_zone'] as const;
const NO: ReadonlySet<string> = new Set(['', '0', 'false', 'no']);

const callbackFields = z.strictObject({
  kind: z.literal('callback'),
  queue: z.string().min(1).max(256).optional().openapi({ description: 'The exact name of a queue that calls.' }),
  phone: e164.optional().openapi({ description: 'The customer’s own number where it is left out.' }),
  at: z.iso
    .datetime({ offset: true })
    .optional()
    .openapi({ description: 'Not before; as soon as it may be where it is left out.' }),
  priority: z.int().min(-MOST_PRIORITY).max(MOST_PRIORITY).optional(),
  timeZone: z
    .string()
    .max(64)
    .refine(isZone, 'is no IANA time zone')
    .optional()
    .openapi({ description: 'The customer’s; where it is not known, every zone of their number’s country counts.' }),
  pattern: z.enum(['queued', 'bridged']).optional().openapi({
    description:
      '`bridged`: the customer is called at once and joined with the queue, where the configuration allows it.',
  }),
});
export const callbackInput = callbackFields.refine(({ pattern, at }) => pattern !== 'bridged' || at === undefined, {
  path: ['at'],
  message: 'a bridged call is made at once',
});
export type CallbackInput = z.infer<typeof callbackInput>;

export async function callbackOf(
  { callbacks }: ServerParts,
  state: Interaction,
  { asked, request }: { readonly asked: CallbackInput; readonly request: RequestKey | undefined },
): Promise<RequestCallback> {
  const { queue, at, priority, pattern = 'queued' } = asked;
  const consent = consentIn(state, callbacks.consentAttribute);
  const timeZone = asked.timeZone ?? zoneIn(state);
  return {
    kind: 'request-callback',
    number: await numberOf(asked.phone ?? state.customer.phone, { consent, pattern, callbacks }),
    pattern,
    consent: consent ?? '',
    policy: callbacks.policy,
    ...(queue !== undefined && { queue }),
    ...(at !== undefined && { at: Date.parse(at) }),
    ...(timeZone !== undefined && { timeZone }),
    ...(priority !== undefined && { priority }),
    ...(request && { request }),
  };
}

/** By what the customer agreed; null where the rule asks for more than they are known to have said. */
function consentIn({ context }: Interaction, attribute: string | null): string | null {
  if (attribute === null) return 'asked-by-customer';
  const said = context.attributes?.[attribute];
  return said === undefined || NO.has(said.trim().toLowerCase()) ? null : `attribute:${attribute}`;
}

function zoneIn({ context }: Interaction): string | undefined {
  const zones = ZONE_ATTRIBUTES.flatMap((name) => context.attributes?.[name] ?? []);
  return zones.find(isZone);
}

type Rule = {
  readonly consent: string | null;
  readonly pattern: RequestCallback['pattern'];
  readonly callbacks: ServedCallbacks;
};

async function numberOf(
  phone: string | undefined,
  { consent, pattern, callbacks }: Rule,
): Promise<RequestCallback['number']> {
  const refused = (reason: ReachRefusal) => ({ ok: false, reason }) as const;
  if (phone === undefined) return refused('no-number');
  const parsed = parsePhoneNumberFromString(phone);
  if (!parsed?.isPossible()) return refused('invalid-number');
  if (await durable(callbacks.isSuppressed(parsed.number))) return refused('opted-out');
  if (consent === null) return refused('consent-missing');
  if (pattern === 'bridged' && !callbacks.bridged) return refused('bridged-not-allowed');
  return { ok: true, phone: parsed.number, ...(parsed.country !== undefined && { country: parsed.country }) };
}
