import { describe, expect, it } from 'vitest';
import { type Evidence, verdictOf, verdictTable } from './proof-verdict.ts';

type One = Evidence['escalated'][number];

const AT = Date.parse('2026-05-10T12:00:00Z');
const time = (ms: number) => new Date(AT + ms).toISOString();

function one(handoff: Partial<NonNullable<One['handoff']>> | undefined, seen: Partial<One['seen']> = {}): One {
  return {
    conversationId: 'c',
    interactionId: 'i',
    handoffId: 'i.1',
    handoff: handoff && {
      id: 'i.1',
      phase: 'settled',
      outcome: 'completed',
      queue: { id: 'q', name: 'General_Support' },
      attempts: 1,
      loss: [],
      timeline: [],
      requestedAt: time(0),
      settledAt: time(100),
      ...handoff,
    },
    seen: {
      ended: false,
      attributes: {},
      queue: { id: 'q', name: 'General_Support' },
      holder: 'queue',
      transfers: [{ state: 'Complete' }],
      replaces: 1,
      ...seen,
    },
  };
}

function evidence(escalated: readonly One[], more: Partial<Evidence> = {}): Evidence {
  return {
    escalated,
    calls: { calls: [], counters: { total: 0, byStatus: {} }, replaces: {} },
    faults: [],
    audit: { ok: true, events: 9, firstBad: null },
    kills: 0,
    tookMs: 1_500,
    ...more,
  };
}

const breachesOf = (escalated: readonly One[], more?: Partial<Evidence>) =>
  verdictOf(evidence(escalated, more)).breaches;
const notMoved: Partial<One['seen']> = { holder: 'bot', queue: null, transfers: [], replaces: 0 };

describe('the verdict of a proof', () => {
  it('finds nothing where everybody is where the service says', () => {
    const fine = [
      one({}),
      one({}, { holder: 'agent' }),
      one({ outcome: 'refused' }, notMoved),
      one({ outcome: 'compensated' }, notMoved),
      one({ outcome: 'dead_lettered' }),
    ];
    const verdict = verdictOf(evidence(fine));
    expect(verdict).toMatchObject({ breaches: [], escalations: 5, doubleTransfers: 0, acknowledgedLost: 0 });
    expect(verdict.outcomes).toEqual({ completed: 2, refused: 1, compensated: 1, dead_lettered: 1 });
    expect(verdictTable(verdict)).toContain('Every check held.');
  });

  it.each([
    ['has not settled (H6)', one({ phase: 'confirming', outcome: null }), 'i.1: has not settled (confirming)'],
    ['was acknowledged and is gone', one(undefined), 'i.1: was acknowledged and is gone'],
    [
      'is said to be completed while the bot has the customer',
      one({}, notMoved),
      'i.1: completed, but the vendor shows the customer with bot',
    ],
    [
      'is in another queue',
      one({}, { queue: { id: 'x', name: 'Elsewhere' } }),
      'i.1: completed, but the vendor shows the customer in Elsewhere',
    ],
    [
      'moved though it was said to be compensated',
      one({ outcome: 'compensated' }),
      'i.1: compensated, but the vendor shows the customer in General_Support',
    ],
    [
      'was moved twice (H5)',
      one({}, { transfers: [{ state: 'Complete' }, { state: 'Complete' }], replaces: 2 }),
      'i.1: the customer was moved 2 times',
    ],
  ])('finds a handoff that %s', (_what, bad, breach) => {
    expect(breachesOf([one({}), bad])).toEqual([breach]);
  });

  it('does not take an accepted transfer without effect for a second move', () => {
    const harmless = one({}, { transfers: [{ state: 'Complete' }, { state: 'Failed' }], replaces: 2 });
    expect(verdictOf(evidence([harmless]))).toMatchObject({ breaches: [], doubleTransfers: 0, repeatsAccepted: 1 });
  });

  it('finds a journal whose chain does not verify (H8)', () => {
    const audit = { ok: false, events: 9, firstBad: { version: 4 } };
    const verdict = verdictOf(evidence([one({})], { audit }));
    expect(verdict.breaches).toEqual(['the journal\'s chain does not verify: {"version":4}']);
    expect(verdictTable(verdict)).toContain('chain BROKEN');
  });

  it('counts how many were open at the same moment; an end and a beginning do not overlap', () => {
    const spans = [
      [0, 10],
      [5, 20],
      [10, 30],
      [20, 21],
    ].map(([from = 0, to = 0]) => one({ requestedAt: time(from), settledAt: time(to) }));
    const verdict = verdictOf(evidence(spans));
    expect(verdict.openAtOnce).toBe(2);
    expect(verdict.settledWithinMs).toEqual({ p50: 10, p99: 20 });
  });

  it('takes the median of calls over conversations that met no fault', () => {
    const call = (conversationId: string | null, fault: string | null = null) => ({
      conversationId,
      fault,
      status: 200,
    });
    const calls = [...Array.from({ length: 4 }, () => call('a')), call('b'), call('b', 'hang'), call(null)];
    const verdict = verdictOf(
      evidence([one({})], {
        calls: { calls, counters: { total: 7, byStatus: {} }, replaces: {} },
        faults: [{ fault: 'hang', hits: 1 }],
        kills: 2,
      }),
    );
    expect(verdict).toMatchObject({ vendorCallsPerUnfaulted: 4, vendorCalls: 7, faultsMet: { hang: 1 } });
    expect(verdictTable(verdict)).toContain('2 times');
  });

  it('shows what cannot be worked out as a dash, and not more than twenty breaches', () => {
    const verdict = verdictOf(evidence(Array.from({ length: 30 }, () => one(undefined))));
    const shown = verdictTable(verdict);
    expect(shown).toContain('p50 -, p99 -');
    expect(shown).toContain('30 breaches:');
    expect(shown.match(/is gone/g)).toHaveLength(20);
    expect(verdict.acknowledgedLost).toBe(30);
  });
});
