// Tests the arithmetic of the quota beyond what the governor's tests show.

import { describe, expect, it } from 'vitest';
import { quotaWindow } from './quota-window.ts';

describe('quotaWindow', () => {
  it('says when the right one of several earlier calls has gone', () => {
    const quota = quotaWindow(3, 0);
    for (const at of [0, 10_000, 20_000]) {
      quota.start();
      quota.finish(at);
    }
    expect(quota.freeAt('live', 0, 30_000)).toBe(60_000);
    expect(quota.freeAt('live', 1, 30_000)).toBe(70_000);
    expect(quota.freeAt('live', 2, 30_000)).toBe(80_000);
    expect(quota.freeAt('live', 0, 60_000)).toBe(60_000);
  });

  it('counts calls that are under way, which go a minute from now at the earliest', () => {
    const quota = quotaWindow(1, 0);
    quota.start();
    expect(quota.freeAt('live', 0, 5_000)).toBe(65_000);
    quota.cancel();
    expect(quota.freeAt('live', 0, 5_000)).toBe(5_000);
  });

  it('stays right over a long life of many calls', () => {
    const quota = quotaWindow(100, 0);
    for (let now = 0; now < 6_000_000; now += 1_000) {
      expect(quota.freeAt('live', 0, now)).toBe(now);
      quota.start();
      quota.finish(now);
      expect(quota.budget(now).remaining).toBe(100 - Math.min(60, now / 1_000 + 1));
    }
  });

  it('keeps the longer of two pauses', () => {
    const quota = quotaWindow(10, 0);
    quota.pause(9_000);
    quota.pause(4_000);
    expect(quota.freeAt('live', 0, 0)).toBe(9_000);
  });
});
