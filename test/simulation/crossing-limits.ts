// Owns the times that transfers live by in the simulation, in the same proportion as the rest (`limits.ts`), and how both platforms take
// part: few entry numbers, so that they run out.

import type { PlatformLimits } from '../../src/platforms/platform.ts';
import { CLOCKS_APART_MS } from '../../src/protocols/clocks.ts';
import type { EscalationPolicy, TransferPolicy, TransferSite } from '../../src/protocols/input.ts';
import type { ServedTransfers } from '../../src/server/parts.ts';
import { ENTRY_NUMBERS as CXONE_NUMBERS } from '../../src/twins/cxone/tenant.ts';
import { ENTRY_NUMBERS as GENESYS_NUMBERS } from '../../src/twins/genesys/organisation.ts';
import {
  COMMAND_TIMEOUT_MS,
  CXONE,
  LIMITS,
  LONGEST_VENDOR_SETTLE_MS,
  PLATFORM,
  POLICY,
  SETTLE_MS,
  SETTLE_WITHIN_MS,
} from './limits.ts';

/** What CXone's signals carry beside our id. */
export const CXONE_LIMITS: PlatformLimits = { attributeValueBytes: 160, attributeCount: 7 };
/** A place outlives the telling of the source, and what that takes to show. */
const RESERVATION_MS = 12_000;
/** How long an entry waits for the agent it was told. */
export const ENTRY_TIMEOUT_MS = 2_500;
/** Longer than that, so that the entry's own way is not taken for a failure. */
const CONFIRM_WITHIN_MS = 6_000;
/** With what a signal takes to be taken up it is over by then: a call that would come in later was given up by its script. */
export const LONGEST_RING_MS = CONFIRM_WITHIN_MS - LONGEST_VENDOR_SETTLE_MS - CLOCKS_APART_MS;
export const CONSULT_MS = 8_000;
export const TRANSFER_WITHIN_MS = 45_000;
/** Somebody always answers here; it is also where a script goes that cannot ask. */
const FALLBACK_QUEUE = 'General_Support';

/** The longest that anything may be open. */
export const LONGEST_MS = Math.max(SETTLE_WITHIN_MS, TRANSFER_WITHIN_MS + CONSULT_MS);

export type Pools = { readonly genesys: readonly string[]; readonly cxone: readonly string[] };

export function poolsOf(each: number): Pools {
  return { genesys: GENESYS_NUMBERS.slice(0, each), cxone: CXONE_NUMBERS.slice(0, each) };
}

export const CROSSING_POLICY: EscalationPolicy = {
  ...POLICY,
  platforms: { ...POLICY.platforms, [CXONE]: { limits: CXONE_LIMITS, settleMs: SETTLE_MS } },
};

export function crossingTransfers(pools: Pools): ServedTransfers {
  const site = { settleMs: SETTLE_MS, reservation: 'entry-script', reservationMs: RESERVATION_MS } as const;
  const genesys: TransferSite = {
    ...site,
    limits: LIMITS,
    entryNumbers: pools.genesys,
    ways: ['rest', 'flow'],
    fallbackQueue: FALLBACK_QUEUE,
  };
  const cxone: TransferSite = {
    ...site,
    limits: CXONE_LIMITS,
    entryNumbers: pools.cxone,
    ways: ['signal', 'agent-session'],
    fallbackQueue: FALLBACK_QUEUE,
  };
  const policy: TransferPolicy = {
    sites: { [PLATFORM]: genesys, [CXONE]: cxone },
    settleWithinMs: TRANSFER_WITHIN_MS,
    consultMs: CONSULT_MS,
    limits: { commandTimeoutMs: COMMAND_TIMEOUT_MS, confirmWithinMs: CONFIRM_WITHIN_MS, transferAttempts: 3 },
  };
  return { policy, holdLimitMs: 10_000, types: {} };
}
