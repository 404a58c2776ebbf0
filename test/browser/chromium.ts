// Owns the browser of the tests: Chromium from npm, or the one that THROUGHLINE_CHROMIUM names, with nothing of its security
// switched off.

import { mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import packed from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const ARGS = ['--no-sandbox', '--headless=shell', '--font-render-hinting=none', '--disable-gpu'];
const UNPACKING = join(tmpdir(), 'throughline-unpacks-chromium');
const PATIENCE_MS = 60_000;

export async function openChromium(): Promise<Browser> {
  const executablePath = process.env.THROUGHLINE_CHROMIUM ?? (await unpacked());
  return chromium.launch({ executablePath, args: ARGS });
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
