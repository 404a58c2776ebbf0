// Owns the measure of a full journal: one million open interactions in the embedded store, and what they cost a service that
// works beside them: memory, the time of a handoff, and the time in which what is due is claimed.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InteractionId } from '../src/ids.ts';
import { Journal } from '../src/journal/journal.ts';
import { machineRandomBytes } from '../src/journal/random-bytes.ts';
import { openSqlite } from '../src/journal/sqlite.ts';
import type { Append, Claimed, Store } from '../src/journal/store.ts';
import { evolve } from '../src/protocols/evolve.ts';
import { decide } from '../src/protocols/handoff.ts';
import { type State, whole } from '../src/protocols/interaction.ts';
import { type Figure, median } from './figures.ts';
import { newId, openingOf } from './house.ts';
import { PLATFORM } from './instant-vendor.ts';
import { MASTER_KEY, type Worked } from './million-service.ts';

const PAIRS = 5;
const FILL_AT_ONCE = 4_000;
const CLAIM_ROUNDS = 5;
const DAY_MS = 86_400_000;
const TAKEN = { kind: 'appended' } as const;
const NOTHING_ALONG = {
  attach: [],
  detach: [],
  subjects: [],
  messages: [],
  blobs: [],
  snapshot: null,
  erase: false,
  forget: [],
} as const;
const SEEN = {
  channel: 'voice',
  platform: PLATFORM,
  phase: null,
  holder: 'bot',
  outcome: null,
  openedAt: 0,
  endedAt: null,
} as const;
const SERVICE = fileURLToPath(new URL('./million-service.ts', import.meta.url));

/** Nothing comes due by itself while it is measured; from `FIRST_DUE` on, one interaction more every millisecond. */
const FIRST_DUE = Date.now() + 30 * DAY_MS;

/** `count` interactions with a live conversation each, in transactions of thousands. */
async function fill(path: string, count: number): Promise<void> {
  await using store = openSqlite(path);
  const sample = await sampleAppend(store);
  for (let from = 0; from < count; from += FILL_AT_ONCE) {
    const batch = Array.from({ length: Math.min(FILL_AT_ONCE, count - from) }, (_, n) => another(sample, from + n));
    const results = await store.append(batch);
    if (results.some(({ kind }) => kind !== 'appended')) throw new Error('the fill was not taken');
  }
}

/** What the journal gives its store for a new interaction. It is not written: the store only sees it. */
async function sampleAppend(store: Store): Promise<Append> {
  const seen: Append[] = [];
  const watched = new Proxy(store, {
    get(target, name) {
      if (name === 'append') return async (batch: Append[]) => seen.push(...batch) && batch.map(() => TAKEN);
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const journal = await Journal.open(watched, MASTER_KEY);
  const id = newId() as InteractionId;
  const events = decide(null, openingOf(id), Date.now());
  const after = whole(events.reduce<State>(evolve, null));
  await journal.append(null, id, events, after, { dueAt: null, lease: null, messages: [], blobs: [] });
  const [sample] = seen;
  if (!sample) throw new Error('the journal gave its store nothing');
  return sample;
}

/** The sample under an id, a conversation, a customer and hashes of its own: as many rows and bytes, and as random. */
function another(sample: Append, n: number): Append {
  const id = newId() as InteractionId;
  return {
    ...sample,
    interactionId: id,
    dueAt: FIRST_DUE + n,
    events: sample.events.map((event) => ({ ...event, interactionId: id, hash: machineRandomBytes(32) })),
    attach: sample.attach.map((leg) => ({ ...leg, external: id })),
    subjects: sample.subjects.map(() => machineRandomBytes(32)),
    summary: { ...sample.summary, openedAt: Date.now() },
  };
}

/** A service of its own, so that its memory is its own too. */
function work(path: string): Worked {
  const { stdout, status, stderr } = spawnSync(process.execPath, [SERVICE, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the service ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Worked;
}

/** Milliseconds to claim the next `due` of the interactions, which then get on and are due again much later. */
async function claim(store: Store, due: number, from: number): Promise<number> {
  const now = FIRST_DUE + from + due - 1;
  const started = performance.now();
  const claimed = await store.claimDue(now, { owner: 'bench', until: now + DAY_MS }, Math.max(due, 1));
  const took = performance.now() - started;
  if (claimed.length !== due) throw new Error(`${claimed.length} were claimed of ${due} due`);
  await getOn(store, claimed);
  return took;
}

async function getOn(store: Store, claimed: readonly Claimed[]): Promise<void> {
  const stored = await store.load(claimed.map(({ id }) => id));
  const batch = stored.map(({ id, version, events }): Append => {
    const [event] = events;
    if (!event) throw new Error('an interaction has no events');
    return {
      interactionId: id,
      expectedVersion: version,
      wrappedKey: null,
      events: [{ ...event, version: version + 1, sealed: null }],
      summary: SEEN,
      dueAt: FIRST_DUE + 30 * DAY_MS,
      lease: null,
      ...NOTHING_ALONG,
    };
  });
  if (batch.length > 0) await store.append(batch);
}

async function claims(store: Store, due: number, rounds: number, from = 0): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await claim(store, due, from + round * due));
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
  let from = 0;
  for (const due of [100, 1_000, 10_000]) {
    const took = (await claims(store, due, CLAIM_ROUNDS, from)) / due;
    from += CLAIM_ROUNDS * due;
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
