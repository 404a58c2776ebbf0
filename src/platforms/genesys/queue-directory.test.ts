// Tests finding a queue by its exact name among those the credentials can see (seed 001).

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../test/contract/manual-clock.ts';
import type { Outcome } from '../../outcome.ts';
import type { CredentialRequest } from '../credential.ts';
import type { HttpAnswer } from '../http.ts';
import type { Call } from '../platform.ts';
import { queueDirectory } from './queue-directory.ts';

type Wire = { id: string; name: string; division?: { id: string; name: string } };
const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };

/** A far side that serves pages as Genesys does; `queues` and `failure` may change while a test runs. */
function setUp(queues: Wire[], divisions: readonly string[] | 'forbidden' = ['Home']) {
  const clock = manualClock();
  const asked: string[] = [];
  const priorities: string[] = [];
  const far = { queues, failure: undefined as Outcome<HttpAnswer> | undefined };
  const answer = (json: unknown): Outcome<HttpAnswer> => ({
    kind: 'done',
    value: { kind: 'answer', status: 200, headers: new Headers(), body: JSON.stringify(json) },
  });
  const send = async ({ path }: CredentialRequest, { priority }: Call): Promise<Outcome<HttpAnswer>> => {
    asked.push(path);
    priorities.push(priority);
    if (path.includes('divisionspermitted')) {
      return divisions === 'forbidden'
        ? { kind: 'rejected', code: 'forbidden' }
        : answer(divisions.map((name) => ({ name })));
    }
    if (far.failure !== undefined) return far.failure;
    const page = Number(new URLSearchParams(path.split('?')[1]).get('pageNumber'));
    const entities = far.queues.slice((page - 1) * 100, page * 100);
    return answer({ entities, pageNumber: page, pageCount: Math.ceil(far.queues.length / 100) });
  };
  const directory = queueDirectory({ credential: { send }, clock, signal: new AbortController().signal });
  return { directory, clock, asked, priorities, far };
}

const home = { id: 'd-1', name: 'Home' };
const some: Wire[] = [
  { id: 'q-1', name: 'BillingDisputes_Tier2', division: home },
  { id: 'q-2', name: 'Sales', division: { id: 'd-2', name: 'North' } },
];
const detailOf = (outcome: Outcome<unknown>) => (outcome.kind === 'done' ? '' : (outcome.detail ?? ''));

