// Owns the rows by which nodes share credentials on PostgreSQL. One try each, and none waits long: whoever asks can do without.

import type { Clock } from '../clock.ts';
import type { PostgresConnections, Row, StatementName, Value } from './postgres-connections.ts';
import type { PostgresListening } from './postgres-listening.ts';
import type { CredentialTable, LoginPause, Slice, SliceQuestion, TokenPut, TokenRow } from './shared-credentials.ts';

const PATIENCE_MS = 1_500;

/** The database is out of reach, or did not answer in time: what was asked may still happen. */
class NoAnswer extends Error {}

export class PostgresCredentials implements CredentialTable {
  readonly #connections: PostgresConnections;
  readonly #listening: PostgresListening;
  readonly #channel: string;
  readonly #clock: Clock;

  constructor(connections: PostgresConnections, listening: PostgresListening, channel: string, clock: Clock) {
    this.#connections = connections;
    this.#listening = listening;
    this.#channel = channel;
    this.#clock = clock;
  }

  async claimToken(
    credential: string,
    refresher: string,
    {
      newerThan,
      marginMs,
      leaseMs,
    }: { readonly newerThan: number; readonly marginMs: number; readonly leaseMs: number },
  ): Promise<number | null> {
    const [claimed] = await this.#ask('claimToken', [credential, refresher, newerThan, marginMs, leaseMs]);
    return claimed ? Number(claimed.failures) : null;
  }

  async readToken(credential: string): Promise<TokenRow | null> {
    const [row] = await this.#ask('readToken', [credential]);
    if (!row) return null;
    return {
      number: Number(row.number),
      sealed: row.sealed as Uint8Array | null,
      ageMs: Number(row.age),
      leftMs: Number(row.life),
      refreshingMs: Number(row.refreshing),
      paused: { why: String(row.pause_why ?? ''), refused: row.pause_refused === true, forMs: Number(row.paused) },
    };
  }

  async putToken(credential: string, refresher: string, sealed: Uint8Array, lifeMs: number): Promise<number | null> {
    const [put] = await this.#ask('putToken', [credential, refresher, Buffer.from(sealed), lifeMs, this.#channel]);
    return put ? Number(put.number) : null;
  }

  async failToken(
    credential: string,
    refresher: string,
    { why, refused, forMs, failures }: LoginPause & { readonly failures: number },
  ): Promise<void> {
    await this.#ask('failToken', [credential, refresher, forMs, why, String(refused), failures]);
  }

  async pauseToken(credential: string, number: number, { why, refused, forMs }: LoginPause): Promise<void> {
    await this.#ask('pauseToken', [credential, number, forMs, why, String(refused)]);
  }

  onTokenPut(listener: (put: TokenPut) => void): void {
    this.#listening.listenForTokens(listener);
  }

  async takeSlice(
    credential: string,
    node: string,
    { asked, keeps, wants, quota, leaseMs }: SliceQuestion,
  ): Promise<Slice | null> {
    const [taken] = await this.#ask('takeSlice', [credential, node, asked, keeps, wants, quota, leaseMs]);
    if (!taken) return null;
    return { granted: Number(taken.granted), nodes: Number(taken.nodes), short: Number(taken.short) };
  }

  async #ask(name: StatementName, values: readonly Value[]): Promise<readonly Row[]> {
    const over = new AbortController();
    const late = this.#clock.sleep(PATIENCE_MS, over.signal).then(() => {
      throw new NoAnswer('The database did not answer in time.');
    });
    try {
      return await Promise.race([this.#connections.once(name, values), late]);
    } finally {
      // Nobody waits any more for what comes late.
      late.catch(() => {});
      over.abort();
    }
  }
}
