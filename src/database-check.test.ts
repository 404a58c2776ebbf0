import { describe, expect, it } from 'vitest';
import { manualClock } from '../test/contract/manual-clock.ts';
import { databaseCheck } from './database-check.ts';

async function checked(offsetMs: () => number | null) {
  const clock = manualClock();
  const closing = new AbortController();
  const now = async () => {
    const offset = offsetMs();
    if (offset === null) throw new Error('no connection');
    return clock.now() + offset;
  };
  const check = databaseCheck(now, { clock, signal: closing.signal });
  expect(check.reasons()).toEqual(['waiting for the database to answer']);
  await check.looked;
  return { check, clock };
}

describe('a database that others share', () => {
  it.each([0, 999, -999])('is fine when its clock differs by %d ms', async (offset) => {
    expect((await checked(() => offset)).check.reasons()).toEqual([]);
  });

  it.each([
    [1_500, /1\.5 s behind the database/],
    [-2_000, /2\.0 s ahead of the database/],
  ])('is not to be worked with when its clock differs by %d ms, and the reason says so', async (offset, reason) => {
    expect((await checked(() => offset)).check.reasons()).toEqual([expect.stringMatching(reason)]);
  });

  it('is looked at again and again: what was wrong may pass, and what was right may not last', async () => {
    let offset: number | null = null;
    const { check, clock } = await checked(() => offset);
    expect(check.reasons()).toEqual(['the database does not answer']);
    offset = 0;
    await clock.advance(2_000);
    expect(check.reasons()).toEqual([]);
    offset = 5_000;
    await clock.advance(2_000);
    expect(check.reasons()).toHaveLength(1);
  });

  it('does not answer when it does not answer in time', async () => {
    const clock = manualClock();
    const silent = () => new Promise<never>(() => {});
    const check = databaseCheck(silent, { clock, signal: new AbortController().signal });
    await clock.advance(1_500);
    await check.looked;
    expect(check.reasons()).toEqual(['the database does not answer']);
  });
});
