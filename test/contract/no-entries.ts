// Owns the parts that a test of one platform has no use for: no entry numbers, alerts that nobody hears, and no transfers.

import type { EntryNumbers } from '../../src/execute-place.ts';
import type { ServedTransfers } from '../../src/server/parts.ts';

const done = { kind: 'done', value: null } as const;

export const NO_ENTRIES: EntryNumbers = { take: async () => done, hold: async () => done, release: async () => done };
export const NOBODY = async () => done;

export const NO_TRANSFERS: ServedTransfers = {
  policy: {
    sites: {},
    settleWithinMs: 120_000,
    consultMs: 60_000,
    limits: { commandTimeoutMs: 8_000, confirmWithinMs: 30_000, transferAttempts: 3 },
  },
  holdLimitMs: 15_000,
  types: {},
};
