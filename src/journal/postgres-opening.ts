// Owns what is made sure of before the PostgreSQL store is used: a server that is new enough and may be written, and the schema of this
// release, brought up to it by one node while the others wait.

import pg from 'pg';
import { faultCode } from './postgres-faults.ts';
import { MIGRATIONS } from './postgres-migrations.ts';

const OLDEST_MAJOR = 15;
/** Beside the lock of `append_batch`, in the same schema. */
const MIGRATING = 'select pg_advisory_xact_lock(1953002102, hashtext(current_schema()))';

/** Throws with a sentence when the server cannot be used. Returns the channel on which the nodes of this schema tell each other. */
export async function prepareDatabase(settings: pg.ClientConfig): Promise<{ readonly channel: string }> {
  const client = new pg.Client(settings);
  client.on('error', () => {});
  try {
    await client.connect().catch(unreachable);
    await checkServer(client);
    await migrate(client);
    const { rows } = await client.query<{ schema: string }>('select hashtext(current_schema())::text as schema');
    return { channel: `throughline_${rows[0]?.schema}` };
  } finally {
    await client.end().catch(() => {});
  }
}

/** By its code only: what the driver says may name what a log should not. */
function unreachable(cause: unknown): never {
  throw new Error(
    `The database that DATABASE_URL names cannot be reached (${faultCode(cause)}). Start it, or correct the URL: host, port, database, user, password.`,
    { cause },
  );
}

async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number; schema: string | null }>(
    "select current_setting('server_version_num')::int as version, current_schema() as schema",
  );
  const major = Math.floor(Number(rows[0]?.version) / 10_000);
  if (major < OLDEST_MAJOR) {
    throw new Error(`DATABASE_URL leads to PostgreSQL ${major}; ${OLDEST_MAJOR} is the oldest that is supported.`);
  }
  if (rows[0]?.schema === null) {
    throw new Error('DATABASE_URL leads to a database without a schema to use. Create the one that search_path names.');
  }
}

async function migrate(client: pg.Client): Promise<void> {
  await client.query('begin');
  await client.query(MIGRATING);
  await client.query('create table if not exists schema_version (version int not null)');
  const { rows } = await client.query<{ version: number }>('select version from schema_version');
  const version = rows[0]?.version ?? 0;
  if (version > MIGRATIONS.length) {
    throw new Error(
      `The database has schema version ${version}; this release knows ${MIGRATIONS.length}. Run the newer release.`,
    );
  }
  for (const migration of MIGRATIONS.slice(version)) await client.query(migration);
  if (rows.length === 0) await client.query(`insert into schema_version values (${MIGRATIONS.length})`);
  else if (version < MIGRATIONS.length) await client.query(`update schema_version set version = ${MIGRATIONS.length}`);
  await client.query('commit');
}
