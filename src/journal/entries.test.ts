// Tests how a call that arrives is recognised: by the surest that it brings, lately enough, and never as one of two (H3).

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { house, interactionId, opening, replaced } from '../../test/contract/journal-bench.ts';
import type { HandoffId, PlatformName } from '../ids.ts';
import { EntryBook } from './entries.ts';
import { Journal } from './journal.ts';
import { StoreBroken } from './journal-unavailable.ts';
import { openSqlite } from './sqlite.ts';

const CXONE = 'nice_cxone' as PlatformName;
const NUMBERS = ['+14155550101', '+14155550102'];
const PHONE = '+14155551234';
const MINUTE_MS = 60_000;

async function setUp(interactions = 2) {
  const { runner, journal, store, clock } = await house();
  for (let n = 1; n <= interactions; n += 1) {
    await runner.submit(
      interactionId(n),
      opening(interactionId(n), `c${n}`, { customer: n === 1 ? { phone: PHONE } : {} }),
    );
  }
  const book = new EntryBook(journal, clock);
  const handoffId = (n: number) => `${interactionId(n)}.1` as HandoffId;
  const take = (n: number, numbers = NUMBERS) =>
    book.take({
      handoffId: handoffId(n),
      interactionId: interactionId(n),
      platform: CXONE,
      numbers,
      token: `token-${n}`,
      ...(n !== 2 && { caller: PHONE }),
      forMs: MINUTE_MS,
    });
  const found = async (arriving: { token?: string; dnis?: string; ani?: string }) => {
    const one = await book.find({ platform: CXONE, ...arriving });
    return one && [one.rung, one.handoffId];
  };
  return { book, runner, store, clock, handoffId, take, found };
}

describe('a call that arrives', () => {
  it('is recognised by its token before its number, and by its number before its caller', async () => {
    const { take, found, handoffId } = await setUp();
    await take(1);
    await take(2);
    expect(await found({ token: 'token-1', dnis: NUMBERS[1] ?? '' })).toEqual(['token', handoffId(1)]);
    expect(await found({ token: 'stale', dnis: NUMBERS[1] ?? '' })).toEqual(['number', handoffId(2)]);
    expect(await found({ dnis: NUMBERS[0] ?? '', ani: PHONE })).toEqual(['number-and-caller', handoffId(1)]);
    expect(await found({ dnis: NUMBERS[0] ?? '', ani: '+14155559999' })).toEqual(['number', handoffId(1)]);
    expect(await found({ dnis: NUMBERS[1] ?? '', ani: PHONE })).toEqual(['number', handoffId(2)]);
    expect(await found({ dnis: '+14155550199', ani: PHONE })).toEqual(['caller', handoffId(1)]);
    expect(await found({ ani: '+14155559999' })).toBeNull();
    expect(await found({})).toBeNull();
  });

  it('is nobody’s at another platform', async () => {
    const { book, take } = await setUp();
    await take(1);
    const elsewhere = {
      platform: 'genesys_cloud' as PlatformName,
      token: 'token-1',
      dnis: NUMBERS[0] ?? '',
      ani: PHONE,
    };
    expect(await book.find(elsewhere)).toBeNull();
  });

  it('is recognised for ten minutes more by what is no secret, and by its token until the number is lent anew', async () => {
    const { take, found, clock, handoffId } = await setUp();
    const [number = ''] = NUMBERS;
    await take(1, [number]);
    await clock.advance(MINUTE_MS + 10 * MINUTE_MS - 1);
    expect(await found({ dnis: number })).toEqual(['number', handoffId(1)]);
    expect(await found({ ani: PHONE })).toEqual(['caller', handoffId(1)]);
    await clock.advance(1);
    expect(await found({ dnis: number, ani: PHONE })).toBeNull();
    expect(await found({ token: 'token-1' })).toEqual(['token', handoffId(1)]);
    await take(2, [number]);
    expect(await found({ token: 'token-1' })).toBeNull();
  });

  it('is not recognised by a caller who may be one of two', async () => {
    const { runner, take, found } = await setUp();
    await runner.submit(interactionId(3), opening(interactionId(3), 'c3', { customer: { phone: PHONE } }));
    await take(1);
    await take(3);
    expect(await found({ ani: PHONE })).toBeNull();
  });
});

describe('a number', () => {
  it('is not lent to others for two minutes after its time, but at once when it was given back', async () => {
    const { book, take, clock, handoffId } = await setUp();
    const pool = [NUMBERS[0] ?? ''];
    expect(await take(1, pool)).toEqual({ kind: 'done', value: { number: pool[0], until: clock.now() + MINUTE_MS } });
    await clock.advance(3 * MINUTE_MS - 1);
    expect(await take(2, pool)).toEqual({ kind: 'done', value: null });
    await clock.advance(1);
    expect(await take(2, pool)).toMatchObject({ value: { number: pool[0] } });
    expect(await book.release(handoffId(2))).toEqual({ kind: 'done', value: null });
    expect(await take(1, pool)).toMatchObject({ value: { number: pool[0] } });
  });

  it('is lent to nobody whom an erasure has made nobody', async () => {
    const { runner, take, found } = await setUp();
    await take(1);
    await runner.submit(interactionId(1), { kind: 'erase', actor: 'api:desk', erasureId: 'e-1' });
    expect(await found({ token: 'token-1', dnis: NUMBERS[0] ?? '', ani: PHONE })).toBeNull();
    expect(await take(1)).toEqual({ kind: 'done', value: null });
  });

  it('may be asked for again when the journal could not be reached, and a fault of ours is none of its outcomes', async () => {
    const { clock } = await setUp();
    const failing = async (error: Error) => {
      const store = replaced(openSqlite(':memory:'), { takeEntry: async () => Promise.reject(error) });
      return new EntryBook(await Journal.open(store, randomBytes(32)), clock);
    };
    const asked = {
      handoffId: `${interactionId(1)}.1` as HandoffId,
      interactionId: interactionId(1),
      platform: CXONE,
      numbers: NUMBERS,
      token: 't',
      forMs: 1,
    };
    const away = await failing(new Error('connect ECONNREFUSED'));
    expect(await away.take(asked)).toEqual({ kind: 'transient', code: 'unavailable' });
    const broken = await failing(new StoreBroken('no such function'));
    await expect(broken.take(asked)).rejects.toThrow('no such function');
  });
});
