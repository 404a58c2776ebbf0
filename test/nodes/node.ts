// Owns one node of several: a `throughline serve` of its own, on the database and the master key that all share.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, MAIN } from '../e2e/running-service.ts';
import { HOOK_SECRET, RATE_PER_MINUTE } from './contact-center.ts';

export const KEY = 'a-key-of-twenty-four-letters';
export const LEASE_SEC = 4;

export type Node = AsyncDisposable & {
  readonly name: string;
  readonly url: string;
  readonly isAlive: () => boolean;
  /** SIGKILL, SIGSTOP, SIGCONT. */
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly said: () => string;
};

export type NodePlan = {
  readonly name: string;
  readonly folder: string;
  readonly databaseUrl: string;
  readonly vendorUrl: string;
  readonly settleMs: number;
};

/** Resolves when it is ready. */
export async function startNode({ name, folder, databaseUrl, vendorUrl, settleMs }: NodePlan): Promise<Node> {
  const port = await freePorts();
  const file = join(folder, `${name}.yaml`);
  const platform = {
    kind: 'genesys',
    loginUrl: vendorUrl,
    apiUrl: vendorUrl,
    clientId: 'twin-client',
    clientSecret: 'twin-secret',
    hookSecrets: [HOOK_SECRET],
    settleMs,
  };
  const handoffs = {
    leaseSec: LEASE_SEC,
    commandTimeoutSec: LEASE_SEC / 2,
    confirmWithinSec: 120,
    settleWithinSec: 300,
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ platforms: { genesys_cloud: platform }, handoffs }));
  const env = {
    PORT: String(port),
    THROUGHLINE_DATA: join(folder, name),
    THROUGHLINE_CONFIG: file,
    THROUGHLINE_API_KEY: KEY,
    THROUGHLINE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    THROUGHLINE_RATE_PER_MINUTE: String(RATE_PER_MINUTE),
    DATABASE_URL: databaseUrl,
  };
  const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const url = `http://127.0.0.1:${port}`;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`node ${name} ended with ${child.exitCode}: ${said}`);
    await sleep(50);
  }
  return {
    name,
    url,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    signal: (signal) => child.kill(signal),
    said: () => said,
    [Symbol.asyncDispose]: () => ended(child),
  };
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  // One that was paused hears nothing else.
  child.kill('SIGKILL');
  await gone;
}
