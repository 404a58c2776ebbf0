// Owns `throughline replay`: recorded bot dialogues played through the running service over HTTP, and the proof that what the
// bot had collected is where the agent reads it.

import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { atOnce } from './at-once.ts';
import { CommandFailure, telling } from './command-failure.ts';
import { progress } from './progress.ts';
import { type Replayed, replayDialogue } from './replay-dialogue.ts';
import { replayReport, replayTable } from './replay-report.ts';
import { botSessionOf, type Dialogue, parseQueueMap, type QueueMap, readDialogues } from './schema-guided.ts';
import { type ServiceClient, serviceClient } from './service-client.ts';
import { addServiceOptions, keyOf, type ServiceOptions, wholeNumber } from './service-options.ts';
import { twinClient } from './twin-client.ts';

type ReplayOptions = ServiceOptions & {
  readonly twin: string;
  readonly concurrency: number;
  readonly limit?: number;
  readonly queueMap: QueueMap;
  readonly json?: true;
};

const DEFAULT_QUEUES = 'Banks=Bank_Services,Restaurants=Restaurant_Bookings,Flights=Travel_Flights';
const SAY_EVERY_MS = 1_000;

export const replayCommand = addServiceOptions(
  new Command('replay')
    .summary('play recorded bot dialogues through the running service')
    .description(
      'Plays recorded virtual-assistant dialogues (Schema-Guided Dialogue format, one JSON object per line) through the ' +
        "running service: each becomes a conversation at the vendor's twin, its context is kept turn by turn, it is handed " +
        'over with its manifest, and every field of the manifest is read back the way an agent would read it.',
    )
    .argument('<file>', 'the dialogues'),
)
  .option('--twin <url>', "the Genesys twin's address", 'http://127.0.0.1:4410')
  .option('--concurrency <n>', 'dialogues under way at once', wholeNumber(1), 8)
  .option('--limit <n>', 'only the first n dialogues', wholeNumber(1))
  .addOption(
    new Option('--queue-map <map>', 'queue by service domain')
      .argParser(parseQueueMap)
      .default(parseQueueMap(DEFAULT_QUEUES), DEFAULT_QUEUES),
  )
  .option('--json', 'the figures as JSON')
  .addHelpText(
    'after',
    `
Exits with 1 when a handoff is not completed or a field is lost, with 2 when it cannot be tried.
A handoff costs about four calls at the vendor, who allows 300 a minute: many dialogues take their time.

Examples:
  $ throughline replay dialogues.jsonl
  $ throughline replay dialogues.jsonl --limit 10 --concurrency 2 --json`,
  )
  .action((file: string, options: ReplayOptions) => telling(() => replay(file, options)));

async function replay(file: string, options: ReplayOptions): Promise<void> {
  const dialogues = (await dialoguesIn(file)).slice(0, options.limit);
  const service = serviceClient({ baseUrl: options.service, key: await keyOf(options) });
  const twin = twinClient({ baseUrl: options.twin });
  await Promise.all([service.platforms(), twin.settings()]);

  const replayed: Replayed[] = [];
  const ended = new AbortController();
  const told = tellProgress(service, () => replayed.length, dialogues.length, ended.signal);
  try {
    await atOnce(dialogues, options.concurrency, async (one) => {
      replayed.push(await replayDialogue({ service, twin }, one.dialogue_id, botSessionOf(one, options.queueMap)));
    });
  } finally {
    ended.abort();
    await told;
  }
  const report = replayReport(replayed);
  console.log(options.json ? JSON.stringify(report, null, 2) : replayTable(report));
  if (!report.ok) process.exitCode = 1;
}

async function dialoguesIn(file: string): Promise<readonly Dialogue[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CommandFailure(`${file} cannot be read. Give a file with one dialogue per line.`, { cause });
  }
  const read = readDialogues(text);
  if (!read.ok) throw new CommandFailure(`${file}: line ${read.line} is not a dialogue: ${read.why}`);
  if (read.dialogues.length === 0) throw new CommandFailure(`${file} holds no dialogue.`);
  return read.dialogues;
}

/** How far it is, and whether it waits for the vendor's quota. Ends with the signal. */
async function tellProgress(
  service: ServiceClient,
  played: () => number,
  total: number,
  signal: AbortSignal,
): Promise<void> {
  using line = progress(process.stderr);
  while (!signal.aborted) {
    line.show(`played ${played()} of ${total}${await quotaWords(service)}`);
    await sleep(SAY_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

async function quotaWords(service: ServiceClient): Promise<string> {
  const platforms = await service.platforms().catch(() => []);
  const budget = platforms.find(({ health }) => health?.budget?.remaining === 0)?.health?.budget;
  return budget ? `, waiting: the vendor allows ${budget.limitPerMinute} calls a minute and they are spent` : '';
}
