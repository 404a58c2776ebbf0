// `npm run bench`: every measure in one run, as medians, on an otherwise idle machine. Exits non-zero when a bar is missed.
// With `--million` the full journal too, which takes minutes and a few gigabytes of the temporary folder. With `--pages` the pages alone,
// in a browser. With `--chat` our own conversations alone.

import { cpus } from 'node:os';
import { chats } from './chat.ts';
import { coldStart } from './cold-start.ts';
import { escalationsPerSecond, unloadedTimes } from './escalations.ts';
import { type Figure, printFigures } from './figures.ts';
import { hookIntake } from './hook-intake.ts';
import { journalAgainstRaw } from './journal-against-raw.ts';
import { journalAgainstRawPostgres } from './journal-against-raw-postgres.ts';
import { amidOpenInteractions } from './million.ts';
import { pages } from './pages.ts';
import { unloadedTransfers } from './transfers.ts';

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}\n`);
const figures: readonly Figure[] = await asked();
printFigures(figures);
process.exitCode = figures.some(({ holds }) => holds === false) ? 1 : 0;

async function asked(): Promise<readonly Figure[]> {
  if (process.argv.includes('--pages')) return pages();
  return process.argv.includes('--chat') ? chats() : services();
}

async function services(): Promise<readonly Figure[]> {
  return [
    ...(await unloadedTimes()),
    ...(await unloadedTransfers()),
    await escalationsPerSecond(100),
    await escalationsPerSecond(400),
    await journalAgainstRaw(),
    await journalAgainstRawPostgres(),
    ...(await hookIntake()),
    await coldStart(),
    ...(process.argv.includes('--million') ? await amidOpenInteractions(1_000_000) : []),
  ];
}
