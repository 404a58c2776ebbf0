// Owns what the simulation knows of entry numbers, by the very calls that the store has answered: which is lent to which handoff, until
// when, and that none is lent to two that are open at once (H3).

import type { EntryTaken, EntryWish } from '../../src/journal/entry-loan.ts';
import type { KnownHandoff, Ledger } from './ledger.ts';
import type { Trace } from './trace.ts';
import { Violation } from './violation.ts';

export type Loan = {
  readonly handoffId: string;
  readonly number: string;
  until: number;
  released: boolean;
};

export type LoanBookParts = {
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

  of(handoffId: string): Loan | undefined {
    return this.#byHandoff.get(handoffId);
  }

  taken({ handoffId, platform }: EntryWish, taken: EntryTaken | null): void {
    if (!taken) return;
    const { number, until } = taken;
    const name = `${platform} ${number}`;
    const before = this.#byNumber.get(name);
    const other = before && before.handoffId !== handoffId ? this.#handoff(before.handoffId) : undefined;
    if (other && !other.settled) {
      const message = `${number} is lent to ${handoffId} while ${other.id} has it`;
      this.#parts.report(new Violation('H3', message, [interactionOf(handoffId), other.interactionId]));
    }
    this.#parts.trace.tell(`${number} is lent to ${this.#parts.trace.short(handoffId)}`, interactionOf(handoffId));
    const loan = { handoffId, number, until, released: false };
    this.#byNumber.set(name, loan);
    this.#byHandoff.set(handoffId, loan);
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
