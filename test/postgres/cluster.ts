// Owns a real PostgreSQL server for tests: made in a temporary folder, on a free loopback port, with a password of its own, and
// gone with the process that asked for it, however that ends.

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresPrograms, type ServerUser, serverUser } from './binaries.ts';

export type Cluster = {
  readonly folder: string;
  readonly port: number;
  /** Of the database that every cluster has. */
  readonly url: string;
};

export type ClusterSettings = {
  /** `false` spares the disk: a killed server still recovers, a machine without power does not. */
  readonly fsync?: boolean;
  /** Lines of its configuration that come after ours. */
  readonly settings?: readonly string[];
  /** The process whose end is the server's end too. */
  readonly ownerPid?: number;
};

const USER = 'throughline';
const PORTS_TO_TRY = 5;

/** An empty server, running. Everything of it is in `folder`, which is made when it is not given. */
export async function startCluster(
  { fsync = false, settings = [], ownerPid = process.pid }: ClusterSettings = {},
  folder = mkdtempSync(join(tmpdir(), 'throughline-postgres-')),
): Promise<Cluster> {
  const user = serverUser();
  const programs = postgresPrograms(folder, user);
  const password = randomBytes(12).toString('hex');
  makeData({ folder, programs, user, password, fsync, settings });
  watchOver(folder, ownerPid);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    if (start(folder, port)) return { folder, port, url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres` };
    if (attempt === PORTS_TO_TRY) throw new Error(`PostgreSQL does not start:\n${log(folder)}`);
  }
}

/** As by a power switch (`immediate`), or letting go of every connection (`fast`). */
export function stopServer({ folder }: Pick<Cluster, 'folder'>, how: 'immediate' | 'fast'): void {
  control(folder, ['stop', '-w', '-m', how]);
}

export function startServer({ folder, port }: Cluster): void {
  if (!start(folder, port)) throw new Error(`PostgreSQL does not start again:\n${log(folder)}`);
}

function start(folder: string, port: number): boolean {
  return control(folder, ['start', '-w', '-t', '60', '-o', `-p ${port}`, '-l', join(folder, 'data', 'log')]) === 0;
}

function log(folder: string): string {
  return readFileSync(join(folder, 'data', 'log'), 'utf8');
}

/** Stops the server and removes everything of it. */
export function removeCluster({ folder }: Pick<Cluster, 'folder'>): void {
  stopServer({ folder }, 'immediate');
  rmSync(folder, { recursive: true, force: true });
}

type Making = {
  readonly folder: string;
  readonly programs: string;
  readonly user: ServerUser;
  readonly password: string;
  readonly fsync: boolean;
  readonly settings: readonly string[];
};

function makeData({ folder, programs, user, password, fsync, settings: more }: Making): void {
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [folder, data, passwordFile]) chownSync(path, user.uid, user.gid);
  const flags = ['-D', data, '-U', USER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C'];
  const made = spawnSync(join(programs, 'initdb'), [...flags, '--no-sync', '--no-instructions'], {
    ...asUser(folder, user),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || made.error}`);
  rmSync(passwordFile);
  const settings = [
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    `fsync = ${fsync ? 'on' : 'off'}`,
    'max_connections = 120',
    'shared_buffers = 128MB',
    'max_wal_size = 2GB',
    ...more,
  ];
  writeFileSync(join(data, 'postgresql.auto.conf'), `${settings.join('\n')}\n`);
}

function control(folder: string, args: readonly string[]) {
  const user = serverUser();
  const program = join(postgresPrograms(folder, user), 'pg_ctl');
  // The server holds on to what it inherits: a pipe of ours would stay open for as long as it runs.
  return spawnSync(program, [...args, '-D', join(folder, 'data')], { ...asUser(folder, user), stdio: 'ignore' }).status;
}

function asUser(folder: string, user: ServerUser) {
  return { cwd: folder, encoding: 'utf8', ...user } as const;
}

/** A shell that outlives us, even when we are killed, and then takes the server and its folder away. Windows has no such shell. */
function watchOver(folder: string, ownerPid: number): void {
  if (process.platform === 'win32') return;
  const script =
    'while kill -0 "$1" 2>/dev/null; do sleep 1; done; kill -QUIT "$(head -n 1 "$2/data/postmaster.pid")" 2>/dev/null; rm -rf "$2"';
  const watch = spawn('sh', ['-c', script, 'watch', String(ownerPid), folder], { detached: true, stdio: 'ignore' });
  watch.unref();
}

/** Free now; who takes it in between makes the start fail, and another one is tried. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
