// Owns the time during which somebody was up: what a bound on time is measured in, since nothing settles while every node is down.

import type { SimNode } from './node.ts';

export class Uptime {
  readonly #now: () => number;
  readonly #nodes: () => readonly SimNode[];
  #ms = 0;
  #at: number;
  #was = false;

  constructor(now: () => number, nodes: () => readonly SimNode[]) {
    this.#now = now;
    this.#nodes = nodes;
    this.#at = now();
  }

  /** A stretch counts when somebody was up at its beginning and is at its end. */
  ms(): number {
    const now = this.#now();
    const is = (this.#nodes() ?? []).some((node) => node.running);
    if (now > this.#at) {
      if (this.#was && is) this.#ms += now - this.#at;
      this.#at = now;
    }
    this.#was = is;
    return this.#ms;
  }
}
