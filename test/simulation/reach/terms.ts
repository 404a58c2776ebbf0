// Owns what deflections, claims and callbacks are run with in the simulated house: production's settings in the proportion of `limits.ts`.

import { COMMAND_TIMEOUT_MS, LIMITS, PLATFORM, SETTLE_MS, SETTLE_WITHIN_MS } from '../limits.ts';

/** Under which providers and customers reach us, whichever node they get. */
export const HOUSE = 'http://throughline.sim';
/** How long a provider is waited for: less than a command may take. */
export const TEXT_TIMEOUT_MS = COMMAND_TIMEOUT_MS - 500;
const RECEIPT_WAIT_MS = 6_000;
/** How long a link stands where nothing is said. */
export const LINK_MS = 40_000;
/** The longest that is asked for. */
export const LONGEST_LINK_MS = 60_000;
/** What goes with the first use of a link. */
export const PURGED = 'accountNumber';
export const CALLING_HOURS = { fromHour: 8, toHour: 21 } as const;

export const DEFLECTIONS = {
  told: [PLATFORM],
  receiptWaitMs: RECEIPT_WAIT_MS,
  purge: [PURGED],
  digital: LIMITS,
  limits: { commandTimeoutMs: COMMAND_TIMEOUT_MS, settleMs: SETTLE_MS },
} as const;

export const CALLBACKS = {
  platform: PLATFORM,
  queue: 'General_Support',
  hours: CALLING_HOURS,
  settleWithinMs: SETTLE_WITHIN_MS,
  limits: {
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
    settleMs: SETTLE_MS,
    confirmWithinMs: 0,
    flowWithinMs: 0,
    transferAttempts: 1,
  },
} as const;
