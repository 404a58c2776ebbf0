// Owns what is checked of erasures after every step: nothing personal is ever in a clear column; with the key of an interaction goes
// all that opens or finds it; and what is told of it afterwards leaves no trace (DESIGN §5).

import type { InteractionId } from '../../src/ids.ts';
import type { EventRow, Store } from '../../src/journal/store.ts';
import type { Ledger } from './ledger.ts';
import { Violation } from './violation.ts';
import { PERSONAL } from './wording.ts';

export type Subject = { readonly kind: 'customerId' | 'phone'; readonly value: string };

export type ErasureOracleParts = {
  readonly store: Store;
  readonly ledger: Ledger;
  /** The interactions that are found by a customer's id or number. */
  readonly found: (subject: Subject) => Promise<readonly InteractionId[]>;
  readonly report: (violation: Violation) => void;
};

export class ErasureOracle {
  readonly #parts: ErasureOracleParts;

  constructor(parts: ErasureOracleParts) {
    this.#parts = parts;
  }

  async check(rows: readonly EventRow[]): Promise<void> {
    for (const row of rows) {
      const told = PERSONAL.exec(row.clear)?.[0];
      if (told !== undefined) this.#broken(row, `${row.type} ${row.version} tells ${told} in the clear`);
      if (row.type === 'InteractionErased') await this.#gone(row);
      if (!this.#parts.ledger.get(row.interactionId)?.erased) continue;
      if (row.type !== 'InteractionErased' && row.actor.startsWith('platform:')) this.#afterwards(row, rows);
    }
  }

  async #gone(row: EventRow): Promise<void> {
    const [stored] = await this.#parts.store.load([row.interactionId]);
    if (stored?.wrappedKey !== null) this.#broken(row, 'is erased, and its key is there');
    if (stored?.snapshot !== null) this.#broken(row, 'is erased, and its snapshot is there');
    const sealed = (await this.#parts.store.history(row.interactionId)).filter(
      ({ version, sealed: body }) => version >= row.version && body !== null,
    );
    if (sealed.length > 0) this.#broken(row, `is erased, and ${sealed[0]?.type} is sealed still`);
  }

  /** Nothing of a customer leads to an interaction that is erased. */
  async nobodyIsFound(subjects: readonly Subject[]): Promise<void> {
    for (const subject of subjects) {
      for (const id of await this.#parts.found(subject)) {
        if (this.#parts.ledger.get(id)?.erased) {
          this.#parts.report(new Violation('erasure', `is erased, and is found by ${subject.value}`, [id]));
        }
      }
    }
  }

  /** In the append of the erasure itself things may still have been told. */
  #afterwards(row: EventRow, rows: readonly EventRow[]): void {
    const erasedAt = rows.find((one) => one.interactionId === row.interactionId && one.type === 'InteractionErased');
    if (!erasedAt || row.version > erasedAt.version) this.#broken(row, `is erased, and ${row.type} was told of it`);
  }

  #broken({ interactionId }: EventRow, message: string): void {
    this.#parts.report(new Violation('erasure', message, [interactionId]));
  }
}
