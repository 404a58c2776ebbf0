import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InteractionId } from '../ids.ts';
import { chainFault, chainHash, firstBroken, GENESIS } from './chain.ts';
import type { EventRow } from './store.ts';

const ID = '019a0000-0000-7000-8000-000000000001' as InteractionId;

const link = fc.record({
  type: fc.constantFrom('InteractionOpened', 'LegAttached', 'HandoffSettled'),
  at: fc.double({ min: 1e12, max: 2e12, noNaN: true }),
  actor: fc.string(),
  clear: fc.json(),
  sealed: fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 })),
});

const chain = fc.array(link, { minLength: 2, maxLength: 12 }).map((links) => {
  let previous = GENESIS;
  return links.map((one, index): EventRow => {
    const row = { interactionId: ID, version: index + 1, ...one };
    previous = chainHash(previous, row);
    return { ...row, hash: previous };
  });
});

/** A chain and a place in it. */
const placed = chain.chain((rows) => fc.tuple(fc.constant(rows), fc.nat({ max: rows.length - 1 })));

const other = (bytes: Uint8Array, at: number) =>
  bytes.map((byte, index) => (index === at % bytes.length ? byte ^ 1 : byte));

describe('the hash chain (H8)', () => {
  it('holds when nothing was changed, and for no events at all', () => {
    fc.assert(
      fc.property(chain, (rows) => {
        expect(firstBroken(rows, rows.length)).toBeNull();
      }),
    );
    expect(firstBroken([], 0)).toBeNull();
  });

  it('finds any changed part of any event at its version', () => {
    const change = fc.constantFrom<(row: EventRow, n: number) => Partial<EventRow>>(
      (row) => ({ type: `${row.type}x` }),
      (row) => ({ at: row.at + 1 }),
      (row) => ({ actor: `${row.actor}x` }),
      (row) => ({ clear: `${row.clear} ` }),
      (row, n) => ({ sealed: row.sealed ? other(row.sealed, n) : new Uint8Array([n % 256]) }),
      (row, n) => (row.sealed ? { sealed: null } : { hash: other(row.hash, n) }),
      (row, n) => ({ hash: other(row.hash, n) }),
      () => ({ interactionId: '019a0000-0000-7000-8000-000000000002' as InteractionId }),
      (row) => ({ version: row.version + 1 }),
    );
    fc.assert(
      fc.property(placed, change, fc.nat(), ([rows, at], changing, n) => {
        const changed = rows.map((row, index) => (index === at ? { ...row, ...changing(row, n) } : row));
        expect(firstBroken(changed, rows.length)).toBe(at + 1);
      }),
      { numRuns: 500 },
    );
  });

  it('finds a removed event where it is missing, the last one too', () => {
    fc.assert(
      fc.property(placed, ([rows, at]) => {
        expect(firstBroken(rows.toSpliced(at, 1), rows.length)).toBe(at + 1);
      }),
    );
  });

  it('finds a removed event even when the others were renumbered', () => {
    fc.assert(
      fc.property(placed, ([rows, at]) => {
        fc.pre(at < rows.length - 1);
        const renumbered = rows.toSpliced(at, 1).map((row, index) => ({ ...row, version: index + 1 }));
        expect(firstBroken(renumbered, renumbered.length)).toBe(at + 1);
      }),
    );
  });

  it('finds an inserted event, and one too many at the end', () => {
    fc.assert(
      fc.property(placed, ([rows, at]) => {
        expect(firstBroken(rows.toSpliced(at, 0, rows[at] as EventRow), rows.length)).toBe(at + 2);
        expect(firstBroken(rows, rows.length - 1)).toBe(rows.length + 1);
      }),
    );
  });

  it('finds a chain that does not begin at the beginning, though its hashes follow', () => {
    const row = { interactionId: ID, version: 2, type: 'A', at: 1, actor: 'a', clear: '{}', sealed: null };
    expect(firstBroken([{ ...row, hash: chainHash(GENESIS, row) }], 1)).toBe(1);
  });

  it('finds two events that changed places', () => {
    fc.assert(
      fc.property(placed, ([rows, at]) => {
        fc.pre(at < rows.length - 1);
        const swapped = rows.toSpliced(at, 2, rows[at + 1] as EventRow, rows[at] as EventRow);
        expect(firstBroken(swapped, rows.length)).toBe(at + 1);
      }),
    );
  });

  it('tells apart rows whose parts read the same one after the other', () => {
    const base = { interactionId: ID, version: 1, at: 1, sealed: null };
    const one = chainHash(GENESIS, { ...base, type: 'A', actor: 'B"', clear: '{}' });
    const two = chainHash(GENESIS, { ...base, type: 'A"', actor: 'B', clear: '{}' });
    expect(one).not.toEqual(two);
  });

  it('says what was done: changed, removed from anywhere, or put in', () => {
    const versions = (rows: readonly EventRow[], by: number) =>
      rows.map((row) => ({ ...row, version: row.version + by }));
    fc.assert(
      fc.property(placed, ([rows, at]) => {
        const all = rows.length;
        expect(chainFault(rows, all)).toBeNull();
        const retyped = rows.with(at, { ...rows[at]!, type: 'Other' });
        expect(chainFault(retyped, all)).toEqual({ kind: 'event-changed', version: at + 1 });
        expect(chainFault(rows.toSpliced(at, 1), all)).toEqual({ kind: 'event-removed', version: at + 1 });
        expect(chainFault(rows.slice(0, at), all)).toEqual({ kind: 'event-removed', version: at + 1 });
        expect(chainFault(rows, all - 1)).toEqual({ kind: 'event-inserted', version: all });
        expect(chainFault([...versions(rows.slice(0, 1), -1), ...rows], all)).toEqual({
          kind: 'event-inserted',
          version: 0,
        });
      }),
    );
  });
});
