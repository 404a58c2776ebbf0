import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { uuidV7 } from './uuid-v7.ts';

describe('uuidV7', () => {
  it('has the version and variant of RFC 9562 and carries the time', () => {
    const id = uuidV7(() => 0x0192_3456_789a, randomBytes)();
    expect(id).toMatch(/^01923456-789a-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('rises within a millisecond, past the counter, and when the clock goes back', () => {
    const times = [...Array.from({ length: 9000 }, () => 1_000_000), 999_000, 999_000, 1_000_500];
    const next = uuidV7(() => times.shift() ?? 2_000_000, randomBytes);
    const ids = Array.from({ length: 9004 }, next);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
