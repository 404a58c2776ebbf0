import { expect, it } from 'vitest';
import { drawUuid, seededRandom } from './seeded-random.ts';

it('gives the same run for the same seed and another for another', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7).every((each) => each >= 0 && each < 1)).toBe(true);
});

it('spreads over the unit interval', () => {
  const random = seededRandom(3);
  const mean = Array.from({ length: 10_000 }, random).reduce((sum, each) => sum + each, 0) / 10_000;
  expect(mean).toBeGreaterThan(0.48);
  expect(mean).toBeLessThan(0.52);
});

it('draws well-formed UUIDs of version 4 that do not repeat (RFC 9562 §5.4)', () => {
  const random = seededRandom(1);
  const drawn = Array.from({ length: 2_000 }, () => drawUuid(random));
  expect(new Set(drawn).size).toBe(2_000);
  for (const each of drawn)
    expect(each).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
