import { describe, expect, it } from 'vitest';
import { GUARDS } from './guards.ts';
import { hunt, removed, sourceOf } from './without-guard.ts';

describe('the guards', () => {
  it.each(GUARDS)('the simulation’s list still names the code: $name', ({ without }) => {
    for (const change of without) {
      const source = sourceOf(change.file);
      expect(removed(source, change, change.file)).not.toBe(source);
    }
  });

  it('a guard whose text is gone fails loudly', () => {
    const change = { file: 'a.ts', text: 'no such text', instead: '' };
    expect(() => removed('another text', change, change.file)).toThrow('a.ts has no guard that reads: no such text');
  });

  it.each([
    { name: 'a second move is refused', invariant: 'H1' },
    { name: 'every change of holder raises the epoch', invariant: 'H2' },
  ])(
    'the simulation misses what is taken away: $name',
    async ({ name, invariant }) => {
      const guard = GUARDS.find((one) => one.name === name);
      const found = guard && (await hunt(guard, { seed: 1, steps: 400, withinMs: 30_000 }));
      expect(found).toMatchObject({ invariant });
    },
    40_000,
  );
});
