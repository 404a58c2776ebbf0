// Owns the connections to PostgreSQL and how a statement survives their loss: tried again, spaced out and for a bounded time, where
// repeating is safe. Nothing hangs: connecting, every statement and the waiting for an answer have their time-outs.

import pg from 'pg';
import type { Clock } from '../clock.ts';
import { StoreBroken } from './journal-unavailable.ts';
import { faultOf, NotConnected } from './postgres-faults.ts';
import { SQL } from './postgres-statements.ts';

export type PostgresSettings = {
  /** Connections of this process at most, the listening one apart. */
  readonly poolSize: number;
  /** How long a statement is tried again before it is given up. */
  readonly patienceMs: number;
  readonly connectTimeoutMs: number;
  /** On the server; the client waits a little longer for the answer. */
  readonly statementTimeoutMs: number;
};

export const POSTGRES_SETTINGS: PostgresSettings = {
  poolSize: 10,
  patienceMs: 5_000,
  connectTimeoutMs: 3_000,
  statementTimeoutMs: 10_000,
};

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;
const ANSWER_MARGIN_MS = 2_000;
const KEEP_ALIVE_MS = 10_000;

export type StatementName = keyof typeof SQL;
export type Row = Readonly<Record<string, unknown>>;
export type Value = string | number | Buffer | null;

/**
 * How our statements are planned: once, for any values, and by indexes. They all look for few rows by their keys; a planner that knows
 * neither the values nor how a table will grow would otherwise settle for walking it.
 */
export const PLANNING =
  'set plan_cache_mode = force_generic_plan; set jit = off; set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off';

/** What a connection of ours has set, whoever configured the server. Only a commit that would not wait for the disk is overruled. */
function session(statementTimeoutMs: number): string {
  return `${PLANNING}; set default_transaction_isolation = 'read committed'; set client_min_messages = warning;
    set statement_timeout = ${statementTimeoutMs};
    select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;
}

export function clientSettings(
  url: string,
  { connectTimeoutMs, statementTimeoutMs }: PostgresSettings,
): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'throughline',
  };
}

export class PostgresConnections {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #patienceMs: number;
  readonly #closing = new AbortController();

  constructor(url: string, clock: Clock, random: () => number, settings: PostgresSettings) {
    this.#clock = clock;
    this.#random = random;
    this.#patienceMs = settings.patienceMs;
    this.#pool = new pg.Pool({
      ...clientSettings(url, settings),
      max: settings.poolSize,
      idleTimeoutMillis: 60_000,
      onConnect: async (client) => {
        await client.query(session(settings.statementTimeoutMs));
      },
    });
    // An idle connection that breaks is gone from the pool by then, and the next statement makes another.
    this.#pool.on('error', () => {});
    // One that breaks in the middle of a statement says so twice; the statement's own failure is the one that counts.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  /** A statement that may be repeated: one that reads, or that changes nothing the second time. */
  run(name: StatementName, values: readonly Value[]): Promise<readonly Row[]> {
    return this.persist(() => this.once(name, values));
  }

  /** The same, when it is the number of rows that matters. */
  async count(name: StatementName, values: readonly Value[]): Promise<number> {
    return this.persist(async () => (await this.#send(name, values)).rowCount ?? 0);
  }

  /** One try. What it rejects with is for `faultOf` to judge. */
  async once(name: StatementName, values: readonly Value[]): Promise<readonly Row[]> {
    return (await this.#send(name, values)).rows;
  }

  async #send(name: StatementName, values: readonly Value[]): Promise<pg.QueryResult<Row>> {
    const client = await this.#pool.connect().catch((cause) => {
      throw new NotConnected({ cause });
    });
    try {
      const result = await client.query<Row>({ name, text: SQL[name], values: [...values] });
      client.release();
      return result;
    } catch (error) {
      // Whatever went wrong, a fresh connection finds the primary of now.
      client.release(true);
      throw error;
    }
  }

  /** Repeats `work`, which must be safe to repeat, until it succeeds, cannot, or has been tried for long enough. */
  async persist<Result>(work: () => Promise<Result>): Promise<Result> {
    const endsAt = this.#clock.monotonic() + this.#patienceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await work();
      } catch (error) {
        const fault = faultOf(error);
        if (fault === 'bug') throw new StoreBroken('The database refused a statement of ours.', { cause: error });
        const over = this.#closing.signal.aborted || this.#clock.monotonic() + pauseMs >= endsAt;
        if (fault === 'refused' || over) throw error;
      }
      await this.#clock.sleep(pauseMs * (0.5 + this.#random()), this.#closing.signal);
    }
  }

  /** Waits for what is under way, and tries nothing again. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#pool.end();
  }
}
