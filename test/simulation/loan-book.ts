// Owns what the simulation knows of entry numbers, by the very calls that the store has answered: which is lent to which handoff, until
// when, and that none is lent to another before it is free (H3).

import type { EntryTaken, EntryWish } from '../../src/journal/entry-loan.ts';
import { CLOCKS_APART_MS } from '../../src/protocols/clocks.ts';
import type { KnownHandoff, Ledger } from './ledger.ts';
import type { Trace } from './trace.ts';
import { Violation } from './violation.ts';

export type Loan = {
  readonly handoffId: string;
  readonly number: string;
  until: number;
  released: boolean;
};

/** Decision 16: a number that is not given back is lent to others only so long after its time. */
const LATE_MS = 2 * 60_000;

export type LoanBookParts = {
  readonly now: () => number;
  readonly ledger: Pick<Ledger, 'handoffOf'>;
  readonly trace: Pick<Trace, 'tell' | 'short'>;
  readonly report: (violation: Violation) => void;
};

export class LoanBook {
  readonly #parts: LoanBookParts;
  readonly #byNumber = new Map<string, Loan>();
  readonly #byHandoff = new Map<string, Loan>();

  constructor(parts: LoanBookParts) {
    this.#parts = parts;
  }

  /** What it has; not what others have been lent since. */
  of(handoffId: string): Loan | undefined {
    const loan = this.#byHandoff.get(handoffId);
    return [...this.#byNumber.values()].find((one) => one === loan);
  }

  taken({ handoffId, platform }: EntryWish, taken: EntryTaken | null): void {
    if (!taken) return;
    const { number, until } = taken;
    const name = `${platform} ${number}`;
    const before = this.#byNumber.get(name);
    if (before && before.handoffId !== handoffId && !this.#isFree(before)) {
      const message = `${number} is lent to ${handoffId} while ${before.handoffId} has it`;
      this.#parts.report(new Violation('H3', message, [handoffId, before.handoffId].map(interactionOf)));
    }
    this.#parts.trace.tell(`${number} is lent to ${this.#parts.trace.short(handoffId)}`, interactionOf(handoffId));
    const loan = { handoffId, number, until, released: false };
    this.#byNumber.set(name, loan);
    this.#byHandoff.set(handoffId, loan);
  }

  /**
   * Given back by one that has settled, or so long after its time that no call is on its way to it any more. Whose transfer is open still, since
   * nobody could move it on, may let go no more before it has another place: that is for whoever watches the departures.
   */
  #isFree({ handoffId, until, released }: Loan): boolean {
    const isOpen = this.#handoff(handoffId)?.settled === undefined;
    return (released && !isOpen) || this.#parts.now() > until + LATE_MS - CLOCKS_APART_MS;
  }

  released(handoffId: string): void {
    const loan = this.#byHandoff.get(handoffId);
    if (loan) loan.released = true;
  }

  /** H6, at the end: what was held for nobody any more, or was used, has been given back. */
  unreleased(): readonly Loan[] {
    return [...this.#byNumber.values()].filter(({ handoffId, released }) => {
      const handoff = this.#handoff(handoffId);
      return !released && handoff?.settled !== undefined && (!handoff.reserved || handoff.redeemed);
    });
  }

  #handoff(handoffId: string): KnownHandoff | undefined {
    return this.#parts.ledger.handoffOf(`${handoffId}.`);
  }
}

function interactionOf(handoffId: string): string {
  return handoffId.split('.')[0] ?? '';
}
