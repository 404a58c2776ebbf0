// Owns a copy of the project without one of its guards, and the hunt in it: the real simulation, started as a process of its own, until
// a promise breaks.

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Guard } from './guards.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export type Found = {
  readonly invariant: string;
  readonly seed: number;
  readonly step: number;
  readonly message: string;
};

/** The file without the guard. Throws when its text is not there any more. */
export function removed(source: string, { text, instead }: Guard['without'][number], where: string): string {
  if (!source.includes(text)) throw new Error(`${where} has no guard that reads: ${text}`);
  return source.replaceAll(text, instead);
}

export function sourceOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** What the simulation finds without this guard, or null when it finds nothing within these steps and this time. */
export async function hunt(
  guard: Guard,
  from: { seed: number; steps: number; withinMs: number },
): Promise<Found | null> {
  const copy = mkdtempSync(join(tmpdir(), 'throughline-guard-'));
  try {
    for (const folder of ['src', 'test/simulation', 'test/contract', 'package.json']) {
      cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const change of guard.without) {
      const path = join(copy, change.file);
      writeFileSync(path, removed(readFileSync(path, 'utf8'), change, change.file));
    }
    return await simulated(copy, from);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function simulated(
  copy: string,
  { seed, steps, withinMs }: { seed: number; steps: number; withinMs: number },
): Promise<Found | null> {
  const script = join(copy, 'test/simulation/simulate.ts');
  const args = [script, '--quiet', '--json', '--seed', `${seed}`, '--steps', `${steps}`];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: withinMs, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (stdout.trim() !== '') return resolve((JSON.parse(stdout) as { broken: Found | null }).broken);
      if (error?.killed) return resolve(null);
      reject(new Error(`The simulation failed without saying what broke: ${stderr}`, { cause: error }));
    });
  });
}
