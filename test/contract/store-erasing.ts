// Owns the part of the store contract that is about destroying: what an erasing append takes away and what it leaves (H8), and
// how erasures themselves are noted. That destroyed keys are in no file afterwards is proved per dialect, where the files are.

import { expect, it } from 'vitest';
import type { ManifestRef } from '../../src/ids.ts';
import type { Store } from '../../src/journal/store.ts';
import {
  append,
  blob,
  bytes,
  id,
  kinds,
  leg,
  MINUTE_MS,
  mustAppend,
  parked,
  plain,
  plainRows,
  T0,
} from './store-samples.ts';

const ref = (name: string) => name as ManifestRef;

export function erasing(open: () => Promise<Store>): void {
  it('takes the key, the snapshot and the subjects away, and leaves every event as it was (H8)', async () => {
    await using store = await open();
    const [phone, email] = [bytes(1, 32), bytes(2, 32)];
    await mustAppend(store, append(1, { subjects: [phone], attach: [leg('a')] }), append(2, { subjects: [phone] }));
    await mustAppend(store, append(1, { expectedVersion: 1, subjects: [email], snapshot: bytes(9, 80) }));
    const before = plainRows(await store.history(id(1)));
    await mustAppend(store, append(1, { expectedVersion: 2, erase: true }));

    const [erased] = await store.load([id(1)]);
    expect(erased).toMatchObject({ version: 3, wrappedKey: null, snapshot: null });
    expect(erased?.events.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(plainRows(await store.history(id(1))).slice(0, 2)).toEqual(before);
    expect(await store.findSubject(phone, 10)).toEqual([id(2)]);
    expect(await store.findSubject(email, 10)).toEqual([]);
    expect(plain((await store.load([id(2)]))[0]?.wrappedKey)).toEqual(plain(bytes(2, 60)));
  });

  it('leaves the legs, and takes what waits for them', async () => {
    await using store = await open();
    await store.park([parked('mine', leg('a')), parked('theirs', leg('b'))]);
    await mustAppend(store, append(1, { attach: [leg('a')] }), append(2, { attach: [leg('b')] }));
    await mustAppend(store, append(1, { expectedVersion: 1, erase: true }));
    expect(await store.findLegs([leg('a')])).toEqual([id(1)]);
    expect(await store.parked([leg('a')])).toEqual([]);
    expect(await store.parked([leg('b')])).toHaveLength(1);
    expect(await store.park([parked('late', leg('a'))])).toEqual([id(1)]);
  });

  it('goes on after an erasure: events are appended, claims are made, lists know it', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { dueAt: T0 }));
    await mustAppend(store, append(1, { expectedVersion: 1, erase: true, dueAt: T0, summary: { holder: 'none' } }));
    expect(await store.claimDue(T0, { owner: 'n1', until: T0 + 10 }, 10)).toMatchObject([{ id: id(1), claims: 1 }]);
    await mustAppend(store, append(1, { expectedVersion: 2, summary: { holder: 'none' } }));
    expect((await store.load([id(1)]))[0]).toMatchObject({ version: 3, wrappedKey: null });
    expect(await store.list({ holder: 'none', limit: 10 })).toMatchObject([{ id: id(1), version: 3 }]);
  });

  it('sets, frees or keeps nothing else than any append does: an erasure that is refused changes nothing', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { subjects: [bytes(1, 32)], blobs: [blob('m', T0 + MINUTE_MS)] }));
    const late = append(1, { expectedVersion: 4, erase: true, forget: [ref('m')] });
    expect(kinds(await store.append([late]))).toEqual(['version-conflict']);
    expect((await store.load([id(1)]))[0]?.wrappedKey).not.toBeNull();
    expect(await store.findSubject(bytes(1, 32), 10)).toEqual([id(1)]);
    expect(await store.getBlob(ref('m'), T0)).not.toBeNull();
  });

  it('is taken of a quarantined interaction, which is none any more', async () => {
    await using store = await open();
    await mustAppend(store, append(1));
    await store.quarantine(id(1), T0);
    expect(kinds(await store.append([append(1, { expectedVersion: 1 })]))).toEqual(['version-conflict']);
    await mustAppend(store, append(1, { expectedVersion: 1, erase: true }));
    expect(await store.load([id(1)])).toMatchObject([{ quarantined: false, version: 2, wrappedKey: null }]);
    await mustAppend(store, append(1, { expectedVersion: 2 }));
  });

  it('forgets blobs in the same transaction, those of the very append included, and minds no unknown one', async () => {
    await using store = await open();
    const until = T0 + MINUTE_MS;
    await mustAppend(store, append(1, { blobs: [blob('old', until), blob('kept', until)] }));
    const forget = [ref('old'), ref('new'), ref('never')];
    await mustAppend(store, append(1, { expectedVersion: 1, blobs: [blob('new', until)], forget }));
    const found = await Promise.all(['old', 'new', 'kept'].map((name) => store.getBlob(ref(name), T0)));
    expect(found.map((one) => one !== null)).toEqual([false, false, true]);
    expect(plain(found[2]?.wrappedKey)).toEqual(plain(bytes(1, 60)));
  });

  it('finds the interactions of a subject page by page', async () => {
    await using store = await open();
    const phone = bytes(1, 32);
    await mustAppend(store, ...[1, 2, 3, 4, 5].map((n) => append(n, { subjects: n === 3 ? [] : [phone] })));
    const first = await store.findSubject(phone, 2);
    expect(first).toEqual([id(5), id(4)]);
    expect(await store.findSubject(phone, 2, id(4))).toEqual([id(2), id(1)]);
    expect(await store.findSubject(phone, 2, id(1))).toEqual([]);
    expect(await store.findSubject(phone, 2, id(3))).toEqual([id(2), id(1)]);
  });

  it('notes an erasure, and adds to it', async () => {
    await using store = await open();
    const noted = { id: 'e1', requestedAt: T0, subject: 'phone', scrubbedAt: null };
    expect(await store.getErasure('e1')).toBeNull();
    await store.putErasure({ ...noted, interactions: [] });
    expect(await store.getErasure('e1')).toEqual({ ...noted, interactions: [] });
    await store.putErasure({ ...noted, requestedAt: T0 + 9, interactions: [id(2), id(1)] });
    await store.putErasure({ ...noted, interactions: [id(3), id(2)], scrubbedAt: T0 + 5.5 });
    const interactions = [id(1), id(2), id(3)];
    expect(await store.getErasure('e1')).toEqual({ ...noted, interactions, scrubbedAt: T0 + 5.5 });
    await store.putErasure({ ...noted, interactions: [] });
    expect(await store.getErasure('e1')).toEqual({ ...noted, interactions });
  });

  it('can be asked to scrub at any time', async () => {
    await using store = await open();
    expect(await store.scrub()).toEqual({ kind: 'scrubbed' });
    await mustAppend(store, append(1));
    await mustAppend(store, append(1, { expectedVersion: 1, erase: true }));
    expect(['scrubbed', 'pending']).toContain((await store.scrub()).kind);
    expect((await store.load([id(1)]))[0]).toMatchObject({ version: 2, wrappedKey: null });
  });
}
