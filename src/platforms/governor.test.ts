// Tests the quota of one credential: never above the limit in any minute, live first, and an honest refusal instead of a queue.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/contract/manual-clock.ts';
import type { Outcome } from '../outcome.ts';
import { governor, type Turn } from './governor.ts';
import type { CallPriority } from './platform.ts';

const signal = new AbortController().signal;
const as = (priority: CallPriority) => ({ signal, priority });
const rate = (count: number, allowed: number, reset: number) =>
  new Headers({
    'inin-ratelimit-count': `${count}`,
    'inin-ratelimit-allowed': `${allowed}`,
    'inin-ratelimit-reset': `${reset}`,
  });

function make(rateLimitPerMinute: number, options: { maxWaitMs?: number; reservedForLive?: number } = {}) {
  const clock = manualClock();
  return { clock, quota: governor({ rateLimitPerMinute, clock, reservedForLive: 0, ...options }) };
}

/** Takes a turn and spends it at once. */
async function spend(
  quota: ReturnType<typeof governor>,
  priority: CallPriority = 'live',
  headers?: Headers,
  status = 200,
) {
  const turn = await quota.turn(as(priority));
  if (turn.kind === 'done') turn.value.spent(headers === undefined ? undefined : { status, headers });
  return turn;
}

const opened = (turn: Outcome<Turn>): Turn => {
  if (turn.kind !== 'done') throw new Error(`no turn: ${turn.code}`);
  return turn.value;
};

