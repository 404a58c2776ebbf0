import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupCommit } from './group-commit.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('group commit', () => {
  it('waits a little while it is joined, so that those who come one by one travel together', async () => {
    const batches: number[][] = [];
    const commit = new GroupCommit<number, number>(async (batch) => {
      batches.push([...batch]);
      return batch;
    });
    const all = [commit.submit(0)];
    for (const one of [1, 2, 3, 4]) {
      all.push(commit.submit(one));
      await nextTurn();
    }
    await Promise.all(all);
    expect(batches).toEqual([[0, 1, 2, 3, 4]]);
  });

  it('takes along everybody who is ready, and those who come meanwhile in the next one', async () => {
    const batches: number[][] = [];
    let finish = () => {};
    const commit = new GroupCommit<number, number>(async (batch) => {
      batches.push([...batch]);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return batch.map((one) => one * 10);
    });
    const first = [1, 2, 3].map((one) => commit.submit(one));
    while (batches.length === 0) await nextTurn();
    const later = [4, 5].map((one) => commit.submit(one));
    await nextTurn();
    expect(batches).toEqual([[1, 2, 3]]);
    finish();
    expect(await Promise.all(first)).toEqual([10, 20, 30]);
    while (batches.length === 1) await nextTurn();
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    finish();
    expect(await Promise.all(later)).toEqual([40, 50]);
  });

  it('waits while others still join, for as long as the last commit took', async () => {
    const sizes: number[] = [];
    let pauseMs = 300;
    const commit = new GroupCommit<number, number>(async (batch) => {
      sizes.push(batch.length);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = 0;
      return batch;
    });
    await commit.submit(0);
    const all: Promise<number>[] = [];
    await new Promise<void>((done) => {
      const join = (n: number) => {
        if (n < 5) setImmediate(() => join(n + 1));
        else done();
        all.push(commit.submit(n));
      };
      join(1);
    });
    await Promise.all(all);
    expect(sizes).toEqual([1, 5]);
    // The last commit took no time, so nobody waits for those who come one by one.
    await Promise.all([commit.submit(6), nextTurn().then(() => commit.submit(7))]);
    expect(sizes).toEqual([1, 5, 1, 1]);
  });

  it('tells a failure to everybody in the batch, and goes on with those who come later', async () => {
    const full = new Error('disk full');
    let broken = true;
    const commit = new GroupCommit<string, string>(async (batch) => {
      if (broken) throw full;
      return batch;
    });
    const told = await Promise.allSettled([commit.submit('a'), commit.submit('b')]);
    expect(told.map((one) => one.status === 'rejected' && one.reason)).toEqual([full, full]);
    broken = false;
    expect(await commit.submit('c')).toBe('c');
  });

  it('goes on when the commit throws before it has begun', async () => {
    let calls = 0;
    const commit = new GroupCommit<string, string>((batch) => {
      calls += 1;
      if (calls === 1) throw new Error('closed');
      return Promise.resolve(batch);
    });
    await expect(commit.submit('a')).rejects.toThrow('closed');
    expect(await commit.submit('b')).toBe('b');
  });

  it('commits everything once, in the order it came, in batches no larger than allowed', async () => {
    const arrivals = fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 5 }), async (waves, largest) => {
        const committed: number[] = [];
        const commit = new GroupCommit<number, number>(async (batch) => {
          expect(batch.length).toBeLessThanOrEqual(largest);
          committed.push(...batch);
          await nextTurn();
          return batch;
        }, largest);
        let n = 0;
        const results: Promise<number>[] = [];
        for (const wave of waves) {
          for (let i = 0; i < wave; i += 1) results.push(commit.submit(n++));
          if (wave % 2) await nextTurn();
        }
        const expected = Array.from({ length: n }, (_, index) => index);
        expect(await Promise.all(results)).toEqual(expected);
        expect(committed).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('has as many batches under way as it may, each with its share of who is here, and no more', async () => {
    const ends: (() => void)[] = [];
    const sizes: number[] = [];
    const commit = new GroupCommit<number, number>(
      async (batch) => {
        sizes.push(batch.length);
        await new Promise<void>((resolve) => ends.push(resolve));
        return batch;
      },
      80,
      2,
    );
    const all = Array.from({ length: 200 }, (_, n) => commit.submit(n));
    while (sizes.length < 2) await nextTurn();
    await nextTurn();
    expect(sizes).toEqual([80, 80]);
    ends[1]?.();
    while (sizes.length < 3) await nextTurn();
    // Of 120 who are here now 40 wait, who would be fewer than a half.
    expect(sizes).toEqual([80, 80, 40]);
    for (const end of ends) end();
    expect(await Promise.all(all)).toEqual(Array.from({ length: 200 }, (_, n) => n));
    await commit.drain();
  });

  it('shares out nothing among a few', async () => {
    const sizes: number[] = [];
    const commit = new GroupCommit<number, number>(
      async (batch) => {
        sizes.push(batch.length);
        return batch;
      },
      512,
      3,
    );
    await Promise.all(Array.from({ length: 32 }, (_, n) => commit.submit(n)));
    expect(sizes).toEqual([32]);
  });

  it('drains: resolves when all that was submitted is committed, at once when there is nothing', async () => {
    const committed: number[] = [];
    const commit = new GroupCommit<number, void>(async (batch) => {
      await nextTurn();
      committed.push(...batch);
      return batch.map(() => undefined);
    }, 1);
    await commit.drain();
    for (const one of [1, 2, 3]) void commit.submit(one);
    await commit.drain();
    expect(committed).toEqual([1, 2, 3]);
  });

  it('leaves the event loop a turn between two batches, so that timers and sockets are not starved', async () => {
    const commit = new GroupCommit<number, number>(async (batch) => batch);
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    let rounds = 0;
    while (!turned && rounds < 100) {
      await commit.submit(1);
      rounds += 1;
    }
    expect(rounds).toBeLessThan(3);
  });
});
