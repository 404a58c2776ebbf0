import { describe, expect, it } from 'vitest';
import { MASTER_KEY, replaced, settled } from '../../test/contract/journal-bench.ts';
import { manualClock } from '../../test/contract/manual-clock.ts';
import { note } from '../../test/contract/sealed-journal.ts';
import { Journal } from './journal.ts';
import { leavesOf, sealDigest } from './seal.ts';
import { Sealer, type SealerParts } from './sealer.ts';
import { openSqlite } from './sqlite.ts';
import type { Seal, Store } from './store.ts';

const EVERY_MS = 60_000;

async function house(parts: Partial<SealerParts> = {}) {
  const store = openSqlite(':memory:');
  const journal = await Journal.open(store, MASTER_KEY);
  const clock = manualClock();
  const faults: unknown[] = [];
  const open = (more: Partial<SealerParts> = {}) =>
    new Sealer({
      store,
      key: journal.sealKey,
      clock,
      everyMs: EVERY_MS,
      onFault: (fault) => faults.push(fault),
      ...parts,
      ...more,
    });
  return { store, journal, clock, faults, open };
}

const sealsOf = (store: Store) => store.seals(0, 100);
const spans = (seals: readonly Seal[]) =>
  seals.map(({ number, afterSeq, upToSeq, events }) => [number, afterSeq, upToSeq, events]);

describe('the sealer (H8)', () => {
  it('seals every minute what has arrived, and makes no seal of nothing', async () => {
    const { store, journal, clock, open } = await house();
    await using sealer = open();
    sealer.start();
    await note(journal, 1);
    await clock.advance(EVERY_MS - 1);
    expect(await sealsOf(store)).toEqual([]);
    await clock.advance(1);
    await settled();
    expect(spans(await sealsOf(store))).toEqual([[1, 0, 2, 2]]);
    await clock.advance(3 * EVERY_MS);
    expect(await sealsOf(store)).toHaveLength(1);
    await note(journal, 2);
    await note(journal, 1);
    await clock.advance(EVERY_MS);
    await settled();
    expect(spans(await sealsOf(store))).toEqual([
      [1, 0, 2, 2],
      [2, 2, 5, 3],
    ]);
    expect(sealer.made).toBe(2);
    expect(await journal.verify()).toMatchObject({ ok: true, seals: 2, unsealed: 0 });
  });

  it('names each interaction once, at its last event in the range, and the seal before', async () => {
    const { store, journal, open } = await house();
    const sealer = open();
    for (const n of [2, 1, 2, 2]) await note(journal, n);
    await sealer.sealNext();
    await note(journal, 1);
    await sealer.sealNext();
    const [first, second] = await sealsOf(store);
    const leaves = [...leavesOf(first!)].map(({ interactionId, version }) => [interactionId.slice(-1), version]);
    expect(leaves).toEqual([
      ['1', 2],
      ['2', 4],
    ]);
    expect(Buffer.compare(second!.previous, sealDigest(first!))).toBe(0);
  });

  it('works a backlog off in several seals, none larger than it may be', async () => {
    const { store, journal, clock, open } = await house({ largestSeal: 300 });
    for (let n = 1; n <= 350; n += 1) await note(journal, n);
    await using sealer = open();
    sealer.start();
    await clock.advance(EVERY_MS);
    await expect.poll(() => clock.advance(0).then(() => sealer.made)).toBe(3);
    expect(spans(await sealsOf(store))).toEqual([
      [1, 0, 300, 300],
      [2, 300, 600, 300],
      [3, 600, 700, 100],
    ]);
    expect(await journal.verify()).toMatchObject({ ok: true, seals: 3 });
  });

  it('lets live work go on between its steps', async () => {
    const { journal, open } = await house();
    for (let n = 1; n <= 500; n += 1) await note(journal, n);
    const sealing = open().sealNext();
    let turns = 0;
    let done = false;
    void sealing.then(() => {
      done = true;
    });
    for (; !done; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  it('shares the work with other nodes: their seals follow from one another, none is made twice', async () => {
    const { store, journal, open } = await house({ largestSeal: 7 });
    const nodes = [open(), open(), open()];
    for (let n = 1; n <= 60; n += 1) await note(journal, n);
    await Promise.all(
      nodes.map(async (node) => {
        while (await node.sealNext());
      }),
    );
    const seals = await sealsOf(store);
    expect(seals).toHaveLength(Math.ceil(120 / 7));
    expect(nodes.reduce((sum, { made }) => sum + made, 0)).toBe(seals.length);
    expect(await journal.verify()).toMatchObject({ ok: true, unsealed: 0 });
  });

  it('leaves a round to another node that has just sealed', async () => {
    const { store, journal, clock, open } = await house();
    await using node = open();
    node.start();
    await note(journal, 1);
    await clock.advance(EVERY_MS - 10);
    await open().sealNext();
    await note(journal, 2);
    await clock.advance(10);
    expect(await sealsOf(store)).toHaveLength(1);
    await clock.advance(EVERY_MS);
    await settled();
    expect(await sealsOf(store)).toHaveLength(2);
  });

  it('seals the rest at a clean stop', async () => {
    const { store, journal, open } = await house({ largestSeal: 4 });
    {
      await using sealer = open();
      sealer.start();
      for (const n of [1, 2, 3, 4, 5]) await note(journal, n);
    }
    expect(spans(await sealsOf(store)).map(([, , , events]) => events)).toEqual([4, 4, 2]);
  });

  it('waits for a store that cannot be written, and goes on when it can', async () => {
    const { store, journal, clock, faults, open } = await house();
    await note(journal, 1);
    let failing = true;
    const full = replaced(store, {
      appendSeal: (seal) => (failing ? Promise.reject(new Error('disk full')) : store.appendSeal(seal)),
    });
    await using sealer = open({ store: full });
    sealer.start();
    await clock.advance(EVERY_MS);
    await settled();
    expect([faults, sealer.made]).toEqual([[], 0]);
    failing = false;
    await clock.advance(EVERY_MS);
    await settled();
    expect(sealer.made).toBe(1);
  });

  it('tells of a bug of our own', async () => {
    const bug = new Error('a bug');
    const sign = () => {
      throw bug;
    };
    const { journal, clock, faults, open } = await house();
    await note(journal, 1);
    const sealer = open({ key: { ...journal.sealKey, sign } });
    sealer.start();
    await clock.advance(EVERY_MS);
    await settled();
    expect(faults).toEqual([bug]);
    await expect(sealer[Symbol.asyncDispose]()).rejects.toBe(bug);
  });
});
