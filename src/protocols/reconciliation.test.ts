// Tests the verdict on every pair of states of a transfer's two sides (seed 002 §4), and the record of a pass.

import { describe, expect, it } from 'vitest';
import { ACROSS, agent, agentParty, customerParty, FALLBACK, queueParty, Story } from '../../test/protocols/story.ts';
import type { ParticipantId } from '../ids.ts';
import type { DestinationState, Passage, SourceState } from './crossing.ts';
import { cycleOf, judge, type Sides, type Verdict } from './reconciliation.ts';

const SOURCES: readonly SourceState[] = ['holding', 'moving', 'completed', 'failed', 'ended'];
const DESTINATIONS: readonly DestinationState[] = ['expected', 'arrived', 'queued', 'active', 'ended'];

type Case = {
  readonly type?: 'blind' | 'consultative';
  readonly target?: 'agent' | 'queue';
  readonly accept?: boolean;
  readonly because?: string;
  readonly sure?: boolean;
  readonly rejectedAs?: string;
  readonly held?: 'source' | 'destination';
};

function reconciled({ type = 'blind', target = 'agent', accept, because, sure = true, rejectedAs, held }: Case) {
  const story = Story.crossing('reconciling', {
    type,
    target: target === 'agent' ? { kind: 'agent', agentId: agent('4492') } : { kind: 'queue', queueName: ACROSS.name },
  });
  const { move } = story;
  if (move.kind !== 'transfer' || move.progress.step !== 'reconciling') throw new Error('it does not reconcile');
  const goal: Passage['goal'] = held
    ? { kind: 'held', at: held, queue: FALLBACK[held], reason: 'destination-dropped' }
    : { kind: 'across' };
  const verdict = { ...(accept !== undefined && { accept }), ...(because !== undefined && { because }) };
  const passage: Passage = { ...move.progress, goal, ...verdict };
  return { terms: move.terms, cycles: move.cycles, sure, passage, ...(rejectedAs && { rejectedAs }) };
}

type Seen = {
  readonly ripe?: boolean;
  readonly lapsed?: boolean;
  readonly by?: string;
  readonly queueId?: string;
  readonly replaceable?: boolean;
};

function sides(source: SourceState, destination: DestinationState, seen: Seen = {}): Sides {
  const { ripe = true, lapsed = ripe, by = '4492', queueId = ACROSS.id, replaceable = true } = seen;
  return {
    source: { state: source, ...(replaceable && { replaceable: agentParty('p-line') }) },
    destination: {
      state: destination,
      customer: customerParty(),
      ...(destination === 'active' && { agentId: agent(by) }),
      ...(destination === 'queued' && { queueId: queueId as typeof ACROSS.id }),
      ...(replaceable && { replaceable: queueParty('p-there') }),
    },
    ripe,
    lapsed,
  };
}

const back = (at: 'source' | 'destination', reason: string): Verdict => ({
  kind: 'return',
  at,
  leaving: (at === 'source' ? 'p-line' : 'p-there') as ParticipantId,
  reason,
});
const WAIT = { kind: 'wait' };
const UNANSWERED = { kind: 'conclude', accept: false, because: 'destination-did-not-answer' };

