// Owns the measure of a cold start: from the process's birth to the first 200 of `/readyz`, on an empty data folder.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Figure, median } from './figures.ts';

const ROUNDS = 7;
const FIRST_PORT = 47_100;
const GIVE_UP_MS = 20_000;

async function startOnce(port: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  const started = performance.now();
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, 'start'], {
    env: { ...process.env, PORT: String(port), THROUGHLINE_DATA: folder, THROUGHLINE_DEMO: 'off' },
    stdio: 'ignore',
  });
  try {
    while (performance.now() - started < GIVE_UP_MS) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      if (answer?.ok) return performance.now() - started;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('the service did not become ready');
  } finally {
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    rmSync(folder, { recursive: true });
  }
}

export async function coldStart(): Promise<Figure> {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const took = await startOnce(FIRST_PORT + round * 100);
    if (round > 0) times.push(took);
  }
  const value = median(times);
  return {
    measure: 'cold start to ready (twin included)',
    value: `${Math.round(value)} ms`,
    bar: '< 1 s',
    holds: value < 1_000,
  };
}
