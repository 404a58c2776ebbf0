// Owns the door between one process and the shared store: every call goes to the real store, sometimes late; a process may die just
// before a call or just after it was carried out, and then hears of it no more.

import type { EntryTaken, EntryWish } from '../../src/journal/entry-loan.ts';
import { FateUnknown } from '../../src/journal/journal-unavailable.ts';
import type { Append, AppendResult, Claimed, MessageKey, Store } from '../../src/journal/store.ts';
import type { VirtualClock } from '../../src/twins/virtual-clock.ts';
import type { Chance } from './chance.ts';
import type { LeaseBook } from './lease-book.ts';
import type { Ledger } from './ledger.ts';
import { type Life, never } from './life.ts';
import { LEASE_MS } from './limits.ts';
import type { LoanBook } from './loan-book.ts';
import type { Stillness } from './stillness.ts';

export type StoreParts = {
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly stillness: Stillness;
  readonly leases: LeaseBook;
  readonly ledger: Ledger;
  readonly loans: LoanBook;
  /** How likely a call takes its time. */
  readonly slow: () => number;
  /** Whether nobody reaches it now. */
  readonly isOut: () => boolean;
  /** Whether reading this interaction kills the process. */
  readonly isPoison: (id: string) => boolean;
  readonly onDeath: (life: Life, why: string) => void;
  /** Reading a row has ended a process; `claim` is the how manieth that brought it there, absent where somebody had asked. */
  readonly onPoisoned: (id: string, claim: number | undefined) => void;
};

/** A death that waits: at the `left`th call from now, before it is carried out or after. */
export type Doom = { left: number; readonly when: 'before' | 'after'; readonly at: 'store' | 'wire' };

const SLOWEST_MS = 400;
/** Of the appends that meet an outage, those that are carried out all the same, and nobody hears of it. */
const ANSWER_LOST = 0.3;

/** What a call to a store that cannot be reached rejects with. */
export class StoreOut extends Error {}

export function storeDoor(parts: StoreParts, life: Life, doom: () => Doom | null): Store {
  const asked = <Part extends object>(whole: Part, name: string | symbol) => {
    const method = Reflect.get(whole, name, whole) as (...args: readonly unknown[]) => Promise<unknown>;
    const call = new Call(parts, life, doom, String(name));
    return (...args: readonly unknown[]) => life.receive(call.perform(args, method.bind(whole)));
  };
  /** A table that stands beside the journal, over the same connection. */
  const table = <Part extends object>(whole: Part) => new Proxy(whole, { get: asked });
  return new Proxy(parts.store, {
    get(store, name) {
      if (name === Symbol.asyncDispose) return async () => {};
      // What others wrote is only ever hinted at, and a hint may never come: here none does.
      if (name === 'onOthersAppended') return () => () => {};
      return name === 'reach' ? table(store.reach) : asked(store, name);
    },
  });
}

/** True when the process dies here. */
export function doomed(doom: Doom | null, at: Doom['at'], when: Doom['when']): boolean {
  if (!doom || doom.at !== at || doom.when !== when) return false;
  doom.left -= 1;
  return doom.left <= 0;
}

class Call {
  readonly #parts: StoreParts;
  readonly #life: Life;
  readonly #doom: () => Doom | null;
  readonly #name: string;

  constructor(parts: StoreParts, life: Life, doom: () => Doom | null, name: string) {
    this.#parts = parts;
    this.#life = life;
    this.#doom = doom;
    this.#name = name;
  }

  async perform(args: readonly unknown[], method: (...args: readonly unknown[]) => Promise<unknown>): Promise<unknown> {
    const { clock, chance, stillness, slow, onDeath } = this.#parts;
    if (this.#life.ended) return never();
    stillness.touch();
    const writes = this.#name === 'append' || this.#name === 'claimDue';
    if (this.#name === 'load' && (args[0] as string[]).some(this.#parts.isPoison)) {
      return this.#poisoned((args[0] as string[]).find(this.#parts.isPoison) as string);
    }
    if (writes && doomed(this.#doom(), 'store', 'before')) {
      onDeath(this.#life, `before ${this.#name}`);
      return never();
    }
    if (chance.happens(slow())) await clock.sleep(chance.between(1, SLOWEST_MS));
    if (this.#parts.isOut()) return await this.#fail(args, method);
    const result = await method(...args);
    stillness.touch();
    this.#note(args, result);
    if (writes && doomed(this.#doom(), 'store', 'after')) {
      onDeath(this.#life, `after ${this.#name}`);
      return never();
    }
    return result;
  }

  #poisoned(id: string): Promise<never> {
    const { onDeath, onPoisoned } = this.#parts;
    onPoisoned(id, this.#life.isForOthers ? undefined : this.#life.claimed.get(id));
    onDeath(this.#life, `reading ${id}`);
    return never();
  }

  async #fail(args: readonly unknown[], method: (...args: readonly unknown[]) => Promise<unknown>): Promise<never> {
    const { clock, chance, stillness, ledger } = this.#parts;
    await clock.sleep(chance.between(1, SLOWEST_MS));
    if (this.#name !== 'append' || !chance.happens(ANSWER_LOST)) throw new StoreOut('The store is out of reach.');
    const results = (await method(...args)) as readonly AppendResult[];
    stillness.touch();
    for (const [index, append] of (args[0] as readonly Append[]).entries()) {
      if (results[index]?.kind === 'appended') ledger.committed(append, this.#life.owner);
    }
    throw new FateUnknown({ cause: new StoreOut('The answer to an append was lost.') });
  }

  #note(args: readonly unknown[], result: unknown): void {
    const { leases, ledger, loans } = this.#parts;
    if (this.#name === 'append') {
      for (const [index, append] of (args[0] as readonly Append[]).entries()) {
        const outcome = (result as readonly AppendResult[])[index];
        leases.appended(append, outcome, LEASE_MS);
        this.#life.claimed.delete(append.interactionId);
        if (outcome?.kind === 'appended') ledger.committed(append, this.#life.owner);
      }
    }
    if (this.#name === 'claimDue') {
      for (const { id, claims } of result as readonly Claimed[]) this.#life.claimed.set(id, claims);
      leases.claimed(result as readonly Claimed[], this.#life.owner, LEASE_MS);
    }
    if (this.#name === 'finish' || this.#name === 'quarantine') this.#life.claimed.delete(String(args[0]));
    if (this.#name === 'putBack') this.#life.claimed.delete((args[0] as Claimed).id);
    if (this.#name === 'note') ledger.noted(args[0] as readonly MessageKey[]);
    if (this.#name === 'takeEntry') loans.taken(args[0] as EntryWish, result as EntryTaken | null);
    if (this.#name === 'releaseEntry') loans.released(String(args[0]));
    if (this.#name === 'quarantine') ledger.quarantined(String(args[0]), true);
    if (this.#name === 'release') ledger.quarantined(String(args[0]), false);
  }
}
