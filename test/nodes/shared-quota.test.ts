// Proves that nodes on one PostgreSQL have one quota per credential: governors as they run, and the function in the database that
// divides it, asked at the instants of a clock that the test moves.

import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres, type PostgresStore } from '../../src/journal/postgres.ts';
import { machineClock } from '../../src/machine-clock.ts';
import { credential } from '../../src/platforms/credential.ts';
import { type Governor, governor, type Turn } from '../../src/platforms/governor.ts';
import type { Call, CallPriority } from '../../src/platforms/platform.ts';
import type { SliceBook } from '../../src/platforms/quota-slice.ts';
import { tokenKeeper } from '../../src/platforms/token.ts';
import { manualClock } from '../contract/manual-clock.ts';
import { scriptedServer } from '../contract/scripted-server.ts';
import { newDatabase } from '../postgres/database.ts';

let url = '';
let pool: pg.Pool;
let pages = 0;

beforeAll(async () => {
  url = await newDatabase();
  await (await openPostgres(url, { clock: machineClock, random: Math.random }))[Symbol.asyncDispose]();
  pool = new pg.Pool({ connectionString: url, max: 6 });
}, 60_000);
afterAll(() => pool.end());

/** What a node has ready of 300. */
const SPARE = 18;
const TAKE = 'select granted, nodes, short from take_slice($1, $2, $3, $4, $5, $6, $7, $8)';
const as = (priority: CallPriority) => ({ signal: new AbortController().signal, priority });

/** How the next questions of a node go: the answer is lost, or the database is not even reached. */
type Line = 'good' | 'answers are lost' | 'cut';

/** Nodes of one credential on a clock of their own. */
function fleet(size: number, limit: number) {
  const clock = manualClock();
  pages += 1;
  const credentialName = `page-${pages}`;
  const sent: number[] = [];
  const takes: string[] = [];
  const lines: Line[] = Array.from({ length: size }, () => 'good');
  let underWay = 0;

  const book = (node: number): SliceBook => ({
    async take({ asked, keeps, wants, quota, leaseMs }) {
      if (lines[node] === 'cut') throw new Error('out of reach');
      takes.push(`node ${node}`);
      underWay += 1;
      const values = [credentialName, `node-${node}`, asked, keeps, wants, quota, leaseMs, clock.monotonic()];
      const { rows } = await pool.query(TAKE, values).finally(() => (underWay -= 1));
      if (lines[node] === 'answers are lost') throw new Error('lost');
      return rows[0] ?? null;
    },
  });
  const nodes = lines.map((_, node) => governor({ rateLimitPerMinute: limit, clock, book: book(node) }));
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  /** Until the database has answered all that was asked. */
  const settle = async () => {
    for (let quiet = 0; quiet < 3; quiet = underWay > 0 ? 0 : quiet + 1) await turn();
  };
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      await clock.advance(Math.min(1_000, left));
      await settle();
    }
  };
  /** What became of it, when that is known. */
  const spend = async (node: number, priority: CallPriority = 'live') => {
    const outcome = await (nodes[node] as Governor).turn(as(priority));
    if (outcome.kind !== 'done') return outcome;
    sent.push(clock.monotonic());
    (outcome.value as Turn).spent();
    return outcome;
  };
  const close = async () => {
    await Promise.all(nodes.map((one) => one.close()));
  };
  return { clock, nodes, lines, sent, takes, spend, advance, settle, close };
}

function mostInAMinute(sent: readonly number[]): number {
  return Math.max(0, ...sent.map((from) => sent.filter((at) => at >= from && at < from + 60_000).length));
}

const granted = (outcomes: readonly { readonly kind: string }[]) =>
  outcomes.filter(({ kind }) => kind === 'done').length;

