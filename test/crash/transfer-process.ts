// Owns the process that is killed amid transfers: a journal on disk, a runner whose vendors live elsewhere, and the answers to the
// destination's entry, which asks until it is told. However often it is started again it goes on until all have settled.

import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { foreseer } from '../../src/execute.ts';
import type { ExternalId, HandoffId, InteractionId, ParticipantId } from '../../src/ids.ts';
import { EntryBook } from '../../src/journal/entries.ts';
import { Runner } from '../../src/journal/runner.ts';
import { machineClock } from '../../src/machine-clock.ts';
import type { Command, CommandOutcome, Execute } from '../../src/protocols/command.ts';
import { toldNow } from '../../src/protocols/flow-departure.ts';
import type { Input, TransferPolicy } from '../../src/protocols/input.ts';
import { findHandoff, type Interaction, isErased } from '../../src/protocols/interaction.ts';
import { isSettled } from '../../src/protocols/move.ts';
import { interactionId, opening } from '../contract/journal-bench.ts';
import type { Line } from './lives.ts';
import { type Orders as Common, openJournal } from './mortal-store.ts';
import { AGENT, type Arrival, type CaseType, FALLBACK, type FlowTransfers, FROM, TARGET, TO } from './two-centers.ts';

export type Orders = Common & { readonly type: CaseType };

const SETTLE_WITHIN_MS = 30_000;
const ASKS_EVERY_MS = 20;
const SITE = {
  limits: { attributeValueBytes: 256, attributeCount: 50 },
  settleMs: 40,
  reservation: 'entry-script',
  reservationMs: 20_000,
  entryNumbers: Array.from({ length: 40 }, (_none, n) => `+${18_885_560_000 + n}`),
  ways: ['rest', 'flow'],
  fallbackQueue: FALLBACK.name,
} as const;
const policy: TransferPolicy = {
  sites: { [FROM]: SITE, [TO]: { ...SITE, asksAgents: true } },
  settleWithinMs: 60_000,
  consultMs: 30_000,
  limits: { commandTimeoutMs: 400, confirmWithinMs: 4_000, flowWithinMs: 10_000, transferAttempts: 3 },
};

