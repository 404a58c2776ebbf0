// The service on PostgreSQL as people run it: a process of its own, a real server, and that server going away and coming back.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { removeCluster, startCluster, startServer, stopServer } from '../postgres/cluster.ts';
import { createDatabase, newDatabase, query } from '../postgres/database.ts';
import { MADE_UP_DIALOGUES } from './made-up-dialogues.ts';
import { freePorts, MAIN } from './running-service.ts';

const KEY = 'a-key-of-twenty-four-letters';
const folder = mkdtempSync(join(tmpdir(), 'throughline-e2e-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Node = AsyncDisposable & { readonly url: string; readonly twin: string; readonly said: () => string };

async function startNode(databaseUrl: string): Promise<Node> {
  const port = await freePorts();
  const env = {
    PORT: String(port),
    THROUGHLINE_DATA: join(folder, String(port)),
    THROUGHLINE_DEMO: 'off',
    THROUGHLINE_API_KEY: KEY,
    THROUGHLINE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    DATABASE_URL: databaseUrl,
  };
  const child = spawn(process.execPath, [MAIN, 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const url = `http://127.0.0.1:${port}`;
  while ((await ready(url)) !== 200) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}: ${said}`);
    await sleep(50);
  }
  return {
    url,
    twin: `http://127.0.0.1:${port + 10}`,
    said: () => said,
    async [Symbol.asyncDispose]() {
      await ended(child);
    },
  };
}

async function ready(url: string): Promise<number> {
  return fetch(`${url}/readyz`).then(
    ({ status }) => status,
    () => 0,
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

function throughline(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<{ readonly code: number; readonly said: string; readonly output: string }>((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    child.stdout.on('data', (data) => (output += data));
    child.on('close', (code) => resolve({ code: code ?? -1, said, output }));
  });
}

let conversations = 0;

const open = (url: string) =>
  fetch(`${url}/v1/interactions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'voice', platform: 'genesys_cloud', externalId: `conv-${conversations++}` }),
  });

describe('a service on PostgreSQL', { timeout: 120_000 }, () => {
  it('plays escalations to their end and its journal is whole (H4, H8)', async () => {
    const database = await newDatabase();
    await using node = await startNode(database);
    const file = join(folder, 'dialogues.jsonl');
    writeFileSync(file, MADE_UP_DIALOGUES);
    const at = ['--service', node.url, '--key', KEY];
    const replayed = await throughline(['replay', file, ...at, '--twin', node.twin, '--json']);
    expect(JSON.parse(replayed.output)).toMatchObject({
      handoffs: 3,
      outcomes: { completed: 3 },
      slotsLost: 0,
      ok: true,
    });
    expect((await throughline(['audit', 'verify', ...at])).output).toMatch(/^The journal is whole/);
    expect((await query(database, 'select count(*)::int as n from interaction'))[0]?.n).toBe(3);
  });

  it('is not there while its database is not, says so, and goes on when it is back', async () => {
    const cluster = await startCluster();
    try {
      await using node = await startNode(await createDatabase(cluster.url));
      expect((await open(node.url)).status).toBe(201);
      stopServer(cluster, 'immediate');
      const refused = await open(node.url);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await refused.json()).toMatchObject({ code: 'journal-unavailable' });
      while ((await ready(node.url)) !== 503) await sleep(50);
      startServer(cluster);
      while ((await ready(node.url)) !== 200) await sleep(50);
      expect((await open(node.url)).status).toBe(201);
      expect(node.said()).not.toContain(new URL(cluster.url).password);
    } finally {
      removeCluster(cluster);
    }
  });

  it('does not start without its database, and says why without the password', async () => {
    const env = {
      DATABASE_URL: `postgres://someone:hush@127.0.0.1:1/none`,
      THROUGHLINE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      THROUGHLINE_DATA: join(folder, 'none'),
      PORT: String(await freePorts()),
    };
    const { code, said } = await throughline(['start'], env);
    expect(said).toMatch(/DATABASE_URL names cannot be reached \(ECONNREFUSED\)/);
    expect(said).not.toContain('hush');
    expect(code).toBe(1);
  });
});
