// Three nodes on one PostgreSQL, as they are run: one is killed, one is paused past its lease and comes back late, and nobody who
// called notices more than a delay.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { atOnce } from '../../src/cli/at-once.ts';
import { newDatabase, query } from '../postgres/database.ts';
import { Balancer, type ContactCenter, contactCenter } from './contact-center.ts';
import { KEY, LEASE_SEC, type Node, startNode } from './node.ts';

const HANDOFFS = 2_000;
const LATENCY_MS = 700;
/** A transfer shows only when everything has been asked for: as much later as this machine needs. */
const SETTLES_WITHIN_MS = { least: 10_000, most: 55_000 };
const NODES_RECKON_WITH_MS = 60_000;
/** A call that died with its node is looked for only when it can show no more, and what it did not do is done anew and shows as late. */
const SETTLED_WITHIN_MS = 4 * NODES_RECKON_WITH_MS;
/** Polls and the machine's own delays come on top of the two leases. */
const SLACK_MS = 1_500;

const folder = mkdtempSync(join(tmpdir(), 'throughline-nodes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asked = (body: unknown, more: Readonly<Record<string, string>> = {}): RequestInit => ({
  method: 'POST',
  headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...more },
  body: JSON.stringify(body),
});

async function startThree(databaseUrl: string, center: ContactCenter, settleMs: number): Promise<readonly Node[]> {
  const plan = { folder, databaseUrl, settleMs };
  return Promise.all(
    ['killed', 'paused', 'other'].map(async (name) => startNode({ ...plan, name, vendorUrl: await center.door(name) })),
  );
}

type Opened = { readonly id: string; readonly conversation: string };

async function open(nodes: Balancer, center: ContactCenter, n: number): Promise<Opened> {
  const conversation = await center.comeIn(`+1415555${String(n).padStart(4, '0')}`);
  const body = { platform: 'genesys_cloud', externalId: conversation, channel: 'voice' };
  const answer = await nodes.send('/v1/interactions', asked(body));
  expect([200, 201]).toContain(answer.status);
  return { id: ((await answer.json()) as { id: string }).id, conversation };
}

async function escalate(nodes: Balancer, { id }: Opened): Promise<void> {
  const request = asked({ kind: 'escalation' }, { 'idempotency-key': id });
  const answer = await nodes.send(`/v1/interactions/${id}/handoffs`, request);
  expect(answer.status, await answer.text()).toBe(202);
}

type Leased = { readonly id: string; readonly version: number; readonly owner: string; readonly until: number };

async function leased(databaseUrl: string): Promise<readonly Leased[]> {
  const sql =
    'select id, version, lease_owner as owner, lease_until as until from interaction where lease_owner is not null';
  return (await query(databaseUrl, sql)) as unknown as Leased[];
}

/** One that only the killed node has ever had in memory, and whose key nobody can read from then on. */
async function poison(databaseUrl: string, { id }: Opened): Promise<void> {
  await query(databaseUrl, `update interaction_key set wrapped = sha256(wrapped) where id = $1`, [id]);
}

const countOpen = async (databaseUrl: string, but: Opened) =>
  Number(
    (
      await query(databaseUrl, `select count(*) as n from interaction where phase <> 'settled' and id <> $1`, [but.id])
    )[0]?.n,
  );

async function isQuarantined(databaseUrl: string, { id }: Opened): Promise<boolean> {
  const found = await query(databaseUrl, 'select quarantined_at from interaction where id = $1', [id]);
  return found[0]?.quarantined_at !== null;
}

