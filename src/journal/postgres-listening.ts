// Owns the one connection that listens to what other nodes append. It is made again whenever it breaks, and then everybody is told
// that something may have been missed: notices are not kept for those who were away.

import pg from 'pg';
import type { Clock } from '../clock.ts';
import { readNotice, readTokenNotice } from './postgres-notices.ts';
import type { TokenPut } from './shared-credentials.ts';
import type { OthersAppended } from './store.ts';

const CHECK_EVERY_MS = 15_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

export type ListeningParts = {
  readonly settings: pg.ClientConfig;
  readonly channel: string;
  readonly node: string;
  readonly clock: Clock;
};

export class PostgresListening implements AsyncDisposable {
  readonly #parts: ListeningParts;
  readonly #listeners = new Set<(others: OthersAppended) => void>();
  readonly #tokenListeners = new Set<(put: TokenPut) => void>();
  readonly #closing = new AbortController();
  #running: Promise<void> | null = null;

  constructor(parts: ListeningParts) {
    this.#parts = parts;
  }

  /** The connection is made for the first listener. Returns how to stop. */
  listen(listener: (others: OthersAppended) => void): () => void {
    this.#listeners.add(listener);
    this.#running ??= this.#keepListening();
    return () => this.#listeners.delete(listener);
  }

  /** Its own puts come back, too. */
  listenForTokens(listener: (put: TokenPut) => void): void {
    this.#tokenListeners.add(listener);
    this.#running ??= this.#keepListening();
  }

  async #keepListening(): Promise<void> {
    const { signal } = this.#closing;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const began = this.#parts.clock.monotonic();
      await this.#listenOnce().catch(() => {});
      if (this.#parts.clock.monotonic() - began > CHECK_EVERY_MS) pauseMs = FIRST_PAUSE_MS;
      await this.#parts.clock.sleep(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Until the connection breaks or we close. */
  async #listenOnce(): Promise<void> {
    const { settings, channel, node, clock } = this.#parts;
    const client = new pg.Client(settings);
    const broken = new AbortController();
    const over = AbortSignal.any([broken.signal, this.#closing.signal]);
    client.on('error', () => broken.abort());
    client.on('end', () => broken.abort());
    client.on('notification', ({ payload = '' }) => {
      const others = readNotice(node, payload);
      if (others) this.#tell(others);
      const put = readTokenNotice(payload);
      if (put) for (const listener of this.#tokenListeners) listener(put);
    });
    try {
      await client.connect();
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
      this.#tell('missed');
      while (!over.aborted) {
        await clock.sleep(CHECK_EVERY_MS, over);
        // A connection that is dead without having said so is found out by asking.
        if (!over.aborted) await client.query('select 1');
      }
    } finally {
      await client.end().catch(() => {});
    }
  }

  #tell(others: OthersAppended): void {
    for (const listener of this.#listeners) listener(others);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }
}
