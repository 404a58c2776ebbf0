// Owns an empty database for whoever tests against PostgreSQL: on the one server of the run, each file in its own.

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { type Cluster, startCluster } from './cluster.ts';

/** A new database; its URL. */
export async function newDatabase(): Promise<string> {
  const { url } = await runCluster();
  return createDatabase(url);
}

/** A new database on the server that `url` names, empty or a copy of another that nobody is connected to; its URL. */
export async function createDatabase(url: string, copyOf?: string): Promise<string> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const server = new URL(url);
  server.pathname = 'postgres';
  const template = copyOf === undefined ? '' : ` template ${new URL(copyOf).pathname.slice(1)}`;
  await query(server.href, `create database ${name}${template}`);
  const made = new URL(url);
  made.pathname = name;
  return made.href;
}

/** One statement on a connection of its own. */
export async function query(url: string, sql: string, values: readonly unknown[] = []) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql, [...values]);
    return rows;
  } finally {
    await client.end();
  }
}

/** Several processes may ask at once: who makes the folder makes the server, the others wait for what it says. */
async function runCluster(): Promise<Cluster> {
  const { folder, ownerPid } = inject('postgres');
  const said = join(folder, 'cluster.json');
  try {
    mkdirSync(join(folder, 'making'));
  } catch {
    return untilSaid(said);
  }
  const found = await startCluster({ ownerPid }, folder).catch((error: Error) => ({ failed: error.message }));
  writeFileSync(`${said}.new`, JSON.stringify(found));
  renameSync(`${said}.new`, said);
  return untilSaid(said);
}

async function untilSaid(file: string): Promise<Cluster> {
  for (;;) {
    const found = read(file);
    if (found && 'failed' in found) throw new Error(found.failed);
    if (found) return found;
    await sleep(20);
  }
}

function read(file: string): Cluster | { readonly failed: string } | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