function mostOf(values: readonly string[]): string | undefined {
  const counts = Map.groupBy(values, (value) => value);
  return [...counts].sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

/** What changes something at the vendor. */
const isEffect = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method !== 'GET' && path.includes('/conversations/');

describe('three nodes on one database', { timeout: 480_000 }, () => {
  it('lose one, wait for another and live beside a row that nobody can read: every handoff settles once (H1, H5, H6, H8)', async () => {
    const databaseUrl = await newDatabase();
    const nodes = new Balancer();
    await using center = contactCenter(nodes, { latencyMs: LATENCY_MS, settleMs: SETTLES_WITHIN_MS.most });
    const [killed, paused, other] = (await startThree(databaseUrl, center, NODES_RECKON_WITH_MS)) as [Node, Node, Node];
    try {
      nodes.inService = [killed.url, paused.url, other.url];
      const began = performance.now();
      const all = await atOnce(Array.from({ length: HANDOFFS }), 64, (_one, n) => open(nodes, center, n));
      await center.settleWithin(
        Math.min(SETTLES_WITHIN_MS.most, Math.max(SETTLES_WITHIN_MS.least, 4 * (performance.now() - began))),
      );
      await atOnce(all, 64, (one) => escalate(nodes, one));
      nodes.inService = [killed.url];
      const poisoned = await open(nodes, center, HANDOFFS);
      await escalate(nodes, poisoned);

      nodes.inService = [other.url];
      killed.signal('SIGKILL');
      paused.signal('SIGSTOP');
      const cutOff = await leased(databaseUrl);
      const lastBy = new Map(center.seen.map(({ path, by }) => [path.split('/').at(4) ?? '', by]));
      await poison(databaseUrl, poisoned);
      expect(await countOpen(databaseUrl, poisoned)).toBe(HANDOFFS);
      expect(cutOff.length).toBeGreaterThan(50);

      await sleep(2 * LEASE_SEC * 1_000 + SLACK_MS);
      const after = new Map((await leased(databaseUrl)).map((row) => [row.id, row]));
      const stuck = cutOff.filter(
        ({ id, owner, until }) => after.get(id)?.owner === owner && after.get(id)?.until === until,
      );
      expect(stuck).toEqual([]);

      const resumedAt = Date.now();
      paused.signal('SIGCONT');
      nodes.inService = [paused.url, other.url];
      for (const until = Date.now() + SETTLED_WITHIN_MS; Date.now() < until; ) {
        if ((await countOpen(databaseUrl, poisoned)) === 0 && (await isQuarantined(databaseUrl, poisoned))) break;
        await sleep(250);
      }
      expect(await isQuarantined(databaseUrl, poisoned)).toBe(true);
      const sql = 'select outcome, count(*)::int as n from interaction where id <> $1 group by outcome';
      expect(await query(databaseUrl, sql, [poisoned.id])).toEqual([{ outcome: 'completed', n: HANDOFFS }]);

      // The fence: while somebody else has the lease, nothing of the node that had it reaches the vendor.
      const conversationOf = new Map(all.map(({ id, conversation }) => [id, conversation]));
      const ofPaused = cutOff.filter(({ id }) => lastBy.get(conversationOf.get(id) ?? '') === 'paused');
      const itself = mostOf(ofPaused.map(({ owner }) => owner));
      const leasedElsewhere = new Map(
        [...after.values()]
          .filter(({ owner }) => owner !== itself)
          .map(({ id, until }) => [conversationOf.get(id) ?? '', until]),
      );
      const late = center.seen.filter(
        ({ by, at, ...call }) =>
          by === 'paused' &&
          at >= resumedAt &&
          isEffect(call) &&
          at < (leasedElsewhere.get(call.path.split('/').at(4) ?? '') ?? 0),
      );
      expect(ofPaused.length).toBeGreaterThan(10);
      expect(late).toEqual([]);
      const moves = await Promise.all(all.map(({ conversation }) => movesOf(center, conversation)));
      expect(moves.filter((count) => count !== 1)).toEqual([]);
      expect([paused.isAlive(), other.isAlive()]).toEqual([true, true]);
      const verdict = await nodes.send('/v1/audit/verify', { headers: { authorization: `Bearer ${KEY}` } });
      expect(await verdict.json()).toMatchObject({ ok: true });
    } finally {
      await Promise.all([killed, paused, other].map((node) => node[Symbol.asyncDispose]()));
    }
  });
});

async function movesOf(center: ContactCenter, conversation: string): Promise<number> {
  const answer = await center.twin.fetch(`http://twin/twin/conversations/${conversation}`);
  return ((await answer.json()) as { replaces: number }).replaces;
}
