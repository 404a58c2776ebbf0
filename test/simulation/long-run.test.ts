import { describe, expect, it } from 'vitest';
import { longRun, type Told, withRun } from './long-run.ts';
import { run } from './run.ts';

const breach = { invariant: 'H3', seed: 5, step: 9, message: 'is completed, but the customer was never there' };
const told: Told = {
  steps: 20,
  worlds: 1,
  handoffs: 3,
  outcomes: { completed: 2, refused: 1 },
  ends: { 'transfer completed': 2, 'escalation refused': 1 },
  virtualMs: 7,
  broken: null,
};

describe('a long run', () => {
  it('plays in a process of its own what one run plays here', async () => {
    const { broken, digest, ...alike } = await run({ seed: 11, steps: 60 });
    const seen: Told[] = [];
    const long = await longRun({ seed: 11, totalSteps: 60, jobs: 2, onRun: (_, one) => seen.push(one) });
    expect([broken, digest.length > 0]).toEqual([undefined, true]);
    expect(long).toEqual({ ...alike, runs: 1, breaches: [] });
    expect(seen).toMatchObject([{ ...alike, broken: null }]);
  }, 60_000);

  it('adds up what its runs tell, and keeps every breach', () => {
    const nothing = { runs: 0, steps: 0, worlds: 0, handoffs: 0, outcomes: {}, ends: {}, virtualMs: 0, breaches: [] };
    const broken: Told = { ...told, steps: 9, outcomes: { refused: 4 }, ends: {}, broken: breach };
    expect([told, broken, told].reduce(withRun, nothing)).toEqual({
      runs: 3,
      steps: 49,
      worlds: 3,
      handoffs: 9,
      virtualMs: 21,
      outcomes: { completed: 4, refused: 6 },
      ends: { 'transfer completed': 4, 'escalation refused': 2 },
      breaches: [breach],
    });
  });
});
