import { queryObjects } from 'node:v8';
import { expect, it } from 'vitest';
import { run } from './run.ts';
import { World } from './world.ts';

it('a world that has ended is let go, whatever its processes had under way', async () => {
  await run({ seed: 5_000, steps: 600 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(queryObjects(World, { format: 'count' })).toBe(0);
}, 60_000);
