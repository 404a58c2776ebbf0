// Owns the part of the store contract that is about what is kept beside the interactions and what is read: parked messages,
// blobs, lists, feed and chains.

import { expect, it } from 'vitest';
import type { ManifestRef } from '../../src/ids.ts';
import type { Store } from '../../src/journal/store.ts';
import {
  append,
  blob,
  bytes,
  id,
  ids,
  kinds,
  leg,
  message,
  messageIds,
  mustAppend,
  PARKED_FOR_MS,
  parked,
  plain,
  plainRows,
  rows,
  T0,
} from './store-samples.ts';

export function parking(open: () => Promise<Store>): void {
  it('keeps messages of unknown legs, in the order they came, and gives them back by leg', async () => {
    await using store = await open();
    const late = parked('late', leg('a'), { expiresAt: T0 + 2 });
    const early = parked('early', leg('a'), { expiresAt: T0 + 1 });
    const other = parked('other', leg('b'));
    expect(await store.park([late, other, early])).toEqual([null, null, null]);
    expect(messageIds(await store.parked([leg('a')]))).toEqual(['early', 'late']);
    expect(messageIds(await store.parked([leg('b'), leg('x')]))).toEqual(['other']);
    const [kept] = await store.parked([leg('b')]);
    expect({ ...kept, sealed: plain(kept?.sealed) }).toEqual({ ...other, sealed: plain(other.sealed) });
  });

  it('keeps a repeated message once', async () => {
    await using store = await open();
    await store.park([parked('m', leg('a')), parked('m', leg('a'))]);
    expect(await store.park([parked('m', leg('a')), parked('m', leg('a'), { sender: 'nice_cxone' })])).toEqual([
      null,
      null,
    ]);
    expect(await store.parked([leg('a')])).toHaveLength(2);
  });

  it('answers whose leg it is when it has become known meanwhile, and keeps nothing then', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { attach: [leg('a')] }));
    expect(await store.park([parked('m', leg('a')), parked('n', leg('b'))])).toEqual([id(1), null]);
    expect(await store.parked([leg('a')])).toEqual([]);
  });

  it("drains a parked message in the append's commit, and only when that succeeds", async () => {
    await using store = await open();
    await store.park([parked('m', leg('a'))]);
    const drains = { attach: [leg('a')], messages: [message('m')] };
    await store.append([append(1, { ...drains, expectedVersion: 4 })]);
    expect(messageIds(await store.parked([leg('a')]))).toEqual(['m']);
    await mustAppend(store, append(1, drains));
    expect(await store.parked([leg('a')])).toEqual([]);
    expect(kinds(await store.append([append(1, { expectedVersion: 1, messages: [message('m')] })]))).toEqual([
      'duplicate',
    ]);
  });

  it('shows what was parked while its leg was being attached, oldest first, until it is taken or discarded', async () => {
    await using store = await open();
    await store.park([
      parked('z-first', leg('a'), { expiresAt: T0 + 1 }),
      parked('a-second', leg('b'), { expiresAt: T0 + 2 }),
      parked('unknown', leg('c'), { expiresAt: T0 }),
      parked('m-third', leg('a'), { expiresAt: T0 + 3 }),
    ]);
    expect(await store.claimable(10)).toEqual([]);
    await mustAppend(store, append(1, { attach: [leg('a')] }), append(2, { attach: [leg('b')] }));
    const strays = await store.claimable(10);
    expect(strays.map(({ messageId, interactionId }) => [messageId, interactionId])).toEqual([
      ['z-first', id(1)],
      ['a-second', id(2)],
      ['m-third', id(1)],
    ]);
    expect(messageIds(await store.claimable(2))).toEqual(['z-first', 'a-second']);
    await mustAppend(store, append(1, { expectedVersion: 1, messages: [message('z-first')] }));
    await store.discard([message('a-second'), message('never')]);
    expect(messageIds(await store.claimable(10))).toEqual(['m-third']);
    expect(messageIds(await store.parked([leg('c')]))).toEqual(['unknown']);
  });

  it('knows a message that changed nothing once it is noted, and parks it no longer', async () => {
    await using store = await open();
    await store.park([parked('m', leg('a'))]);
    await mustAppend(store, append(1, { attach: [leg('a')] }));
    await store.note([message('m'), message('n'), message('n')], T0);
    await store.note([message('n')], T0);
    expect(await store.claimable(10)).toEqual([]);
    const again = append(1, { expectedVersion: 1, messages: [message('m'), message('n'), message('o')] });
    expect(await store.append([again])).toEqual([{ kind: 'duplicate', messages: [message('m'), message('n')] }]);
  });

  it('takes a message once, of any number who bring it at once, and knows it from then on', async () => {
    await using store = await open();
    const brought = await Promise.all([1, 2, 3, 4].map(() => store.take(message('once'), T0)));
    expect(brought.filter(Boolean)).toHaveLength(1);
    expect(await store.take(message('once'), T0 + 1)).toBe(false);
    expect(await store.take({ ...message('once'), sender: 'another' }, T0)).toBe(true);
    await store.note([message('noted')], T0);
    expect(await store.take(message('noted'), T0)).toBe(false);
    expect(await store.append([append(1, { messages: [message('once')] })])).toEqual([
      { kind: 'duplicate', messages: [message('once')] },
    ]);
  });

  it('forgets a parked message when its 15 minutes are over, and not before', async () => {
    await using store = await open();
    await store.park([parked('m', leg('a')), parked('n', leg('a'), { expiresAt: T0 + PARKED_FOR_MS + 1 })]);
    expect(await store.expire(T0 + PARKED_FOR_MS - 1, 10)).toBe(0);
    expect(await store.expire(T0 + PARKED_FOR_MS, 10)).toBe(1);
    expect(messageIds(await store.parked([leg('a')]))).toEqual(['n']);
  });
}

