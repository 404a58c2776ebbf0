// Owns what all the statuses of one message come to. Providers repeat them, send them late and out of order (Twilio: "order is not
// guaranteed"; Vonage retries for 24 h), so the fold is a join: any order and any number of repeats end in the same receipt, and
// `delivered` never goes back. Pure.

import type { SmsReason, SmsReport } from './sms-status.ts';

export type Receipt =
  /** Nothing was heard. */
  | { readonly kind: 'awaited' }
  /** The provider, or the carrier, has it. */
  | { readonly kind: 'under-way'; readonly at: 'provider' | 'carrier' }
  | { readonly kind: 'not-delivered'; readonly reason: SmsReason }
  | { readonly kind: 'delivered' };

export const NO_RECEIPT: Receipt = { kind: 'awaited' };

/**
 * The receipt after one more status of the same message. A handset that has it outweighs a carrier that gave up, whichever
 * came first; a status that we do not know says nothing.
 */
export function withReport(receipt: Receipt, report: SmsReport): Receipt {
  const told = receiptOf(report);
  const [before, after] = [rankOf(receipt), rankOf(told)];
  if (before !== after) return before > after ? receipt : told;
  // Two failures of one message may name two reasons: the choice must not depend on which came first.
  return receipt.kind === 'not-delivered' && told.kind === 'not-delivered' && precedes(told.reason, receipt.reason)
    ? told
    : receipt;
}

function receiptOf({ status, reason }: SmsReport): Receipt {
  switch (status) {
    case 'queued':
      return { kind: 'under-way', at: 'provider' };
    case 'sent':
      return { kind: 'under-way', at: 'carrier' };
    case 'failed':
    case 'undelivered':
      return { kind: 'not-delivered', reason: reason ?? 'unknown' };
    case 'delivered':
      return { kind: 'delivered' };
    case 'unknown':
      return NO_RECEIPT;
  }
}

function rankOf(receipt: Receipt): number {
  if (receipt.kind === 'under-way') return receipt.at === 'provider' ? 1 : 2;
  return { awaited: 0, 'not-delivered': 3, delivered: 4 }[receipt.kind];
}

/** A reason that says something comes before `unknown`, and an opt-out before all: it forbids the next message. */
function precedes(a: SmsReason, b: SmsReason): boolean {
  const weight = (reason: SmsReason) => (reason === 'opted-out' ? 0 : reason === 'unknown' ? 2 : 1);
  return weight(a) === weight(b) ? a < b : weight(a) < weight(b);
}
