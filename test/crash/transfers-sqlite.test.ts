import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { transferCrashContract } from './transfer-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'throughline-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let journals = 0;
transferCrashContract('SQLite', async () => {
  journals += 1;
  return { file: join(folder, `${journals}.db`) };
});
