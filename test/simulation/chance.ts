// Owns chance for the simulation: everything that could go either way is drawn here, from one seed.

import { seededRandom } from '../../src/twins/seeded-random.ts';

export class Chance {
  /** In [0, 1). */
  readonly draw: () => number;

  constructor(seed: number) {
    this.draw = seededRandom(seed);
  }

  happens(probability: number): boolean {
    return this.draw() < probability;
  }

  /** A whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.draw() * n);
  }

  /** A whole number. */
  between(low: number, high: number): number {
    return Math.round(low + this.draw() * (high - low));
  }

  /** Undefined of nothing. */
  pick<One>(all: readonly One[]): One | undefined {
    return all[this.below(all.length)];
  }

  /** One of these, which are not none. */
  of<One>(...all: readonly [One, ...One[]]): One {
    return all[this.below(all.length)] as One;
  }

  weighted<One>(all: readonly (readonly [weight: number, one: One])[]): One {
    let left = this.draw() * all.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, one] of all) {
      left -= weight;
      if (left < 0) return one;
    }
    return (all.at(-1) as (typeof all)[number])[1];
  }

  shuffled<One>(all: readonly One[]): One[] {
    const rest = [...all];
    const drawn: One[] = [];
    while (rest.length > 0) drawn.push(...rest.splice(this.below(rest.length), 1));
    return drawn;
  }

  readonly bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => this.below(256));
}

/** The seed of the `n`-th world of a run: near seeds must not give near worlds. */
export function derivedSeed(seed: number, n: number): number {
  return n === 0 ? seed >>> 0 : Math.imul(seed ^ Math.imul(n, 0x9e3779b1), 0x85ebca6b) >>> 0;
}
