// Owns the canonical interaction context: who the customer is and what is known of their matter, free of any vendor's words
// (seed 002 §1). Fields we do not know are kept (H4); requests to our own API are checked strictly and say so.

import { isPossiblePhoneNumber } from 'libphonenumber-js/min';
import { z } from 'zod';

const E164 = /^\+[1-9]\d{1,14}$/;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

const phone = z.string().regex(E164, 'must be an E.164 phone number such as +14155551234');

const customerShape = {
  phone: phone.optional(),
  email: z.string().max(320).regex(EMAIL, 'must be an e-mail address').optional(),
  customerId: z.string().optional(),
  name: z.string().optional(),
  segment: z.string().optional(),
  piiMasked: z.boolean().optional(),
};

const contextShape = {
  intent: z.string().optional(),
  authenticationStatus: z.string().optional(),
  accountNumber: z.string().optional(),
  previousQueue: z.string().optional(),
  holdDurationSec: z.number().min(0).optional(),
  /** Keys pressed, oldest first; an entry may hold one key or a whole number. */
  dtmfSequence: z.array(z.string()).optional(),
  /** `pci_dss` and `hipaa` are acted on (masking.ts); others are carried. */
  complianceFlags: z.array(z.string()).optional(),
  sentiment: z.string().optional(),
  attributes: z.record(z.string(), z.string()).optional(),
};

/** The customer as we keep them. A phone has E.164's form; whether its numbering plan has such numbers is asked on the way in. */
export const customer = z.looseObject(customerShape);
export type Customer = z.infer<typeof customer>;

/** What is known of the customer's matter. */
export const interactionContext = z.looseObject(contextShape);
export type InteractionContext = z.infer<typeof interactionContext>;

/** Seed 002 §1's whole payload, as one platform's side of a transfer tells it to the other. */
export const canonicalInteraction = z.looseObject({
  canonicalInteractionId: z.string(),
  sourcePlatform: z.string().optional(),
  destinationPlatform: z.string().optional(),
  timestamp: z.iso.datetime({ offset: true }).optional(),
  mediaType: z.string().optional(),
  direction: z.enum(['inbound', 'outbound']).optional(),
  customer: customer.optional(),
  context: interactionContext.optional(),
  transfer: z
    .looseObject({
      initiatedBy: z.enum(['agent', 'bot', 'system']).optional(),
      targetAgentId: z.string().optional(),
      transferType: z.enum(['blind', 'warm', 'consultative']).optional(),
    })
    .optional(),
});

/**
 * `customer` of a request: unknown fields are refused, and so is a phone whose length its country does not have. Not whether
 * the number is assigned: published number plans lag behind, and a real caller must not be turned away for it.
 */
export const customerInput = z.strictObject({
  ...customerShape,
  phone: phone
    .refine((text) => isPossiblePhoneNumber(text), { message: 'is not a possible phone number in its country' })
    .optional(),
});

/** `context` of a request: unknown fields are refused except inside `attributes`. */
export const contextInput = z.strictObject(contextShape);

/** A merge patch of `context`: as `contextInput`, and null removes a field (RFC 7396). */
export const contextPatch = z.strictObject({
  intent: contextShape.intent.nullable(),
  authenticationStatus: contextShape.authenticationStatus.nullable(),
  accountNumber: contextShape.accountNumber.nullable(),
  previousQueue: contextShape.previousQueue.nullable(),
  holdDurationSec: contextShape.holdDurationSec.nullable(),
  dtmfSequence: contextShape.dtmfSequence.nullable(),
  complianceFlags: contextShape.complianceFlags.nullable(),
  sentiment: contextShape.sentiment.nullable(),
  attributes: z.record(z.string(), z.string().nullable()).nullable().optional(),
});

/**
 * The target after the JSON merge patch (RFC 7396 §2): null removes, objects merge, everything else replaces. Neither argument
 * is changed; a key such as `__proto__` becomes an ordinary property of the result.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), change));
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
