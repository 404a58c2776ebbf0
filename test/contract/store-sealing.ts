// Owns the part of the store contract that seals and key rotation stand on: arrivals that miss nothing, seals that are kept once
// and for good, and wrapped keys that are replaced only while they are what was read.

import { expect, it } from 'vitest';
import type { ManifestRef } from '../../src/ids.ts';
import type { ArrivedHead, Seal, Store } from '../../src/journal/store.ts';
import { append, blob, bytes, id, mustAppend, plain, rows, T0 } from './store-samples.ts';

function seal(number: number, more: Partial<Seal> = {}): Seal {
  const [leaves, root, previous, signature] = [52, 32, 32, 64].map((length) => bytes(number, length));
  const said = { number, at: T0 + number / 4, afterSeq: number * 10, upToSeq: number * 10 + 10, events: 10 };
  return { ...said, leaves: leaves!, root: root!, previous: previous!, keyId: 'k1', signature: signature!, ...more };
}

function readable({ leaves, root, previous, signature, ...rest }: Seal) {
  return { ...rest, leaves: plain(leaves), root: plain(root), previous: plain(previous), signature: plain(signature) };
}

const named = (heads: readonly ArrivedHead[]) => heads.map(({ interactionId, version }) => [interactionId, version]);

export function sealing(open: () => Promise<Store>): void {
  it('shows which events arrived, in order and with their hashes, from anywhere on', async () => {
    await using store = await open();
    expect(await store.arrivals(0, 10)).toEqual([]);
    await mustAppend(store, append(2, { count: 2 }), append(1));
    await mustAppend(store, append(2, { expectedVersion: 2 }));
    const all = await store.arrivals(0, 10);
    expect(named(all)).toEqual([
      [id(2), 1],
      [id(2), 2],
      [id(1), 1],
      [id(2), 3],
    ]);
    expect(all.map(({ seq }) => seq)).toEqual((await store.feed(0, 10)).map(({ seq }) => seq));
    expect(plain(all[1]?.hash)).toEqual(plain(rows(id(2), 1, 2)[1]?.hash));
    expect(named(await store.arrivals(all[1]!.seq, 1))).toEqual([[id(1), 1]]);
    expect(all[0]?.seq).toBeGreaterThan(0);
  });

  it('hides an event while another can still arrive before it: who goes on from the last one misses none', async () => {
    await using store = await open();
    const seen: ArrivedHead[] = [];
    let writing = true;
    const writers = Promise.all(
      [0, 1, 2, 3].map(async (writer) => {
        for (let n = 1; n <= 25; n += 1) await mustAppend(store, append(writer * 100 + n, { count: 1 + (n % 3) }));
      }),
    ).finally(() => {
      writing = false;
    });
    const more = async () => {
      const page = await store.arrivals(seen.at(-1)?.seq ?? 0, 7);
      seen.push(...page);
      return page.length > 0;
    };
    while (writing) await more();
    await writers;
    while (await more());
    expect(named(seen)).toEqual(named(await store.arrivals(0, 1_000)));
    expect(seen).toHaveLength(4 * (8 * 6 + 2));
  });

  it('keeps a seal to the byte, and the first of a number for good', async () => {
    await using store = await open();
    expect([await store.lastSeal(), await store.seals(0, 10)]).toEqual([null, []]);
    expect(await store.appendSeal(seal(1))).toBe(true);
    expect(await store.appendSeal(seal(1, { keyId: 'late', root: bytes(9, 32) }))).toBe(false);
    const large = seal(2, { leaves: bytes(5, 52 * 4_096), upToSeq: 2 ** 40 });
    expect(await store.appendSeal(large)).toBe(true);
    expect((await store.seals(0, 10)).map(readable)).toEqual([seal(1), large].map(readable));
    expect(readable((await store.lastSeal())!)).toEqual(readable(large));
  });

  it('gives seals page by page in order of their numbers', async () => {
    await using store = await open();
    for (const number of [1, 2, 3, 4, 5]) await store.appendSeal(seal(number));
    expect((await store.seals(0, 2)).map(({ number }) => number)).toEqual([1, 2]);
    expect((await store.seals(2, 10)).map(({ number }) => number)).toEqual([3, 4, 5]);
    expect(await store.seals(5, 10)).toEqual([]);
  });

  it('of several seals with one number takes exactly one, however many nodes try', async () => {
    await using store = await open();
    for (const number of [1, 2, 3, 4, 5]) {
      const tries = ['a', 'b', 'c'].map((keyId) => store.appendSeal(seal(number, { keyId })));
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    }
    expect(await store.seals(0, 10)).toHaveLength(5);
  });
}

