import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { crashContract } from './crash-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'throughline-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let journals = 0;
const newFile = () => {
  journals += 1;
  return join(folder, `${journals}.db`);
};
crashContract('SQLite', async () => ({ file: newFile() }));
crashContract('SQLite, written by a clerk', async () => ({ file: newFile(), clerk: true }));
