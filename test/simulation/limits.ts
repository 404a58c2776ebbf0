// Owns the times the simulated house lives by: production's in proportion, an order of magnitude shorter, so that a run meets
// every time-out often.

import type { PlatformName } from '../../src/ids.ts';
import { CLOCK_OFF_MS, CLOCKS_APART_MS } from '../../src/protocols/clocks.ts';
import type { EscalationPolicy } from '../../src/protocols/input.ts';
import { DEFAULT_QUEUE_RULES } from '../../src/protocols/queue-rules.ts';

export const PLATFORM = 'genesys_cloud' as PlatformName;
export const CXONE = 'nice_cxone' as PlatformName;

export const COMMAND_TIMEOUT_MS = 2_000;
/** How long after a call's time-out its effect may still appear: what the platform promises, and the network keeps. */
export const SETTLE_MS = 2_000;
/** Of these, how long a request may still be on its way after its caller has given it up; the rest is the vendor's. */
export const LATEST_LANDING_MS = 1_000;
export const LONGEST_VENDOR_SETTLE_MS = 900;
export const LEASE_MS = 6_000;
export const POLL_MS = 500;
export const SETTLE_WITHIN_MS = 30_000;
/** What a handoff may take beyond its bound: nodes that die with its row in hand, each for a lease; clocks that disagree. */
export const SLACK_MS = 4 * (LEASE_MS + CLOCKS_APART_MS + POLL_MS + CLOCK_OFF_MS);

export const LIMITS = { attributeValueBytes: 160, attributeCount: 14 };

export const POLICY: EscalationPolicy = {
  rules: DEFAULT_QUEUE_RULES,
  platforms: { [PLATFORM]: { limits: LIMITS, settleMs: SETTLE_MS } },
  settleWithinMs: SETTLE_WITHIN_MS,
  limits: {
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
    confirmWithinMs: 5_000,
    flowWithinMs: 8_000,
    transferAttempts: 3,
  },
};
