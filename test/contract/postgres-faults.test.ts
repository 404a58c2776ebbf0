// Owns what the PostgreSQL store promises beyond the contract: what becomes of appends when connections die, the server stops, nodes start
// together or a newer release was there, and that nodes hear of each other.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { GroupCommit } from '../../src/journal/group-commit.ts';
import { FateUnknown } from '../../src/journal/journal-unavailable.ts';
import { openPostgres } from '../../src/journal/postgres.ts';
import type { PostgresSettings } from '../../src/journal/postgres-connections.ts';
import { NotConnected } from '../../src/journal/postgres-faults.ts';
import type { Append, AppendResult, OthersAppended, Store } from '../../src/journal/store.ts';
import { machineClock as clock } from '../../src/machine-clock.ts';
import { removeCluster, startCluster, startServer, stopServer } from '../postgres/cluster.ts';
import { createDatabase, newDatabase, query } from '../postgres/database.ts';
import { lossyWay } from '../postgres/lossy-way.ts';
import { append, id, ids, kinds, leg, message, mustAppend, parked, rows, T0 } from './store-samples.ts';

const open = (url: string, settings: Partial<PostgresSettings> = {}) =>
  openPostgres(url, { clock, random: Math.random, settings });

type Tried = { readonly append: Append; readonly fate: AppendResult['kind'] | 'unknown' | 'not-connected' };

/** An append whose hash nobody else's has. */
function signed(n: number, expectedVersion: number): Append {
  const events = rows(id(n), expectedVersion + 1, 1).map((row) => ({ ...row, hash: randomBytes(32) }));
  return { ...append(n, { expectedVersion }), events };
}

/** Appends to a few interactions that others append to as well, until told to stop. */
async function load(store: Store, stop: AbortSignal): Promise<Tried[]> {
  const group = new GroupCommit((batch: readonly Append[]) => store.append(batch));
  const tried: Tried[] = [];
  const worker = async (n: number) => {
    for (let version = 0; !stop.aborted; ) {
      const one = signed(n, version);
      const fate = await group.submit(one).then(
        ({ kind }) => kind,
        (error) => {
          if (error instanceof FateUnknown) return 'unknown' as const;
          if (error instanceof NotConnected) return 'not-connected' as const;
          throw error;
        },
      );
      tried.push({ append: one, fate });
      if (fate === 'appended' || fate === 'version-conflict') version += 1;
      else version = (await store.load([id(n)]).catch(() => []))[0]?.version ?? version;
    }
  };
  await Promise.all(Array.from({ length: 12 }, (_, n) => worker(n)));
  return tried;
}

async function hold(url: string, tried: readonly Tried[]): Promise<void> {
  const found = await query(url, "select encode(hash, 'hex') as hash, count(*)::int as times from event group by hash");
  const times = new Map(found.map((row) => [row.hash, row.times]));
  const standing = (fate: Tried['fate']) =>
    tried
      .filter((one) => one.fate === fate)
      .map(({ append: { events } }) => times.get(Buffer.from(events[0]!.hash).toString('hex')) ?? 0);
  expect(standing('appended').every((count) => count === 1)).toBe(true);
  expect(standing('version-conflict').every((count) => count === 0)).toBe(true);
  expect(standing('not-connected').every((count) => count === 0)).toBe(true);
  expect(found.every((row) => row.times === 1)).toBe(true);
}

// The first one to ask starts the server of the run.
beforeAll(() => newDatabase(), 60_000);