const VERDICTS: readonly (readonly [string, Case, SourceState, DestinationState, Seen, object])[] = [
  ['the agent meant has them', {}, 'completed', 'active', {}, { kind: 'reached' }],
  ['the source does not show it yet', {}, 'holding', 'active', { ripe: false }, WAIT],
  ['nor later: the entry has proof of the call', {}, 'holding', 'active', {}, { kind: 'reached' }],
  [
    'another agent has them',
    {},
    'completed',
    'active',
    { by: '9' },
    { kind: 'strayed', reason: 'agent-did-not-answer' },
  ],
  [
    'another agent has them, and the source does not show it yet',
    {},
    'holding',
    'active',
    { by: '9', ripe: false },
    WAIT,
  ],
  [
    'another agent has answered, and the source’s agent has not left',
    { type: 'consultative', accept: true },
    'holding',
    'active',
    { by: '9' },
    { kind: 'conclude', accept: true },
  ],
  ['any agent of a queue will do', { target: 'queue' }, 'completed', 'active', { by: '9' }, { kind: 'reached' }],
  ['the queue meant has them', { target: 'queue' }, 'ended', 'queued', { ripe: false }, { kind: 'reached' }],
  [
    'a call for an agent waits in the fallback queue, for now',
    {},
    'completed',
    'queued',
    { queueId: FALLBACK.destination.id, ripe: false },
    WAIT,
  ],
  [
    'the fallback queue has them instead of the queue',
    { target: 'queue' },
    'completed',
    'queued',
    { queueId: FALLBACK.destination.id, ripe: false },
    { kind: 'strayed', reason: 'arrived-in-fallback-queue' },
  ],
  [
    'the fallback queue has them',
    {},
    'completed',
    'queued',
    { queueId: FALLBACK.destination.id },
    { kind: 'strayed', reason: 'arrived-in-fallback-queue' },
  ],
  ['some queue has them, for now', {}, 'completed', 'queued', { ripe: false }, WAIT],
  ['some queue keeps them', {}, 'completed', 'queued', {}, back('destination', 'destination-did-not-answer')],
  ['the entry has them, for now', {}, 'completed', 'arrived', { ripe: false }, WAIT],
  ['the entry keeps them', {}, 'completed', 'arrived', {}, back('destination', 'destination-did-not-answer')],
  ['dropped, and gone', {}, 'ended', 'ended', {}, { kind: 'gone', hungUp: true }],
  ['dropped before they were let go', {}, 'holding', 'ended', {}, { kind: 'stayed', reason: 'destination-dropped' }],
  ['dropped, with nobody at the source', {}, 'completed', 'ended', {}, back('source', 'destination-dropped')],
  ['dropped on the way, for now', {}, 'moving', 'ended', { ripe: false }, WAIT],
  ['dropped on the way', {}, 'moving', 'ended', {}, back('source', 'destination-dropped')],
  ['the source says that it failed', {}, 'failed', 'expected', { ripe: false }, { kind: 'ask-again' }],
  ['not moved, for now', {}, 'holding', 'expected', { ripe: false }, WAIT],
  ['not moved', {}, 'holding', 'expected', {}, { kind: 'ask-again' }],
  [
    'refused, and not moved',
    { rejectedAs: 'conflict' },
    'holding',
    'expected',
    { ripe: false },
    { kind: 'stayed', reason: 'conflict' },
  ],
  ['a phantom', {}, 'completed', 'expected', {}, back('source', 'destination-dropped')],
  ['lost', {}, 'ended', 'expected', {}, { kind: 'gone', hungUp: false }],
  ['it hangs on the way', {}, 'moving', 'expected', {}, { kind: 'stranded', reason: 'transfer-hangs' }],
  ['gone from the source, and the place still stands', {}, 'ended', 'expected', { lapsed: false }, WAIT],
  [
    'nobody whose place could be taken',
    {},
    'completed',
    'expected',
    { replaceable: false },
    { kind: 'stranded', reason: 'destination-dropped' },
  ],
  ['somebody answers a consultation', { type: 'consultative' }, 'holding', 'active', {}, { kind: 'answered' }],
  ['nobody does, for now', { type: 'consultative' }, 'holding', 'queued', { ripe: false }, WAIT],
  ['nobody in the queue does', { type: 'consultative' }, 'holding', 'queued', {}, UNANSWERED],
  ['nobody at the entry does', { type: 'consultative' }, 'holding', 'arrived', {}, UNANSWERED],
  ['it rings nowhere', { type: 'consultative' }, 'holding', 'expected', {}, UNANSWERED],
  [
    'it may have been begun, which the source need not show: H5, it is ended rather than begun again',
    { type: 'consultative', sure: false },
    'holding',
    'expected',
    {},
    UNANSWERED,
  ],
  [
    'it could not be begun',
    { type: 'consultative' },
    'failed',
    'expected',
    {},
    { kind: 'stayed', reason: 'transfer-failed' },
  ],
  ['it hangs', { type: 'consultative' }, 'moving', 'expected', {}, UNANSWERED],
  [
    'accepted, but the agent has not left',
    { type: 'consultative', accept: true },
    'holding',
    'active',
    {},
    { kind: 'conclude', accept: true },
  ],
  [
    'declined, and over',
    { type: 'consultative', accept: false },
    'holding',
    'ended',
    { ripe: false },
    { kind: 'stayed', reason: 'declined-by-agent' },
  ],
  [
    'declined, over, and the source says that it failed',
    { type: 'consultative', accept: false },
    'failed',
    'ended',
    {},
    { kind: 'stayed', reason: 'declined-by-agent' },
  ],
  [
    'declined before the call came in',
    { type: 'consultative', accept: false },
    'holding',
    'expected',
    { ripe: false },
    { kind: 'stayed', reason: 'declined-by-agent' },
  ],
  [
    'declined, and whether the call is still on its way is not known',
    { type: 'consultative', accept: false, sure: false },
    'holding',
    'expected',
    { ripe: false },
    WAIT,
  ],
  [
    'declined, and whether it was taken back never became known',
    { type: 'consultative', accept: false, sure: false, because: 'consult-expired' },
    'holding',
    'expected',
    {},
    { kind: 'conclude', accept: false, because: 'consult-expired' },
  ],
  [
    'declined, and the source says that nobody is being consulted',
    { type: 'consultative', accept: false, sure: false, rejectedAs: 'conflict' },
    'holding',
    'expected',
    { ripe: false },
    { kind: 'stayed', reason: 'declined-by-agent' },
  ],
  ['declined, and still talking', { type: 'consultative', accept: false }, 'holding', 'active', { ripe: false }, WAIT],
  [
    'declined, and talking all the same',
    { type: 'consultative', accept: false, sure: false },
    'holding',
    'active',
    {},
    { kind: 'conclude', accept: false },
  ],
  [
    'declined, and joined all the same, at somebody’s own desk',
    { type: 'consultative', accept: false },
    'completed',
    'active',
    {},
    { kind: 'reached' },
  ],
  [
    'declined, and let go all the same',
    { type: 'consultative', accept: false },
    'completed',
    'queued',
    {},
    back('source', 'declined-by-agent'),
  ],
  [
    'declined, and the caller has hung up',
    { type: 'consultative', accept: false },
    'ended',
    'ended',
    {},
    { kind: 'gone', hungUp: true },
  ],
  [
    'declined, and nothing shows',
    { type: 'consultative', accept: false },
    'moving',
    'active',
    {},
    { kind: 'conclude', accept: false },
  ],
  [
    'put back at the source',
    { held: 'source' },
    'holding',
    'expected',
    {},
    { kind: 'strayed', reason: 'destination-dropped' },
  ],
  ['on the way back', { held: 'source' }, 'completed', 'ended', { ripe: false }, WAIT],
  ['not put back', { held: 'source' }, 'completed', 'ended', {}, back('source', 'destination-dropped')],
  ['across after all', { held: 'source' }, 'ended', 'active', {}, { kind: 'strayed', reason: 'destination-dropped' }],
  ['at the entry after all', { held: 'source' }, 'ended', 'arrived', {}, back('destination', 'destination-dropped')],
  ['gone from both', { held: 'source' }, 'ended', 'ended', {}, { kind: 'gone', hungUp: true }],
  [
    'in the fallback queue',
    { held: 'destination' },
    'ended',
    'queued',
    { queueId: FALLBACK.destination.id },
    { kind: 'strayed', reason: 'destination-dropped' },
  ],
  ['in the queue where they were', { held: 'destination' }, 'ended', 'queued', { ripe: false }, WAIT],
  [
    'put back before their late call came and ended',
    { held: 'destination' },
    'holding',
    'ended',
    { ripe: false },
    { kind: 'strayed', reason: 'destination-dropped' },
  ],
];

