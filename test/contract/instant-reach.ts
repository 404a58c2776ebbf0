// Owns what deflections and callbacks are run with in tests of what is served: two routes, a link, callbacks in a queue that is there.

import { smsDestination } from '../../src/channels/sms/destination.ts';
import type { PlatformName } from '../../src/ids.ts';
import type { SuppressionBook } from '../../src/journal/suppression-book.ts';
import type { ServedCallbacks, ServedDeflections, ServedSmsHook } from '../../src/server/deflection-parts.ts';

const ROUTES = ['twilio', 'vonage'] as const;
export const RECEIPT_WAIT_MS = 20_000;
const GENESYS = 'genesys_cloud' as PlatformName;

export function reaching(suppression: SuppressionBook): {
  readonly deflections: ServedDeflections;
  readonly callbacks: ServedCallbacks;
  readonly smsHooks: readonly ServedSmsHook[];
} {
  const limits = { commandTimeoutMs: 8_000, settleMs: 5_000 };
  return {
    deflections: {
      policy: {
        told: [GENESYS],
        receiptWaitMs: RECEIPT_WAIT_MS,
        purge: [],
        digital: { attributeValueBytes: 256, attributeCount: 50 },
        limits,
      },
      ttlMs: 60 * 60_000,
      linkTo: (token) => `https://handoff.example.com/c/${token}`,
      compose: (link) => `Example: continue here: ${link}`,
      async check(number) {
        const destination = smsDestination(number);
        if (destination.kind === 'refused') return { ok: false, reason: destination.reason };
        if (await suppression.has(destination.e164)) return { ok: false, reason: 'opted-out' };
        return { ok: true, to: destination.e164, routes: ROUTES };
      },
    },
    callbacks: {
      policy: {
        platform: GENESYS,
        queue: 'General_Support',
        hours: { fromHour: 0, toHour: 24 },
        settleWithinMs: 120_000,
        limits: { ...limits, confirmWithinMs: 0, flowWithinMs: 0, transferAttempts: 1 },
      },
      consentAttribute: null,
      bridged: false,
      isSuppressed: (number) => suppression.has(number),
    },
    smsHooks: [],
  };
}