describe('governor', () => {
  it('lets a burst of the whole budget go at once, then says when to come back', async () => {
    const { quota } = make(300);
    for (let call = 0; call < 300; call += 1) expect((await spend(quota)).kind).toBe('done');
    expect(await quota.turn(as('live'))).toEqual({ kind: 'transient', code: 'rate-limited', retryAfterMs: 60_000 });
    expect(quota.budget()).toEqual({ limitPerMinute: 300, remaining: 0 });
  });

  it('waits for a turn that comes soon enough', async () => {
    const { quota, clock } = make(2);
    await spend(quota);
    await clock.advance(1_000);
    await spend(quota);
    await clock.advance(56_500);
    let got: Outcome<Turn> | undefined;
    void quota.turn(as('live')).then((turn) => {
      got = turn;
    });
    await clock.advance(2_499);
    expect(got).toBeUndefined();
    await clock.advance(1);
    expect(got?.kind).toBe('done');
  });

  it('counts a call from its end, as the vendor may have read it only then', async () => {
    const { quota, clock } = make(1);
    const turn = opened(await quota.turn(as('live')));
    await clock.advance(50_000);
    turn.spent();
    await clock.advance(59_000);
    expect((await quota.turn({ signal: AbortSignal.timeout(0), priority: 'live' })).kind).not.toBe('done');
    await clock.advance(1_000);
    expect((await quota.turn(as('live'))).kind).toBe('done');
  });

  it('gives an unused turn back, and to somebody who waits', async () => {
    const { quota, clock } = make(2);
    await spend(quota);
    await clock.advance(57_000);
    const held = opened(await quota.turn(as('live')));
    const waiting = quota.turn(as('live'));
    expect(quota.load()).toMatchObject({ waiting: 1, usedInLastMinute: quota.load().limitPerMinute });
    held.unused();
    held.spent();
    expect((await waiting).kind).toBe('done');
  });

  it('keeps a reserve that only live handoffs may use', async () => {
    const { quota } = make(10, { reservedForLive: 0.1 });
    for (let call = 0; call < 9; call += 1) expect((await spend(quota, 'reconcile')).kind).toBe('done');
    expect(await spend(quota, 'reconcile')).toMatchObject({ code: 'rate-limited' });
    expect(await spend(quota, 'report')).toMatchObject({ code: 'rate-limited' });
    expect((await spend(quota, 'live')).kind).toBe('done');
  });

  it('never starves the others by its reserve, however small the limit is', async () => {
    const { quota } = make(1, { reservedForLive: 0.5 });
    expect((await spend(quota, 'report')).kind).toBe('done');
  });

  it('serves live before reconcile before report, whoever came first', async () => {
    const { quota, clock } = make(3);
    for (let call = 0; call < 3; call += 1) await spend(quota);
    await clock.advance(58_000);
    const order: CallPriority[] = [];
    const wants = (priority: CallPriority) =>
      void quota.turn(as(priority)).then((turn) => {
        if (turn.kind === 'done') order.push(priority);
      });
    wants('report');
    wants('reconcile');
    wants('live');
    await clock.advance(1_999);
    expect(order).toEqual([]);
    await clock.advance(1);
    expect(order).toEqual(['live', 'reconcile', 'report']);
  });

  it('bounds every wait: somebody overtaken to the end is told so', async () => {
    const { quota, clock } = make(1, { maxWaitMs: 4_000 });
    await spend(quota);
    await clock.advance(57_000);
    const report = quota.turn(as('report'));
    const live = quota.turn(as('live'));
    await clock.advance(3_000);
    expect((await live).kind).toBe('done');
    await clock.advance(1_000);
    expect(await report).toMatchObject({ kind: 'transient', code: 'rate-limited' });
  });

  it('lets a waiting caller go when its signal aborts', async () => {
    const { quota, clock } = make(1);
    await spend(quota);
    await clock.advance(58_000);
    const caller = new AbortController();
    const waiting = quota.turn({ signal: caller.signal, priority: 'live' });
    caller.abort();
    expect(await waiting).toEqual({ kind: 'transient', code: 'not-sent' });
    await clock.advance(2_000);
    expect((await quota.turn(as('live'))).kind).toBe('done');
  });

  it("believes the vendor's count of what others spend on the same credential", async () => {
    const { quota, clock } = make(300);
    await spend(quota, 'live', rate(298, 300, 20));
    expect(quota.budget().remaining).toBe(2);
    await spend(quota);
    await spend(quota, 'live', rate(300, 300, 20));
    expect(await quota.turn(as('live'))).toMatchObject({ code: 'rate-limited', retryAfterMs: 20_000 });
    await clock.advance(20_000);
    expect((await quota.turn(as('live'))).kind).toBe('done');
  });

  it('is not misled by an answer that was overtaken', async () => {
    const { quota } = make(300);
    const slow = opened(await quota.turn(as('live')));
    await spend(quota, 'live', rate(299, 300, 20));
    slow.spent({ status: 200, headers: rate(200, 300, 21) });
    expect(quota.budget().remaining).toBe(1);
  });

  it('takes a lower allowance from the vendor, never a higher one', async () => {
    const { quota } = make(300);
    await spend(quota, 'live', rate(1, 60, 59));
    expect(quota.budget()).toEqual({ limitPerMinute: 60, remaining: 59 });
    const generous = make(300);
    await spend(generous.quota, 'live', rate(1, 3_000, 59));
    expect(generous.quota.budget().limitPerMinute).toBe(300);
  });

  it('pauses everybody after a 429, for as long as the vendor says', async () => {
    const { quota, clock } = make(300);
    await spend(quota, 'live', new Headers({ 'retry-after': '7' }), 429);
    expect(await quota.turn(as('live'))).toMatchObject({ code: 'rate-limited', retryAfterMs: 7_000 });
    await clock.advance(7_000);
    expect((await quota.turn(as('live'))).kind).toBe('done');
  });

  it('pauses a second after a 429 without a time', async () => {
    const { quota, clock } = make(300);
    await spend(quota, 'live', new Headers(), 429);
    const waiting = quota.turn(as('live'));
    await clock.advance(1_000);
    expect((await waiting).kind).toBe('done');
  });

  it('ignores rate headers it cannot read', async () => {
    const { quota } = make(300);
    for (const headers of [rate(-1, 300, 20), rate(1, 0, 20), rate(1, 300, -5)]) await spend(quota, 'live', headers);
    expect(quota.budget()).toEqual({ limitPerMinute: 300, remaining: 297 });
  });

  it('never lets the vendor see more than the limit in any minute, however calls, delays and latencies fall', async () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 30_000 }),
      latencyMs: fc.integer({ min: 0, max: 5_000 }),
      priority: fc.constantFrom<CallPriority>('live', 'reconcile', 'report'),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 25 }), async (limit, steps) => {
        const { quota, clock } = make(limit, { reservedForLive: 0.25 });
        const read: number[] = [];
        for (const { waitMs, latencyMs, priority } of steps) {
          void quota.turn(as(priority)).then(async (turn) => {
            if (turn.kind !== 'done') return;
            await clock.sleep(latencyMs / 2);
            read.push(clock.monotonic());
            await clock.sleep(latencyMs / 2);
            turn.value.spent();
          });
          await clock.advance(waitMs);
        }
        await clock.advance(120_000);
        for (const from of read) {
          expect(read.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 60 },
    );
  });
});
