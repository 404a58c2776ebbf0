// Owns what an audit reads from an SQLite journal: the same statements for the running store and for a copy of its file.

import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { InteractionId } from '../ids.ts';
import type { AuditedStore } from './audit.ts';
import { bytesOf, eventRow, sealOf } from './sqlite-rows.ts';
import { MIGRATIONS, SQL } from './sqlite-statements.ts';
import type { ArrivedHead, EventRow, Seal } from './store.ts';

type Row = Record<string, SQLInputValue>;

const AUDIT_STATEMENTS = ['load', 'eventsAfter', 'page', 'arrivals', 'seals', 'readMeta'] as const;

export class SqliteAudit implements AuditedStore {
  readonly #sql: { readonly [Name in (typeof AUDIT_STATEMENTS)[number]]: StatementSync };

  constructor(database: DatabaseSync) {
    const entries = AUDIT_STATEMENTS.map((name) => [name, database.prepare(SQL[name])]);
    this.#sql = Object.fromEntries(entries);
  }

  async chains(afterId: string, limit: number) {
    return this.#sql.page.all(afterId, limit).map((found) => ({
      id: found.id as InteractionId,
      version: Number(found.version),
      events: this.#events(found.id as InteractionId, found.row as SQLInputValue),
    }));
  }

  async history(id: InteractionId): Promise<readonly EventRow[]> {
    const found = this.#sql.load.get(id);
    return found ? this.#events(id, found.row as SQLInputValue) : [];
  }

  #events(id: InteractionId, row: SQLInputValue): readonly EventRow[] {
    return this.#sql.eventsAfter.all(row, Number.MIN_SAFE_INTEGER).map((found) => eventRow(id, found as Row));
  }

  async arrivals(afterSeq: number, limit: number): Promise<readonly ArrivedHead[]> {
    return this.#sql.arrivals.all(afterSeq, limit).map((found) => ({
      seq: Number(found.seq),
      interactionId: found.id as InteractionId,
      version: Number(found.version),
      hash: bytesOf(found.hash),
    }));
  }

  async seals(afterNumber: number, limit: number): Promise<readonly Seal[]> {
    return this.#sql.seals.all(afterNumber, limit).map((found) => sealOf(found as Row));
  }

  async readMeta(name: string): Promise<Uint8Array | null> {
    return (this.#sql.readMeta.get(name)?.value as Uint8Array | undefined) ?? null;
  }
}

/**
 * Opens a copy of a journal's file for reading; the copy stays as it is, to the byte. Committed events that are still in a `-wal`
 * beside it are read too: then both are copied to a temporary folder first, since a reader would otherwise write beside the copy.
 */
export function openSqliteCopy(path: string): AuditedStore & Disposable {
  if (!existsSync(path)) throw new Error(`${path} does not exist.`);
  const wal = `${path}-wal`;
  const pending = existsSync(wal) && statSync(wal).size > 0;
  const folder = pending ? mkdtempSync(join(tmpdir(), 'throughline-audit-')) : null;
  const cleanUp = () => folder && rmSync(folder, { recursive: true, force: true });
  try {
    const database = folder ? openPair(path, wal, folder) : openAlone(path);
    const { user_version } = database.prepare('pragma user_version').get() ?? {};
    if (Number(user_version) !== MIGRATIONS.length) {
      database.close();
      throw new Error(
        `${path} has schema version ${user_version}; this release reads ${MIGRATIONS.length}. Use the release that wrote it.`,
      );
    }
    const dispose = () => {
      database.close();
      cleanUp();
    };
    return Object.assign(new SqliteAudit(database), { [Symbol.dispose]: dispose });
  } catch (error) {
    cleanUp();
    throw error;
  }
}

/** `immutable`: SQLite neither locks nor creates anything. */
function openAlone(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: true });
}

function openPair(path: string, wal: string, folder: string): DatabaseSync {
  const working = join(folder, 'copy.db');
  copyFileSync(path, working);
  copyFileSync(wal, `${working}-wal`);
  return new DatabaseSync(working);
}
