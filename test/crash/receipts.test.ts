// Tests that the wait for a receipt outlives the process that waits: killed after it has asked, the next one asks on, and the message is sent once.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { ReceiptOrders } from './receipt-process.ts';

const PROCESS = fileURLToPath(new URL('receipt-process.ts', import.meta.url));

/** The lines of a life, until one of them is the last that is wanted; then it is killed. */
async function live(orders: ReceiptOrders, until: (line: string) => boolean): Promise<readonly string[]> {
  const child: ChildProcess = spawn(process.execPath, [PROCESS, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const lines: string[] = [];
  if (!child.stdout) throw new Error('its words cannot be read');
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (until(line)) child.kill('SIGKILL');
  }
  await gone;
  return lines;
}

it('a sent message without a receipt is asked after again by the process that comes after a kill -9', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-receipts-'));
  try {
    const file = join(folder, 'journal.db');
    const first = await live({ file, answers: 'pending' }, (line) => line.includes('asked'));
    expect(first.map((line) => Object.keys(JSON.parse(line))[0])).toEqual(['sent', 'asked']);
    const second = await live({ file, answers: 'delivered' }, (line) => line.includes('delivered'));
    expect(second).toEqual(['{"asked":"agentless-1"}', '{"delivered":true}']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
