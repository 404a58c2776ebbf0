import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS, SQL } from './sqlite-statements.ts';

/** How SQLite would go about a statement, one line per step. */
function planOf(database: DatabaseSync, sql: string): string[] {
  const steps = database.prepare(`explain query plan ${sql}`).all();
  return steps.map(({ detail }) => String(detail));
}

function migrated(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  for (const migration of MIGRATIONS) database.exec(migration);
  return database;
}

/** What waits for its leg for 15 minutes at most; everything else grows with the house. */
const SMALL_TABLES =
  /^SCAN(?! \d+-ROW VALUES) (parked USING (INDEX parked_age|COVERING INDEX parked_leg)|CONSTANT ROW)$/;

describe('plans of the statements on SQLite', () => {
  const database = migrated();

  it.each(Object.entries(SQL))('%s walks no table that grows, and sorts nothing by hand', (_name, sql) => {
    const slow = planOf(database, sql).filter(
      (step) => /^SCAN(?! \d+-ROW VALUES)|TEMP B-TREE/.test(step) && !SMALL_TABLES.test(step),
    );
    expect(slow).toEqual([]);
  });

  it.each([
    ['due', 'interaction_due'],
    ['recover', 'interaction_leased'],
    ['list', 'interaction_opened'],
    ['listByPhase', 'interaction_phase'],
    ['listByHolder', 'interaction_holder'],
    ['listByChannel', 'interaction_channel'],
    ['awaitingPerson', 'interaction_awaiting_person'],
    ['eventsAfter', 'event_of_interaction'],
    ['parkedForLeg', 'parked_leg'],
    ['deleteSubjects', 'subject_of_interaction'],
    ['expiredBlobs', 'sealed_blob_age'],
    ['forgetClaims', 'claim_interaction'],
  ] as const)('%s goes by the index %s', (name, index) => {
    expect(planOf(database, SQL[name]).join()).toContain(`INDEX ${index} (`);
  });

  it('none returns what it writes: SQLite would copy the pages, and from 64 KiB on into a file outside the data folder', () => {
    expect(Object.entries(SQL).filter(([, sql]) => /\breturning\b/i.test(sql))).toEqual([]);
  });

  it('sees a walk where there is one', () => {
    expect(planOf(database, 'select * from event where actor = ?')).toEqual(['SCAN event']);
    expect(planOf(database, 'select * from interaction order by holder || phase').join()).toContain('TEMP B-TREE');
  });
});
