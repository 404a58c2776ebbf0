// Owns the lives of a process that is killed (`kill -9`) and started again: what it says, and how each life ended.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Command } from '../../src/protocols/command.ts';
import type { Event } from '../../src/protocols/event.ts';

/** How one life of the process ends. */
export type Death =
  /** The vendor kills it on the n-th call of a kind, before it takes the call or after. */
  | { readonly by: 'vendor'; readonly kind: Command['kind']; readonly nth: number; readonly when: 'before' | 'after' }
  | { readonly by: 'itself'; readonly commit: Event['type']; readonly when: 'before' | 'after' }
  | { readonly by: 'chance'; readonly afterMs: number };

/** What it says, one line each: every acknowledged request, and at the end how everything stands. */
export type Line =
  | { readonly acknowledged: number }
  | { readonly outcomes: readonly (string | undefined)[]; readonly chain: boolean };

export type Life = {
  readonly child: ChildProcess;
  readonly lines: Line[];
  readonly awake: Promise<unknown>;
  readonly over: Promise<string | number>;
};

/** Starts the script with its orders as JSON on its command line. */
export function live(script: string, orders: unknown): Life {
  const child = spawn(process.execPath, [script, JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: Line[] = [];
  const reading = createInterface({ input: child.stdout });
  reading.on('line', (line) => lines.push(JSON.parse(line) as Line));
  const awake = once(reading, 'line').catch(() => undefined);
  // A life is over when all that it said has been read, not when it has ended.
  const over = Promise.all([once(child, 'exit'), once(reading, 'close')]).then(([[code, signal]]) => signal ?? code);
  return { child, lines, awake, over };
}

/** What a life that was to end so may end with; one that chance ends may be over before. */
export function endsOf(death: Death | undefined): readonly unknown[] {
  if (death === undefined) return [0];
  return death.by === 'chance' ? ['SIGKILL', 0] : ['SIGKILL'];
}