describe('queueDirectory', () => {
  it('finds a queue by its exact name, with its division', async () => {
    const { directory } = setUp(some);
    expect(await directory.find('Sales', call)).toEqual({
      kind: 'done',
      value: { id: 'q-2', name: 'Sales', division: { id: 'd-2', name: 'North' } },
    });
  });

  it.each(['sales', 'Sales ', ' Sales', 'Sale', 'Sales*', ''])('does not take %j for "Sales"', async (name) => {
    const { directory } = setUp(some);
    expect(await directory.find(name, call)).toMatchObject({
      kind: 'rejected',
      code: 'queue-not-found-or-not-visible',
    });
  });

  it('reads every page', async () => {
    const many = Array.from({ length: 250 }, (_, n) => ({ id: `q-${n}`, name: `Queue ${n}` }));
    const { directory, asked } = setUp(many);
    expect(await directory.find('Queue 249', call)).toMatchObject({ kind: 'done', value: { id: 'q-249' } });
    expect(asked).toEqual([1, 2, 3].map((page) => `/api/v2/routing/queues?pageSize=100&pageNumber=${page}`));
    expect(directory.known()).toHaveLength(250);
  });

  it('costs no call on a hit, however many ask at once', async () => {
    const { directory, asked } = setUp(some);
    await Promise.all(Array.from({ length: 20 }, () => directory.find('Sales', call)));
    expect(asked).toHaveLength(1);
    await directory.find('BillingDisputes_Tier2', call);
    expect(asked).toHaveLength(1);
  });

  it('serves an old hit at once and refreshes behind it, as a report', async () => {
    const { directory, clock, asked, priorities, far } = setUp(some);
    await directory.find('Sales', call);
    await clock.advance(300_000);
    far.queues = [{ id: 'q-3', name: 'Sales' }];
    expect(await directory.find('Sales', call)).toMatchObject({ value: { id: 'q-2' } });
    await clock.advance(0);
    expect(asked).toHaveLength(2);
    expect(priorities).toEqual(['live', 'report']);
    expect(await directory.find('Sales', call)).toMatchObject({ value: { id: 'q-3' } });
  });

  it('reads the list again once before it believes a miss', async () => {
    const { directory, clock, asked, far } = setUp(some);
    await directory.find('Sales', call);
    await clock.advance(5_000);
    far.queues = [...some, { id: 'q-9', name: 'Brand new' }];
    expect(await directory.find('Brand new', call)).toMatchObject({ kind: 'done', value: { id: 'q-9' } });
    expect(asked.filter((path) => path.includes('queues?'))).toHaveLength(2);
  });

  it('does not let misses hammer: the list is not read again within seconds', async () => {
    const { directory, asked } = setUp(some);
    for (let miss = 0; miss < 5; miss += 1) await directory.find('Nowhere', call);
    expect(asked.filter((path) => path.includes('routing/queues?'))).toHaveLength(1);
  });

  it('explains a miss by the divisions that the credentials may see, and by the close name', async () => {
    const { directory } = setUp(some, ['Home', 'North']);
    const detail = detailOf(await directory.find('salse_', call));
    expect(detailOf(await directory.find('sales', call))).toContain("close match: 'Sales'");
    expect(detail).toContain("No queue named 'salse_' is visible to these credentials.");
    expect(detail).toContain('divisions: Home, North');
    expect(detail).toContain('A queue of another division looks exactly like a missing one');
    expect(detail).not.toContain('close match');
  });

  it('explains a miss by the divisions of what it sees when it may not ask', async () => {
    const { directory } = setUp(some, 'forbidden');
    expect(detailOf(await directory.find('x', call))).toContain('They see queues in divisions: Home, North.');
    const blind = setUp([], 'forbidden');
    expect(detailOf(await blind.directory.find('x', call))).toContain('They see queues in divisions: none.');
  });

  it('does not list divisions without end', async () => {
    const { directory } = setUp(
      some,
      Array.from({ length: 30 }, (_, n) => `D${n}`),
    );
    expect(detailOf(await directory.find('x', call))).toContain('and 10 more');
  });

  it('passes a failed read on, and does not take it for a miss', async () => {
    const { directory, far } = setUp(some);
    far.failure = { kind: 'transient', code: 'rate-limited', retryAfterMs: 9 };
    expect(await directory.find('Sales', call)).toEqual(far.failure);
    expect(await directory.list(call)).toEqual(far.failure);
  });

  it('keeps what it knows when a refresh fails', async () => {
    const { directory, clock, far } = setUp(some);
    await directory.find('Sales', call);
    await clock.advance(600_000);
    far.failure = { kind: 'transient', code: 'unreachable' };
    expect((await directory.find('Sales', call)).kind).toBe('done');
    await clock.advance(0);
    expect((await directory.find('Sales', call)).kind).toBe('done');
  });

  it('does not let hits hammer a far side where the refresh keeps failing', async () => {
    const { directory, clock, asked, far } = setUp(some);
    const hit = async () => {
      expect((await directory.find('Sales', call)).kind).toBe('done');
      await clock.advance(0);
    };
    await hit();
    await clock.advance(300_000);
    far.failure = { kind: 'transient', code: 'unreachable' };
    for (let hits = 0; hits < 5; hits += 1) await hit();
    expect(asked).toHaveLength(2);
    await clock.advance(4_999);
    await hit();
    expect(asked).toHaveLength(2);
    await clock.advance(1);
    for (let hits = 0; hits < 5; hits += 1) await hit();
    expect(asked).toHaveLength(3);
  });

  it('lists what is fresh from memory and reads what is old', async () => {
    const { directory, clock, asked } = setUp(some);
    await directory.list(call);
    await directory.list(call);
    expect(asked).toHaveLength(1);
    await clock.advance(300_000);
    expect(await directory.list(call)).toMatchObject({ kind: 'done', value: [{ id: 'q-1' }, { id: 'q-2' }] });
    expect(asked).toHaveLength(2);
  });

  it('lets a caller who gave up go', async () => {
    const { directory } = setUp(some);
    expect(await directory.find('Sales', { ...call, signal: AbortSignal.abort() })).toEqual({
      kind: 'transient',
      code: 'not-sent',
    });
  });

  it('is not confused by entries without id or name, doubles and a page count that is missing', async () => {
    const odd = [{ name: 'No id' }, { id: 'q-0' }, ...some, some[0]] as Wire[];
    const { directory } = setUp(odd);
    expect(await directory.list(call)).toMatchObject({ value: [{ id: 'q-1' }, { id: 'q-2' }] });
    const far = { pages: 0 };
    const send = async (): Promise<Outcome<HttpAnswer>> => {
      far.pages += 1;
      const entities =
        far.pages > 2
          ? []
          : Array.from({ length: 100 }, (_, n) => ({ id: `${far.pages}-${n}`, name: `${far.pages}-${n}` }));
      return {
        kind: 'done',
        value: { kind: 'answer', status: 200, headers: new Headers(), body: JSON.stringify({ entities }) },
      };
    };
    const uncounted = queueDirectory({ credential: { send }, clock: manualClock(), signal: call.signal });
    expect(await uncounted.list(call)).toMatchObject({ value: { length: 200 } });
    expect(far.pages).toBe(3);
  });
});