export function reading(open: () => Promise<Store>): void {
  it('keeps blobs until they expire, put alone or with an append', async () => {
    await using store = await open();
    await store.putBlobs([blob('alone', T0 + 10)]);
    await mustAppend(store, append(1, { blobs: [blob('along', T0 + 20)] }));
    const found = await store.getBlob('along' as ManifestRef, T0 + 19);
    expect(found).toMatchObject({ ref: 'along', expiresAt: T0 + 20 });
    expect(plain(found?.sealed)).toEqual(plain(bytes(2, 5_000)));
    expect(plain(found?.wrappedKey)).toEqual(plain(bytes(1, 60)));
    expect(await store.getBlob('alone' as ManifestRef, T0 + 9)).not.toBeNull();
    expect(await store.getBlob('alone' as ManifestRef, T0 + 10)).toBeNull();
    expect(await store.getBlob('never' as ManifestRef, T0)).toBeNull();
  });

  it('does not let a blob be replaced', async () => {
    await using store = await open();
    await store.putBlobs([blob('ref', T0 + 10)]);
    await store.putBlobs([{ ...blob('ref', T0 + 99), sealed: bytes(8, 8) }]);
    expect((await store.getBlob('ref' as ManifestRef, T0))?.expiresAt).toBe(T0 + 10);
  });

  it('deletes what has expired, so many at a time', async () => {
    await using store = await open();
    await store.putBlobs([1, 2, 3, 4].map((n) => blob(`b${n}`, T0 + n)));
    await store.putBlobs([blob('later', T0 + 100)]);
    expect([await store.expire(T0 + 50, 3), await store.expire(T0 + 50, 3), await store.expire(T0 + 50, 3)]).toEqual([
      3, 1, 0,
    ]);
    expect(await store.getBlob('later' as ManifestRef, T0)).not.toBeNull();
  });

  it('lists the newest first, page by page, without gaps or repeats', async () => {
    await using store = await open();
    // Opened in another order than they were written, and some in the very same moment.
    const openings = [5, 1, 3, 3, 3, 2];
    await mustAppend(store, ...openings.map((at, n) => append(n + 1, { summary: { openedAt: T0 + at } })));
    const all = await store.list({ limit: 100 });
    expect(all.map(({ openedAt }) => openedAt - T0)).toEqual([5, 3, 3, 3, 2, 1]);
    const paged = [];
    for (let before: string | undefined; ; before = paged.at(-1)!.id) {
      const page = await store.list({ limit: 2, ...(before && { before }) });
      if (page.length === 0) break;
      paged.push(...page);
    }
    expect(paged).toEqual(all);
    expect(await store.list({ limit: 5, before: id(99) })).toEqual([]);
  });

  it('lists by phase, holder, channel and opening, alone and together', async () => {
    await using store = await open();
    const seen = [
      { phase: 'preparing', holder: 'bot', channel: 'voice' },
      { phase: 'committing', holder: 'bot', channel: 'email' },
      { phase: 'committing', holder: 'queue', channel: 'voice' },
      { phase: null, holder: 'agent', channel: 'voice' },
    ] as const;
    await mustAppend(store, ...seen.map((summary, n) => append(n + 1, { summary: { ...summary, openedAt: T0 + n } })));
    const listed = async (filter: object) => ids(await store.list({ limit: 10, ...filter }));
    expect(await listed({ phase: 'committing' })).toEqual([id(3), id(2)]);
    expect(await listed({ phase: 'committing', channel: 'email' })).toEqual([id(2)]);
    expect(await listed({ phase: 'committing', holder: 'queue', channel: 'voice' })).toEqual([id(3)]);
    expect(await listed({ holder: 'bot' })).toEqual([id(2), id(1)]);
    expect(await listed({ holder: 'bot', channel: 'voice' })).toEqual([id(1)]);
    expect(await listed({ channel: 'voice' })).toEqual([id(4), id(3), id(1)]);
    expect(await listed({ channel: 'voice', since: T0 + 2 })).toEqual([id(4), id(3)]);
    expect(await listed({ since: T0 + 1, before: id(4) })).toEqual([id(3), id(2)]);
    expect(await listed({ until: T0 + 3 })).toEqual(await listed({ before: id(4) }));
    expect(await listed({ channel: 'voice', until: T0 + 3 })).toEqual(
      await listed({ channel: 'voice', before: id(4) }),
    );
    expect(await listed({ phase: 'settled' })).toEqual([]);
  });

  it('shows in lists what the last append said', async () => {
    await using store = await open();
    await mustAppend(store, append(1, { summary: { platform: null } }));
    const last = { platform: 'nice_cxone', phase: 'confirming', holder: 'queue', outcome: 'completed', deadLetters: 1 };
    const ended = { ...last, openedAt: T0, endedAt: T0 + 5.5 };
    await mustAppend(store, append(1, { expectedVersion: 1, count: 2, summary: ended }));
    expect(await store.list({ limit: 1 })).toEqual([{ id: id(1), version: 3, channel: 'voice', ...ended }]);
    const kept = { ...last, openedAt: T0, endedAt: null };
    await mustAppend(store, append(1, { expectedVersion: 3, lease: 'keep', summary: kept }));
    expect(await store.list({ limit: 1 })).toEqual([{ id: id(1), version: 4, channel: 'voice', ...kept }]);
  });

  it('feeds the events of all interactions in the order they came, from anywhere on', async () => {
    await using store = await open();
    expect([await store.lastSeq(), await store.feed(0, 10)]).toEqual([0, []]);
    await mustAppend(store, append(2, { count: 2 }), append(1));
    await mustAppend(store, append(2, { expectedVersion: 2 }));
    const all = await store.feed(0, 10);
    expect(all.map(({ interactionId, version }) => [interactionId, version])).toEqual([
      [id(2), 1],
      [id(2), 2],
      [id(1), 1],
      [id(2), 3],
    ]);
    const seqs = all.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(await store.lastSeq()).toBe(seqs[3]);
    expect(plainRows(await store.feed(seqs[1]!, 1))).toEqual(plainRows(rows(id(1), 1, 1)));
  });

  it('pages through every chain in order of id, each whole', async () => {
    await using store = await open();
    await mustAppend(store, append(3), append(1, { count: 2 }), append(2));
    await mustAppend(store, append(1, { expectedVersion: 2, snapshot: bytes(1, 4) }));
    const first = await store.chains('', 2);
    expect(first.map((one) => [one.id, one.version, one.events.length])).toEqual([
      [id(1), 3, 3],
      [id(2), 1, 1],
    ]);
    expect(ids(await store.chains(first[1]!.id, 2))).toEqual([id(3)]);
    expect(await store.chains(id(3), 2)).toEqual([]);
  });

  it('settles a small value once: whoever comes later gets the first one', async () => {
    await using store = await open();
    expect(plain(await store.settleMeta('key', bytes(1, 8)))).toEqual(plain(bytes(1, 8)));
    expect(plain(await store.settleMeta('key', bytes(2, 8)))).toEqual(plain(bytes(1, 8)));
    expect(plain(await store.settleMeta('other', bytes(2, 8)))).toEqual(plain(bytes(2, 8)));
  });
}
