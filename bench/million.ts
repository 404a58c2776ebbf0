// Owns the measure of a full journal: one million open interactions in the embedded store, and what they cost a service that
// works beside them: memory, the time of a handoff, and the time in which what is due is claimed.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InteractionId, ManifestRef } from '../src/ids.ts';
import { Journal } from '../src/journal/journal.ts';
import { openSqlite } from '../src/journal/sqlite.ts';
import type { Store } from '../src/journal/store.ts';
import { evolve } from '../src/protocols/evolve.ts';
import { decide } from '../src/protocols/handoff.ts';
import type { State } from '../src/protocols/interaction.ts';
import { type Figure, median } from './figures.ts';
import { newId, openingOf, requestOf } from './house.ts';
import { MASTER_KEY, type Worked } from './million-service.ts';

const PAIRS = 5;
const FILL_AT_ONCE = 500;
const DAY_MS = 86_400_000;
const SERVICE = fileURLToPath(new URL('./million-service.ts', import.meta.url));

/** Nothing comes due by itself while it is measured; from `FIRST_DUE` on, one interaction more every millisecond. */
const FIRST_DUE = Date.now() + 30 * DAY_MS;

async function fill(path: string, count: number): Promise<void> {
  await using store = openSqlite(path);
  const journal = await Journal.open(store, MASTER_KEY);
  for (let from = 0; from < count; from += FILL_AT_ONCE) {
    const batch = Array.from({ length: Math.min(FILL_AT_ONCE, count - from) }, (_, n) => openOne(journal, from + n));
    await Promise.all(batch);
  }
}

/** An interaction in the middle of an escalation, as its first append. */
async function openOne(journal: Journal, n: number): Promise<void> {
  const id = newId() as InteractionId;
  const opened = decide(null, openingOf(id, `+1415${String(n).padStart(7, '0')}`), Date.now());
  const before = opened.reduce<State>(evolve, null);
  const events = [...opened, ...decide(before, requestOf(newId() as ManifestRef), Date.now())];
  const after = events.reduce<State>(evolve, null);
  if (!after) throw new Error('nothing was opened');
  const along = { dueAt: FIRST_DUE + n, lease: null, messages: [], blobs: [] };
  const result = await journal.append(null, id, events, after, along);
  if (result.kind !== 'appended') throw new Error(result.kind);
}

/** A service of its own, so that its memory is its own too. */
function work(path: string): Worked {
  const { stdout, status, stderr } = spawnSync(process.execPath, [SERVICE, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the service ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Worked;
}

/** Milliseconds to claim the first `due` of the interactions; all is as before afterwards. */
async function claim(store: Store, due: number): Promise<number> {
  const now = FIRST_DUE + due - 1;
  const started = performance.now();
  const claimed = await store.claimDue(now, { owner: 'bench', until: now + DAY_MS }, Math.max(due, 1));
  const took = performance.now() - started;
  if (claimed.length !== due) throw new Error(`${claimed.length} were claimed of ${due} due`);
  for (const [n, { id }] of claimed.entries()) {
    const [stored] = await store.load([id]);
    await store.finish(id, stored?.version ?? 0, FIRST_DUE + n);
  }
  return took;
}

async function claims(store: Store, due: number, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await claim(store, due));
  return median(times);
}

async function claimFigures(full: string, empty: string): Promise<Figure[]> {
  await using emptyStore = openSqlite(empty);
  await using store = openSqlite(full);
  const idle = { empty: await claims(emptyStore, 0, 500), full: await claims(store, 0, 500) };
  const figures: Figure[] = [
    {
      measure: 'claiming, nothing due: full against empty',
      value: `${(idle.full * 1_000).toFixed(1)} : ${(idle.empty * 1_000).toFixed(1)} µs`,
      bar: '≤ 2×',
      holds: idle.full <= 2 * idle.empty,
    },
  ];
  const perRow: number[] = [];
  for (const due of [100, 1_000, 10_000]) {
    const took = (await claims(store, due, 5)) / due;
    perRow.push(took);
    figures.push({
      measure: `claiming ${due} due, per row`,
      value: `${(took * 1_000).toFixed(1)} µs`,
      bar: '≤ 2× of 100',
      holds: took <= 2 * (perRow[0] ?? 0),
    });
  }
  return figures;
}

/** `count` is a million, unless somebody is only trying it out. */
export async function amidOpenInteractions(count: number): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  const [full, empty] = [join(folder, 'full.db'), join(folder, 'empty.db')];
  try {
    await fill(full, count);
    await fill(empty, 0);
    const growth: number[] = [];
    const ratios: number[] = [];
    for (let pair = 0; pair < PAIRS; pair += 1) {
      // A fresh journal for the empty side of every pair, the full one stays full.
      rmSync(empty);
      const alone = work(empty);
      const amid = work(full);
      growth.push((amid.rssBytes - alone.rssBytes) / 2 ** 20);
      ratios.push(amid.p99 / alone.p99);
    }
    return [
      {
        measure: `memory amid ${count} open interactions, above an empty journal's`,
        value: `${median(growth).toFixed(0)} MiB`,
        bar: '≤ 64 MiB',
        holds: median(growth) <= 64,
      },
      {
        measure: `handoff p99 amid ${count}, against an empty journal's`,
        value: `${median(ratios).toFixed(2)}×`,
        bar: '≤ 1.3×',
        holds: median(ratios) <= 1.3,
      },
      ...(await claimFigures(full, empty)),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
