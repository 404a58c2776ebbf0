// Owns the process that is killed: a journal on disk and a runner whose vendor lives elsewhere. It opens conversations and asks
// for their escalation until all have settled, as a client with idempotency keys would, however often it is started again.

import { writeSync } from 'node:fs';
import type { ChooseWriter, DraftWriter } from '../../src/journal/draft.ts';
import { Journal } from '../../src/journal/journal.ts';
import { openPostgres } from '../../src/journal/postgres.ts';
import { Runner } from '../../src/journal/runner.ts';
import { openSqlite } from '../../src/journal/sqlite.ts';
import { openSqliteWithClerk } from '../../src/journal/sqlite-with-clerk.ts';
import type { Store } from '../../src/journal/store.ts';
import { machineClock } from '../../src/machine-clock.ts';
import type { Execute } from '../../src/protocols/command.ts';
import type { Event } from '../../src/protocols/event.ts';
import { escalation, interactionId, MASTER_KEY, opening, POLICY, replaced } from '../contract/journal-bench.ts';

/** Where the journal is kept. */
export type Kept = { readonly file: string; readonly clerk?: true } | { readonly databaseUrl: string };

/** What the process is told on its command line, as JSON. */
export type Orders = {
  readonly kept: Kept;
  readonly vendor: string;
  readonly conversations: number;
  /** Dies by its own hand at the first commit that holds an event of this type, just before it is written or just after. */
  readonly dieAt?: { readonly commit: Event['type']; readonly when: 'before' | 'after' };
};

/** What it says, one line each: every acknowledged request, and at the end how everything stands. */
export type Line =
  | { readonly acknowledged: number }
  | { readonly outcomes: readonly (string | undefined)[]; readonly chain: boolean };

const SETTLE_WITHIN_MS = 15_000;
const platforms = Object.fromEntries(
  Object.entries(POLICY.platforms).map(([name, platform]) => [name, { ...platform, settleMs: 40 }]),
);
const policy = { ...POLICY, platforms, limits: { ...POLICY.limits, commandTimeoutMs: 400 } };

function say(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

const die = () => process.kill(process.pid, 'SIGKILL');

function mortal(store: Store, dieAt: Orders['dieAt']): Store {
  return replaced(store, {
    append: (batch) => dyingAt(batch, dieAt, () => store.append(batch)),
  });
}

function executeAt(vendor: string): Execute {
  return async (command, { signal, mayStart }) => {
    if (!mayStart()) return { kind: 'transient', code: 'not-sent' };
    try {
      const answer = await fetch(vendor, { method: 'POST', body: JSON.stringify(command), signal });
      return (await answer.json()) as Awaited<ReturnType<Execute>>;
    } catch {
      return { kind: 'ambiguous', code: 'connection-lost' };
    }
  };
}

async function escalate(runner: Runner, n: number): Promise<string | undefined> {
  const id = interactionId(n);
  const request = { key: `request-${n}`, digest: 'same' };
  await runner.submit(id, opening(id, `c${n}`));
  await runner.submit(id, escalation({ request, policy }));
  say({ acknowledged: n });
  const state = await runner.watch(id, ({ settled }) => settled.length > 0, SETTLE_WITHIN_MS);
  return state?.settled[0]?.outcome;
}

/** The same for what a clerk writes on a thread of its own. */
function mortalWriter(writer: DraftWriter, dieAt: Orders['dieAt']): DraftWriter {
  const { atOnce, largestBatch } = writer;
  return {
    atOnce,
    largestBatch,
    write: (batch) => dyingAt(batch, dieAt, () => writer.write(batch)),
    letGo: (ids) => writer.letGo(ids),
  };
}

/** Dies just before the write or just after it, if this is the one. */
async function dyingAt<Result>(
  batch: readonly { readonly events: readonly { readonly type: string }[] }[],
  dieAt: Orders['dieAt'],
  write: () => Promise<Result>,
): Promise<Result> {
  const isNow = batch.some(({ events }) => events.some(({ type }) => type === dieAt?.commit));
  if (isNow && dieAt?.when === 'before') die();
  const results = await write();
  if (isNow && dieAt?.when === 'after') die();
  return results;
}

/** With a clerk everything goes through its hands, however little it is. */
async function openJournal(kept: Kept, dieAt: Orders['dieAt']): Promise<{ store: Store; journal: Journal }> {
  if (!('file' in kept && kept.clerk)) {
    const store = await openStore(kept);
    const { writer = (own) => own } = store;
    return { store, journal: await Journal.open(mortal(store, dieAt), MASTER_KEY, [], { writer }) };
  }
  const store = openSqliteWithClerk(kept.file, 1);
  let hired: Promise<void> | undefined;
  const writer: ChooseWriter = (own, keys) => {
    const clerk = store.writer(own, keys);
    hired = clerk.hire();
    return mortalWriter(clerk, dieAt);
  };
  const journal = await Journal.open(store, MASTER_KEY, [], { writer });
  await hired;
  return { store, journal };
}

async function openStore(kept: Kept): Promise<Store & { readonly writer?: ChooseWriter }> {
  if ('file' in kept) return openSqlite(kept.file);
  return openPostgres(kept.databaseUrl, { clock: machineClock, random: Math.random });
}

async function main({ kept, vendor, conversations, dieAt }: Orders): Promise<void> {
  const { store, journal } = await openJournal(kept, dieAt);
  await using _ = store;
  await using runner = new Runner({
    journal,
    execute: executeAt(vendor),
    clock: machineClock,
    random: Math.random,
    owner: 'journal-process',
    settings: { leaseMs: 1_000, pollMs: 10 },
    onFault: (fault) => {
      console.error(fault);
      process.exit(1);
    },
  });
  // A file is ours alone; of a shared database nobody knows whether the one before is dead, until its leases have run out.
  await runner.start({ recovering: 'file' in kept });
  const outcomes = await Promise.all(Array.from({ length: conversations }, (_, n) => escalate(runner, n)));
  say({ outcomes, chain: (await journal.verify()).ok });
}

await main(JSON.parse(process.argv[2] ?? '') as Orders);
