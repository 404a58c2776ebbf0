// Owns a whole `npm start` for a test: a process of its own, on free ports, with a data folder of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type RunningService = AsyncDisposable & {
  readonly url: string;
  readonly twinUrl: string;
  /** The test's own folder; the service's data is in `data` below it. */
  readonly folder: string;
  readonly data: string;
  /** All that it has printed. */
  output(): string;
  /** Ends it, as a deploy would; its folder stays until it is disposed of. */
  stop(): Promise<void>;
};

/** Free with the ports ten, twenty, thirty and fifty above it, where the twins stand. Whoever else looks for ports at the same time may have one: then others. */
export async function freePorts(): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await freeTogether();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === MOST_TRIES) throw error;
    }
  }
}

const MOST_TRIES = 50;

async function freeTogether(): Promise<number> {
  const held = [];
  try {
    const first = createServer().listen(0, '127.0.0.1');
    held.push(first);
    await once(first, 'listening');
    const address = first.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    // None is above the last port there is.
    if (port + 50 > 65_535) return await freeTogether();
    for (const above of [10, 20, 30, 50]) {
      const twin = createServer().listen(port + above, '127.0.0.1');
      held.push(twin);
      await once(twin, 'listening');
    }
    return port;
  } finally {
    await Promise.all(held.map((server) => new Promise((closed) => server.close(closed))));
  }
}

/** Resolves when it is ready; rejects when it ends before. `settings` are its environment's. */
export async function startRunning(settings: Readonly<Record<string, string>> = {}): Promise<RunningService> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-e2e-'));
  const data = join(folder, 'data');
  const port = await freePorts();
  const env = { PORT: String(port), THROUGHLINE_DATA: data, THROUGHLINE_DEMO: 'off', ...settings };
  const child = spawn(process.execPath, [MAIN, 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(String(chunk)));
  const url = `http://127.0.0.1:${port}`;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode} before it was ready`);
  }
  return {
    url,
    twinUrl: `http://127.0.0.1:${port + 10}`,
    folder,
    data,
    output: () => printed.join(''),
    stop: () => ended(child),
    async [Symbol.asyncDispose]() {
      await ended(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => sleep(50).then(() => false),
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
