// Owns the links and the suppressed numbers in the embedded store.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Instant, InteractionId } from '../ids.ts';
import type { ClaimRow, ReachTable, SuppressionCause } from './reach-table.ts';
import { SQL } from './sqlite-statements.ts';
import type { Alone } from './sqlite-transaction.ts';

const STATEMENTS = [
  'putClaim',
  'findClaim',
  'forgetClaims',
  'suppress',
  'isSuppressed',
  'unsuppress',
  'mayLend',
] as const;

export class SqliteReach implements ReachTable {
  readonly #sql: { readonly [Name in (typeof STATEMENTS)[number]]: StatementSync };

  readonly #alone: Alone;

  /** `alone` does what writes when nobody else writes to the file. */
  constructor(database: DatabaseSync, alone: Alone) {
    this.#alone = alone;
    const statements = STATEMENTS.map((name) => [name, database.prepare(SQL[name])]);
    this.#sql = Object.fromEntries(statements);
  }

  async putClaim({ tokenHash, interactionId, numberHash, expiresAt }: ClaimRow): Promise<boolean> {
    return this.#alone(() => {
      if (!this.#sql.mayLend.get(interactionId)) return false;
      this.#sql.putClaim.run(tokenHash, interactionId, numberHash, expiresAt);
      return true;
    });
  }

  async findClaim(tokenHash: Uint8Array): Promise<ClaimRow | null> {
    const found = this.#sql.findClaim.get(tokenHash);
    if (!found) return null;
    return {
      tokenHash,
      interactionId: found.interaction as InteractionId,
      numberHash: found.number_hash as Uint8Array,
      expiresAt: Number(found.expires_at),
    };
  }

  /** Within the erasure's transaction. */
  forget(row: SQLInputValue): void {
    this.#sql.forgetClaims.run(row);
  }

  async suppress(numberHash: Uint8Array, cause: SuppressionCause, at: Instant): Promise<void> {
    await this.#alone(() => this.#sql.suppress.run(numberHash, cause, at));
  }

  async isSuppressed(numberHash: Uint8Array): Promise<boolean> {
    return this.#sql.isSuppressed.get(numberHash) !== undefined;
  }

  async unsuppress(numberHash: Uint8Array): Promise<void> {
    await this.#alone(() => this.#sql.unsuppress.run(numberHash));
  }
}
