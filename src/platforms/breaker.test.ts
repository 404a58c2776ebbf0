// Tests the breaker: it opens, lets one ahead, and closes or stays open longer.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/contract/manual-clock.ts';
import type { Outcome } from '../outcome.ts';
import { breaker, type Passage } from './breaker.ts';

const make = (opensAt = 3) => {
  const clock = manualClock();
  return { clock, gate: breaker({ clock, random: () => 0, opensAt }) };
};
const passage = (outcome: Outcome<Passage>): Passage => {
  if (outcome.kind !== 'done') throw new Error(outcome.code);
  return outcome.value;
};
const fail = ({ gate }: ReturnType<typeof make>, times = 1) => {
  for (let n = 0; n < times; n += 1) passage(gate.enter()).failed('down');
};
const open = { kind: 'transient', code: 'circuit-open', detail: 'down' };

describe('breaker', () => {
  it('opens at the last of so many failures in a row, and says at once when to come back', () => {
    const world = make();
    fail(world, 2);
    expect(world.gate.state()).toBe('closed');
    fail(world);
    expect(world.gate.state()).toBe('open');
    expect(world.gate.enter()).toEqual({ ...open, retryAfterMs: 500 });
    expect(world.gate.trouble()).toEqual({ ...open, retryAfterMs: 500 });
    expect(world.gate.openings()).toBe(1);
  });

  it('counts in a row only: who is served in between is a sign of life', () => {
    const world = make();
    for (let round = 0; round < 5; round += 1) {
      fail(world, 2);
      passage(world.gate.enter()).served();
    }
    expect(world.gate.state()).toBe('closed');
  });

  it('lets exactly one ahead when the pause is over, and the others when it was served', async () => {
    const world = make();
    fail(world, 3);
    await world.clock.advance(500);
    expect(world.gate.state()).toBe('half-open');
    expect(world.gate.trouble()).toBeUndefined();
    const probe = passage(world.gate.enter());
    for (let n = 0; n < 5; n += 1) expect(world.gate.enter()).toEqual({ ...open, retryAfterMs: 1_000 });
    probe.served();
    expect(world.gate.state()).toBe('closed');
    fail(world, 2);
    expect(world.gate.state()).toBe('closed');
  });

  it('stays open longer each time the one that went ahead fails, up to half a minute', async () => {
    const world = make(1);
    const pauses: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      fail(world);
      const { forMs } = world.gate.pause() ?? expect.fail();
      pauses.push(forMs);
      await world.clock.advance(forMs);
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  it('lets another one ahead when the first had nothing to say', async () => {
    const world = make();
    fail(world, 3);
    await world.clock.advance(500);
    passage(world.gate.enter()).unused();
    expect(world.gate.state()).toBe('half-open');
    expect(world.gate.enter().kind).toBe('done');
  });

  it('learns nothing new from what was under way when it opened, unless it is served', async () => {
    const world = make();
    const [late, later] = [passage(world.gate.enter()), passage(world.gate.enter())];
    fail(world, 3);
    late.failed('down');
    expect(world.gate.pause()?.forMs).toBe(500);
    expect(world.gate.openings()).toBe(1);
    later.served();
    expect(world.gate.state()).toBe('closed');
  });

  it('takes one answer per passage', async () => {
    const world = make(1);
    const once = passage(world.gate.enter());
    once.served();
    once.failed('down');
    expect(world.gate.state()).toBe('closed');
  });

  it('waits as long as the far side asked for, and says a refusal as it is', () => {
    const { gate } = make(1);
    gate.failed('busy', 9_000);
    expect(gate.pause()).toMatchObject({ forMs: 9_000, why: 'busy' });
    const refusal = { kind: 'rejected', code: 'unauthorized' } as const;
    gate.open({ forMs: 1_000, why: 'refused', refusal });
    expect([gate.trouble(), gate.enter()]).toEqual([refusal, refusal]);
  });
});
