// Tests the holder's rules on their own (H2); how events use them is attendance's.

import { describe, expect, it } from 'vitest';
import { agent, LEG, OTHER_LEG, OTHER_QUEUE, participant, QUEUE } from '../../test/protocols/story.ts';
import {
  appear,
  arrive,
  depart,
  type Holder,
  holderBy,
  isStale,
  NOBODY_YET,
  type PresentParty,
  sameHolder,
  succeed,
  vanish,
  withoutLeg,
} from './ownership.ts';

const bot: Holder = { kind: 'bot', epoch: 3 };
const party = (id: string, since: number, change: Partial<PresentParty> = {}): PresentParty => ({
  participantId: participant(id),
  leg: { platform: LEG.platform, externalId: LEG.externalId },
  holds: { kind: 'agent', agentId: agent(id) },
  since,
  observed: false,
  ...change,
});

describe('succession', () => {
  it('the same holder keeps its epoch and is the very same', () => {
    expect(succeed(bot, { kind: 'bot' })).toBe(bot);
    const queue: Holder = { kind: 'queue', queueId: QUEUE.id, epoch: 4 };
    expect(succeed(queue, { kind: 'queue', queueId: QUEUE.id })).toBe(queue);
  });

  it('another one raises it by one: by kind, queue or agent', () => {
    expect(succeed(bot, { kind: 'none' })).toEqual({ kind: 'none', epoch: 4 });
    expect(sameHolder({ kind: 'queue', queueId: QUEUE.id }, { kind: 'queue', queueId: OTHER_QUEUE.id })).toBe(false);
    expect(sameHolder({ kind: 'agent', agentId: agent('a') }, { kind: 'agent', agentId: agent('b') })).toBe(false);
  });

  it('a message of an older epoch is stale, one of this or a newer is not', () => {
    expect([2, 3, 4].map((epoch) => isStale(bot, epoch))).toEqual([true, false, false]);
  });
});

describe('who holds by attendance', () => {
  it('nobody can say before anything was told', () => {
    expect(holderBy(NOBODY_YET)).toBeNull();
  });

  it('of two who came in the same instant it is always the same one', () => {
    const [a, b] = [party('a', 5), party('b', 5)];
    const one = holderBy({ ...NOBODY_YET, present: [a, b] });
    expect(one).toEqual(holderBy({ ...NOBODY_YET, present: [b, a] }));
    expect(one).toEqual(b.holds);
  });

  it('changes nothing for what is known, gone, or not there', () => {
    const there = arrive(NOBODY_YET, party('a', 5));
    expect(arrive(there, party('a', 9))).toBe(there);
    expect(appear(there, party('a', 9))).toBe(there);
    const gone = depart(there, participant('a'), { at: 10, next: { kind: 'bot' } });
    expect(arrive(gone, party('a', 12))).toBe(gone);
    expect(appear(gone, party('a', 12))).toBe(gone);
    expect(depart(gone, participant('a'), { at: 10, next: { kind: 'none' } })).toBe(gone);
    expect(withoutLeg(there, OTHER_LEG)).toBe(there);
    expect(withoutLeg(there, LEG).present).toEqual([]);
  });

  it('the newest departure says who is next, whenever it is told', () => {
    const newer = { at: 20, next: { kind: 'bot' } } as const;
    const older = { at: 10, next: { kind: 'queue' } } as const;
    const late = depart(depart(NOBODY_YET, participant('a'), newer), participant('b'), older);
    expect(late.left).toEqual(newer);
    expect(depart(late, participant('b'), { at: 30, next: { kind: 'none' } }).left?.at).toBe(30);
  });

  it('a departure that was only shown stands until it is told of, and then never comes back', () => {
    const told = depart(arrive(NOBODY_YET, party('a', 5)), participant('b'), { at: 20, next: { kind: 'none' } });
    const shown = vanish(told, party('a', 5), { kind: 'bot' });
    expect(holderBy(shown)).toEqual({ kind: 'bot' });
    const older = depart(shown, participant('a'), { at: 10, next: { kind: 'queue' } });
    expect([older.shown, older.left?.at, holderBy(older)]).toEqual([undefined, 20, { kind: 'none' }]);
    const newer = depart(shown, participant('a'), { at: 30, next: { kind: 'queue' } });
    expect([newer.shown, newer.left?.at, holderBy(newer)]).toEqual([undefined, 30, { kind: 'queue' }]);
    expect(holderBy(depart(shown, participant('c'), { at: 21, next: { kind: 'none' } }))).toEqual({ kind: 'none' });
  });

  it('what is shown comes after all that was known, in the order it was shown', () => {
    const told = arrive(NOBODY_YET, party('z', 5));
    const one = appear(told, party('b', 0));
    expect(holderBy(one)).toEqual({ kind: 'agent', agentId: 'b' });
    expect(holderBy(appear(one, party('a', 0)))).toEqual({ kind: 'agent', agentId: 'a' });
    expect(holderBy(appear(vanish(one, party('b', 5), { kind: 'bot' }), party('c', 0)))).toMatchObject({
      agentId: 'c',
    });
  });
});
