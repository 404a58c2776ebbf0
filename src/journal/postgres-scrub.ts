// Owns how the bytes of destroyed keys leave PostgreSQL's files while it runs. PostgreSQL never overwrites a row: what was deleted
// stays in its page, and whatever was written stays in the write-ahead log, also in log files that are kept to be used again.
//
// 1. What destroys keys notes where, in the same commit (`destroyed_key`). A note goes only when the bytes have been seen to be
//    gone, so no crash and no missing right makes us forget one.
// 2. A noted partition is written anew (`vacuum full`). It waits for no lock longer than `LOCK_TIMEOUT_MS`, since everybody queues
//    behind it. An old snapshot makes it carry dead rows along; a plain `vacuum` afterwards counts them, and then it is done again.
// 3. What the log says up to there must go: the log is moved on to another file and a checkpoint made, if our role may. Log files
//    that PostgreSQL keeps for later use are used up: moving on fills the rest of a file with zeros.
// 4. Whether it worked is looked up, not concluded: there is a log file from that time or there is none.

import pg from 'pg';
import type { Clock } from '../clock.ts';
import type { Scrub, ScrubHindrance } from './store.ts';

const LOCK_TIMEOUT_MS = 250;
const STATEMENT_TIMEOUT_MS = 60_000;
const TRIES = 8;
const PAUSE_MS = 100;
/** How long we wait for another node that is scrubbing. */
const TURN_WITHIN_MS = 30_000;
/** Each is a file of 16 MB: a server that keeps more of them ready is better told not to (`wal_recycle`). */
const FILES_USED_UP_AT_MOST = 12;

const LOCK_NOT_AVAILABLE = '55P03';
const NOT_PERMITTED = '42501';
const TIMED_OUT = '57014';

const SESSION = `set lock_timeout = ${LOCK_TIMEOUT_MS}; set statement_timeout = ${STATEMENT_TIMEOUT_MS};
  set client_min_messages = error`;
/** Beside the lock of `append_batch`, in the same schema. */
const OUR_TURN = 'select pg_try_advisory_lock(1953002103, hashtext(current_schema())) as ours';
const NOTES = 'select n::text, relation, rewritten is null as waits from destroyed_key order by relation';
const FILE = 'substr(pg_walfile_name(%), 9) collate "C"';
const file = (lsn: string) => FILE.replace('%', lsn);
const LOG = `select ${file('pg_current_wal_insert_lsn()')} as writing,
  substr((select redo_wal_file from pg_control_checkpoint()), 9) collate "C" as redo,
  (select max(${file('rewritten')}) from destroyed_key where n = any($1::bigint[])) as holding`;
const LOG_FILES = `select min(substr(name, 9, 16) collate "C") as oldest,
  count(*) filter (where substr(name, 9, 16) collate "C" > ${file('pg_current_wal_insert_lsn()')})::int as ahead
  from pg_ls_waldir() where name ~ '^[0-9A-F]{24}'`;
const FORGET = `delete from destroyed_key where n = any($1::bigint[]) and ${file('rewritten')} < $2`;
const REWRITTEN = 'update destroyed_key set rewritten = pg_current_wal_insert_lsn() where n = any($1::bigint[])';

type Note = { readonly n: string; readonly relation: string; readonly waits: boolean };

export type Scrubbing = { readonly settings: pg.ClientConfig; readonly clock: Clock; readonly closing: AbortSignal };

/** See the port. On a connection of its own, since none of this may stand in a transaction or wait in line. */
export async function scrubDatabase({ settings, clock, closing }: Scrubbing): Promise<Scrub> {
  const client = new pg.Client({ ...settings, query_timeout: STATEMENT_TIMEOUT_MS * 2 });
  client.on('error', () => {});
  const end = () => void client.end().catch(() => {});
  closing.addEventListener('abort', end, { once: true });
  try {
    await client.connect();
    await client.query(SESSION);
    const scrubber = new Scrubber(client, (ms) => clock.sleep(ms, closing));
    return (await scrubber.hasTurn()) ? await scrubber.scrub() : { kind: 'pending', code: 'in-use' };
  } finally {
    closing.removeEventListener('abort', end);
    await client.end().catch(() => {});
  }
}

class Scrubber {
  readonly #client: pg.Client;
  readonly #sleep: (ms: number) => Promise<unknown>;
  #hindrance: ScrubHindrance | null = null;

  constructor(client: pg.Client, sleep: (ms: number) => Promise<unknown>) {
    this.#client = client;
    this.#sleep = sleep;
  }

