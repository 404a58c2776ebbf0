// Owns the process that is killed: a journal on disk and a runner whose vendor lives elsewhere. It opens conversations and asks
// for their escalation until all have settled, as a client with idempotency keys would, however often it is started again.

import { writeSync } from 'node:fs';
import { Runner } from '../../src/journal/runner.ts';
import { machineClock } from '../../src/machine-clock.ts';
import type { Execute } from '../../src/protocols/command.ts';
import { escalation, interactionId, opening, POLICY } from '../contract/journal-bench.ts';
import type { Line } from './lives.ts';
import { type Orders, openJournal } from './mortal-store.ts';

const SETTLE_WITHIN_MS = 15_000;
const platforms = Object.fromEntries(
  Object.entries(POLICY.platforms).map(([name, platform]) => [name, { ...platform, settleMs: 40 }]),
);
const policy = { ...POLICY, platforms, limits: { ...POLICY.limits, commandTimeoutMs: 400 } };

function say(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
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
