// Owns the service of the full journal's measure: a process that opens the journal it is told, does handoffs one after the other,
// and says how long they took and how much memory it has come to.

import { openSqliteWithClerk } from '../src/journal/sqlite-with-clerk.ts';
import { quantile } from './figures.ts';
import { openHouse } from './house.ts';

export const MASTER_KEY: Uint8Array = Buffer.alloc(32, 7);
export type Worked = { readonly p50: number; readonly p99: number; readonly rssBytes: number };

const WARM_UP = 100;
const HANDOFFS = 500;

async function work(path: string): Promise<Worked> {
  await using house = await openHouse(() => openSqliteWithClerk(path), MASTER_KEY);
  const ids = await house.open(WARM_UP + HANDOFFS);
  const times: number[] = [];
  for (const id of ids) times.push(await house.escalate(id));
  const counted = times.slice(WARM_UP);
  return { p50: quantile(counted, 0.5), p99: quantile(counted, 0.99), rssBytes: process.memoryUsage.rss() };
}

if (import.meta.main) console.log(JSON.stringify(await work(process.argv[2] ?? '')));
