// Tests the second road for what happens at CXone.

import { describe, expect, it } from 'vitest';
import type { ManualClock } from '../../../test/contract/manual-clock.ts';
import { over, scriptedCxone, withAgent } from '../../../test/contract/scripted-cxone.ts';
import type { ConversationEvent } from '../../context/conversation.ts';

describe('cxonePlatform: polling', () => {
  const row = (contactId: number, contactStateName: string, more: object = {}) => ({
    contactId,
    masterContactId: contactId,
    contactStateName,
    lastUpdateTime: '2026-11-20T10:00:00Z',
    ...more,
  });
  /** Lets time pass until it holds, so slowly that no answer is late. */
  const until = async ({ clock }: { clock: ManualClock }, holds: () => boolean) => {
    while (!holds()) {
      await clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };

  it('tells what has changed since the poll before, under ids that are the same when it comes again', async () => {
    const polls: string[] = [];
    let rows: object[] = [row(700, 'InQueue', { skillId: 1001 })];
    await using world = await scriptedCxone((_, path) => {
      if (!path.startsWith('/contacts/states')) return undefined;
      polls.push(path);
      return rows.length === 0
        ? { status: 204 }
        : { status: 200, json: { lastPollTime: `p${polls.length}`, contactStates: rows } };
    });
    const events: ConversationEvent[] = [];
    world.platform.watch((some) => events.push(...some), 5_000);
    await until(world, () => events.length === 1);
    await until(world, () => events.length === 2);
    rows = [];
    await until(world, () => polls.length === 3);
    await until(world, () => polls.length === 4);
    expect(polls.map((path) => new URLSearchParams(path.split('?')[1]).get('updatedSince'))).toEqual([
      null,
      'p1',
      'p2',
      'p2',
    ]);
    expect(events[0]).toMatchObject({
      platform: 'nice_cxone',
      externalId: '700',
      kind: 'seen',
      view: { ended: false },
    });
    expect(events[1]?.messageId).toBe(events[0]?.messageId);
    expect(events).toHaveLength(2);
  });

  it('says since when it has failed, and by what, until it is answered again', async () => {
    let status = 403;
    await using world = await scriptedCxone((_, path) =>
      path.startsWith('/contacts/states') ? { status, json: {} } : undefined,
    );
    const poll = world.platform.watch(() => {}, 3_600_000);
    expect(poll.failing()).toBeNull();
    await until(world, () => poll.failing() !== null);
    await until(world, () => (poll.failing()?.ms ?? 0) > 20_000);
    expect(poll.failing()?.code).toBe('forbidden');
    status = 204;
    await until(world, () => poll.failing() === null);
  });

  it('looks at what has ended before it tells so, and tells of a part also under the contact that it began as', async () => {
    const rows = [
      row(700, 'EndContact'),
      row(701, 'Active', { masterContactId: 700, agentId: 4493 }),
      row(702, 'Dialing', { masterContactId: 700 }),
    ];
    await using world = await scriptedCxone((_, path) => {
      if (path.startsWith('/contacts/states')) return { status: 200, json: { lastPollTime: 'p', contactStates: rows } };
      if (path === '/contacts/700') return { status: 200, json: over };
      if (path === '/contacts/700/hierarchy') return { status: 200, json: { childContacts: [{ contactId: 701 }] } };
      if (path === '/contacts/701') return { status: 200, json: { ...withAgent, contactId: 701, agentId: 4493 } };
      return undefined;
    });
    const events: ConversationEvent[] = [];
    world.platform.watch((some) => events.push(...some), 5_000);
    await until(world, () => events.length >= 4);
    const told = events.map((event) => `${event.externalId} ${event.kind === 'seen' && event.view.ended}`);
    expect(told).toEqual(['700 false', '701 false', '700 false', '702 false']);
    expect(new Set(events.map((event) => event.messageId)).size).toBe(4);
  });

  it('says once that it cannot be asked, goes on asking, and stops with us', async () => {
    let polls = 0;
    await using world = await scriptedCxone((_, path) => {
      if (!path.startsWith('/contacts/states')) return undefined;
      polls += 1;
      return { status: 503 };
    });
    const watch = world.platform.watch(() => expect.unreachable(), 5_000);
    await until(world, () => polls === 3);
    expect(world.logged).toEqual(['warn poll-failed unavailable']);
    await watch.close();
    const before = polls;
    await world.clock.advance(60_000);
    expect(polls).toBe(before);
  });
});
