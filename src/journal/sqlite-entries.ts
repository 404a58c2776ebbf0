// Owns the entry numbers in the embedded store: which is lent to whom. Called within the store's transaction where it writes.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { HandoffId, Instant, InteractionId, PlatformName } from '../ids.ts';
import {
  type EntryHeld,
  type EntryLoan,
  type EntrySearch,
  type EntryTaken,
  type EntryWish,
  RESERVATION_PREFIX,
} from './entry-loan.ts';
import { SQL } from './sqlite-statements.ts';

type Row = Record<string, SQLInputValue>;

const ENTRY_STATEMENTS = [
  'mayLend',
  'ownEntry',
  'keepEntry',
  'lentEntries',
  'lendEntry',
  'holdEntry',
  'entryByToken',
  'entryByNumber',
  'entryByAni',
] as const;

export class SqliteEntries {
  readonly #sql: { readonly [Name in (typeof ENTRY_STATEMENTS)[number]]: StatementSync };

  constructor(database: DatabaseSync) {
    const entries = ENTRY_STATEMENTS.map((name) => [name, database.prepare(SQL[name])]);
    this.#sql = Object.fromEntries(entries);
    // Read at every loan: an array costs half of what an object does.
    this.#sql.lentEntries.setReturnArrays(true);
  }

  take(wish: EntryWish, now: Instant): EntryTaken | null {
    const { handoffId, tokenHash, aniHash, until, freeFrom } = wish;
    if (!this.#sql.mayLend.get(wish.interactionId)) return null;
    this.#sql.keepEntry.run(until, freeFrom, tokenHash, aniHash, handoffId);
    const own = this.#sql.ownEntry.get(handoffId);
    if (own) return { number: String(own.number), until: Number(own.until) };
    const number = this.#free(wish, now);
    if (number === undefined) return null;
    const { platform, interactionId } = wish;
    this.#sql.lendEntry.run(platform, number, handoffId, interactionId, tokenHash, aniHash, until, freeFrom);
    return { number, until };
  }

  hold({ platform, reservationId, handoffId, interactionId, tokenHash, aniHash, until, freeFrom }: EntryHeld): void {
    if (!this.#sql.mayLend.get(interactionId)) return;
    const number = `${RESERVATION_PREFIX}${reservationId}`;
    this.#sql.holdEntry.run(platform, number, handoffId, interactionId, tokenHash, aniHash, until, freeFrom);
  }

  /** One that was never lent, else the one that has been free the longest. */
  #free({ platform, numbers }: EntryWish, now: Instant): string | undefined {
    const freeFrom = new Map(this.#sql.lentEntries.all(platform) as unknown as readonly [string, Instant][]);
    const since = (number: string) => freeFrom.get(number) ?? Number.NEGATIVE_INFINITY;
    let found: string | undefined;
    for (const number of numbers)
      if (since(number) <= now && (found === undefined || since(number) < since(found))) found = number;
    return found;
  }

  find(search: EntrySearch): readonly EntryLoan[] {
    return this.#rows(search).map((found) => loanOf(found as Row));
  }

  #rows(search: EntrySearch) {
    if ('tokenHash' in search) return this.#sql.entryByToken.all(search.platform, search.tokenHash);
    if ('number' in search) return this.#sql.entryByNumber.all(search.platform, search.number);
    return this.#sql.entryByAni.all(search.platform, search.aniHash, search.since);
  }
}

function loanOf({ handoff, interaction, platform, number, until, ani_hash }: Row): EntryLoan {
  return {
    handoffId: handoff as HandoffId,
    interactionId: interaction as InteractionId,
    platform: platform as PlatformName,
    number: String(number),
    until: Number(until),
    aniHash: (ani_hash as Uint8Array | null) ?? null,
  };
}
