import { describe, expect, it } from 'vitest';
import { manualClock } from '../test/contract/manual-clock.ts';
import { eventWatch } from './event-watch.ts';
import type { InteractionId } from './ids.ts';
import type { CommittedEvent } from './journal/journal.ts';
import type { Outcome } from './outcome.ts';
import { platformCheck, type WatchedPlatform } from './platform-check.ts';

const SILENT_MS = 300_000;
const FINE: Outcome<null> = { kind: 'done', value: null };
const DOWN: Outcome<null> = { kind: 'transient', code: 'circuit-open', detail: 'login: unreachable' };

function watching({ platforms = ['genesys_cloud'], comparesClocks = true, eventsSilentMs = SILENT_MS } = {}) {
  const clock = manualClock();
  const closing = new AbortController();
  const world = {
    token: FINE as Outcome<null>,
    awayMs: null as number | null,
    failing: null as { readonly ms: number; readonly code: string } | null,
    offsets: new Map<string, { readonly fromMs: number; readonly toMs: number }>(),
    others: false,
    asked: 0,
  };
  const watched: WatchedPlatform[] = platforms.map((name) => ({
    name,
    signIn: async () => world.token,
    socketAwayMs: () => world.awayMs,
    pollFailing: () => world.failing,
    clockOffset: () => world.offsets.get(name),
    askTime: async () => {
      world.asked += 1;
    },
  }));
  const events = eventWatch({ clock, silentMs: eventsSilentMs });
  const check = platformCheck(watched, {
    clock,
    signal: closing.signal,
    tokenMissingMs: 10_000,
    eventsSilentMs,
    events,
    heardByOthers: async () => world.others,
    comparesClocks,
  });
  return { ...world, world, clock, events, check, end: () => closing.abort() };
}

const settled = (at: number, more: Record<string, unknown> = {}, actor = 'throughline'): CommittedEvent => ({
  interactionId: 'one' as InteractionId,
  version: 9,
  type: 'HandoffSettled',
  at,
  actor,
  clear: JSON.stringify({ platform: 'genesys_cloud', outcome: 'completed', ...more }),
});

describe('the token of a platform', () => {
  it('is a reason once it could not be had for so long, and none as soon as it can', async () => {
    const { world, clock, check } = watching();
    await clock.advance(0);
    expect(check.reasons()).toEqual([]);
    world.token = DOWN;
    await clock.advance(10_000);
    expect(check.reasons()).toEqual([]);
    await clock.advance(5_000);
    expect(check.reasons()).toEqual([
      'genesys_cloud: no access token can be had (circuit-open: login: unreachable); it is tried again by itself',
    ]);
    world.token = FINE;
    await clock.advance(5_000);
    expect(check.reasons()).toEqual([]);
  });

  it('is looked after until the end only', async () => {
    const { clock, end } = watching();
    await clock.advance(5_000);
    end();
    await clock.advance(5_000);
    expect(clock.sleepers()).toBe(0);
  });
});

