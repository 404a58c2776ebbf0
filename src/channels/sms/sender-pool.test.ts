import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSender, type Sender } from './sender-pool.ts';

const KEY = new Uint8Array(32).fill(7);
const pool: readonly Sender[] = ['+15055550100', '+15055550101', '+15055550102', '+15055550103'].map((number) => ({
  number,
}));
const customer = (n: number) => ({ e164: `+1415555${String(1000 + n)}`, country: 'US' });
const customers = Array.from({ length: 400 }, (_each, index) => customer(index));
const chosen = (senders: readonly Sender[], key = KEY) =>
  customers.map((each) => chooseSender(senders, each, key)?.number);

describe('the sender of a customer', () => {
  it('is always the same, whatever the order of the pool', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...pool], { minLength: pool.length }), fc.nat(399), (shuffled, n) => {
        expect(chooseSender(shuffled, customer(n), KEY)).toEqual(chooseSender(pool, customer(n), KEY));
      }),
    );
  });

  it('is spread over the pool', () => {
    const counts = Map.groupBy(chosen(pool), (number) => number);
    expect(counts.size).toBe(4);
    for (const group of counts.values()) expect(group.length).toBeGreaterThan(60);
  });

  it('changes only for those whose number was taken away', () => {
    const before = chosen(pool);
    const after = chosen(pool.slice(1));
    const moved = before.filter((number, index) => number !== after[index]);
    expect(new Set(moved)).toEqual(new Set([pool[0]!.number]));
  });

  it('cannot be told without the key', () => {
    expect(chosen(pool, new Uint8Array(32).fill(8))).not.toEqual(chosen(pool));
  });

  it('is another one when that was tried, and none when all were', () => {
    const first = chooseSender(pool, customer(1), KEY)!.number;
    const second = chooseSender(pool, customer(1), KEY, new Set([first]))!.number;
    expect(second).not.toBe(first);
    expect(chooseSender(pool, customer(1), KEY, new Set(pool.map(({ number }) => number)))).toBeUndefined();
    expect(chooseSender([], customer(1), KEY)).toBeUndefined();
  });

  it('is one for their country, where there is one', () => {
    const mixed: readonly Sender[] = [{ number: '+33700000001', countries: ['FR'] }, { number: '+15055550100' }];
    expect(chooseSender(mixed, { e164: '+33612345678', country: 'FR' }, KEY)?.number).toBe('+33700000001');
    expect(chooseSender(mixed, { e164: '+14155550123', country: 'US' }, KEY)?.number).toBe('+15055550100');
    expect(chooseSender(mixed, { e164: '+447700900123' }, KEY)?.number).toBe('+15055550100');
    expect(chooseSender(mixed.slice(0, 1), { e164: '+14155550123', country: 'US' }, KEY)).toBeUndefined();
  });
});
