import { describe, expect, it } from 'vitest';
import type { Place } from './proof-transfer-places.ts';
import { planOf, type TransferPlan } from './proof-transfer-plan.ts';
import { transferTable } from './proof-transfer-table.ts';
import { type Finished, type TransferEvidence, transferVerdictOf } from './proof-transfer-verdict.ts';

const AT = Date.parse('2026-05-10T12:00:00Z');
const time = (ms: number) => new Date(AT + ms).toISOString();
const REF = 'ref-1';

const PLAN: TransferPlan = {
  ...planOf(1, 1),
  from: 'genesys_cloud',
  to: 'nice_cxone',
  type: 'blind',
  heldBy: 'agent',
  target: { kind: 'queue', name: 'BillingDisputes_Tier2' },
  act: { kind: 'none' },
  customer: { customerId: 'ACC-1', name: 'Ada' },
  context: { intent: 'billing', dtmfSequence: ['1', '3', '0'], attributes: { Product_Type: 'card' } },
};
const KNOWN = {
  interactionId: 'i',
  intent: 'billing',
  customerId: 'ACC-1',
  dtmfSequence: '["1","3","0"]',
  Product_Type: 'card',
};

const source = (more: Partial<Place> = {}): Place => ({
  platform: 'genesys_cloud',
  id: 'here',
  live: true,
  heldBy: 'outside',
  startedAt: AT,
  values: {},
  ...more,
});
const destination = (more: Partial<Place> = {}): Place => ({
  platform: 'nice_cxone',
  id: 'there',
  live: true,
  heldBy: 'agent',
  agentId: '4492',
  cameInOn: '+18885560001',
  startedAt: AT + 50,
  values: KNOWN,
  ...more,
});

type Change = Omit<Partial<Finished>, 'plan' | 'handoff'> & {
  readonly plan?: Partial<TransferPlan>;
  readonly handoff?: Partial<NonNullable<Finished['handoff']>> | null;
};

function one({ plan, handoff, ...more }: Change = {}): Finished {
  const { callFault: _, ...unfaulted } = PLAN;
  return {
    plan: { ...unfaulted, ...plan },
    interactionId: 'i',
    handoffId: 'i.1',
    sourceId: 'here',
    handoff:
      handoff === null
        ? undefined
        : {
            id: 'i.1',
            phase: 'settled',
            outcome: 'completed',
            attempts: 1,
            loss: [],
            timeline: [{ at: time(10), event: 'PlaceReserved' }],
            requestedAt: time(0),
            settledAt: time(100),
            destination: { platform: 'nice_cxone', externalId: 'there' },
            ...handoff,
          },
    hungUp: false,
    places: [source(), destination()],
    faults: [],
    left: [],
    ...more,
  };
}

const OVER = { ended: { live: false, heldBy: 'none' } } as const;
const stayed: Pick<Change, 'places'> = { places: [source({ heldBy: 'agent', agentId: 'a-1' })] };
const dead = { outcome: 'dead_lettered', reason: 'caller-lost' } as const;

function verdictOn(ran: readonly Finished[], more: Partial<TransferEvidence> = {}) {
  return transferVerdictOf({
    ran,
    faults: [],
    vendorCalls: 9,
    deadLetters: [],
    audit: { ok: true, events: 9, firstBad: null },
    kills: [],
    width: 2,
    ratePerMinute: 1_000,
    tookMs: 1_500,
    ...more,
  });
}
const breachesOf = (change: Change, more?: Partial<TransferEvidence>) => verdictOn([one(change)], more).breaches;