describe('judge', () => {
  it.each(VERDICTS)('%s', (_, what, source, destination, seen, verdict) => {
    expect(judge(reconciled(what), sides(source, destination, seen))).toEqual(verdict);
  });

  it('H6: has a verdict for every pair, and none waits for what can no longer show', () => {
    const cases: readonly Case[] = [
      {},
      { target: 'queue' },
      { type: 'consultative' },
      { type: 'consultative', accept: true },
      { type: 'consultative', accept: false },
      { held: 'source' },
      { held: 'destination' },
    ];
    for (const what of cases) {
      for (const source of SOURCES) {
        for (const destination of DESTINATIONS) {
          const { kind } = judge(reconciled(what), sides(source, destination));
          const overAtOnce = what.accept === false && destination !== 'active';
          if (!overAtOnce) expect(kind, `${JSON.stringify(what)} ${source} ${destination}`).not.toBe('wait');
        }
      }
    }
  });

  it('H5: before everything must show, nothing is asked for again but what has provably failed', () => {
    for (const source of SOURCES.filter((state) => state !== 'failed')) {
      for (const destination of DESTINATIONS) {
        const { kind } = judge(reconciled({}), sides(source, destination, { ripe: false }));
        expect(kind, `${source} ${destination}`).not.toBe('ask-again');
      }
    }
  });
});

describe('cycleOf', () => {
  const looked = { source: { state: 'completed' }, destination: { state: 'arrived' } } as const;

  it('counts the looks of a cycle, and begins another after a mismatch', () => {
    const move = reconciled({});
    const first = cycleOf(move, looked, 'pending_sync', 1);
    expect(first).toMatchObject({ n: 1, retries: 0, sourceState: 'completed', destinationState: 'arrived' });
    const second = cycleOf({ ...move, cycles: [first] }, looked, 'mismatch', 2);
    expect(second).toMatchObject({ n: 1, retries: 1, lastAttempt: 2, status: 'mismatch' });
    expect(cycleOf({ ...move, cycles: [second] }, looked, 'in_sync', 3)).toMatchObject({ n: 2, retries: 0 });
  });

  it.each<readonly [string, Case]>([
    ['active', {}],
    ['queued', { target: 'queue' }],
    ['held-at-source', { held: 'source' }],
    ['held-at-destination', { held: 'destination' }],
    ['held-at-source', { type: 'consultative', accept: false }],
  ])('expects %s', (expectedState, what) => {
    expect(cycleOf(reconciled(what), looked, 'pending_sync', 1)).toMatchObject({ expectedState });
  });
});
