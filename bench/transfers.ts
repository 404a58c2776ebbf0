// Owns the measure of a whole transfer between two platforms, taken alone: our own time from its request to its end, with both vendors
// answering in process. Numbers are lent for real, the call redeems its place, and each answer is durable before the next step.

import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foreseer } from '../src/execute.ts';
import type { HandoffId, InteractionId, ManifestRef } from '../src/ids.ts';
import { EntryBook } from '../src/journal/entries.ts';
import { Journal } from '../src/journal/journal.ts';
import { Runner } from '../src/journal/runner.ts';
import { machineClock as clock } from '../src/machine-clock.ts';
import type { Input } from '../src/protocols/input.ts';
import type { Interaction } from '../src/protocols/interaction.ts';
import { SEED_MANIFEST } from '../test/seed-examples.ts';
import { type Figure, quantile } from './figures.ts';
import { newId, openingOf } from './house.ts';
import { agentAnswered, arrivedLeg, crossAtOnce, TO, TRANSFERS } from './instant-crossing.ts';
import { STORES } from './stores.ts';

const UNLOADED = 1_000;
const WARMING_UP = 200;
const DAY_MS = 86_400_000;
const TOKEN_BYTES = 16;
const PATIENCE_MS = 60_000;

export async function unloadedTransfers(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  try {
    const times = await transferOneByOne(folder, WARMING_UP + UNLOADED);
    const counted = times.slice(WARMING_UP);
    return [figure('p50', quantile(counted, 0.5), 3), figure('p99', quantile(counted, 0.99), 15)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function figure(share: string, value: number, barMs: number): Figure {
  return {
    measure: `our own time per transfer, unloaded, ${share}`,
    value: `${value.toFixed(2)} ms`,
    bar: `< ${barMs} ms`,
    holds: value < barMs,
  };
}

async function transferOneByOne(folder: string, count: number): Promise<readonly number[]> {
  await using store = STORES.sqlite({ folder });
  const journal = await Journal.open(store, randomBytes(32));
  const entries = new EntryBook(journal, clock);
  const source = new EventEmitter();
  await using runner = new Runner({
    journal,
    clock,
    random: Math.random,
    owner: 'bench',
    execute: (command) => {
      if (command.kind === 'TransferAway') source.emit('accepted');
      return crossAtOnce(command, entries);
    },
    foresee: foreseer({ entries, now: clock.now }),
    onFault: (error) => {
      throw error;
    },
  });
  await runner.start({ recovering: true });
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const id = newId() as InteractionId;
    await runner.submit(id, openingOf(id));
    times.push(await transferOne(runner, id, source));
  }
  return times;
}

async function transferOne(runner: Runner, id: InteractionId, source: EventEmitter): Promise<number> {
  const accepted = once(source, 'accepted', { signal: AbortSignal.timeout(PATIENCE_MS) });
  const started = clock.monotonic();
  const ref = newId() as ManifestRef;
  const content = JSON.stringify({ shape: 'bare', whole: { manifest: SEED_MANIFEST } });
  await runner.submit(id, requestOf(ref), { blob: { ref, content, expiresAt: clock.now() + DAY_MS } });
  // The call is on its way as soon as the source has accepted, whether its answer is written down or not; then the destination's entry
  // asks, and its agent answers.
  await accepted;
  const leg = arrivedLeg(id);
  const handoffId = `${id}.1` as HandoffId;
  await runner.submit(id, { kind: 'redeem-reservation', actor: 'api:bench', handoffId, rung: 'token', leg });
  const event = agentAnswered(leg, clock.now());
  await runner.submit(id, event, { message: { sender: TO, messageId: `answered.${id}` } });
  const state = await seen(runner, id, ({ settled }) => settled.length > 0);
  const outcome = state.settled.at(-1)?.outcome;
  if (outcome !== 'completed') throw new Error(`a transfer ended as ${outcome}`);
  return clock.monotonic() - started;
}

async function seen(runner: Runner, id: InteractionId, is: (state: Interaction) => boolean): Promise<Interaction> {
  const state = await runner.watch(id, is, PATIENCE_MS);
  if (!state) throw new Error('a transfer does not get on');
  return state;
}

function requestOf(manifestRef: ManifestRef): Input {
  return {
    kind: 'request-transfer',
    actor: 'api:bench',
    to: TO,
    target: { kind: 'queue', queueName: 'BillingDisputes_Tier2' },
    type: 'blind',
    initiatedBy: 'bot',
    holdLimitMs: 15_000,
    token: randomBytes(TOKEN_BYTES).toString('base64url'),
    manifest: SEED_MANIFEST,
    manifestRef,
    masked: [],
    policy: TRANSFERS,
  };
}
