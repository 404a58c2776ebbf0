// Owns the browser of the tests: Chromium from npm, or the one that THROUGHLINE_CHROMIUM names, with nothing of its security
// switched off.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync } from 'node:zlib';
import packed from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const ARGS = ['--no-sandbox', '--headless=shell', '--font-render-hinting=none', '--disable-gpu'];
const UNPACKING = join(tmpdir(), 'throughline-unpacks-chromium');
const PATIENCE_MS = 60_000;

export async function openChromium(): Promise<Browser> {
  const executablePath = process.env.THROUGHLINE_CHROMIUM ?? (await unpacked());
  try {
    return await chromium.launch({ executablePath, args: ARGS });
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('error while loading shared libraries'))) throw error;
    const env = { ...process.env, LD_LIBRARY_PATH: ownLibraries() };
    return chromium.launch({ executablePath, args: ARGS, env });
  }
}

/** The libraries that the package brings for machines which have none of a desktop's (NSS and its like). */
function ownLibraries(): string {
  const packageFolder = dirname(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')));
  const folder = mkdtempSync(join(tmpdir(), 'throughline-chromium-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const archive = brotliDecompressSync(readFileSync(join(packageFolder, 'bin', 'al2023.tar.br')));
  const unpacking = spawnSync('tar', ['-x', '-C', folder], { input: archive });
  if (unpacking.status !== 0) throw new Error(`Chromium’s libraries could not be unpacked: ${unpacking.stderr}`);
  return join(folder, 'lib');
}

/** One process at a time: a second one would start a browser that is half unpacked. */
async function unpacked(): Promise<string> {
  for (const until = Date.now() + PATIENCE_MS; !taken(); await sleep(100)) {
    if (Date.now() > until) throw new Error(`Somebody unpacks Chromium and does not end. Delete ${UNPACKING}.`);
  }
  try {
    return await packed.executablePath();
  } finally {
    rmdirSync(UNPACKING);
  }
}

function taken(): boolean {
  try {
    mkdirSync(UNPACKING);
    return true;
  } catch {
    return false;
  }
}
