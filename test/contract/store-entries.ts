// Owns the part of the store contract that is about entry numbers: one number is lent to one handoff at a time, who asks twice keeps
// theirs, a late caller is still recognised, and an erasure leaves nothing to recognise anybody by.

import { expect, it } from 'vitest';
import type { HandoffId, PlatformName } from '../../src/ids.ts';
import type { EntryWish } from '../../src/journal/entry-loan.ts';
import type { Store } from '../../src/journal/store.ts';
import { append, bytes, id, MINUTE_MS, mustAppend, T0 } from './store-samples.ts';

const CXONE = 'nice_cxone' as PlatformName;
const [A, B, C] = ['+14155550101', '+14155550102', '+14155550103'] as const;
const UNTIL = T0 + MINUTE_MS;
const FREE_FROM = UNTIL + 5 * MINUTE_MS;

const handoff = (n: number) => `${id(n)}.1` as HandoffId;

function wish(n: number, given: Partial<EntryWish> = {}): EntryWish {
  return {
    handoffId: handoff(n),
    interactionId: id(n),
    platform: CXONE,
    numbers: [A, B],
    tokenHash: bytes(n, 32),
    aniHash: bytes(50 + n, 16),
    until: UNTIL,
    freeFrom: FREE_FROM,
    ...given,
  };
}

async function storeWith(open: () => Promise<Store>, interactions: number): Promise<Store> {
  const store = await open();
  await mustAppend(store, ...Array.from({ length: interactions }, (_, n) => append(n + 1)));
  return store;
}

