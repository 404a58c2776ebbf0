// Owns how a platform takes part in transfers, as its entry of the configuration file says it: the same for every vendor. Everything may
// be left out; a platform without any of it takes part in none.

import { z } from 'zod';
import { mapping } from '../context/mapping.ts';
import type { CommitWay } from './platform.ts';

const e164 = z.string().regex(/^\+[1-9]\d{1,14}$/, 'must be an E.164 phone number such as +14155550101');

export const transferConfig = z.strictObject({
  /** Lead to the platform's entry flow or script, which asks us whose the call is. Each is lent to one transfer at a time. */
  entryNumbers: z.array(e164).max(2_000).default([]),
  /** How long a place is kept: the call must have come in by then. */
  reservationSec: z.number().min(15).max(600).default(60),
  /** The exact name of a queue that somebody always answers, for callers whose transfer failed. */
  fallbackQueue: z.string().min(1, 'must not be empty').max(256),
  /** What may be asked of it when it lets go; everything that it can where nothing is said. */
  types: z
    .array(z.enum(['blind', 'warm', 'consultative']))
    .min(1)
    .optional(),
  /** Ways of letting go, best first; those that it has where nothing is said. */
  ways: z
    .array(z.enum(['rest', 'signal', 'flow', 'agent-session']))
    .min(1)
    .optional(),
  /** Asks the agent whom a transfer is for to keep free, before the source lets go (CXone: a work item). Off where nothing is said. */
  placeholder: z.strictObject({ pointOfContact: z.string().min(1, 'must not be empty').max(256) }).optional(),
  /** Our name of a field → its own; null keeps it from being written (docs/transfers.md). */
  mapping: mapping.optional(),
});
export type TransferConfig = z.output<typeof transferConfig>;

/** Of the ways that the platform has, those that are configured, in their order. */
export function waysOf(has: readonly CommitWay[], { ways }: TransferConfig): readonly CommitWay[] {
  return ways ? ways.filter((way) => has.includes(way)) : has;
}
