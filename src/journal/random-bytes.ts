// Owns the machine's random bytes for keys, nonces and ids, drawn from the system in large pieces, since each draw costs more than
// a seal's worth of bytes.

import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 16_384;

/** A source of random bytes. What was handed out is wiped from the pool at once: nothing is handed out twice, nothing lingers. */
export function pooledRandomBytes(
  fill: (pool: Uint8Array) => void,
  poolBytes = POOL_BYTES,
): (size: number) => Uint8Array {
  const pool = new Uint8Array(poolBytes);
  let used = poolBytes;
  return (size) => {
    if (size > poolBytes) throw new RangeError(`At most ${poolBytes} random bytes at a time, not ${size}.`);
    if (used + size > poolBytes) {
      fill(pool);
      used = 0;
    }
    const bytes = pool.slice(used, used + size);
    pool.fill(0, used, used + size);
    used += size;
    return bytes;
  };
}

export const machineRandomBytes: (size: number) => Uint8Array = pooledRandomBytes((pool) => randomFillSync(pool));
