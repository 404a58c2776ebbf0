// Owns the links and the suppressed numbers in the store on PostgreSQL, over all nodes.

import type { Instant, InteractionId } from '../ids.ts';
import { isUuid } from './postgres-arrays.ts';
import type { PostgresConnections } from './postgres-connections.ts';
import type { ClaimRow, ReachTable, SuppressionCause } from './reach-table.ts';

export class PostgresReach implements ReachTable {
  readonly #connections: PostgresConnections;

  constructor(connections: PostgresConnections) {
    this.#connections = connections;
  }

  async putClaim({ tokenHash, interactionId, numberHash, expiresAt }: ClaimRow): Promise<boolean> {
    if (!isUuid(interactionId)) return false;
    const values = [Buffer.from(tokenHash), interactionId, Buffer.from(numberHash), expiresAt];
    const [put] = await this.#connections.run('putClaim', values);
    return put?.kept === true;
  }

  async findClaim(tokenHash: Uint8Array): Promise<ClaimRow | null> {
    const [found] = await this.#connections.run('findClaim', [Buffer.from(tokenHash)]);
    if (!found) return null;
    return {
      tokenHash,
      interactionId: found.interaction as InteractionId,
      numberHash: found.number_hash as Uint8Array,
      expiresAt: Number(found.expires_at),
    };
  }

  async suppress(numberHash: Uint8Array, cause: SuppressionCause, at: Instant): Promise<void> {
    await this.#connections.run('suppress', [Buffer.from(numberHash), cause, at]);
  }

  async isSuppressed(numberHash: Uint8Array): Promise<boolean> {
    return (await this.#connections.run('isSuppressed', [Buffer.from(numberHash)])).length > 0;
  }

  async unsuppress(numberHash: Uint8Array): Promise<void> {
    await this.#connections.run('unsuppress', [Buffer.from(numberHash)]);
  }
}
