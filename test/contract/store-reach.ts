// Owns the part of the store contract that is about links and suppressed numbers: a link is found by its token's hash and goes with its
// interaction's key; a suppressed number stays through an erasure.

import { expect, it } from 'vitest';
import type { ClaimRow } from '../../src/journal/reach-table.ts';
import type { Store } from '../../src/journal/store.ts';
import { append, bytes, id, MINUTE_MS, mustAppend, T0 } from './store-samples.ts';

const claim = (n: number, change: Partial<ClaimRow> = {}): ClaimRow => ({
  tokenHash: bytes(n, 32),
  interactionId: id(n),
  numberHash: bytes(90 + n, 32),
  expiresAt: T0 + MINUTE_MS,
  ...change,
});

export function reach(open: () => Promise<Store>): void {
  it('finds a link by the hash of its token, and no other', async () => {
    await using store = await open();
    await mustAppend(store, append(1), append(2));
    expect(await store.reach.putClaim(claim(1))).toBe(true);
    expect(await store.reach.putClaim(claim(2))).toBe(true);
    const found = await store.reach.findClaim(bytes(1, 32));
    expect(found).toMatchObject({ interactionId: id(1), expiresAt: T0 + MINUTE_MS });
    expect([...(found?.numberHash ?? [])]).toEqual([...bytes(91, 32)]);
    expect(await store.reach.findClaim(bytes(3, 32))).toBeNull();
  });

  it('keeps a link as it was when it is put again, also for another', async () => {
    await using store = await open();
    await mustAppend(store, append(1), append(2));
    await store.reach.putClaim(claim(1));
    await store.reach.putClaim(claim(1));
    await store.reach.putClaim(claim(2, { tokenHash: bytes(1, 32) }));
    expect(await store.reach.findClaim(bytes(1, 32))).toMatchObject({ interactionId: id(1) });
  });

  it('keeps several links of one interaction, and none of one that nobody knows', async () => {
    await using store = await open();
    await mustAppend(store, append(1));
    await store.reach.putClaim(claim(1));
    await store.reach.putClaim(claim(1, { tokenHash: bytes(7, 32) }));
    expect(await store.reach.findClaim(bytes(7, 32))).toMatchObject({ interactionId: id(1) });
    expect(await store.reach.putClaim(claim(5))).toBe(false);
    expect(await store.reach.findClaim(bytes(5, 32))).toBeNull();
  });

  it('forgets the links of an erased interaction with its key, and takes none any more', async () => {
    await using store = await open();
    await mustAppend(store, append(1), append(2));
    await store.reach.putClaim(claim(1));
    await store.reach.putClaim(claim(2));
    await mustAppend(store, append(1, { expectedVersion: 1, erase: true }));
    expect(await store.reach.findClaim(bytes(1, 32))).toBeNull();
    expect(await store.reach.findClaim(bytes(2, 32))).toMatchObject({ interactionId: id(2) });
    expect(await store.reach.putClaim(claim(1))).toBe(false);
    expect(await store.reach.findClaim(bytes(1, 32))).toBeNull();
  });

  it('suppresses a number until it is lifted, once however often it is told, and through an erasure', async () => {
    await using store = await open();
    await mustAppend(store, append(1));
    const [one, other] = [bytes(1, 32), bytes(2, 32)];
    expect(await store.reach.isSuppressed(one)).toBe(false);
    await store.reach.suppress(one, 'keyword', T0);
    await store.reach.suppress(one, 'vendor', T0 + 1);
    await mustAppend(store, append(1, { expectedVersion: 1, erase: true }));
    expect([await store.reach.isSuppressed(one), await store.reach.isSuppressed(other)]).toEqual([true, false]);
    await store.reach.unsuppress(other);
    await store.reach.unsuppress(one);
    await store.reach.unsuppress(one);
    expect(await store.reach.isSuppressed(one)).toBe(false);
  });
}
