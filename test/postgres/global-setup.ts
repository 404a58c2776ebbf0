// Owns the one PostgreSQL server of a test run: made by the first file that asks for it, gone when the run ends.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeCluster } from './cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly postgres: { readonly folder: string; readonly ownerPid: number };
  }
}

export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-postgres-'));
  project.provide('postgres', { folder, ownerPid: process.pid });
  return () => {
    if (existsSync(join(folder, 'data'))) removeCluster({ folder });
    else rmSync(folder, { recursive: true, force: true });
  };
}
