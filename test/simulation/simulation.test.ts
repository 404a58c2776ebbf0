import { describe, expect, it } from 'vitest';
import { run } from './run.ts';

/** Milliseconds for worlds that nobody has seen yet. */
const BUDGET_MS = 10_000;
const STEPS_EACH = 400;

/** Runs that broke a promise once: of the product, or of the simulation itself (docs/proof.md). */
const KEPT = [
  { found: 'an event told again to whoever has the conversation now', seed: 3181525119, steps: 357 },
  { found: 'a node that was started twice at once', seed: 1244543542, steps: 1_064 },
  { found: 'a call that was sent for a handoff that had settled', seed: 1, steps: 1_638 },
] as const;

/** Of a world with both. */
const TWO_CENTERS = 12;

function verdictOn({ broken }: Awaited<ReturnType<typeof run>>): string {
  if (!broken) return 'every promise held';
  const { violation, seed, step, message, trace } = broken;
  const repeat = `npm run simulate -- --seed ${seed} --steps ${step}`;
  return [`${violation.invariant}: ${message}`, `Repeat it: ${repeat}`, ...trace].join('\n');
}

/** A busy machine takes its time; the virtual clock does not mind. */
const PATIENCE_MS = 120_000;

describe('the whole system, while everything goes wrong', { timeout: PATIENCE_MS }, () => {
  it('is the same run for the same seed', async () => {
    const first = await run({ seed: 11, steps: 150 });
    const second = await run({ seed: 11, steps: 150 });
    expect(second).toEqual(first);
    expect(first.handoffs).toBeGreaterThan(3);
    expect((await run({ seed: 12, steps: 150 })).digest).not.toBe(first.digest);
  });

  it('is the same run for the same seed with two contact centers, too, between which callers are transferred', async () => {
    const first = await run({ seed: TWO_CENTERS, steps: 150 });
    expect(await run({ seed: TWO_CENTERS, steps: 150 })).toEqual(first);
    expect(Object.keys(first.ends).filter((end) => end.startsWith('transfer '))).not.toEqual([]);
  });

  it.each(KEPT)('holds every promise where it once did not: $found', async ({ seed, steps }) => {
    expect(verdictOn(await run({ seed, steps }))).toBe('every promise held');
  });

  it('holds every promise in worlds that nobody has seen yet', async () => {
    const until = performance.now() + BUDGET_MS;
    const outcomes = new Set<string>();
    while (performance.now() < until) {
      const report = await run({ seed: Math.floor(Math.random() * 0x1_0000_0000), steps: STEPS_EACH });
      expect(verdictOn(report)).toBe('every promise held');
      for (const outcome of Object.keys(report.outcomes)) outcomes.add(outcome);
    }
    expect([...outcomes]).toContain('completed');
  });
});