describe('appends while connections die', { timeout: 60_000 }, () => {
  it('every acknowledged one is there, every refused one is not, none is there twice', async () => {
    const url = await newDatabase();
    await using a = await open(url);
    await using b = await open(url);
    const enough = new AbortController();
    const loads = [load(a, enough.signal), load(b, enough.signal)];
    let killed = 0;
    while (killed < 30) {
      await sleep(Math.random() * 40);
      const [ended] = await query(
        url,
        "select count(pg_terminate_backend(pid))::int as n from pg_stat_activity where application_name = 'throughline' and state = 'active' and datname = current_database()",
      );
      killed += Number(ended?.n);
    }
    enough.abort();
    const tried = (await Promise.all(loads)).flat();
    expect(tried.filter(({ fate }) => fate === 'appended').length).toBeGreaterThan(100);
    expect(tried.filter(({ fate }) => fate === 'version-conflict').length).toBeGreaterThan(0);
    expect(tried.filter(({ fate }) => fate === 'unknown')).toEqual([]);
    await hold(url, tried);
  });

  it('the same when the whole server stops hard and comes back, twice', async () => {
    const cluster = await startCluster();
    try {
      const url = await createDatabase(cluster.url);
      await using a = await open(url, { patienceMs: 20_000 });
      await using b = await open(url, { patienceMs: 20_000 });
      const enough = new AbortController();
      const loads = [load(a, enough.signal), load(b, enough.signal)];
      for (let stops = 0; stops < 2; stops += 1) {
        await sleep(500);
        stopServer(cluster, 'immediate');
        startServer(cluster);
      }
      await sleep(500);
      enough.abort();
      const tried = (await Promise.all(loads)).flat();
      expect(tried.filter(({ fate }) => fate === 'unknown')).toEqual([]);
      await hold(url, tried);
    } finally {
      removeCluster(cluster);
    }
  });

  it('one whose answer was lost is told as what it is, however often that happens', async () => {
    await using way = await lossyWay(await newDatabase());
    await using store = await open(way.url);
    await mustAppend(store, signed(1, 0), signed(2, 0));
    for (const losses of [1, 3]) {
      const version = (await store.load([id(1)]))[0]!.version;
      const lost = way.loseAnswers(losses);
      const results = await store.append([signed(1, version), signed(2, 7), signed(losses + 10, 0)]);
      await lost;
      expect(kinds(results)).toEqual(['appended', 'version-conflict', 'appended']);
      expect((await store.history(id(1))).map((event) => event.version)).toHaveLength(version + 1);
    }
  });

  it('one whose answer was lost, and whose database is not there to be asked, may have been taken: it says so', async () => {
    const way = await lossyWay(await newDatabase());
    await using store = await open(way.url, { patienceMs: 200 });
    await mustAppend(store, append(1));
    const lost = way.loseAnswers(1).then(() => way[Symbol.asyncDispose]());
    await expect(store.append([append(2)])).rejects.toBeInstanceOf(FateUnknown);
    await lost;
  });

  it('what only reads, or changes nothing the second time, does not notice a lost answer', async () => {
    await using way = await lossyWay(await newDatabase());
    await using store = await open(way.url);
    await mustAppend(store, append(1, { dueAt: T0 }));
    const lossy = async <Result>(work: () => Promise<Result>) => {
      const lost = way.loseAnswers(1);
      const result = await work();
      await lost;
      return result;
    };
    expect(ids(await lossy(() => store.load([id(1)])))).toEqual([id(1)]);
    expect(await lossy(() => store.park([parked('m', leg('x'))]))).toEqual([null]);
    expect(await store.parked([leg('x')])).toHaveLength(1);
    // What the lost claim leased comes again when that lease has passed.
    expect(await lossy(() => store.claimDue(T0, { owner: 'n1', until: T0 + 5 }, 10))).toEqual([]);
    expect(await store.claimDue(T0 + 5, { owner: 'n1', until: T0 + 9 }, 10)).toMatchObject([{ id: id(1), claims: 2 }]);
  });

  it('gives up after a bounded time, and says whether anything can have been taken', async () => {
    const cluster = await startCluster();
    const url = await createDatabase(cluster.url);
    await using store = await open(url, { patienceMs: 300 });
    await mustAppend(store, append(1));
    removeCluster(cluster);
    const began = clock.monotonic();
    await expect(store.append([append(2)])).rejects.toThrow();
    await expect(store.append([append(3)])).rejects.toBeInstanceOf(NotConnected);
    await expect(store.load([id(1)])).rejects.toBeInstanceOf(NotConnected);
    expect(clock.monotonic() - began).toBeLessThan(5_000);
  });
});

