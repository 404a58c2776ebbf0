// Owns what an audit reads from a journal on PostgreSQL: the same statements for the running store and for a restored dump.

import pg from 'pg';
import type { InteractionId } from '../ids.ts';
import type { AuditedStore } from './audit.ts';
import { isUuid } from './postgres-arrays.ts';
import { PLANNING, type Row, type StatementName } from './postgres-connections.ts';
import { faultCode } from './postgres-faults.ts';
import { MIGRATIONS } from './postgres-migrations.ts';
import { byInteraction, eventRow, eventsOf, sealOf } from './postgres-rows.ts';
import { SQL } from './postgres-statements.ts';
import type { ArrivedHead, EventRow, Seal } from './store.ts';

/** Before every id there is. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';

type Run = (name: StatementName, values: readonly (string | number)[]) => Promise<readonly Row[]>;

export class PostgresAudit implements AuditedStore {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  async chains(afterId: string, limit: number) {
    const rows = await this.#run('chains', [isUuid(afterId) ? afterId : FIRST_ID, limit]);
    return byInteraction(rows).map((chain) => ({
      id: chain[0]?.id as InteractionId,
      version: Number(chain[0]?.version),
      events: eventsOf(chain),
    }));
  }

  async history(id: InteractionId): Promise<readonly EventRow[]> {
    if (!isUuid(id)) return [];
    return (await this.#run('history', [id])).map(eventRow);
  }

  async arrivals(afterSeq: number, limit: number): Promise<readonly ArrivedHead[]> {
    return (await this.#run('arrivals', [afterSeq, limit])).map(({ seq, id, version, hash }) => ({
      seq: Number(seq),
      interactionId: id as InteractionId,
      version: Number(version),
      hash: hash as Uint8Array,
    }));
  }

  async seals(afterNumber: number, limit: number): Promise<readonly Seal[]> {
    return (await this.#run('seals', [afterNumber, limit])).map(sealOf);
  }

  async readMeta(name: string): Promise<Uint8Array | null> {
    const [found] = await this.#run('readMeta', [name]);
    return (found?.value as Uint8Array | undefined) ?? null;
  }
}

const CONNECT_TIMEOUT_MS = 5_000;

/** Opens a journal for reading only, as it is at this moment. Throws with a sentence, never the URL, when that cannot be. */
export async function openPostgresCopy(url: string): Promise<AuditedStore & AsyncDisposable> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'throughline-audit',
  });
  client.on('error', () => {});
  try {
    await client.connect().catch((cause) => {
      throw new Error(`The database cannot be reached (${faultCode(cause)}).`, { cause });
    });
    await client.query(`${PLANNING}; begin transaction isolation level repeatable read read only`);
    await checkSchema(client);
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  const run: Run = async (name, values) =>
    (await client.query<Row>({ name, text: SQL[name], values: [...values] })).rows;
  return Object.assign(new PostgresAudit(run), { [Symbol.asyncDispose]: () => client.end() });
}

async function checkSchema(client: pg.Client): Promise<void> {
  const { rows: found } = await client.query("select to_regclass('schema_version') is not null as there");
  if (!found[0]?.there) throw new Error('The database holds no journal.');
  const { rows } = await client.query<{ version: number }>('select version from schema_version');
  const version = rows[0]?.version ?? 0;
  if (version !== MIGRATIONS.length) {
    throw new Error(
      `The database has schema version ${version}; this release reads ${MIGRATIONS.length}. Use the release that wrote it.`,
    );
  }
}