  async #rows<Found extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Found[]> {
    return (await this.#client.query<Found>(sql, [...values])).rows;
  }

  /** One node at a time; the session's end gives it to the next. */
  async hasTurn(): Promise<boolean> {
    for (let waitedMs = 0; waitedMs < TURN_WITHIN_MS; waitedMs += PAUSE_MS) {
      const [found] = await this.#rows<{ ours: boolean }>(OUR_TURN);
      if (found?.ours) return true;
      await this.#sleep(PAUSE_MS);
    }
    return false;
  }

  async scrub(): Promise<Scrub> {
    const notes = await this.#rows<Note>(NOTES);
    if (notes.length === 0) return { kind: 'scrubbed' };
    const waiting = Map.groupBy(
      notes.filter(({ waits }) => waits),
      ({ relation }) => relation,
    );
    for (const [relation, some] of waiting) {
      if (await this.#rewrite(relation)) await this.#rows(REWRITTEN, [some.map(({ n }) => n)]);
    }
    const all = notes.map(({ n }) => n);
    await this.#moveLogOn(all);
    await this.#useUpKeptFiles();
    await this.#forget(all);
    const [left] = await this.#rows<{ waits: number; logged: number }>(
      `select count(*) filter (where rewritten is null)::int as waits, count(rewritten)::int as logged
        from destroyed_key where n = any($1::bigint[])`,
      [all],
    );
    if (left?.waits) return { kind: 'pending', code: 'in-use' };
    if (this.#hindrance || left?.logged) return { kind: 'pending', code: this.#hindrance ?? 'log-kept' };
    return { kind: 'scrubbed' };
  }

  /** Whether no dead row is left in it. */
  async #rewrite(relation: string): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      if (tries > 0) await this.#sleep(PAUSE_MS * tries);
      try {
        const before = await this.#filenode(relation);
        await this.#rows(`vacuum full ${relation}`);
        await this.#rows(`vacuum ${relation}`);
        const [dead] = await this.#rows<{ rows: number }>(
          "select pg_stat_get_dead_tuples($1::regclass)::int as rows where current_setting('track_counts') = 'on'",
          [relation],
        );
        if (dead?.rows === 0 && before !== (await this.#filenode(relation))) return true;
      } catch (error) {
        if (!isCode(error, LOCK_NOT_AVAILABLE)) throw error;
      }
    }
    return false;
  }

  async #filenode(relation: string): Promise<string> {
    const [found] = await this.#rows<{ node: string }>('select pg_relation_filenode($1::regclass)::text as node', [
      relation,
    ]);
    return found?.node ?? '';
  }

  /** Nothing is asked of the server that its own course has done already. */
  async #moveLogOn(notes: readonly string[]): Promise<void> {
    const [log] = await this.#rows<{ writing: string; redo: string; holding: string | null }>(LOG, [notes]);
    if (!log?.holding) return;
    if (log.writing <= log.holding) await this.#ifAllowed('select pg_switch_wal()');
    if (log.redo <= log.holding) await this.#ifAllowed('checkpoint');
  }

  /** The file that is being written may be one that was kept, with old bytes after its end: so one more than there are is used up. */
  async #useUpKeptFiles(): Promise<void> {
    for (let used = 0; used < FILES_USED_UP_AT_MOST; used += 1) {
      const [found] = await this.#ifAllowed<{ ahead: number }>(LOG_FILES);
      if (!found) return;
      // Where nothing was written since, there is nothing to move on from.
      await this.#rows("select pg_logical_emit_message(false, 'throughline', '')");
      await this.#ifAllowed('select pg_switch_wal()');
      if (found.ahead === 0 || this.#hindrance) return;
    }
  }

  async #forget(notes: readonly string[]): Promise<void> {
    const [found] = await this.#ifAllowed<{ oldest: string; ahead: number }>(LOG_FILES);
    if (!found || this.#hindrance) return;
    if (found.ahead === 0) await this.#rows(FORGET, [notes, found.oldest]);
  }

  async #ifAllowed<Found extends pg.QueryResultRow>(sql: string): Promise<readonly Found[]> {
    try {
      return await this.#rows<Found>(sql);
    } catch (error) {
      if (isCode(error, NOT_PERMITTED)) this.#hindrance = 'not-permitted';
      // It goes on at the server's own pace; the next look finds out.
      else if (isCode(error, TIMED_OUT)) this.#hindrance = 'log-kept';
      else throw error;
      return [];
    }
  }
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