function say(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

/** Both centers are asked over the network; numbers are lent here, after the destination was asked. */
function executeAt(vendor: string, entries: EntryBook): Execute {
  return async (command, { signal, mayStart }) => {
    if (!mayStart()) return { kind: 'transient', code: 'not-sent' };
    try {
      const answer = await fetch(vendor, { method: 'POST', body: JSON.stringify(command), signal });
      const outcome = (await answer.json()) as CommandOutcome;
      if (command.kind === 'Reserve') return await lend(command, entries);
      if (command.kind !== 'Release' || command.reservation.kind === 'placeholder') return outcome;
      await entries.release(command.handoffId);
      return { kind: 'done', of: 'Release', result: null };
    } catch {
      return { kind: 'ambiguous', code: 'connection-lost' };
    }
  };
}

async function lend(
  { handoffId, interactionId: id, entryNumbers, token, reservationMs }: Extract<Command, { kind: 'Reserve' }>,
  entries: EntryBook,
): Promise<CommandOutcome> {
  const loan = { handoffId, interactionId: id, platform: TO, numbers: entryNumbers, token, forMs: reservationMs };
  const taken = await entries.take(loan);
  if (taken.kind !== 'done') return taken;
  if (!taken.value) return { kind: 'done', of: 'Reserve', result: { held: false, code: 'no-entry-number-free' } };
  const { number: address, until: validUntil } = taken.value;
  return { kind: 'done', of: 'Reserve', result: { held: true, id: handoffId, validUntil, address } };
}

/** The destination's entry asks whose each call is, until it is told; then its agent answers. */
async function answerEntry(vendor: string, entries: EntryBook, runner: Runner, signal: AbortSignal): Promise<void> {
  const told = new Set<string>();
  while (!signal.aborted) {
    const answer = await fetch(vendor, { method: 'POST', body: '{"kind":"Arrivals"}' }).catch(() => undefined);
    const arrivals = answer ? ((await answer.json()) as readonly Arrival[]) : [];
    for (const arrival of arrivals) {
      if (!told.has(arrival.externalId) && (await tell(arrival, entries, runner))) told.add(arrival.externalId);
    }
    await sleep(ASKS_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function tell({ externalId: at, address, token }: Arrival, entries: EntryBook, runner: Runner): Promise<boolean> {
  const whose = await entries.find({ platform: TO, token, dnis: address });
  if (!whose) return false;
  const { interactionId: id, handoffId, rung } = whose;
  const externalId = at as ExternalId;
  const leg = { platform: TO, externalId, channel: 'voice' } as const;
  await runner.submit(id, { kind: 'redeem-reservation', actor: 'api:entry', handoffId, rung, leg });
  const messageId = `answered.${externalId}`;
  const event = {
    kind: 'agent-joined',
    platform: TO,
    externalId,
    messageId,
    at: machineClock.now(),
    participantId: 'x-agent' as ParticipantId,
    agentId: AGENT,
    queueId: TARGET.id,
  } as const;
  const input: Input = { kind: 'conversation-event', actor: `platform:${TO}`, event };
  await runner.submit(id, input, { message: { sender: TO, messageId } });
  return true;
}

/** The source's flow asks where to until it is told, and lets go. */
async function flowAsks(vendor: string, runner: Runner, n: number, signal: AbortSignal): Promise<void> {
  const id: InteractionId = interactionId(n);
  const handoffId = `${id}.1` as HandoffId;
  while (!signal.aborted) {
    const reply = await runner.submit(id, { kind: 'tell-flow', actor: 'api:flow', handoffId });
    const handoff = reply.kind === 'taken' && !isErased(reply.state) ? findHandoff(reply.state, handoffId) : undefined;
    if (handoff && isSettled(handoff)) return;
    const place = handoff?.kind === 'transfer' ? toldNow(handoff, machineClock.now()) : undefined;
    if (handoff?.kind === 'transfer' && place) {
      const { address } = place.reservation;
      const asks: FlowTransfers = { kind: 'FlowTransfers', externalId: `c${n}`, address, token: handoff.terms.token };
      await fetch(vendor, { method: 'POST', body: JSON.stringify(asks) }).catch(() => undefined);
    }
    await sleep(ASKS_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function transfer(runner: Runner, n: number, type: CaseType): Promise<string | undefined> {
  const id: InteractionId = interactionId(n);
  await runner.submit(id, opening(id, `c${n}`));
  await runner.submit(id, {
    kind: 'request-transfer',
    actor: 'api:desk',
    to: TO,
    target: type === 'asked' ? { kind: 'agent', agentId: AGENT } : { kind: 'queue', queueName: TARGET.name },
    type: type === 'warm' ? 'warm' : 'blind',
    ...(type === 'flow' && { commitBy: 'flow' }),
    initiatedBy: 'agent',
    holdLimitMs: 60_000,
    token: `a-token-of-as-many-bits-as-it-takes-${n}`,
    request: { key: `request-${n}`, digest: 'same' },
    masked: [],
    policy,
  });
  say({ acknowledged: n });
  // What was held is given back after it has settled.
  const isOver = ({ settled, chores }: Interaction) => settled.length > 0 && chores.length === 0;
  const state = await runner.watch(id, isOver, SETTLE_WITHIN_MS);
  return state?.settled[0]?.outcome;
}

async function main({ kept, vendor, conversations, dieAt, type }: Orders): Promise<void> {
  const { store, journal } = await openJournal(kept, dieAt);
  await using _ = store;
  const entries = new EntryBook(journal, machineClock);
  await using runner = new Runner({
    journal,
    execute: executeAt(vendor, entries),
    foresee: foreseer({ entries, now: machineClock.now }),
    clock: machineClock,
    random: Math.random,
    owner: 'transfer-process',
    settings: { leaseMs: 1_000, pollMs: 10 },
    onFault: (fault) => {
      console.error(fault);
      process.exit(1);
    },
  });
  await runner.start({ recovering: 'file' in kept });
  const over = new AbortController();
  const answering = answerEntry(vendor, entries, runner, over.signal);
  const settling = Array.from({ length: conversations }, (_none, n) => transfer(runner, n, type));
  const flows = type === 'flow' ? settling.map((_one, n) => flowAsks(vendor, runner, n, over.signal)) : [];
  const outcomes = await Promise.all(settling);
  over.abort();
  await Promise.all([answering, ...flows]);
  say({ outcomes, chain: (await journal.verify()).ok });
}

await main(JSON.parse(process.argv[2] ?? '') as Orders);
