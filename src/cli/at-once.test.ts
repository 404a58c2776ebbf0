import { describe, expect, it } from 'vitest';
import { atOnce } from './at-once.ts';

describe('many things at once', () => {
  it('never has more under way than allowed, and answers in order', async () => {
    let under = 0;
    let most = 0;
    const answers = await atOnce([5, 1, 4, 2, 3], 2, async (item, index) => {
      under += 1;
      most = Math.max(most, under);
      for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
      under -= 1;
      return `${index}:${item}`;
    });
    expect(answers).toEqual(['0:5', '1:1', '2:4', '3:2', '4:3']);
    expect(most).toBe(2);
  });

  it('does nothing with nothing', async () => {
    expect(await atOnce([], 8, () => Promise.reject(new Error('asked')))).toEqual([]);
  });

  it('stops at the first that throws', async () => {
    const begun: number[] = [];
    const act = async (item: number) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 1) throw new Error('broken');
    };
    await expect(atOnce([1, 2, 3, 4], 1, act)).rejects.toThrow('broken');
    expect(begun).toEqual([1]);
  });
});
