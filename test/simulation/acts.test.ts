import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { Runner } from '../../src/journal/runner.ts';
import type { Append } from '../../src/journal/store.ts';
import { interactionId, opening, replaced } from '../contract/journal-bench.ts';
import { tellAgain } from './acts.ts';
import { World } from './world.ts';

const ID = interactionId(1);
const MASTER_KEY = Buffer.alloc(32, 7);

/** A conversation whose first event came just before it became known: the interaction has begun without it. */
async function keptBack() {
  const world = await World.begin(3);
  Object.assign(world.weather, { trouble: 0, slowStore: 0 });
  const { twin, ledger, clock, chance } = world;
  const queue = twin.organisation.queueByName('General_Support');
  const { id } = twin.conversations.create({ media: 'call', from: 'person-1', to: 'us', flow: false, queue });
  await world.goOn(0);
  const store = replaced(world.store, {
    append: async (batch: readonly Append[]) => {
      const results = await world.store.append(batch);
      for (const append of batch) ledger.committed(append, 'n1');
      return results;
    },
  });
  const journal = await Journal.open(store, MASTER_KEY);
  const execute = async () => ({ kind: 'transient', code: 'not-sent' }) as const;
  const onFault = (fault: unknown) => void expect(fault).toBeUndefined();
  const runner = new Runner({ journal, execute, clock, random: chance.draw, owner: 'n1', onFault });
  await runner.submit(ID, opening(ID, id));
  await world.look();
  const rows = () => ledger.get(ID)?.version;
  return { world, rows, [Symbol.asyncDispose]: () => world.end() };
}

describe('telling again', () => {
  it('leaves alone what is only kept as yet, whose first taking is still to come', async () => {
    await using stage = await keptBack();
    const { world, rows } = stage;
    const before = rows();
    expect(await world.store.claimable(10)).not.toEqual([]);
    expect(world.hooks.accepted.map(({ kind }) => kind)).toContain('acd.start');
    for (let times = 0; times < 10; times += 1) await tellAgain(world);
    expect([rows(), world.violations]).toEqual([before, []]);
    // The sweep takes it, and from then on it is told again to no effect.
    await world.goOn(2_000);
    expect(await world.store.claimable(10)).toEqual([]);
    const taken = rows();
    expect(taken).toBeGreaterThan(before ?? 0);
    for (let times = 0; times < 10; times += 1) await tellAgain(world);
    expect([rows(), world.violations]).toEqual([taken, []]);
    expect(world.ledger.get(ID)?.holder).not.toBe('bot');
  });
});
