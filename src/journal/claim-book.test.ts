// Tests that a link is found by its token alone, is bound to the number that it was sent to, and that no token is kept; and that a STOP stays.

import { describe, expect, it } from 'vitest';
import { house, interactionId, opening, replaced } from '../../test/contract/journal-bench.ts';
import { ClaimBook } from './claim-book.ts';
import { Journal } from './journal.ts';
import { JournalUnavailable } from './journal-unavailable.ts';
import { machineRandomBytes } from './random-bytes.ts';
import { SuppressionBook } from './suppression-book.ts';

const NUMBER = '+14155551234';
const ID = interactionId(1);

async function setUp() {
  const one = await house();
  await one.runner.submit(ID, opening(ID, 'c1'));
  return { ...one, book: new ClaimBook(one.journal, machineRandomBytes) };
}
const of = (number = NUMBER) => ({ interactionId: ID, number, expiresAt: 99 });

describe('a link', () => {
  it('is found by its token, and by no other', async () => {
    const { book } = await setUp();
    const minted = book.mint();
    expect(await book.keep(minted, of())).toBe(true);
    expect(await book.find(minted.token)).toEqual({ interactionId: ID, claim: minted.claim, expiresAt: 99 });
    expect(await book.find(book.mint().token)).toBeNull();
    for (const odd of ['', 'short', `${minted.token}=`, minted.claim, '../etc'])
      expect(await book.find(odd)).toBeNull();
  });

  it('is bound to the number that it was sent to', async () => {
    const { book } = await setUp();
    const minted = book.mint();
    await book.keep(minted, of());
    expect(await book.isBoundTo(minted.token, NUMBER)).toBe(true);
    expect(await book.isBoundTo(minted.token, '+14155559999')).toBe(false);
    expect(await book.isBoundTo(book.mint().token, NUMBER)).toBe(false);
  });

  it('is 128 bits of chance, and nothing of it is in what is kept', async () => {
    const { book, store } = await setUp();
    const minted = book.mint();
    await book.keep(minted, of());
    expect(Buffer.from(minted.token, 'base64url')).toHaveLength(16);
    const row = await store.reach.findClaim(Buffer.from(minted.claim, 'hex'));
    const kept = JSON.stringify(row, (_, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : value,
    );
    expect(kept).not.toContain(minted.token);
    expect(kept).not.toContain(NUMBER);
  });

  it('is kept for nobody who is not there, and is no answer when the journal is down', async () => {
    const { book, store, journal } = await setUp();
    expect(await book.keep(book.mint(), { ...of(), interactionId: interactionId(9) })).toBe(false);
    const down = () => Promise.reject(new Error('no disk'));
    const reach = { ...store.reach, putClaim: down, findClaim: down };
    const broken = replaced(store, { reach } as never);
    const brokenBook = new ClaimBook(await Journal.open(broken, Buffer.alloc(32, 5)), machineRandomBytes);
    await expect(brokenBook.keep(brokenBook.mint(), of())).rejects.toThrow(JournalUnavailable);
    await expect(brokenBook.find(book.mint().token)).rejects.toThrow(JournalUnavailable);
    expect(journal.store).toBe(store);
  });

  it('names a device the same each time, and says nothing of it', async () => {
    const { book } = await setUp();
    expect(book.device('phone')).toBe(book.device('phone'));
    expect(book.device('phone')).not.toBe(book.device('laptop'));
    expect(book.device('phone')).not.toContain('phone');
  });
});

describe('a suppressed number', () => {
  it('stays until it is lifted', async () => {
    const { journal, clock } = await setUp();
    const book = new SuppressionBook(journal, clock);
    expect(await book.has(NUMBER)).toBe(false);
    await book.add(NUMBER, 'keyword');
    expect([await book.has(NUMBER), await book.has('+14155559999')]).toEqual([true, false]);
    await book.lift(NUMBER);
    expect(await book.has(NUMBER)).toBe(false);
  });
});
