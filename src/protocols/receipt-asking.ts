// Owns when a provider that calls no hook is asked what became of a message. It follows from when the message was taken and from nothing that a
// process remembers, so a restart asks on where the last one stopped.

import type { Instant } from '../ids.ts';
import type { Asking, DeflectionTerms } from './offer.ts';

/** After the message was taken. Most are delivered within seconds. */
const ASKED_AFTER_MS = [2_000, 5_000, 10_000, 18_000, 33_000, 63_000, 123_000, 243_000] as const;
/** Where a receipt is waited for longer than that. */
const THEN_EVERY_MS = 60_000;

/** Until when it counts as on its way. */
export function receiptBy({ since }: Pick<Asking, 'since'>, { receiptWaitMs }: Pick<DeflectionTerms, 'receiptWaitMs'>) {
  return since + receiptWaitMs;
}

/** When to ask next; null when it is not worth asking any more. */
export function nextAsking(
  asks: Pick<Asking, 'since'>,
  terms: Pick<DeflectionTerms, 'receiptWaitMs'>,
  now: Instant,
): Instant | null {
  const next = ASKED_AFTER_MS.find((after) => asks.since + after > now);
  if (next !== undefined) return asks.since + next;
  return now < receiptBy(asks, terms) ? now + THEN_EVERY_MS : null;
}
