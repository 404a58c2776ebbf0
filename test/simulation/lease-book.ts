// Owns what the simulation knows of leases: who was given one, by the very calls that the store has answered, and by the true time,
// which no node has.

import type { Append, AppendResult, Claimed } from '../../src/journal/store.ts';

type Grant = { readonly order: number; readonly at: number; readonly leaseMs: number };

export class LeaseBook {
  /** The newest grant of each owner, by interaction. */
  readonly #grants = new Map<string, Map<string, Grant>>();
  readonly #takeovers = new Map<string, { readonly owner: string; readonly order: number }>();
  readonly #now: () => number;
  #order = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  appended({ interactionId, lease }: Append, result: AppendResult | undefined, leaseMs: number): void {
    if (result?.kind === 'appended' && lease !== 'keep' && lease) this.#grant(interactionId, lease.owner, leaseMs);
  }

  claimed(rows: readonly Claimed[], owner: string, leaseMs: number): void {
    for (const { id, takenFrom } of rows) {
      this.#grant(id, owner, leaseMs);
      if (takenFrom !== null && takenFrom !== owner) this.#takeovers.set(id, { owner, order: this.#order });
    }
  }

  #grant(id: string, owner: string, leaseMs: number): void {
    this.#order += 1;
    const owners = this.#grants.get(id) ?? new Map<string, Grant>();
    this.#grants.set(id, owners.set(owner, { order: this.#order, at: this.#now(), leaseMs }));
  }

  /** Why `owner` may not write to the wire for this interaction now; undefined when it may. */
  objection(id: string, owner: string): string | undefined {
    const grant = this.#grants.get(id)?.get(owner);
    if (!grant) return 'which has never had a lease';
    const overMs = this.#now() - (grant.at + grant.leaseMs);
    if (overMs >= 0) return `whose lease has been over for ${Math.round(overMs)} ms`;
    const taken = this.#takeovers.get(id);
    if (taken && taken.owner !== owner && taken.order > grant.order) return `after ${taken.owner} had taken over`;
    return undefined;
  }
}