describe('a batch whose appends meet', { timeout: 60_000 }, () => {
  it('is judged in its order, whatever they meet over: message, leg or interaction', async () => {
    await using store = await open(await newDatabase());
    await mustAppend(store, append(1, { attach: [leg('a')] }), append(2));
    const results = await store.append([
      append(3, { messages: [message('m')] }),
      append(2, { expectedVersion: 1, messages: [message('m')], attach: [leg('b')] }),
      append(1, { expectedVersion: 1, detach: [leg('a')] }),
      append(4, { attach: [leg('a')] }),
      append(5, { attach: [leg('a')] }),
      append(4, { expectedVersion: 1, messages: [message('n'), message('m')] }),
      append(4, { expectedVersion: 1, attach: [leg('b')] }),
    ]);
    expect(kinds(results)).toEqual([
      'appended',
      'duplicate',
      'appended',
      'appended',
      'leg-taken',
      'duplicate',
      'appended',
    ]);
    expect(await store.findLegs([leg('a'), leg('b')])).toEqual([id(4), id(4)]);
    expect((await store.feed(0, 100)).map(({ interactionId }) => interactionId)).toEqual(
      [1, 2, 3, 1, 4, 4].map((n) => id(n)),
    );
  });

  it('keeps ids with any character that a vendor may send', async () => {
    await using store = await open(await newDatabase());
    const odd = ['\0', '\u0001a', '\u0001', 'a\0b\u0001', '\u{1f600}'];
    await store.park(odd.map((text) => parked(text, leg(`parked ${text}`))));
    await mustAppend(store, append(1, { attach: odd.map((text) => leg(text)), messages: odd.map((m) => message(m)) }));
    expect(await store.findLegs(odd.map((text) => leg(text)))).toEqual(odd.map(() => id(1)));
    expect(await store.append([append(2, { messages: odd.map((m) => message(m)) })])).toEqual([
      { kind: 'duplicate', messages: odd.map((m) => message(m)) },
    ]);
    expect(await store.parked(odd.map((text) => leg(`parked ${text}`)))).toEqual([]);
    await store.park([parked('x\0', leg('y\0'))]);
    expect(await store.parked([leg('y\0')])).toMatchObject([{ messageId: 'x\0', leg: leg('y\0') }]);
  });

  it('takes the largest batch there is in one go', async () => {
    await using store = await open(await newDatabase());
    await mustAppend(store, ...Array.from({ length: 512 }, (_, n) => append(n, { count: 2, attach: [leg(`l${n}`)] })));
    const page = await store.chains('', 1_000);
    expect(page.map((one) => [one.version, one.events.length])).toEqual(page.map(() => [2, 2]));
    expect(page).toHaveLength(512);
  });

  it('knows no interaction by an id in another spelling', async () => {
    await using store = await open(await newDatabase());
    const odd = '019A0000-0000-7000-8000-00000000000A' as ReturnType<typeof id>;
    await mustAppend(store, { ...append(1), interactionId: odd.toLowerCase() as typeof odd });
    expect(await store.load([odd, 'nonsense' as typeof odd])).toEqual([]);
    expect([await store.history(odd), await store.list({ limit: 5, before: odd })]).toEqual([[], []]);
  });
});

describe('the schema', { timeout: 60_000 }, () => {
  it('is made once when two nodes start at the same moment', async () => {
    const url = await newDatabase();
    const stores = await Promise.all([open(url), open(url), open(url)]);
    await mustAppend(stores[0]!, append(1));
    expect(ids(await stores[1]!.load([id(1)]))).toEqual([id(1)]);
    expect(await query(url, 'select version from schema_version')).toHaveLength(1);
    for (const store of stores) await store[Symbol.asyncDispose]();
  });

  it('of a later release is refused rather than guessed at, and left as it is', async () => {
    const url = await newDatabase();
    await (await open(url))[Symbol.asyncDispose]();
    await query(url, 'update schema_version set version = 99');
    await expect(open(url)).rejects.toThrow(/schema version 99.*newer release/);
    expect(await query(url, 'select version from schema_version')).toEqual([{ version: 99 }]);
  });

  it('stays as it is when a node starts again', async () => {
    const url = await newDatabase();
    await using first = await open(url);
    await mustAppend(first, append(1));
    await using again = await open(url);
    expect(ids(await again.load([id(1)]))).toEqual([id(1)]);
  });
});

describe('nodes on one database', { timeout: 60_000 }, () => {
  it('hear what others appended, not what they appended themselves, and after a break that they may have missed some', async () => {
    const url = await newDatabase();
    await using a = await open(url);
    await using b = await open(url);
    const heard: OthersAppended[] = [];
    const own: OthersAppended[] = [];
    const until = async (count: number) => {
      while (heard.length < count) await sleep(10);
    };
    b.onOthersAppended((others) => heard.push(others));
    a.onOthersAppended((others) => own.push(others));
    await until(1);
    while (own.length < 1) await sleep(10);
    await mustAppend(a, append(1, { count: 3 }), append(2));
    await until(2);
    expect(heard).toEqual([
      'missed',
      [
        { id: id(1), version: 3 },
        { id: id(2), version: 1 },
      ],
    ]);
    await query(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'",
    );
    await until(3);
    expect(heard[2]).toBe('missed');
    expect(own.filter((one) => one !== 'missed')).toEqual([]);
  });

  it('see events in the order in which they became visible, whoever wrote them', async () => {
    const url = await newDatabase();
    await using a = await open(url);
    await using b = await open(url);
    const stop = new AbortController();
    const writing = [load(a, stop.signal), load(b, stop.signal)];
    const seen: number[] = [];
    for (let after = 0; seen.length < 400; ) {
      const events = await a.feed(after, 50);
      seen.push(...events.map(({ seq }) => seq));
      after = seen.at(-1) ?? 0;
    }
    stop.abort();
    await Promise.all(writing);
    const last = seen.at(-1)!;
    const all = await query(url, 'select seq::int as seq from event where seq <= $1 order by seq', [last]);
    expect(seen).toEqual(all.map(({ seq }) => seq));
  });

  it('go by the database’s clock', async () => {
    await using store = await open(await newDatabase());
    expect(Math.abs((await store.now()) - Date.now())).toBeLessThan(2_000);
    expect(T0).toBeLessThan(await store.now());
  });
});
