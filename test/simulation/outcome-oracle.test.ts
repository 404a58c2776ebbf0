import { describe, expect, it } from 'vitest';
import { openSqlite } from '../../src/journal/sqlite.ts';
import type { Append } from '../../src/journal/store.ts';
import { escalation, house, interactionId, opening, replaced } from '../contract/journal-bench.ts';
import { Ledger } from './ledger.ts';
import { SETTLE_WITHIN_MS, SLACK_MS } from './limits.ts';
import { OutcomeOracle } from './outcome-oracle.ts';
import { Trace } from './trace.ts';
import type { Violation } from './violation.ts';

const ID = interactionId(1);

/** A handoff that was asked for when nobody had been up yet, and stays open. */
async function openHandoff() {
  const found: Violation[] = [];
  let up = 0;
  const [upMs, now] = [() => up, () => 0];
  const report = (violation: Violation) => void found.push(violation);
  const sqlite = openSqlite(':memory:');
  const ledger = new Ledger({ store: sqlite, now, upMs, trace: new Trace(now), report });
  const store = replaced(sqlite, {
    append: async (batch: readonly Append[]) => {
      const results = await sqlite.append(batch);
      for (const append of batch) ledger.committed(append, 'n1');
      return results;
    },
  });
  const { runner, center } = await house({ store });
  center.script = () => new Promise<never>(() => {});
  await runner.submit(ID, opening(ID, 'c1'));
  await runner.submit(ID, escalation());
  const [viewOf, nobody] = [() => undefined, () => {}];
  const legOf = async () => 'c1';
  const oracle = new OutcomeOracle({ viewOf, ledger, upMs, legOf, onTransfer: nobody, onCallback: nobody, report });
  const at = async (ms: number) => {
    up = ms;
    await oracle.check();
    return found.splice(0).map(({ invariant, message }) => `${invariant} ${message}`);
  };
  return { ledger, at };
}

describe('the bound on a handoff’s time (H6)', () => {
  const BOUND_MS = SETTLE_WITHIN_MS + SLACK_MS;

  it('is its own bound and what nodes that die may take beyond', async () => {
    const { at } = await openHandoff();
    expect(await at(BOUND_MS)).toEqual([]);
    expect(await at(BOUND_MS + 1)).toEqual([`H6 ${ID}.1 is open 1 ms beyond its bound`]);
  });

  it('does not run while its interaction is set aside, and leaves whoever brings that back the time to settle it', async () => {
    const { at, ledger } = await openHandoff();
    ledger.quarantined(ID, true);
    expect(await at(3 * BOUND_MS)).toEqual([]);
    ledger.quarantined(ID, false);
    expect(await at(3 * BOUND_MS + SLACK_MS)).toEqual([]);
    expect(await at(3 * BOUND_MS + SLACK_MS + 1)).toEqual([`H6 ${ID}.1 is open 1 ms beyond its bound`]);
  });
});