export function entries(open: () => Promise<Store>): void {
  it('lends each number to one handoff at a time, and says when there is none', async () => {
    await using store = await storeWith(open, 3);
    expect(await store.takeEntry(wish(1), T0)).toEqual({ number: A, until: UNTIL });
    expect(await store.takeEntry(wish(2), T0)).toEqual({ number: B, until: UNTIL });
    expect(await store.takeEntry(wish(3), T0)).toBeNull();
    expect(await store.takeEntry(wish(3, { numbers: [] }), T0)).toBeNull();
    const elsewhere = wish(3, { platform: 'genesys_cloud' as PlatformName });
    expect(await store.takeEntry(elsewhere, T0)).toEqual({ number: A, until: UNTIL });
  });

  it('lets who asks again keep their number, for as long as the longer of both says', async () => {
    await using store = await storeWith(open, 1);
    await store.takeEntry(wish(1), T0);
    expect(await store.takeEntry(wish(1, { until: UNTIL - 5 }), T0)).toEqual({ number: A, until: UNTIL });
    const longer = wish(1, { until: UNTIL + 9, freeFrom: FREE_FROM + 9, numbers: [C] });
    expect(await store.takeEntry(longer, T0)).toEqual({ number: A, until: UNTIL + 9 });
    await store.releaseEntry(handoff(1), T0 + 1);
    expect(await store.takeEntry(wish(1), T0 + 2)).toEqual({ number: A, until: UNTIL });
  });

  it('lends a number anew once it is free, the one that has been free the longest first', async () => {
    await using store = await storeWith(open, 4);
    await store.takeEntry(wish(1, { freeFrom: FREE_FROM + 1 }), T0);
    await store.takeEntry(wish(2), T0);
    expect(await store.takeEntry(wish(3), FREE_FROM - 1)).toBeNull();
    const third = wish(3, { until: FREE_FROM + 50, freeFrom: FREE_FROM + 100 });
    expect(await store.takeEntry(third, FREE_FROM + 2)).toMatchObject({ number: B });
    await store.releaseEntry(handoff(3), FREE_FROM + 3);
    expect(await store.takeEntry(wish(4), FREE_FROM + 3)).toMatchObject({ number: A });
  });

  it('finds a loan by token, by number and by the caller, also when it is over, until the number is lent anew', async () => {
    await using store = await storeWith(open, 2);
    await store.takeEntry(wish(1, { numbers: [A] }), T0);
    await store.releaseEntry(handoff(1), T0 + 5);
    const loan = { handoffId: handoff(1), interactionId: id(1), platform: CXONE, number: A, until: T0 + 5 };
    const byToken = await store.findEntries({ platform: CXONE, tokenHash: bytes(1, 32) });
    expect(byToken).toMatchObject([loan]);
    expect([...(byToken[0]?.aniHash ?? [])]).toEqual([...bytes(51, 16)]);
    expect(await store.findEntries({ platform: CXONE, number: A })).toMatchObject([loan]);
    expect(await store.findEntries({ platform: CXONE, aniHash: bytes(51, 16), since: T0 })).toMatchObject([loan]);
    expect(await store.findEntries({ platform: CXONE, aniHash: bytes(51, 16), since: T0 + 5 })).toEqual([]);
    const other = 'genesys_cloud' as PlatformName;
    expect(await store.findEntries({ platform: other, tokenHash: bytes(1, 32) })).toEqual([]);
    expect(await store.findEntries({ platform: CXONE, number: '\0' })).toEqual([]);

    await store.takeEntry(wish(2, { numbers: [A], aniHash: null }), T0 + 6);
    expect(await store.findEntries({ platform: CXONE, tokenHash: bytes(1, 32) })).toEqual([]);
    expect(await store.findEntries({ platform: CXONE, number: A })).toMatchObject([{ handoffId: handoff(2) }]);
    expect(await store.findEntries({ platform: CXONE, aniHash: bytes(51, 16), since: T0 })).toEqual([]);
  });

  it('tells that a caller may be one of two', async () => {
    await using store = await storeWith(open, 2);
    for (const n of [1, 2]) await store.takeEntry(wish(n, { aniHash: bytes(7, 16) }), T0);
    const found = await store.findEntries({ platform: CXONE, aniHash: bytes(7, 16), since: T0 });
    expect(found.map(({ number }) => number).toSorted()).toEqual([A, B]);
  });

  it('leaves nothing of an erased interaction but that its number was lent, and lends it none any more', async () => {
    await using store = await storeWith(open, 2);
    await store.takeEntry(wish(1, { numbers: [A] }), T0);
    await mustAppend(store, append(1, { expectedVersion: 1, erase: true }));
    expect(await store.findEntries({ platform: CXONE, tokenHash: bytes(1, 32) })).toEqual([]);
    expect(await store.findEntries({ platform: CXONE, number: A })).toEqual([]);
    expect(await store.findEntries({ platform: CXONE, aniHash: bytes(51, 16), since: T0 })).toEqual([]);
    expect(await store.takeEntry(wish(2, { numbers: [A] }), FREE_FROM - 1)).toBeNull();
    expect(await store.takeEntry(wish(1), FREE_FROM)).toBeNull();
    expect(await store.takeEntry(wish(2, { numbers: [A] }), FREE_FROM)).toMatchObject({ number: A });
  });

  it('lends no number to an interaction that nobody knows', async () => {
    await using store = await storeWith(open, 0);
    expect(await store.takeEntry(wish(1), T0)).toBeNull();
  });

  it('knows a place that the destination holds by its id, the newest of a handoff only, until its time is over', async () => {
    await using store = await storeWith(open, 2);
    const held = (n: number, reservationId: string) => {
      const { numbers: _, ...rest } = wish(n);
      return store.holdEntry({ ...rest, reservationId });
    };
    const found = async (reservationId: string) =>
      (await store.findEntries({ platform: CXONE, number: `reservation:${reservationId}` })).map(
        (one) => one.handoffId,
      );
    await held(1, 'res-1');
    await held(1, 'res-2');
    await held(1, 'res-2');
    expect([await found('res-1'), await found('res-2')]).toEqual([[], [handoff(1)]]);
    expect(await store.findEntries({ platform: CXONE, tokenHash: bytes(1, 32) })).toHaveLength(1);
    await held(2, 'res-2');
    expect(await found('res-2')).toEqual([handoff(2)]);
    await store.takeEntry(wish(1), T0);
    await store.expire(FREE_FROM - 1, 10);
    expect(await found('res-2')).toEqual([handoff(2)]);
    await store.expire(FREE_FROM, 10);
    expect(await found('res-2')).toEqual([]);
    expect(await store.findEntries({ platform: CXONE, number: A })).toHaveLength(1);
    await mustAppend(store, append(2, { expectedVersion: 1, erase: true }));
    await held(2, 'res-3');
    expect(await found('res-3')).toEqual([]);
  });

  it('takes back what is not lent without a word', async () => {
    await using store = await storeWith(open, 1);
    await store.releaseEntry(handoff(1), T0);
    expect(await store.takeEntry(wish(1), T0)).toMatchObject({ number: A });
  });

  it('lends a number once, however many ask at once', async () => {
    await using store = await storeWith(open, 12);
    const numbers = Array.from({ length: 8 }, (_, n) => `+1415555020${n}`);
    const taken = await Promise.all(
      Array.from({ length: 12 }, (_, n) => store.takeEntry(wish(n + 1, { numbers }), T0)),
    );
    const lent = taken.flatMap((one) => (one ? [one.number] : []));
    expect(lent.toSorted()).toEqual(numbers);
    // Each twice at once: the same again for everybody, also for those who got none.
    const again = await Promise.all(
      Array.from({ length: 12 }, (_, n) => store.takeEntry(wish(n + 1, { numbers }), T0)),
    );
    expect(again).toEqual(taken);
  });
}
