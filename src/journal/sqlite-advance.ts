// Owns how an interaction's row goes on in the embedded store: compared, then set, with no more columns named than have changed, since of a
// column that is named the indexes are written again though it stays as it was.

import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { Append } from './store.ts';

/** A row of `expected`: row, lease_until, lease_owner, claims, holder, then what a list shows beside it. */
type Expected = readonly [
  SQLInputValue,
  SQLInputValue,
  SQLInputValue,
  SQLInputValue,
  SQLInputValue,
  ...SQLInputValue[],
];

type AdvanceStatements = Readonly<
  Record<
    'expected' | 'advance' | 'advanceOwner' | 'advancePhase' | 'advanceOwnerAndPhase' | 'advanceHolder',
    StatementSync
  >
>;

/** The row's number; null when its version has moved on. */
export function advanceRow(
  sql: AdvanceStatements,
  { interactionId, expectedVersion, events, dueAt, lease, summary }: Append,
): SQLInputValue | null {
  const now = sql.expected.get(interactionId, expectedVersion) as Expected | undefined;
  if (!now) return null;
  const [row, untilNow, ownerNow, claimsNow, holderNow, ...seenNow] = now;
  const kept = lease === 'keep';
  const until = kept ? untilNow : (lease?.until ?? null);
  const owner = kept ? ownerNow : (lease?.owner ?? null);
  // Getting on clears the claims.
  const core = [expectedVersion + events.length, dueAt, until, kept ? claimsNow : 0] as const;
  const { phase, holder, outcome, platform, endedAt, deadLetters } = summary;
  const seen = [phase, outcome, platform, endedAt, deadLetters] as const;
  const isSeenAlike = seen.every((value, index) => value === seenNow[index]);
  if (holder !== holderNow) sql.advanceHolder.run(...core, owner, ...seen, holder, row);
  else if (owner !== ownerNow && !isSeenAlike) sql.advanceOwnerAndPhase.run(...core, owner, ...seen, row);
  else if (owner !== ownerNow) sql.advanceOwner.run(...core, owner, row);
  else if (!isSeenAlike) sql.advancePhase.run(...core, ...seen, row);
  else sql.advance.run(...core, row);
  return row;
}
