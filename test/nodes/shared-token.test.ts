// Proves that nodes on one PostgreSQL have one token per credential: keepers as they run, over real HTTP and a real database, at the
// moment at which everybody needs a new one, and when the one who fetches it dies, fails, or cannot reach the others. The database's
// clock says when a token expires, so these wait for real time.

import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { openPostgres, type PostgresStore } from '../../src/journal/postgres.ts';
import { tokenPlace } from '../../src/journal/shared-credentials.ts';
import { machineClock as clock } from '../../src/machine-clock.ts';
import { type Credential, credential } from '../../src/platforms/credential.ts';
import { clientCredentialsLogin } from '../../src/platforms/genesys/client-credentials.ts';
import { governor } from '../../src/platforms/governor.ts';
import type { Call } from '../../src/platforms/platform.ts';
import { tokenKeeper } from '../../src/platforms/token.ts';
import { type Answer, type ScriptedServer, scriptedServer } from '../contract/scripted-server.ts';
import { newDatabase, query } from '../postgres/database.ts';
import { Balancer, contactCenter, RATE_PER_MINUTE } from './contact-center.ts';
import { KEY, startNode } from './node.ts';

const TRANSFERS = 500;
const MASTER_KEY = randomBytes(32);
const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };
const transfer = { method: 'POST', path: '/transfer' } as const;

