// Owns the promises every store keeps, as one suite that each dialect runs against itself. Nothing here knows a dialect; what
// one of them promises beyond the port stands in its own test file. H8 and the single point of every race are proved here.

import { describe, expect, it } from 'vitest';
import type { ManifestRef } from '../../src/ids.ts';
import type { Store } from '../../src/journal/store.ts';
import { entries } from './store-entries.ts';
import { erasing } from './store-erasing.ts';
import { parking, reading } from './store-reading.ts';
import {
  append,
  blob,
  bytes,
  id,
  ids,
  kinds,
  leg,
  MINUTE_MS,
  message,
  mustAppend,
  parked,
  plain,
  plainRows,
  rows,
  T0,
} from './store-samples.ts';
import { rewrapping, sealing } from './store-sealing.ts';

/** `open` gives an empty store, a new one for every test. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name}: appending`, () => appending(open));
  describe(`${name}: legs, subjects and messages`, () => finding(open));
  describe(`${name}: parked messages`, () => parking(open));
  describe(`${name}: claims and leases`, () => claiming(open));
  describe(`${name}: blobs, lists, feed and chains`, () => reading(open));
  describe(`${name}: arrivals and seals`, () => sealing(open));
  describe(`${name}: wrapped keys`, () => rewrapping(open));
  describe(`${name}: erasure`, () => erasing(open));
  describe(`${name}: entry numbers`, () => entries(open));
  describe(`${name}: races`, () => racing(open));
}

function appending(open: () => Promise<Store>): void {
  it('gives back what was appended, to the byte and to the fraction of a millisecond', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { count: 3 }));
    const [stored] = await store.load([id(1)]);
    expect(stored).toMatchObject({ id: id(1), version: 3, snapshot: null, quarantined: false });
    expect(plain(stored!.wrappedKey)).toEqual(plain(bytes(1, 60)));
    expect(plainRows(stored!.events)).toEqual(plainRows(rows(id(1), 1, 3)));
    expect(plainRows(await store.history(id(1)))).toEqual(plainRows(rows(id(1), 1, 3)));
  });

  it('knows nothing of what was never appended', async () => {
    await using store = await open();
    await mustAppend(store, append(1));
    expect(ids(await store.load([id(9), id(1), id(8)]))).toEqual([id(1)]);
    expect(await store.history(id(9))).toEqual([]);
    expect(await store.load([])).toEqual([]);
    expect(await store.append([])).toEqual([]);
  });

  it('takes an append only at the version it expects', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { count: 2 }));
    for (const expectedVersion of [1, 3]) {
      expect(kinds(await store.append([append(1, { expectedVersion })]))).toEqual(['version-conflict']);
    }
    await mustAppend(store, append(1, { expectedVersion: 2, count: 2 }));
    expect((await store.load([id(1)]))[0]?.version).toBe(4);
  });

  it('takes the first append of an interaction once, and an append to an unknown one never', async () => {
    await using store = await open();
    await mustAppend(store, append(1));
    expect(kinds(await store.append([append(1), append(2, { expectedVersion: 1 })]))).toEqual([
      'version-conflict',
      'version-conflict',
    ]);
    expect(await store.load([id(2)])).toEqual([]);
  });

  it('judges each append of a batch by itself, in the order of the batch', async () => {
    await using store = await open();
    const results = await store.append([
      append(1, { attach: [leg('a')], messages: [message('m1')] }),
      append(1),
      append(2, { attach: [leg('a')] }),
      append(3, { messages: [message('m1')] }),
      append(1, { expectedVersion: 1 }),
      append(4),
    ]);
    expect(results).toEqual([
      { kind: 'appended' },
      { kind: 'version-conflict' },
      { kind: 'leg-taken', interactionId: id(1), leg: leg('a') },
      { kind: 'duplicate', messages: [message('m1')] },
      { kind: 'appended' },
      { kind: 'appended' },
    ]);
    const found = await store.load([id(1), id(2), id(3), id(4)]);
    expect(found.map((one) => [one.id, one.version])).toEqual([
      [id(1), 2],
      [id(4), 1],
    ]);
  });

  it('keeps nothing of an append that was refused', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { attach: [leg('a')] }), append(2, { messages: [message('known')] }));
    const along = {
      attach: [leg('b')],
      detach: [leg('a')],
      subjects: [bytes(7, 32)],
      messages: [message('new')],
      blobs: [blob('ref', T0 + MINUTE_MS)],
      snapshot: bytes(3, 10),
      dueAt: T0,
    };
    const refused = [
      append(1, { ...along, expectedVersion: 5 }),
      append(1, { ...along, expectedVersion: 1, messages: [message('new'), message('known')] }),
      append(3, { ...along, attach: [leg('b'), leg('a')] }),
    ];
    expect(kinds(await store.append(refused))).toEqual(['version-conflict', 'duplicate', 'leg-taken']);
    expect(await store.findLegs([leg('a'), leg('b')])).toEqual([id(1), null]);
    expect(await store.findSubject(bytes(7, 32), 10)).toEqual([]);
    expect(await store.getBlob('ref' as ManifestRef, T0)).toBeNull();
    expect(await store.claimDue(T0, { owner: 'n1', until: T0 + 1 }, 10)).toEqual([]);
    expect((await store.load([id(1)]))[0]).toMatchObject({ version: 1, snapshot: null });
    // The message was not taken: it may still come.
    await mustAppend(store, append(1, { expectedVersion: 1, messages: [message('new')] }));
  });

  it('loads from the snapshot on, and history from the first event on', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { count: 2 }));
    await mustAppend(store, append(1, { expectedVersion: 2, count: 2, snapshot: bytes(9, 80) }));
    await mustAppend(store, append(1, { expectedVersion: 4, count: 1 }));
    const [stored] = await store.load([id(1)]);
    expect(stored?.snapshot?.version).toBe(4);
    expect(plain(stored?.snapshot?.sealed)).toEqual(plain(bytes(9, 80)));
    expect(stored?.events.map(({ version }) => version)).toEqual([4, 5]);
    expect((await store.history(id(1))).map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
  });

  it('only ever adds events: whatever happens to the row, what was written stays as it was (H8)', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { count: 2, dueAt: T0 }));
    const before = plainRows(await store.history(id(1)));
    await store.append([append(1), append(1, { expectedVersion: 1 })]);
    await store.claimDue(T0, { owner: 'n1', until: T0 + 10 }, 10);
    await mustAppend(store, append(1, { expectedVersion: 2, snapshot: bytes(4, 10) }));
    await store.finish(id(1), 3, null);
    await store.recover(T0);
    await store.expire(T0 + 1e12, 100);
    await store.quarantine(id(1), T0);
    expect(plainRows(await store.history(id(1))).slice(0, 2)).toEqual(before);
    expect(await store.history(id(1))).toHaveLength(3);
  });
}

function finding(open: () => Promise<Store>): void {
  it('gives a leg to one interaction only, by platform and id', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { attach: [leg('a')] }));
    expect(await store.append([append(2, { attach: [leg('b'), leg('a')] })])).toEqual([
      { kind: 'leg-taken', interactionId: id(1), leg: leg('a') },
    ]);
    await mustAppend(store, append(2, { attach: [leg('a', 'nice_cxone')] }));
    expect(await store.findLegs([leg('a'), leg('x'), leg('a', 'nice_cxone')])).toEqual([id(1), null, id(2)]);
  });

  it('lets an interaction attach its own leg again', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { attach: [leg('a')] }));
    await mustAppend(store, append(1, { expectedVersion: 1, attach: [leg('a')] }));
    await mustAppend(store, append(1, { expectedVersion: 2, detach: [leg('a')], attach: [leg('a')] }));
    expect(await store.findLegs([leg('a')])).toEqual([id(1)]);
  });

  it('moves a leg: detached here, attached there, also within one batch', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { attach: [leg('a'), leg('b')] }), append(2));
    await mustAppend(store, append(1, { expectedVersion: 1, detach: [leg('a')] }));
    expect(await store.findLegs([leg('a'), leg('b')])).toEqual([null, id(1)]);
    await mustAppend(
      store,
      append(1, { expectedVersion: 2, detach: [leg('b')] }),
      append(2, { expectedVersion: 1, attach: [leg('a'), leg('b')] }),
    );
    expect(await store.findLegs([leg('a'), leg('b')])).toEqual([id(2), id(2)]);
  });

  it('never detaches a leg for somebody who does not have it', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { attach: [leg('a')] }), append(2, { detach: [leg('a')] }));
    expect(await store.findLegs([leg('a')])).toEqual([id(1)]);
  });

  it('finds interactions by subject, the newest first, as many as are asked for', async () => {
    await using store = await open();
    const [phone, email] = [bytes(1, 32), bytes(2, 32)];
    await mustAppend(store, append(1, { subjects: [phone] }), append(2, { subjects: [phone, email] }));
    await mustAppend(store, append(3, { subjects: [phone] }));
    await mustAppend(store, append(2, { expectedVersion: 1, subjects: [phone] }));
    expect(await store.findSubject(phone, 10)).toEqual([id(3), id(2), id(1)]);
    expect(await store.findSubject(phone, 2)).toEqual([id(3), id(2)]);
    expect(await store.findSubject(email, 10)).toEqual([id(2)]);
    expect(await store.findSubject(bytes(3, 32), 10)).toEqual([]);
  });

  it('takes a message once, per sender, and names every one that it knew', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { messages: [message('m1'), message('m2')] }));
    const again = append(2, { messages: [message('m1'), message('m3'), message('m2')] });
    expect(await store.append([again])).toEqual([{ kind: 'duplicate', messages: [message('m1'), message('m2')] }]);
    await mustAppend(store, append(2, { messages: [message('m1', 'nice_cxone'), message('m3')] }));
  });
}

function claiming(open: () => Promise<Store>): void {
  const lease = (owner: string, until: number) => ({ owner, until });

  it('claims what is due, the earliest first and no more than asked for, and leases it', async () => {
    await using store = await open();
    const batch = [40, 10, 30, 20, 50].map((due, n) => append(n + 1, { dueAt: T0 + due }));
    await mustAppend(store, ...batch, append(6));
    expect(await store.claimDue(T0 + 9, lease('n1', T0 + 100), 10)).toEqual([]);
    const first = await store.claimDue(T0 + 40, lease('n1', T0 + 100), 3);
    expect(first).toEqual([2, 4, 3].map((n) => ({ id: id(n), takenFrom: null, claims: 1 })));
    expect(ids(await store.claimDue(T0 + 40, lease('n2', T0 + 100), 10))).toEqual([id(1)]);
    expect(await store.claimDue(T0 + 40, lease('n3', T0 + 100), 10)).toEqual([]);
  });

  it('claims only when the due time and the lease have both passed, and says whose lease it was', async () => {
    await using store = await open();
    await mustAppend(
      store,
      append(1, { dueAt: T0 + 50, lease: lease('n1', T0 + 20) }),
      append(2, { dueAt: T0 + 20, lease: lease('n1', T0 + 50.5) }),
    );
    expect(await store.claimDue(T0 + 49, lease('n2', T0 + 200), 10)).toEqual([]);
    expect(await store.claimDue(T0 + 50, lease('n2', T0 + 200), 10)).toMatchObject([{ id: id(1), takenFrom: 'n1' }]);
    expect(await store.claimDue(T0 + 50.5, lease('n2', T0 + 200), 10)).toMatchObject([{ id: id(2), takenFrom: 'n1' }]);
    expect(await store.claimDue(T0 + 200, lease('n3', T0 + 300), 10)).toMatchObject([
      { takenFrom: 'n2', claims: 2 },
      { takenFrom: 'n2', claims: 2 },
    ]);
  });

  it('counts the claims of a row durably until it gets on', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { dueAt: T0 }));
    for (const n of [1, 2, 3]) {
      const at = T0 + n * 10;
      expect(await store.claimDue(at, lease(`n${n}`, at + 5), 10)).toMatchObject([{ claims: n }]);
    }
    await mustAppend(store, append(1, { expectedVersion: 1, dueAt: T0 }));
    expect(await store.claimDue(T0 + 90, lease('n4', T0 + 95), 10)).toEqual([
      { id: id(1), takenFrom: null, claims: 1 },
    ]);
  });

  it('an append sets the lease, frees it, or leaves it to whoever has a command under way', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { dueAt: T0, lease: lease('n1', T0 + 100) }));
    await mustAppend(store, append(1, { expectedVersion: 1, dueAt: T0, lease: 'keep' }));
    expect(await store.claimDue(T0 + 99, lease('n2', T0 + 200), 10)).toEqual([]);
    await mustAppend(store, append(1, { expectedVersion: 2, dueAt: T0, lease: lease('n3', T0 + 50) }));
    expect(await store.claimDue(T0 + 49, lease('n2', T0 + 200), 10)).toEqual([]);
    await mustAppend(store, append(1, { expectedVersion: 3, dueAt: T0, lease: null }));
    expect(await store.claimDue(T0, lease('n2', T0 + 200), 10)).toMatchObject([{ takenFrom: null }]);
  });

  it('finishing a claim frees the row, unless it has moved on meanwhile', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { dueAt: T0 }), append(2, { dueAt: T0 }), append(3, { dueAt: T0 }));
    await store.claimDue(T0, lease('n1', T0 + 100), 10);
    await mustAppend(store, append(3, { expectedVersion: 1, dueAt: T0, lease: lease('n2', T0 + 100) }));
    await store.finish(id(1), 1, T0 + 10);
    await store.finish(id(2), 1, null);
    await store.finish(id(3), 1, null);
    expect(await store.claimDue(T0 + 9, lease('n2', T0 + 100), 10)).toEqual([]);
    expect(await store.claimDue(T0 + 99, lease('n2', T0 + 500), 10)).toEqual([
      { id: id(1), takenFrom: null, claims: 1 },
    ]);
    expect(await store.claimDue(T0 + 100, lease('n3', T0 + 500), 10)).toMatchObject([{ id: id(3), takenFrom: 'n2' }]);
  });

  it('puts a claim back uncounted, but none of a row that has got on or is somebody else’s', async () => {
    await using store = await open();
    await mustAppend(store, ...[1, 2, 3, 4].map((n) => append(n, { dueAt: T0 })));
    const [at, until] = [T0 + 20, T0 + 100];
    for (const owner of ['n1', 'n2'])
      await store.claimDue(owner === 'n1' ? T0 : at, lease(owner, owner === 'n1' ? at : until), 10);
    await mustAppend(store, append(2, { expectedVersion: 1, dueAt: T0, lease: lease('n2', until) }));
    await mustAppend(store, append(4, { expectedVersion: 1, dueAt: T0, lease: null }));
    await store.putBack({ id: id(1), claims: 2 }, 'n2', at + 5);
    await store.putBack({ id: id(2), claims: 2 }, 'n2', at);
    await store.putBack({ id: id(3), claims: 1 }, 'n1', at);
    await store.putBack({ id: id(4), claims: 2 }, 'n2', at);
    // The answer was lost, and it is put back again.
    await store.putBack({ id: id(1), claims: 2 }, 'n2', at);
    expect(await store.claimDue(at + 4, lease('n3', until), 10)).toEqual([{ id: id(4), takenFrom: null, claims: 1 }]);
    expect(await store.claimDue(at + 5, lease('n3', until), 10)).toEqual([{ id: id(1), takenFrom: null, claims: 2 }]);
    expect(await store.claimDue(until - 1, lease('n3', until), 10)).toEqual([]);
    const rest = await store.claimDue(until, lease('n4', until + 1), 10);
    expect(rest.filter((row) => row.takenFrom === 'n2').toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
      { id: id(2), takenFrom: 'n2', claims: 1 },
      { id: id(3), takenFrom: 'n2', claims: 3 },
    ]);
  });

  it('puts a quarantined row out of reach: never claimed, nothing appended, readable all the same', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { dueAt: T0 }), append(2, { dueAt: T0 }));
    await store.quarantine(id(1), T0);
    await store.recover(T0 + 1);
    expect(ids(await store.claimDue(T0 + 1e6, lease('n1', T0 + 2e6), 10))).toEqual([id(2)]);
    for (const kept of [null, 'keep', lease('n1', T0 + 1)] as const) {
      expect(kinds(await store.append([append(1, { expectedVersion: 1, lease: kept })]))).toEqual(['version-conflict']);
    }
    expect(await store.load([id(1)])).toMatchObject([{ quarantined: true, version: 1 }]);
    expect(await store.history(id(1))).toHaveLength(1);
  });

  it('gives a quarantined row back: due at once, its claims forgotten, appended to again', async () => {
    await using store = await open();
    await mustAppend(store, append(1), append(2));
    await store.quarantine(id(1), T0);
    await store.release(id(1), T0 + 5);
    await store.release(id(2), T0 + 5);
    expect(await store.claimDue(T0 + 4, lease('n1', T0 + 9), 10)).toEqual([]);
    expect(await store.claimDue(T0 + 5, lease('n1', T0 + 9), 10)).toEqual([{ id: id(1), takenFrom: null, claims: 1 }]);
    expect(kinds(await store.append([append(1, { expectedVersion: 1 })]))).toEqual(['appended']);
  });

  it('lists who waits for a person, newest first, page by page, and forgets whom nobody waits for any more', async () => {
    await using store = await open();
    const dead = { deadLetters: 2 };
    await mustAppend(
      store,
      append(1, { summary: { ...dead, openedAt: T0 } }),
      append(2, { summary: { openedAt: T0 + 1 } }),
      append(3, { summary: { ...dead, openedAt: T0 + 2 } }),
      append(4, { summary: { openedAt: T0 + 3 } }),
    );
    await store.quarantine(id(4), T0 + 50);
    const quarantined = { id: id(4), quarantinedAt: T0 + 50 };
    expect(await store.awaitingPerson(undefined, 2)).toEqual([quarantined, { id: id(3), quarantinedAt: null }]);
    expect(await store.awaitingPerson(id(3), 2)).toEqual([{ id: id(1), quarantinedAt: null }]);
    expect(await store.awaitingPerson('nobody', 2)).toEqual([]);
    await store.release(id(4), T0);
    await mustAppend(store, append(3, { expectedVersion: 1, summary: { deadLetters: 0, openedAt: T0 + 2 } }));
    expect(ids(await store.awaitingPerson(undefined, 9))).toEqual([id(1)]);
  });

  it('recovers every leased row at once, and still says whose the lease was (H5)', async () => {
    await using store = await open();
    await mustAppend(
      store,
      append(1, { dueAt: T0 + 1_000, lease: lease('gone', T0 + 9_000) }),
      append(2, { dueAt: T0 + 1_000 }),
      append(3),
    );
    expect(await store.recover(T0)).toBe(1);
    expect(await store.claimDue(T0, lease('n2', T0 + 100), 10)).toEqual([{ id: id(1), takenFrom: 'gone', claims: 1 }]);
  });
}

function racing(open: () => Promise<Store>): void {
  it('of two appends at one version exactly one is taken', async () => {
    await using store = await open();
    await mustAppend(store, append(1));
    for (let version = 1; version <= 8; version += 1) {
      const race = [0, 1, 2].map(() => store.append([append(1, { expectedVersion: version })]));
      const results = kinds((await Promise.all(race)).flat());
      expect(results.toSorted()).toEqual(['appended', 'version-conflict', 'version-conflict']);
    }
    expect((await store.history(id(1))).map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('of two first appends with one leg, or with one message, exactly one is taken', async () => {
    await using store = await open();
    for (let n = 0; n < 8; n += 1) {
      const forLeg = [1, 2].map((one) => store.append([append(n * 10 + one, { attach: [leg(`l${n}`)] })]));
      expect(kinds((await Promise.all(forLeg)).flat()).toSorted()).toEqual(['appended', 'leg-taken']);
      const forMessage = [3, 4].map((one) => store.append([append(n * 10 + one, { messages: [message(`m${n}`)] })]));
      expect(kinds((await Promise.all(forMessage)).flat()).toSorted()).toEqual(['appended', 'duplicate']);
    }
  });

  it('batches that meet in opposite orders both come through', async () => {
    await using store = await open();
    const all = [1, 2, 3, 4];
    await mustAppend(store, ...all.map((n) => append(n)));
    for (let expectedVersion = 1; expectedVersion <= 8; expectedVersion += 1) {
      const batch = all.map((n) => append(n, { expectedVersion }));
      const [forward, backward] = await Promise.all([store.append(batch), store.append(batch.toReversed())]);
      const taken = [...forward, ...backward].filter(({ kind }) => kind === 'appended');
      expect(taken).toHaveLength(all.length);
    }
  });

  it('claims no row twice, however many ask at once', async () => {
    await using store = await open();
    await mustAppend(store, ...Array.from({ length: 30 }, (_, n) => append(n, { dueAt: T0 })));
    const claims = ['n1', 'n2', 'n3'].map((owner) => store.claimDue(T0, { owner, until: T0 + 100 }, 12));
    const claimed = ids((await Promise.all(claims)).flat());
    expect(new Set(claimed).size).toBe(claimed.length);
    const rest = await store.claimDue(T0, { owner: 'n4', until: T0 + 100 }, 100);
    expect(claimed.length + rest.length).toBe(30);
  });

  it('a message that is parked while its leg is attached is found by one or the other', async () => {
    await using store = await open();
    for (let n = 0; n < 10; n += 1) {
      const known = leg(`l${n}`);
      const [[owner]] = await Promise.all([
        store.park([parked(`m${n}`, known)]),
        store.append([append(n, { attach: [known] })]),
      ]);
      const stray = (await store.claimable(100)).some(({ messageId }) => messageId === `m${n}`);
      expect([owner === id(n), stray].filter(Boolean)).toHaveLength(1);
    }
  });
}
