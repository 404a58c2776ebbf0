// Owns who takes part in the race, what each of them promises to keep, and how one lap of one of them is run.

import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lap, LapFigures } from './load.ts';
import { missing, type ServerName, startServer } from './race-servers.ts';
import { STORES } from './stores.ts';

export type EntrantEntry = {
  readonly name: string;
  readonly label: string;
  readonly ours: boolean;
  readonly server: ServerName | null;
  /** Where its state lies, for the bars that compare like with like. */
  readonly on: 'sqlite' | 'postgres' | 'redis' | 'own log';
  readonly durability: string;
  readonly program: string;
  readonly argument?: string;
};

const POSTGRES_KEEPS = 'PostgreSQL 18, fsync and synchronous_commit on';

export const ENTRANTS: readonly EntrantEntry[] = [
  {
    name: 'throughline-sqlite',
    label: 'Throughline, embedded',
    ours: true,
    server: null,
    on: 'sqlite',
    durability: 'SQLite, WAL, synchronous=full',
    program: 'race-throughline.ts',
    argument: 'sqlite',
  },
  {
    name: 'throughline-postgres',
    label: 'Throughline, PostgreSQL',
    ours: true,
    server: 'postgres',
    on: 'postgres',
    durability: POSTGRES_KEEPS,
    program: 'race-throughline.ts',
    argument: 'postgres',
  },
  {
    name: 'bullmq',
    label: 'BullMQ + Redis',
    ours: false,
    server: 'redis',
    on: 'redis',
    durability: 'Redis AOF, appendfsync always',
    program: 'peers/bullmq.ts',
  },
  {
    name: 'restate',
    label: 'Restate',
    ours: false,
    server: 'restate',
    on: 'own log',
    durability: 'its log server, WAL fsync on',
    program: 'peers/restate.ts',
  },
  {
    name: 'graphile-worker',
    label: 'Graphile Worker',
    ours: false,
    server: 'postgres',
    on: 'postgres',
    durability: POSTGRES_KEEPS,
    program: 'peers/graphile-worker.ts',
  },
  {
    name: 'dbos',
    label: 'DBOS',
    ours: false,
    server: 'postgres',
    on: 'postgres',
    durability: POSTGRES_KEEPS,
    program: 'peers/dbos.ts',
  },
];

/** Why an entrant cannot take part here, or null. */
export function absence({ server, program, argument }: EntrantEntry): string | null {
  if (program === 'race-throughline.ts' && !((argument ?? '') in STORES)) return `there is no store ${argument} yet`;
  return server && missing(server);
}

const LAP_WITHIN_MS = 120_000;

/** One lap in a process of the entrant's own, with a fresh server and a fresh folder; nothing of it is left afterwards. */
export async function runLapOf(
  entrant: EntrantEntry,
  { atOnce, seconds }: Pick<Lap, 'atOnce' | 'seconds'>,
  shared: string,
  signal: AbortSignal,
): Promise<LapFigures> {
  signal.throwIfAborted();
  await using lap = freshFolder(shared);
  await using server = entrant.server ? await startServer(entrant.server, lap.folder, shared) : null;
  const folder = join(lap.folder, 'entrant');
  mkdirSync(folder);
  const task: Lap = { atOnce, seconds, folder, servers: server?.told ?? {} };
  signal.throwIfAborted();
  const stop = AbortSignal.any([signal, AbortSignal.timeout(LAP_WITHIN_MS)]);
  // Awaited here, because the server and the folder go when this function returns.
  return await inOwnProcess(entrant, task, stop, server?.died);
}

function freshFolder(shared: string): AsyncDisposable & { readonly folder: string } {
  const folder = mkdtempSync(join(shared, 'lap-'));
  return {
    folder,
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

async function inOwnProcess(
  { name, program, argument }: EntrantEntry,
  task: Lap,
  signal: AbortSignal,
  serverDied: Promise<string> | undefined,
): Promise<LapFigures> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = fork(path, [JSON.stringify(task), argument ?? ''], {
    // What an entrant leaves in the temporary folder goes when the lap's folder goes.
    env: { ...process.env, TMPDIR: task.folder, NODE_ENV: 'production', RESTATE_LOGGING: 'ERROR' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-4_000);
  });
  const closed = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, by) => resolve(`exit ${code ?? by}`));
  });
  const figures = new Promise<LapFigures>((resolve) =>
    child.once('message', (message) => resolve(message as LapFigures)),
  );
  const aborted = new Promise<string>((resolve) =>
    signal.addEventListener('abort', () => resolve(String(signal.reason)), { once: true }),
  );
  try {
    const first = await Promise.race([figures, closed, aborted, ...(serverDied ? [serverDied] : [])]);
    if (typeof first === 'string') throw new Error(`${name}, ${task.atOnce} at once: ${first}\n${said}`);
    return first;
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
}
