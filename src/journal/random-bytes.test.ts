import { describe, expect, it } from 'vitest';
import { machineRandomBytes, pooledRandomBytes } from './random-bytes.ts';

/** A pool of `size` whose bytes are numbered from 1 on, over all fillings. */
function numbered(size: number) {
  const pools: Uint8Array[] = [];
  let n = 0;
  const draw = pooledRandomBytes((pool) => {
    pools.push(pool);
    for (const index of pool.keys()) pool[index] = ++n;
  }, size);
  return { draw, pools };
}

describe('pooled random bytes', () => {
  it('hands every byte out once, and draws again when what is left is too little', () => {
    const { draw } = numbered(8);
    expect([...draw(3)]).toEqual([1, 2, 3]);
    expect([...draw(5)]).toEqual([4, 5, 6, 7, 8]);
    expect([...draw(6)]).toEqual([9, 10, 11, 12, 13, 14]);
    expect([...draw(3)]).toEqual([17, 18, 19]);
  });

  it('keeps nothing of what it has handed out', () => {
    const { draw, pools } = numbered(8);
    const handed = draw(3);
    expect([...(pools[0] ?? [])]).toEqual([0, 0, 0, 4, 5, 6, 7, 8]);
    draw(5);
    expect([...handed]).toEqual([1, 2, 3]);
  });

  it('refuses more than a pool holds', () => {
    expect(() => numbered(8).draw(9)).toThrow(RangeError);
  });

  it('gives different bytes every time on the machine', () => {
    const drawn = Array.from({ length: 2_000 }, () => Buffer.from(machineRandomBytes(32)).toString('hex'));
    expect(new Set(drawn).size).toBe(2_000);
  });
});
