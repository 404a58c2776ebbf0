// Owns a run: worlds one after the other, each from a seed derived from the run's, until the steps are used up or a promise breaks.

import { step } from './acts.ts';
import { derivedSeed } from './chance.ts';
import { endWell } from './end-of-world.ts';
import { Violation } from './violation.ts';
import { World } from './world.ts';

const STEPS_PER_WORLD = 2_000;

export type Broken = {
  readonly violation: Violation;
  /** Of the world, with which a run begins there. */
  readonly seed: number;
  readonly step: number;
  readonly trace: readonly string[];
  readonly message: string;
};

export type RunReport = {
  readonly steps: number;
  readonly worlds: number;
  readonly handoffs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** How many ended how, by kind, outcome and reason. */
  readonly ends: Readonly<Record<string, number>>;
  readonly virtualMs: number;
  /** The same for the same seed and steps. */
  readonly digest: string;
  readonly broken?: Broken;
};

export type RunOptions = {
  readonly seed: number;
  readonly steps: number;
  readonly onProgress?: (done: { readonly steps: number; readonly handoffs: number }) => void;
};

export async function run({ seed, steps, onProgress }: RunOptions): Promise<RunReport> {
  const digests: string[] = [];
  const outcomes: Record<string, number> = {};
  const ends: Record<string, number> = {};
  let [done, handoffs, virtualMs, worlds] = [0, 0, 0, 0];
  let broken: Broken | undefined;
  while (done < steps && !broken) {
    const worldSeed = derivedSeed(seed, worlds);
    const world = await World.begin(worldSeed);
    const began = world.clock.monotonic();
    broken = await play(world, worldSeed, Math.min(STEPS_PER_WORLD, steps - done));
    worlds += 1;
    done += world.trace.step;
    virtualMs += world.clock.monotonic() - began;
    for (const { kind, settled } of world.handoffs()) {
      const { outcome = 'open', reason } = settled ?? {};
      const end = `${kind} ${outcome}${reason === undefined ? '' : `: ${reason}`}`;
      handoffs += 1;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      ends[end] = (ends[end] ?? 0) + 1;
    }
    digests.push(world.trace.digest);
    await world.end();
    onProgress?.({ steps: done, handoffs });
  }
  return {
    steps: done,
    worlds,
    handoffs,
    outcomes,
    ends,
    virtualMs,
    digest: digests.join('-').slice(-33),
    ...(broken && { broken }),
  };
}

async function play(world: World, seed: number, steps: number): Promise<Broken | undefined> {
  try {
    for (let n = 1; n <= steps; n += 1) {
      world.trace.step = n;
      await step(world);
    }
    await endWell(world);
    return undefined;
  } catch (error) {
    const violation =
      error instanceof Violation
        ? error
        : new Violation('fault', error instanceof Error ? (error.stack ?? error.message) : String(error));
    const concerns = violation.concerns.flatMap((id) => [id, ...world.ledger.conversationsOf(id)]);
    return {
      violation,
      seed,
      step: world.trace.step,
      trace: world.trace.about(concerns),
      message: world.trace.shortened(violation.message),
    };
  }
}