describe('the verdict of a proof of transfers', () => {
  it('finds nothing where everybody is where the service says', () => {
    const fine = [
      one(),
      one({
        handoffId: 'j.1',
        places: [source(), destination({ heldBy: 'queue', queue: 'BillingDisputes_Tier2', cameInOn: '+18885560002' })],
      }),
      one({ ...stayed, handoff: { outcome: 'refused', reason: 'agent-busy' } }),
      one({ hungUp: true, handoff: { outcome: 'cancelled' }, places: [source(OVER.ended)] }),
      one({ plan: { callFault: 'lose-call' }, handoff: dead, places: [source()] }),
    ];
    const verdict = verdictOn(fine, { deadLetters: ['i.1'] });
    expect(verdict).toMatchObject({ breaches: [], transfers: 5, doubleBookings: 0, unexplained: 0 });
    expect(verdict.outcomes).toEqual({ completed: 2, refused: 1, cancelled: 1, dead_lettered: 1 });
    expect(verdict.deadLetters).toEqual({ 'caller-lost (lose-call)': 1 });
    expect(transferTable(verdict)).toContain('Every check held.');
  });

  it.each<readonly [string, Change, string]>([
    ['has not settled (H6)', { handoff: { phase: 'confirming', outcome: null } }, 'has not settled (confirming)'],
    ['was acknowledged and is gone', { handoff: null }, 'was acknowledged and is gone'],
    ['has nobody (H2)', { handoff: { outcome: 'compensated' }, places: [source(OVER.ended)] }, 'nobody has the caller'],
    [
      'is joined with a number where nobody is',
      { places: [source(), destination(OVER.ended)] },
      'nobody has the caller',
    ],
    [
      'is with two on two sides',
      { places: [source({ heldBy: 'agent' }), destination()] },
      'agent at genesys_cloud here and agent at nice_cxone there',
    ],
    [
      'was delivered twice',
      { places: [source(), destination(), destination({ id: 'again', heldBy: 'queue' })] },
      'at nice_cxone again',
    ],
    [
      'is in another queue',
      { places: [source(), destination({ heldBy: 'queue', queue: 'Elsewhere' })] },
      'completed, but the caller is queue Elsewhere',
    ],
    [
      'is with another agent',
      { plan: { target: { kind: 'agent', who: 'own' } }, targetAgentId: '7' },
      'completed, but the caller is agent',
    ],
    [
      'is taken for somebody else',
      { places: [source(), destination({ values: { ...KNOWN, interactionId: 'j' } })] },
      'for j',
    ],
    [
      'has lost a field (H4)',
      { places: [source(), destination({ values: { ...KNOWN, intent: 'cut' } })] },
      'missing at the destination: intent',
    ],
    ['is with a conversation that is not known', { handoff: { destination: null } }, 'its destination is unknown'],
    ['is still there when it is all over', { left: [destination()] }, 'nice_cxone still has there'],
    ['is a dead letter without a fault', { handoff: dead }, 'met no fault'],
  ])('tells who %s', (_, change, words) => {
    const breaches = breachesOf(change, { deadLetters: ['i.1'] });
    expect(breaches).toHaveLength(1);
    expect(breaches[0]).toContain(words);
  });

  it('takes what is behind the reference for carried, if the reference is there', () => {
    const values = { ...KNOWN, intent: 'cut', handoff_context_ref: REF };
    const whole = { context: PLAN.context, customer: PLAN.customer };
    const places = [source(), destination({ values })];
    expect(breachesOf({ places, handoff: { manifestRef: REF }, whole })).toEqual([]);
    expect(breachesOf({ places, handoff: { manifestRef: 'other' }, whole })).toHaveLength(1);
  });

  it('wants digits serialised, and of a card none but its stars', () => {
    const secret = '4111111111111111';
    const keyed = ['1', '3', secret, '#'];
    const plan = { context: { ...PLAN.context, dtmfSequence: keyed }, secret };
    const at = (dtmfSequence: string) => ({
      plan,
      places: [source(), destination({ values: { ...KNOWN, dtmfSequence } })],
    });
    expect(breachesOf(at('["1","3","************1111","#"]'))).toEqual([]);
    expect(breachesOf(at(JSON.stringify(keyed)))[0]).toContain('the card number can be read');
    expect(breachesOf(at(JSON.stringify(['1', '3', ...secret])))[0]).toContain('the card number can be read');
    expect(breachesOf(at('1,3,0'))[0]).toContain('dtmfSequence');
  });

  it('takes as a fault of its own what met its calls, its kill, or its hanging up', () => {
    const explained = (change: Change, more: Partial<TransferEvidence> = {}) =>
      Object.keys(verdictOn([one({ handoff: dead, ...change })], { deadLetters: ['i.1'], ...more }).deadLetters);
    expect(explained({ faults: ['hang'] })).toEqual(['caller-lost (hang)']);
    expect(explained({}, { kills: [AT + 50] })).toEqual(['caller-lost (service killed)']);
    expect(explained({}, { kills: [AT + 500] })).toEqual(['caller-lost ()']);
    expect(explained({ hungUp: true, faults: ['500'] })).toEqual(['caller-lost (hung up, 500)']);
  });

  it('misses a dead letter that stands in no list', () => {
    expect(breachesOf({ plan: { callFault: 'drop-call' }, handoff: dead })).toEqual([
      'i.1: is a dead letter, and stands in no list of them',
    ]);
  });

  const droppedAt = (callFault: NonNullable<TransferPlan['callFault']>, endedAt: number | undefined) =>
    one({
      plan: { callFault },
      places: [source(), destination({ ...OVER.ended, ...(endedAt !== undefined && { endedAt }) })],
    });

  it.each(['drop-call', 'drop-call-later'] as const)(
    '%s: what was lost when it had settled is counted apart',
    (fault) => {
      const settledAt = Date.parse(one().handoff?.settledAt ?? '');
      expect(verdictOn([droppedAt(fault, settledAt + 6)])).toMatchObject({ lostAfterwards: 1, withoutHolder: 0 });
      // What was lost before, at the same time as far as the clocks can tell, or nobody knows when, is a breach.
      for (const at of [settledAt - 1_000, settledAt, settledAt + 5, undefined])
        expect(verdictOn([droppedAt(fault, at)])).toMatchObject({ lostAfterwards: 0, withoutHolder: 1 });
    },
  );

  it('counts apart what was lost after the last look at everything written, and no look that came before', () => {
    const settledAt = Date.parse(one().handoff?.settledAt ?? '');
    const dropped = (times: Partial<Place>, handoff: Change['handoff'] = {}) =>
      one({
        plan: { callFault: 'drop-call' },
        handoff,
        places: [source(), destination({ ...OVER.ended, endedAt: settledAt - 20, ...times })],
      });
    const [writtenAt, lookedAt] = [settledAt - 40, settledAt - 30];
    const apart = { lostAfterwards: 1, withoutHolder: 0 };
    const breach = { lostAfterwards: 0, withoutHolder: 1 };
    expect(verdictOn([dropped({ writtenAt, lookedAt })])).toMatchObject(apart);
    expect(verdictOn([dropped({ writtenAt, lookedAt: settledAt - 20 })])).toMatchObject(breach);
    expect(verdictOn([dropped({ writtenAt: settledAt - 25, lookedAt })])).toMatchObject(breach);
    expect(verdictOn([dropped({ writtenAt })])).toMatchObject(breach);
    expect(verdictOn([dropped({ lookedAt })])).toMatchObject(breach);
    expect(verdictOn([dropped({ writtenAt, lookedAt }, { reason: 'context-not-attached' })])).toMatchObject(breach);
  });

  it('counts nothing apart that no fault of the network ended', () => {
    const lost = one({ places: [source(), destination({ ...OVER.ended, endedAt: AT + 60_000 })] });
    expect(verdictOn([lost])).toMatchObject({ lostAfterwards: 0, withoutHolder: 1 });
  });

  it('counts apart what the network lost when it had arrived, and agents who are left talking', () => {
    const lost = droppedAt('drop-call-later', AT + 60_000);
    const talking = one({
      plan: { type: 'warm' },
      handoff: { outcome: 'compensated', reason: 'three-cycles-failed' },
      places: [source({ heldBy: 'agent' }), destination()],
    });
    expect(verdictOn([lost, talking])).toMatchObject({ lostAfterwards: 1, leftTalking: 1, breaches: [] });
  });

  it('finds a number that led to two transfers at once, and none that was given back in between (H3)', () => {
    const other = (from: number) =>
      one({
        handoffId: 'j.1',
        interactionId: 'j',
        handoff: { timeline: [{ at: time(from), event: 'PlaceReserved' }], settledAt: time(from + 90) },
        places: [source(), destination({ startedAt: AT + from + 5, values: { ...KNOWN, interactionId: 'j' } })],
      });
    expect(verdictOn([one(), other(60)])).toMatchObject({
      doubleBookings: 1,
      breaches: ['j.1: +18885560001 was lent to i.1 as well'],
    });
    expect(verdictOn([one(), other(100)])).toMatchObject({ doubleBookings: 0, breaches: [] });
  });

  it('says when the chain is broken (H8)', () => {
    const verdict = verdictOn([one()], { audit: { ok: false, events: 9, firstBad: { version: 3 } } });
    expect(verdict.breaches[0]).toContain('the journal');
    expect(transferTable(verdict)).toContain('BROKEN');
  });
});

describe('the plan of a transfer', () => {
  it('is the same for the same seed, and no caller’s number is another’s', () => {
    expect(planOf(7, 3)).toEqual(planOf(7, 3));
    const callers = Array.from({ length: 30_000 }, (_none, index) => planOf(7, index).caller);
    expect(new Set(callers).size).toBe(callers.length);
  });

  it('meets every type, direction, target, act and fault in a thousand', () => {
    const plans = Array.from({ length: 1_000 }, (_none, index) => planOf(7, index));
    const kinds = (of: (plan: TransferPlan) => unknown) => new Set(plans.map((plan) => JSON.stringify(of(plan)))).size;
    expect(kinds(({ type, from }) => [type, from])).toBe(6);
    expect(kinds(({ target }) => target)).toBe(9);
    expect(kinds(({ act }) => act)).toBe(6);
    expect(kinds(({ callFault }) => callFault ?? 'none')).toBe(8);
    expect(plans.every(({ type, heldBy }) => type === 'blind' || heldBy === 'agent')).toBe(true);
  });
});
