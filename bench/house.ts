// Owns the bench's own house: a journal on a fresh store, a runner on it, and the instant vendor.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExternalId, InteractionId, ManifestRef } from '../src/ids.ts';
import { Journal } from '../src/journal/journal.ts';
import { machineRandomBytes } from '../src/journal/random-bytes.ts';
import { Runner } from '../src/journal/runner.ts';
import { machineClock as clock } from '../src/machine-clock.ts';
import type { Input } from '../src/protocols/input.ts';
import { uuidV7 } from '../src/uuid-v7.ts';
import { SEED_MANIFEST } from '../test/seed-examples.ts';
import { answerAtOnce, arrivalOf, PLATFORM, POLICY } from './instant-vendor.ts';
import { type Opened, STORES } from './stores.ts';

export const newId = uuidV7(clock.now, machineRandomBytes);
const DAY_MS = 86_400_000;

export type House = AsyncDisposable & {
  readonly journal: Journal;
  readonly runner: Runner;
  /** Opens `count` interactions, ready to be escalated. */
  open(count: number): Promise<readonly InteractionId[]>;
  /** One durable escalation from its request to its end; milliseconds. */
  escalate(id: InteractionId): Promise<number>;
};

/** A house on the store that `open` opens; it is given a folder that goes with the house. The embedded store is the default. */
export async function openHouse(
  open: (folder: string) => Opened | Promise<Opened> = (folder) => STORES.sqlite({ folder }),
  masterKey: Uint8Array = randomBytes(32),
): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  const store = await open(folder);
  const journal = await Journal.open(store, masterKey, [], store.writer && { writer: store.writer });
  const runner: Runner = new Runner({
    journal,
    clock,
    random: Math.random,
    owner: 'bench',
    execute: async (command) => {
      if (command.kind === 'TransferToQueue') tell(command.externalId);
      return answerAtOnce(command);
    },
    onFault: (error) => {
      throw error;
    },
    settings: { capacity: 100_000 },
  });
  await runner.start({ recovering: true });

  function tell(externalId: ExternalId): void {
    const message = { sender: PLATFORM, messageId: `acd.start.${externalId}` };
    void runner.submit(externalId as string as InteractionId, arrivalOf(externalId, clock.now()), { message });
  }

  return {
    journal,
    runner,
    open: (count) => Promise.all(Array.from({ length: count }, () => openOne(runner))),
    escalate: (id) => escalateOne(runner, id),
    async [Symbol.asyncDispose]() {
      await runner[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a contact center says when a call comes in. */
export function openingOf(id: InteractionId, phone = '+14155551234'): Input {
  return {
    kind: 'open-interaction',
    actor: 'api:bench',
    id,
    channel: 'voice',
    direction: 'inbound',
    customer: { phone, segment: 'enterprise' },
    context: { intent: 'billing_dispute', authenticationStatus: 'verified', accountNumber: 'ACC-992837' },
    leg: { platform: PLATFORM, externalId: id as string as ExternalId, channel: 'voice' },
  };
}

/** What its bot asks for when it gives up. */
export function requestOf(manifestRef: ManifestRef): Input {
  return {
    kind: 'request-escalation',
    actor: 'api:bench',
    resumeBot: true,
    commitBy: 'us',
    masked: [],
    manifest: SEED_MANIFEST,
    manifestRef,
    policy: POLICY,
  };
}

async function openOne(runner: Runner): Promise<InteractionId> {
  const id = newId() as InteractionId;
  await runner.submit(id, openingOf(id));
  return id;
}

async function escalateOne(runner: Runner, id: InteractionId): Promise<number> {
  const started = clock.monotonic();
  const ref = newId() as ManifestRef;
  const content = JSON.stringify({ shape: 'bare', whole: { manifest: SEED_MANIFEST } });
  const blob = { ref, content, expiresAt: clock.now() + DAY_MS };
  await runner.submit(id, requestOf(ref), { blob });
  const settled = await runner.watch(id, (state) => state.settled.length > 0, 60_000);
  const outcome = settled?.settled.at(-1)?.outcome;
  if (outcome !== 'completed') throw new Error(`an escalation ended as ${outcome}`);
  return clock.monotonic() - started;
}
