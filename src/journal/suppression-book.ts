// Owns the list of customers who may not be texted: keyed hashes of their numbers, for good, since an erasure does not withdraw a STOP.

import type { Clock } from '../clock.ts';
import type { Journal } from './journal.ts';
import { unavailable } from './journal-unavailable.ts';
import type { SuppressionCause } from './reach-table.ts';

export class SuppressionBook {
  readonly #journal: Journal;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(journal: Journal, clock: Pick<Clock, 'now'>) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Numbers are E.164. Rejects with `JournalUnavailable` when the list cannot be read: then nothing is sent. */
  has(number: string): Promise<boolean> {
    return this.#journal.store.reach.isSuppressed(this.#hash(number)).catch(unavailable);
  }

  add(number: string, cause: SuppressionCause): Promise<void> {
    return this.#journal.store.reach.suppress(this.#hash(number), cause, this.#clock.now()).catch(unavailable);
  }

  lift(number: string): Promise<void> {
    return this.#journal.store.reach.unsuppress(this.#hash(number)).catch(unavailable);
  }

  #hash(number: string): Uint8Array {
    return this.#journal.keyedHash('suppressed', number);
  }
}