describe('one quota for all nodes', () => {
  it('gives out all of it but what stands ready, and no more, and tells the rest at once when to come back', async () => {
    const world = fleet(3, 300);
    await world.settle();
    const asked = Array.from({ length: 500 }, (_, n) => world.spend(n % 3));
    await world.settle();
    const outcomes = await Promise.all(asked);
    expect(granted(outcomes)).toBeLessThanOrEqual(300);
    expect(granted(outcomes)).toBeGreaterThanOrEqual(300 - 3 * SPARE);
    const refused = outcomes.filter(({ kind }) => kind !== 'done');
    for (const one of refused)
      expect(one).toMatchObject({ kind: 'transient', code: 'rate-limited', retryAfterMs: 5_000 });
    await world.close();
  });

  it('lets one busy node have nearly all of it while the others idle', async () => {
    const world = fleet(3, 300);
    await world.settle();
    const asked = Array.from({ length: 300 }, () => world.spend(0));
    await world.settle();
    expect(granted(await Promise.all(asked))).toBeGreaterThanOrEqual(250);
    await world.close();
  });

  it('costs the database no call per vendor call', async () => {
    const world = fleet(2, 3_000);
    await world.settle();
    for (let second = 0; second < 60; second += 1) {
      const asked = Array.from({ length: 40 }, (_, n) => world.spend(n % 2));
      await world.settle();
      expect(granted(await Promise.all(asked))).toBe(40);
      await world.advance(1_000);
    }
    expect(world.sent).toHaveLength(2_400);
    expect(world.takes.length).toBeLessThan(60);
    await world.close();
  });

  it('comes to a fair part for a node that starts while another uses everything', async () => {
    const world = fleet(2, 60);
    world.lines[1] = 'cut';
    const late: Promise<{ readonly kind: string }>[] = [];
    for (let second = 0; second < 240; second += 1) {
      if (second === 60) world.lines[1] = 'good';
      for (let n = 0; n < 4; n += 1) void world.spend(0);
      if (second >= 60 && second < 180) void world.spend(1);
      if (second >= 180) late.push(world.spend(1));
      await world.advance(1_000);
    }
    await world.advance(5_000);
    expect(mostInAMinute(world.sent)).toBeLessThanOrEqual(60);
    // In its last minute: half of 60, but for what is on its way from one to the other.
    expect(granted(await Promise.all(late))).toBeGreaterThanOrEqual(25);
    await world.close();
  });

  it('keeps a cut-off node to what it was granted, for a minute, and gives it to nobody before its calls are forgotten', async () => {
    const world = fleet(2, 40);
    await world.settle();
    const burst = async (node: number, calls: number) => {
      for (let n = 0; n < calls; n += 1) void world.spend(node);
      await world.settle();
    };
    await burst(0, 20);
    await world.advance(20_000);
    world.lines[0] = 'cut';
    const held = world.nodes[0]?.load().slice ?? 0;
    expect(held).toBeGreaterThanOrEqual(20);
    let lastOfTheCut = 0;
    for (let second = 20; second < 160; second += 1) {
      const before = world.sent.length;
      await burst(0, second < 73 ? 0 : 40);
      if (world.sent.length > before) lastOfTheCut = second;
      expect(world.sent.length - before).toBeLessThanOrEqual(held);
      await burst(1, 4);
      await world.advance(1_000);
    }
    expect(lastOfTheCut).toBeLessThan(15 + 60 + 1);
    expect(mostInAMinute(world.sent)).toBeLessThanOrEqual(40);
    expect(world.nodes[0]?.load().slice).toBe(0);
    expect(world.nodes[1]?.load().slice).toBe(40);
    await world.close();
  });

  it('gives back what it does not use when it closes', async () => {
    const world = fleet(2, 40);
    await world.settle();
    await world.spend(0);
    await world.nodes[0]?.close();
    const asked = Array.from({ length: 40 }, () => world.spend(1));
    await world.settle();
    expect(granted(await Promise.all(asked))).toBe(39);
    await world.close();
  });

  it('never lets the vendor see more than the limit in any minute, whatever is lost on the way to the database', async () => {
    const step = fc.record({
      node: fc.integer({ min: 0, max: 2 }),
      burst: fc.integer({ min: 0, max: 12 }),
      waitMs: fc.integer({ min: 0, max: 20_000 }),
      line: fc.constantFrom<Line>('good', 'good', 'good', 'answers are lost', 'cut'),
      priority: fc.constantFrom<CallPriority>('live', 'reconcile', 'report'),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 24 }), fc.array(step, { maxLength: 10 }), async (limit, steps) => {
        const world = fleet(3, limit);
        const asked: Promise<unknown>[] = [];
        for (const { node, burst, waitMs, line, priority } of steps) {
          world.lines[node] = line;
          for (let n = 0; n < burst; n += 1) asked.push(world.spend(node, priority));
          await world.advance(waitMs);
        }
        await world.advance(5_000);
        await Promise.all(asked);
        expect(mostInAMinute(world.sent)).toBeLessThanOrEqual(limit);
        await world.close();
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('is kept by nodes as they run: three of them, a real vendor, a crowd', async () => {
    const LIMIT = 60;
    await using far = await scriptedServer(() => ({ status: 200 }));
    const stores: PostgresStore[] = [];
    const lines = await Promise.all(
      [1, 2, 3].map(async (node) => {
        const store = await openPostgres(url, { clock: machineClock, random: Math.random });
        stores.push(store);
        const login = async () => ({ kind: 'done', value: { accessToken: 'token', expiresInSec: 3_600 } }) as const;
        return credential({
          baseUrl: far.url,
          tokens: tokenKeeper({ login, clock: machineClock, random: Math.random, marginMs: 60_000 }),
          governor: governor({
            rateLimitPerMinute: LIMIT,
            clock: machineClock,
            book: { take: (question) => store.credentials.takeSlice('real', `node-${node}`, question) },
          }),
          fetch,
          clock: machineClock,
          random: Math.random,
          explain: () => undefined,
          timeoutMs: 8_000,
          maxBytes: 1_000,
        });
      }),
    );
    const call: Call = { ...as('live'), mayStart: () => true };
    const outcomes = await Promise.all(
      Array.from({ length: 300 }, (_, n) => lines[n % 3]?.send({ method: 'GET', path: '/' }, call)),
    );
    const codes = outcomes.map((one) => (one?.kind === 'done' ? 'done' : one?.code));
    expect(new Set(codes)).toEqual(new Set(['done', 'rate-limited']));
    expect(far.asked.length).toBeLessThanOrEqual(LIMIT);
    expect(far.asked.length).toBeGreaterThanOrEqual(LIMIT - 3 * 5);
    await Promise.all(lines.map((line) => line.close()));
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
  });
});