describe('the events of a platform', () => {
  it('are not missed where nothing happens, nor where looks are faster now and then', async () => {
    const { clock, events, check } = watching();
    events.committed([settled(clock.now()), settled(clock.now())]);
    await clock.advance(SILENT_MS);
    events.committed([settled(clock.now()), settled(clock.now())]);
    await clock.advance(SILENT_MS / 2);
    events.committed([settled(clock.now(), {}, 'platform:genesys_cloud')]);
    events.committed([settled(clock.now()), settled(clock.now())]);
    await clock.advance(SILENT_MS / 2);
    expect(check.reasons()).toEqual([]);
  });

  /** So many handoffs that only looks completed, over the time that makes it silence. */
  async function lookedOnly(world: ReturnType<typeof watching>, more: Record<string, unknown> = {}) {
    for (let n = 0; n < 4; n += 1) {
      world.events.committed([settled(world.clock.now(), more)]);
      await world.clock.advance(SILENT_MS / 3);
    }
  }

  it('are missed where handoffs were confirmed by looks alone, until one comes', async () => {
    const world = watching();
    await lookedOnly(world);
    expect(world.check.reasons()).toEqual([
      expect.stringMatching(
        /^genesys_cloud: its events do not come: the last 4 handoffs were confirmed by looks alone/,
      ),
    ]);
    world.events.heard('genesys_cloud');
    await world.clock.advance(5_000);
    expect(world.check.reasons()).toEqual([]);
  });

  it('are not missed where they come to other nodes', async () => {
    const world = watching();
    world.world.others = true;
    await lookedOnly(world);
    expect(world.check.reasons()).toEqual([]);
  });

  it('are missed for as long as there is evidence: who is given no work for it has none any more', async () => {
    const world = watching();
    await lookedOnly(world);
    await world.clock.advance(SILENT_MS);
    expect(world.check.reasons()).toEqual([]);
  });

  it.each([{ outcome: 'compensated', reason: 'not-moved' }, { reason: 'already-in-queue' }])(
    'need not have told of %j',
    async (more) => {
      const world = watching();
      await lookedOnly(world, more);
      expect(world.check.reasons()).toEqual([]);
    },
  );

  it('are missed where the socket that brings them has been away for so long', async () => {
    const { world, clock, check } = watching();
    world.awayMs = SILENT_MS - 1;
    await clock.advance(5_000);
    expect(check.reasons()).toEqual([]);
    world.awayMs = SILENT_MS + 400;
    await clock.advance(5_000);
    expect(check.reasons()).toEqual([expect.stringMatching(/^genesys_cloud: the socket .* away for 300 s/)]);
  });

  it('are missed at the destination of transfers, where not one came while they were under way', async () => {
    const world = watching({ platforms: ['genesys_cloud', 'nice_cxone'] });
    const more = { platform: 'nice_cxone', to: 'genesys_cloud', durationMs: 2_000 };
    for (let n = 0; n < 4; n += 1) {
      world.events.committed([settled(world.clock.now(), more)]);
      world.events.heard('nice_cxone');
      await world.clock.advance(SILENT_MS / 3);
    }
    expect(world.check.reasons()).toEqual([expect.stringMatching(/^genesys_cloud: its events do not come/)]);
  });

  it('are not missed at the destination that told of each arrival before we looked at it', async () => {
    const world = watching({ platforms: ['genesys_cloud', 'nice_cxone'] });
    const more = { platform: 'nice_cxone', to: 'genesys_cloud', durationMs: 2_000 };
    for (let n = 0; n < 4; n += 1) {
      world.events.heard('genesys_cloud');
      await world.clock.advance(1_000);
      world.events.committed([settled(world.clock.now(), more), settled(world.clock.now(), more)]);
      world.events.heard('nice_cxone');
      await world.clock.advance(SILENT_MS / 3);
    }
    expect(world.check.reasons()).toEqual([]);
  });

  it('are missed where the poll that asks for them keeps failing', async () => {
    const { world, clock, check } = watching();
    world.failing = { ms: SILENT_MS - 1, code: 'forbidden' };
    await clock.advance(5_000);
    expect(check.reasons()).toEqual([]);
    world.failing = { ms: SILENT_MS, code: 'forbidden' };
    await clock.advance(5_000);
    expect(check.reasons()).toEqual([
      expect.stringMatching(/^genesys_cloud: the poll .* failed for 300 s \(forbidden\)/),
    ]);
  });

  it('may be silent where the configuration says so', async () => {
    const world = watching({ eventsSilentMs: 0 });
    world.world.awayMs = 10 * SILENT_MS;
    await lookedOnly(world);
    expect(world.check.reasons()).toEqual([]);
  });
});

describe('this machine’s clock', () => {
  it.each([
    [{ fromMs: 1_400, toMs: 1_900 }, /^this machine’s clock is at least 1\.4 s behind that of genesys_cloud/],
    [{ fromMs: -3_000, toMs: -2_500 }, /^this machine’s clock is at least 2\.5 s ahead of that of genesys_cloud/],
  ])('is off where a platform’s answers allow %j only, and it is asked for more', async (offset, reason) => {
    const { world, clock, check } = watching();
    world.offsets.set('genesys_cloud', offset);
    await clock.advance(30_000);
    expect(check.reasons()).toEqual([expect.stringMatching(reason)]);
    expect(world.asked).toBeGreaterThan(0);
    expect(world.asked).toBeLessThanOrEqual(3);
  });

  it.each([
    { fromMs: -400, toMs: 700 },
    { fromMs: 900, toMs: 1_500 },
    { fromMs: 400, toMs: 9_000 },
  ])('is not said to be off where %j leaves it open', async (offset) => {
    const { world, clock, check } = watching();
    world.offsets.set('genesys_cloud', offset);
    await clock.advance(30_000);
    expect([check.reasons(), world.asked]).toEqual([[], 0]);
  });

  it('is not off where another platform finds it right: then it is that one’s', async () => {
    const { world, check } = watching({ platforms: ['one', 'other'] });
    world.offsets.set('one', { fromMs: 5_000, toMs: 5_500 });
    expect(check.reasons()).toHaveLength(1);
    world.offsets.set('other', { fromMs: -300, toMs: 300 });
    expect(check.reasons()).toEqual([]);
    world.offsets.set('other', { fromMs: 4_000, toMs: 4_500 });
    expect(check.reasons()).toEqual([expect.stringContaining('4.0 s behind that of other')]);
  });

  it('is asked about where nothing tells of it, and stays off while nobody answers', async () => {
    const { world, clock, check } = watching();
    await clock.advance(20_000);
    expect(world.asked).toBeGreaterThan(0);
    world.offsets.set('genesys_cloud', { fromMs: 4_000, toMs: 4_500 });
    expect(check.reasons()).toHaveLength(1);
    world.offsets.clear();
    await clock.advance(600_000);
    expect(check.reasons()).toHaveLength(1);
    world.offsets.set('genesys_cloud', { fromMs: -300, toMs: 300 });
    expect(check.reasons()).toEqual([]);
  });

  it('is the database’s to judge where there is one', async () => {
    const { world, check } = watching({ comparesClocks: false });
    world.offsets.set('genesys_cloud', { fromMs: 9_000, toMs: 9_500 });
    expect(check.reasons()).toEqual([]);
  });
});
