// Owns `throughline proof`: many handoffs at once through a service and a vendor that fail on purpose, and the comparison of
// what was promised with what the vendor shows. It keeps its data in a temporary folder and leaves nothing behind.

import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { atOnce } from './at-once.ts';
import { CommandFailure, telling, Unreachable } from './command-failure.ts';
import { type Progress, progress } from './progress.ts';
import { escalationHouse } from './proof-escalation-house.ts';
import { armFaults } from './proof-faults.ts';
import { COMMAND_TIMEOUT_SEC, type House, openHouse } from './proof-house.ts';
import { type Escalated, escalateAll, type Opened, openAll, settleAll } from './proof-load.ts';
import { MOST_TRANSFERS } from './proof-transfer-plan.ts';
import { transferTable } from './proof-transfer-table.ts';
import { type TransferVerdict, transferVerdictOf } from './proof-transfer-verdict.ts';
import { runTransfers, type TransferRun } from './proof-transfers.ts';
import { type Verdict, verdictOf, verdictTable } from './proof-verdict.ts';
import { wholeNumber } from './service-options.ts';

type ProofOptions = {
  readonly escalations: number;
  readonly transfers?: number;
  readonly kill?: true;
  readonly seed: number;
  readonly json?: true;
};

/** High enough to be out of the way: the run is about faults, not about the vendor's quota. */
const RATE_PER_MINUTE = 10_000_000;
/** The twin takes long enough over a transfer for all of them to be open at once. */
const SETTLE_MS = { perEscalation: 15, least: 1_000, most: 20_000 };
const WIDTH = 32;
const KILL_LOOK_MS = 20;

export const proofCommand = new Command('proof')
  .summary('hand over many conversations while everything fails on purpose')
  .description(
    'Starts a service and a Genesys twin of its own, lets the twin fail (429s, 500s, hangs, answers lost after the commit, ' +
      'events lost, repeated and out of order), asks for many escalations at the same moment, and compares what the service ' +
      'promised with what the twin shows.',
  )
  .option('--escalations <n>', 'how many at once', wholeNumber(1), 1_000)
  .addOption(
    new Option('--transfers [n]', 'as many transfers between two platforms instead; 1000 where no number is given')
      .preset('1000')
      .argParser(wholeNumber(1)),
  )
  .option('--kill', 'SIGKILL the service twice on the way and start it again on the same data')
  .option('--seed <n>', 'for the chances of the faults', wholeNumber(0), 1)
  .option('--json', 'the figures as JSON')
  .addHelpText(
    'after',
    `
Checked: every handoff settles; whoever is handed over is in that queue and whoever is not is still with the bot; nobody is
moved twice; nothing that was acknowledged is lost; the journal's hash chain verifies. Exits with 1 when one does not hold.
A call is given up after ${COMMAND_TIMEOUT_SEC} s here instead of 8, so that hanging calls do not prolong the run.

With --transfers two twins on one telephone network and calls from each to the other, of every type: no number is lent twice, nobody is
delivered twice or left without a holder, every dead letter is due to a fault, and what is known of a caller is where they arrive.

Examples:
  $ throughline proof
  $ throughline proof --transfers 1000 --kill
  $ throughline proof --escalations 200 --kill --seed 7`,
  )
  .action((options: ProofOptions) => telling(() => proof(options)));

async function proof(options: ProofOptions): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const { transfers, json } = options;
  if (transfers === undefined) {
    const verdict = await prove(options);
    conclude(verdict, json ? undefined : verdictTable(verdict));
  } else {
    const verdict = await proveTransfers({ transfers, kill: options.kill === true, seed: options.seed });
    conclude(verdict, json ? undefined : transferTable(verdict));
  }
}

/** As JSON where there is no table to show. */
function conclude(verdict: Verdict | TransferVerdict, shown: string | undefined): void {
  console.log(shown ?? JSON.stringify(verdict, null, 2));
  if (verdict.breaches.length > 0) process.exitCode = 1;
}

async function proveTransfers(run: TransferRun): Promise<TransferVerdict> {
  if (run.transfers > MOST_TRANSFERS) throw new CommandFailure(`There are numbers for ${MOST_TRANSFERS} callers.`);
  using line = progress(process.stderr);
  return transferVerdictOf(await runTransfers(run, line));
}

async function prove({ escalations, kill, seed }: ProofOptions): Promise<Verdict> {
  using line = progress(process.stderr);
  line.show('starting a twin and a service');
  const startedAt = performance.now();
  const settleMs = Math.min(SETTLE_MS.most, Math.max(SETTLE_MS.least, escalations * SETTLE_MS.perEscalation));
  await using house = await openHouse(escalationHouse(RATE_PER_MINUTE, settleMs));
  line.show(`opening ${escalations} conversations`);
  const opened = await openAll(house, escalations);
  await armFaults(house.twin, seed);

  line.show(`asking for ${escalations} escalations at once`);
  const { handoffIds, answers, kills } = await underLoad(house, opened, { kill: kill === true, line });
  line.show('comparing with what the vendor shows');
  const faults = await house.twin.faults();
  await house.twin.clearFaults();
  const escalated = opened.map((one, index) => withAnswer(one, handoffIds[index] ?? '', answers));
  return verdictOf({
    escalated: await atOnce(escalated, WIDTH, async (one) => ({
      ...one,
      seen: await house.twin.conversation(one.conversationId),
    })),
    calls: await house.twin.calls(),
    faults,
    audit: await house.service.verifyAudit(),
    kills,
    tookMs: performance.now() - startedAt,
  });
}

/** The load, and the crashes beside it. When either fails, the other ends too. */
async function underLoad(
  house: House,
  opened: readonly Opened[],
  { kill, line }: { readonly kill: boolean; readonly line: Progress },
) {
  const over = new AbortController();
  const { signal } = over;
  const acknowledged = { count: 0 };
  const load = async () => {
    const onAnswer = (count: number) => {
      acknowledged.count = count;
    };
    const handoffIds = await escalateAll(house, opened, { onCount: onAnswer, signal });
    const onCount = (settled: number) => line.show(`settled ${settled} of ${opened.length}`);
    const answers = await settleAll(house, handoffIds, { onCount, signal });
    over.abort();
    return { handoffIds, answers };
  };
  const crashes = async () => (kill ? crashTwice(house, opened.length, () => acknowledged.count, signal) : 0);
  try {
    const [loaded, kills] = await Promise.all([load(), crashes()]);
    return { ...loaded, kills };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    throw new CommandFailure(`The service is gone and stays away. Its last words:\n${house.lastWords()}`, {
      cause: error,
    });
  } finally {
    over.abort();
  }
}

/**
 * Once while requests are still unanswered, and once while transfers are being asked for. Gives how often it came to that
 * before everything had settled.
 */
async function crashTwice(
  house: House,
  total: number,
  acknowledged: () => number,
  signal: AbortSignal,
): Promise<number> {
  const accepted = async () => Object.keys((await house.twin.counters()).replaces).length;
  const moments = [async () => acknowledged() > total / 3, async () => (await accepted()) > total / 2];
  let kills = 0;
  for (const arrived of moments) {
    while (!signal.aborted && !(await arrived())) await sleep(KILL_LOOK_MS);
    if (signal.aborted) return kills;
    await house.kill();
    await house.restart();
    kills += 1;
  }
  return kills;
}

function withAnswer(opened: Opened, handoffId: string, answers: Awaited<ReturnType<typeof settleAll>>): Escalated {
  return { ...opened, handoffId, handoff: answers.get(handoffId) };
}