export function rewrapping(open: () => Promise<Store>): void {
  it('pages through the wrapped keys of interactions and of blobs in order of id', async () => {
    await using store = await open();
    await mustAppend(store, append(3), append(1), append(2));
    await store.putBlobs([blob('b', T0), blob('a', T0)]);
    const first = await store.wrappedKeys('interaction', '', 2);
    expect(first.map(({ id: of, wrapped }) => [of, plain(wrapped)])).toEqual([
      [id(1), plain(bytes(1, 60))],
      [id(2), plain(bytes(2, 60))],
    ]);
    expect((await store.wrappedKeys('interaction', id(2), 2)).map((one) => one.id)).toEqual([id(3)]);
    expect((await store.wrappedKeys('blob', '', 9)).map((one) => one.id)).toEqual(['a', 'b']);
    expect(await store.wrappedKeys('blob', 'b', 9)).toEqual([]);
  });

  it('replaces a wrapped key only while it is what was read, each by itself', async () => {
    await using store = await open();
    await mustAppend(store, append(1), append(2));
    await store.putBlobs([blob('b', T0 + 10)]);
    const rewrapped = bytes(77, 64);
    const replaced = await store.rewrap([
      { owner: 'interaction', id: id(1), wrapped: bytes(1, 60), rewrapped },
      { owner: 'interaction', id: id(2), wrapped: bytes(1, 60), rewrapped },
      { owner: 'interaction', id: id(9), wrapped: bytes(1, 60), rewrapped },
      { owner: 'blob', id: 'b', wrapped: bytes(1, 60), rewrapped },
    ]);
    expect(replaced).toBe(2);
    const [one, two] = await store.load([id(1), id(2)]);
    expect([plain(one?.wrappedKey), plain(two?.wrappedKey)]).toEqual([plain(rewrapped), plain(bytes(2, 60))]);
    expect(plain((await store.getBlob('b' as ManifestRef, T0))?.wrappedKey)).toEqual(plain(rewrapped));
    expect(await store.rewrap([])).toBe(0);
  });

  it('a new wrapping leaves version, timers and claims as they were', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { dueAt: T0, count: 2 }));
    await store.rewrap([{ owner: 'interaction', id: id(1), wrapped: bytes(1, 60), rewrapped: bytes(2, 64) }]);
    expect(await store.claimDue(T0, { owner: 'n1', until: T0 + 9 }, 9)).toMatchObject([{ id: id(1), claims: 1 }]);
    await mustAppend(store, append(1, { expectedVersion: 2 }));
  });

  it('replaces a small value only while it is what was read', async () => {
    await using store = await open();
    expect(await store.readMeta('key')).toBeNull();
    expect(await store.replaceMeta('key', bytes(1, 8), bytes(2, 8))).toBe(false);
    await store.settleMeta('key', bytes(1, 8));
    const tries = [2, 3].map((n) => store.replaceMeta('key', bytes(1, 8), bytes(n, 8)));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect([plain(bytes(2, 8)), plain(bytes(3, 8))]).toContainEqual(plain(await store.readMeta('key')));
    expect(await store.replaceMeta('key', bytes(1, 8), bytes(4, 8))).toBe(false);
  });
}