/** A vendor of one OAuth client: it counts its logins, and takes the tokens that it has not revoked. `lifeSec` is the first token's. */
async function vendor({ lifeSec = 3_600 } = {}) {
  const tokens: string[] = [];
  const revoked = new Set<string>();
  const faults = { login: undefined as Answer | undefined, until: sleep(50) as Promise<unknown> };
  const refused: string[] = [];
  const server = await scriptedServer(async ({ path, headers }) => {
    if (path === '/oauth/token') {
      await faults.until;
      if (faults.login) return faults.login;
      tokens.push(`token-${tokens.length + 1}-${randomUUID()}`);
      return { status: 200, json: { access_token: tokens.at(-1), expires_in: tokens.length === 1 ? lifeSec : 3_600 } };
    }
    const token = (headers.authorization ?? '').replace('Bearer ', '');
    if (tokens.includes(token) && !revoked.has(token)) return { status: 202 };
    refused.push(token);
    return { status: 401 };
  });
  const logins = () => server.asked.filter(({ path }) => path === '/oauth/token').length;
  const revoke = () => revoked.add(tokens.at(-1) ?? '');
  return {
    server,
    tokens,
    faults,
    refused,
    logins,
    revoke,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

type NodeOf = Credential & { readonly store: PostgresStore; readonly refresher: string };

let url = '';
const stores = new Set<PostgresStore>();

beforeAll(async () => {
  url = await newDatabase();
}, 60_000);
afterAll(async () => {
  await Promise.all([...stores].map((store) => store[Symbol.asyncDispose]()));
});

async function node(server: ScriptedServer, name: string, marginMs = 60_000): Promise<NodeOf> {
  const store = await openPostgres(url, { clock, random: Math.random });
  stores.add(store);
  const journal = await Journal.open(store, MASTER_KEY);
  const refresher = randomUUID();
  const signal = new AbortController().signal;
  const shelf = tokenPlace(store.credentials, await journal.secrets(), name, refresher);
  const login = clientCredentialsLogin({
    loginUrl: server.url,
    clientId: 'client',
    clientSecret: 'secret',
    fetch,
    clock,
    signal,
  });
  const line = credential({
    baseUrl: server.url,
    tokens: tokenKeeper({ login, clock, random: Math.random, marginMs, shelf }),
    governor: governor({ rateLimitPerMinute: 100_000, clock }),
    fetch,
    clock,
    random: Math.random,
    explain: () => undefined,
    timeoutMs: 8_000,
    maxBytes: 10_000,
  });
  return { ...line, store, refresher };
}

const fleet = async (server: ScriptedServer, size: number, marginMs?: number) => {
  const name = randomUUID();
  const nodes = await Promise.all(Array.from({ length: size }, () => node(server, name, marginMs)));
  return { name, nodes };
};

/** So many transfers at once, spread over the nodes. */
async function transferAll(nodes: readonly Credential[], count = TRANSFERS) {
  const outcomes = await Promise.all(
    Array.from({ length: count }, (_, n) => nodes[n % nodes.length]?.send(transfer, call)),
  );
  return new Set(outcomes.map((one) => (one?.kind === 'done' ? 'done' : `${one?.code}`)));
}

describe('one token for all nodes', () => {
  it.each([1, 3])('has one login for 500 transfers on %i nodes that have no token', async (size) => {
    await using far = await vendor();
    const { nodes } = await fleet(far.server, size);
    expect(await transferAll(nodes)).toEqual(new Set(['done']));
    expect(far.logins()).toBe(1);
    expect(far.refused).toEqual([]);
  });

  it.each([1, 3])('has one refresh for 500 transfers on %i nodes at the moment of expiry', async (size) => {
    await using far = await vendor({ lifeSec: 3 });
    const { nodes } = await fleet(far.server, size, 0);
    await transferAll(nodes, size);
    expect(far.logins()).toBe(1);
    await sleep(3_100);
    expect(await transferAll(nodes)).toEqual(new Set(['done']));
    expect(far.logins()).toBe(2);
    expect(far.refused).toEqual([]);
  });

  it('refreshes ahead of expiry, once for all, while the old token serves', async () => {
    await using far = await vendor({ lifeSec: 10 });
    const { nodes } = await fleet(far.server, 3, 5_000);
    await transferAll(nodes, 3);
    await sleep(5_100);
    const login = Promise.withResolvers<void>();
    far.faults.until = login.promise;
    expect(await transferAll(nodes, 30)).toEqual(new Set(['done']));
    await far.server.whenAsked(1 + 3 + 30 + 1);
    expect(far.logins()).toBe(2);
    expect(far.tokens).toHaveLength(1);
    login.resolve();
    while (nodes.some((one) => (one.standing().token.expiresInMs ?? 0) < 60_000)) await sleep(20);
    expect(await transferAll(nodes, 30)).toEqual(new Set(['done']));
    expect(far.server.asked.slice(-30).map(({ headers }) => headers.authorization)).toEqual(
      Array.from({ length: 30 }, () => `Bearer ${far.tokens[1]}`),
    );
    expect(far.logins()).toBe(2);
  });

  it('replaces a revoked token once, and tells the nodes that have not noticed', async () => {
    await using far = await vendor();
    const { nodes } = await fleet(far.server, 3);
    await transferAll(nodes, 3);
    // So that the new token is told from the old by its age.
    await sleep(200);
    far.revoke();
    expect(await transferAll(nodes.slice(0, 1), 1)).toEqual(new Set(['done']));
    expect(far.refused).toHaveLength(1);
    const young = ({ standing }: NodeOf) => standing().token.ageMs ?? Number.POSITIVE_INFINITY;
    const newestOf = nodes[0] ?? expect.fail();
    while (nodes.some((one) => young(one) > young(newestOf) + 50)) await sleep(20);
    expect(await transferAll(nodes, 30)).toEqual(new Set(['done']));
    expect(far.refused).toHaveLength(1);
    expect(far.logins()).toBe(2);
  });

  it('replaces a revoked token once, whoever noticed, all at the same time', async () => {
    await using far = await vendor();
    const { nodes } = await fleet(far.server, 3);
    await transferAll(nodes, 3);
    far.revoke();
    expect(await transferAll(nodes)).toEqual(new Set(['done']));
    expect(far.logins()).toBe(2);
  });

  it('waits for a node that died while it logged in, and not for long', async () => {
    await using far = await vendor();
    const { name, nodes } = await fleet(far.server, 2);
    const { credentials } = nodes[0]?.store ?? expect.fail();
    // As the dead node left it, half a second before its lease is over.
    expect(await credentials.claimToken(name, 'dead', { newerThan: 0, marginMs: 0, leaseMs: 1_500 })).toBe(0);
    const began = clock.monotonic();
    expect(await transferAll(nodes, 50)).toEqual(new Set(['done']));
    expect(clock.monotonic() - began).toBeGreaterThan(1_000);
    expect(clock.monotonic() - began).toBeLessThan(7_000);
    expect(far.logins()).toBe(1);
    // It comes back: what it has is its own, and nobody else's.
    expect(await credentials.putToken(name, 'dead', Buffer.from('late'), 1_000)).toBeNull();
    expect(await transferAll(nodes, 10)).toEqual(new Set(['done']));
  });

  it('does not storm a login that is down: one try for all, and one again when the breaker closes', async () => {
    await using far = await vendor();
    // Longer than 500 calls take on a busy machine.
    far.faults.login = { status: 429, headers: { 'retry-after': '5' } };
    const { nodes } = await fleet(far.server, 3);
    const codes = await transferAll(nodes);
    expect(codes.has('done')).toBe(false);
    expect(far.logins()).toBe(1);
    expect(await transferAll(nodes)).toEqual(new Set(['circuit-open']));
    far.faults.login = undefined;
    await sleep(5_400);
    expect(await transferAll(nodes)).toEqual(new Set(['done']));
    expect(far.logins()).toBe(2);
  });

  it('tells every node that the credentials were refused', async () => {
    await using far = await vendor();
    far.faults.login = { status: 401 };
    const { nodes } = await fleet(far.server, 3);
    expect(await transferAll(nodes, 30)).toEqual(new Set(['unauthorized']));
    expect(far.logins()).toBe(1);
    expect(nodes.map((one) => one.trouble()?.kind)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('logs in for itself where the database is out of reach: one login per node, and none waits for the others', async () => {
    await using far = await vendor();
    const { nodes } = await fleet(far.server, 3);
    for (const { store } of nodes) {
      stores.delete(store);
      await store[Symbol.asyncDispose]();
    }
    expect(await transferAll(nodes)).toEqual(new Set(['done']));
    expect(far.logins()).toBe(3);
  });

  it('keeps the token sealed in the database, and takes one that does not open for none', async () => {
    await using far = await vendor();
    const { name, nodes } = await fleet(far.server, 1);
    await transferAll(nodes, 1);
    const [row] = await query(url, 'select t::text as text, sealed from credential_token t where credential = $1', [
      name,
    ]);
    const token = far.tokens[0] ?? expect.fail();
    expect(String(row?.text)).not.toContain(token);
    expect(Buffer.from(row?.sealed as Buffer).includes(token)).toBe(false);
    await query(url, "update credential_token set sealed = sealed || '\\x00' where credential = $1", [name]);
    const other = await node(far.server, name);
    expect(await transferAll([other], 5)).toEqual(new Set(['done']));
    expect(far.logins()).toBe(2);
  });
});

describe('two nodes as they are run', { timeout: 60_000 }, () => {
  it('log in once, have their slice of one quota, and show it', async () => {
    const balancer = new Balancer();
    await using center = contactCenter(balancer, { latencyMs: 20, settleMs: 50 });
    const folder = mkdtempSync(join(tmpdir(), 'throughline-shared-'));
    const plan = { folder, databaseUrl: await newDatabase(), vendorUrl: await center.door('both'), settleMs: 5_000 };
    await using one = await startNode({ ...plan, name: 'one' });
    await using other = await startNode({ ...plan, name: 'other' });
    balancer.inService = [one.url, other.url];
    expect(center.seen.filter(({ path }) => path === '/oauth/token')).toHaveLength(1);
    for (const { url } of [one, other]) {
      const answer = await fetch(`${url}/v1/platforms`, { headers: { authorization: `Bearer ${KEY}` } });
      const { entities } = (await answer.json()) as { entities: readonly Record<string, unknown>[] };
      expect(entities[0]).toMatchObject({
        token: { state: 'valid' },
        breaker: { calls: 'closed', logins: 'closed' },
        governor: { limitPerMinute: RATE_PER_MINUTE, slice: expect.any(Number) },
      });
      const { governor: quota } = entities[0] as { governor: { slice: number } };
      expect(quota.slice).toBeGreaterThan(0);
      expect(quota.slice).toBeLessThan(RATE_PER_MINUTE / 2);
    }
    rmSync(folder, { recursive: true, force: true });
  });
});
