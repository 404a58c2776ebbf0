// Owns the parts of an executor that a test of one platform has no use for: no entry numbers, and alerts that nobody hears.

import type { EntryNumbers } from '../../src/execute-transfer.ts';

const done = { kind: 'done', value: null } as const;

export const NO_ENTRIES: EntryNumbers = { take: async () => done, release: async () => done };
export const NOBODY = async () => done;
