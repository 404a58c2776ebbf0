// Tests that a number is lent without its target being asked a second time only while the first asking is fresh (H3), and that nothing is known
// ahead of what somebody has to be asked for.

import { describe, expect, it } from 'vitest';
import { type EntryNumbers, lendingAtOnce } from './execute-place.ts';
import type { AgentId, HandoffId, InteractionId, PlatformName } from './ids.ts';
import type { Command } from './protocols/command.ts';

const HANDOFF = 'i-1.1' as HandoffId;
const CHECKED_AT = 50_000;

const reserve: Extract<Command, { kind: 'Reserve' }> = {
  key: 'i-1.1.reserving.3',
  timeoutMs: 8_000,
  kind: 'Reserve',
  safety: 'fenced',
  handoffId: HANDOFF,
  interactionId: 'i-1' as InteractionId,
  to: 'nice_cxone' as PlatformName,
  target: { kind: 'agent', agentId: '4492' as AgentId },
  channel: 'voice',
  reservation: 'entry-script',
  once: 'i-1.1.place.3',
  token: 'the-token',
  entryNumbers: ['+14155550101'],
  reservationMs: 60_000,
  holdLimitMs: 15_000,
  context: {},
  caller: '+14155551234',
  checkedAt: CHECKED_AT,
};

type Taken = Awaited<ReturnType<EntryNumbers['take']>>;
const LENT: Taken = { kind: 'done', value: { number: '+14155550101', until: 110_000 } };

function setUp({ taken = LENT, agoMs = 0 }: { readonly taken?: Taken; readonly agoMs?: number } = {}) {
  const loans: Parameters<EntryNumbers['take']>[0][] = [];
  const never = () => Promise.reject(new Error('nothing else is asked of the numbers'));
  const entries: EntryNumbers = {
    take: async (loan) => {
      loans.push(loan);
      return taken;
    },
    hold: never,
    release: never,
  };
  return { loans, foresee: lendingAtOnce({ entries, now: () => CHECKED_AT + agoMs }) };
}

describe('a number whose target was asked a moment ago', () => {
  it('is lent at once, and counts as checked when it was', async () => {
    const { loans, foresee } = setUp({ agoMs: 1_000 });
    expect(await foresee(reserve)).toEqual({
      kind: 'done',
      of: 'Reserve',
      result: { held: true, id: HANDOFF, validUntil: 110_000, address: '+14155550101', checkedAt: CHECKED_AT },
    });
    expect(loans).toMatchObject([{ handoffId: HANDOFF, token: 'the-token', caller: '+14155551234', forMs: 60_000 }]);
  });

  it('is no number where every one is lent', async () => {
    const { foresee } = setUp({ taken: { kind: 'done', value: null } });
    expect(await foresee(reserve)).toMatchObject({ result: { held: false, code: 'no-entry-number-free' } });
  });

  it('is asked for as ever where the journal does not answer', async () => {
    expect(await setUp({ taken: { kind: 'transient', code: 'unavailable' } }).foresee(reserve)).toBeNull();
  });

  const { checkedAt: _, ...unchecked } = reserve;
  it.each<[string, Command, number]>([
    ['was asked too long ago', reserve, 1_001],
    ['was asked by a clock that is ahead', reserve, -1_001],
    ['was not asked in this preparation', unchecked, 0],
    ['is held by the platform itself', { ...reserve, reservation: 'native' }, 0],
    ['is an agent who was asked to keep free', { ...reserve, placeholder: { key: HANDOFF } }, 0],
  ])('is not lent ahead where the target %s', async (_why, command, agoMs) => {
    const { loans, foresee } = setUp({ agoMs });
    expect(await foresee(command)).toBeNull();
    expect(loans).toEqual([]);
  });
});
