import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

function opening() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('turns at the file', () => {
  it('lets the owner write at once while no batch is under way', () => {
    const turns = new Turns();
    expect(turns.idle).toBe(true);
    expect(turns.alone(() => 'written')).toBe('written');
  });

  it('has the owner wait for every batch under way, and a later batch for the owner', async () => {
    const turns = new Turns();
    const told: string[] = [];
    const [first, second] = [opening(), opening()];
    const batches = [first, second].map(({ opened }, index) =>
      turns.batch(async () => {
        await opened;
        told.push(`batch ${index + 1}`);
      }),
    );
    expect(turns.idle).toBe(false);
    const own = [1, 2].map((n) => turns.alone(() => told.push(`own ${n}`)));
    const late = turns.batch(async () => told.push('late batch'));
    second.open();
    await settled();
    expect(told).toEqual(['batch 2']);
    first.open();
    await Promise.all([...batches, ...own, late]);
    expect(told).toEqual(['batch 2', 'batch 1', 'own 1', 'own 2', 'late batch']);
    expect(turns.idle).toBe(true);
  });

  it('goes on when a batch or the owner fails, and tells only them', async () => {
    const turns = new Turns();
    const broken = new Error('disk full');
    const { open, opened } = opening();
    const batch = turns.batch(async () => {
      await opened;
      throw broken;
    });
    const own = turns.alone(() => {
      throw new Error('constraint');
    });
    const next = turns.alone(() => 'written');
    const told = Promise.allSettled([batch, own, next]);
    open();
    expect(await told).toMatchObject([{ reason: broken }, { reason: { message: 'constraint' } }, { value: 'written' }]);
    expect(await turns.batch(async () => 'another')).toBe('another');
  });
});
