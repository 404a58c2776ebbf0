// Tests what becomes of a transfer whose customer hangs up, is dropped, or only goes on: in every phase, in whatever order it is told and
// seen (H6).

import { describe, expect, it } from 'vitest';
import {
  ANSWERED,
  ARRIVED,
  CUSTOMER_LEFT,
  GONE,
  joined,
  LET_GO,
  OTHER_LEG,
  Story,
  types,
  VOICE_LEG,
  WRITTEN,
} from '../../test/protocols/story.ts';
import type { Crossing } from './crossing.ts';

const HUNG_UP = { ...CUSTOMER_LEFT };
const WENT_ON = { ...CUSTOMER_LEFT, transferred: true } as const;
const DROPPED = { ...CUSTOMER_LEFT, dropped: true } as const;

describe('the customer hangs up (H6)', () => {
  const STEPS: readonly Crossing['step'][] = [
    'checking',
    'marking',
    'reserving',
    'committing',
    'reconciling',
    'consulting',
    'concluding',
    'returning',
  ];

  it.each(STEPS)('%s: it is cancelled, and what was held is released', (step) => {
    const story = Story.crossing(step, step.startsWith('con') ? { type: 'consultative' } : {});
    story.tell(HUNG_UP, story.now, VOICE_LEG);
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
    // Where a call may be on its way to the number, its loan runs out by itself. While the source is marked one may have been lent ahead.
    const given = ['marking', 'reserving', 'consulting', 'concluding'].includes(step);
    const ends = step === 'consulting' ? ['EndConsult'] : [];
    expect(story.commands.map(({ kind }) => kind)).toEqual([...(given ? ['Release'] : []), ...ends]);
  });

  it.each(['warm', 'consultative'] as const)(
    'H2: the agent consulted in a %s transfer is nobody’s afterwards',
    (type) => {
      const story = Story.crossing('reconciling', { type });
      story.redeem();
      story.tell(HUNG_UP, story.now, VOICE_LEG);
      story.tell(joined('p-there', '4492', null), story.now, ARRIVED);
      expect(story.interaction.holder.kind).toBe('none');
      expect(story.interaction.legs.map(({ state }) => state)).toEqual(['ended', 'ended']);
      expect(story.interaction.endedAt).toBeDefined();
    },
  );

  it('while the agents talk: the consultation is ended, asked for again where that is not known to be done', () => {
    const story = Story.crossing('consulting', { type: 'consultative' });
    story.tell(HUNG_UP, story.now, VOICE_LEG);
    const ending = () => story.commands.find(({ kind }) => kind === 'EndConsult');
    const first = ending();
    expect(first).toMatchObject({ accept: false, leaving: 'p-source-agent', externalId: VOICE_LEG.externalId });
    story.answer(first?.key ?? '', { kind: 'ambiguous', code: 'timed-out' });
    expect(ending()).toBeUndefined();
    story.wait(60_000).due();
    const again = ending();
    expect(again?.key).not.toBe(first?.key);
    // A conversation that is over by now has none.
    story.answer(again?.key ?? '', { kind: 'rejected', code: 'not-found' });
    expect(story.interaction.chores.filter(({ kind }) => kind === 'consult')).toEqual([]);
  });

  it('while the consultation is being begun: it is ended once it must have, too', () => {
    const story = Story.crossing('committing', { type: 'warm' });
    story.tell(HUNG_UP, story.now, VOICE_LEG);
    const ending = () => story.commands.find(({ kind }) => kind === 'EndConsult');
    story.answer(ending()?.key ?? '', { kind: 'rejected', code: 'not-found' });
    expect(ending()).toBeUndefined();
    story.wait(60_000).due();
    expect(ending()).toBeDefined();
  });

  it('injecting: the destination has them, and the source’s part is over', () => {
    const story = Story.crossing('injecting');
    story.tell(HUNG_UP, story.now, VOICE_LEG);
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({ outcome: 'completed' });
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', agentId: '4492' });
  });

  it('injecting: at the destination as well, it is cancelled once both sides show it', () => {
    const story = Story.crossing('injecting');
    story.tell(HUNG_UP, story.now, VOICE_LEG);
    story.tell(HUNG_UP, story.now, ARRIVED);
    expect(types(story.done('AttachOnArrival', { after: GONE }))).toEqual(['ArrivalLost']);
    expect(types(story.reconcile(GONE, GONE))).toEqual(['CycleObserved', 'HandoffSettled', 'InteractionEnded']);
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
    expect(story.interaction.holder.kind).toBe('none');
  });

  it('dropped at the destination while a look is on its way that shows them there still: they are put back', () => {
    const story = Story.crossing('reconciling');
    story.redeem();
    story.dueNext();
    expect(types(story.tell(DROPPED, story.now, ARRIVED))).toEqual(['LegEnded']);
    story.done('Reconcile', { source: LET_GO, destination: ANSWERED });
    expect(types(story.done('AttachOnArrival', { after: GONE }))).toContain('ArrivalLost');
    story.reconcile(LET_GO, GONE);
    expect(story.move.progress.step).toBe('returning');
  });

  it('dropped at the destination while their context is written: both sides are looked at, and they are put back', () => {
    const story = Story.crossing('injecting');
    expect(types(story.tell(DROPPED, story.now, ARRIVED))).toContain('ArrivalLost');
    expect(story.move.progress.step).toBe('reconciling');
    // What was under way there changes nothing any more.
    story.done('Reconcile', { source: LET_GO, destination: GONE });
    expect(story.move.progress.step).toBe('returning');
  });

  const REFUSED = { kind: 'rejected', code: 'conflict' } as const;
  it.each([
    ['taken', { after: GONE }],
    ['taken of a conversation that is unknown by now', { after: 'gone' }],
    ['refused', { after: GONE, refused: REFUSED }],
  ] as const)('H3: dropped without a word, and what is written was %s: they are put back all the same', (_, result) => {
    const story = Story.crossing('injecting');
    expect(types(story.done('AttachOnArrival', result))).toEqual(['LegEnded', 'HolderChanged', 'ArrivalLost']);
    expect(story.move.progress.step).toBe('reconciling');
    story.reconcile(LET_GO, GONE);
    expect(story.move).toMatchObject({
      progress: { step: 'returning' },
      cycles: [{ n: 1, status: 'mismatch' }],
    });
  });

  it('gone without a word, and from the source as well: it is cancelled', () => {
    const story = Story.crossing('injecting');
    story.done('AttachOnArrival', { after: GONE });
    story.reconcile(GONE, GONE);
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
    expect(story.interaction.endedAt).toBeDefined();
  });

  it('dropped without a word while nobody answers the last look: it is made again, then they are put back', () => {
    const story = Story.crossing('injecting');
    const { key } = story.command;
    story.fail({ kind: 'ambiguous', code: 'timed-out' });
    expect(story.move.progress.step).toBe('injecting');
    story.dueNext();
    expect(story.command).toMatchObject({ kind: 'AttachOnArrival', safety: 'repeatable' });
    // Who was given up on answers late, and says nothing of now.
    story.answer(key, { kind: 'done', of: 'AttachOnArrival', result: WRITTEN });
    expect(story.move.progress.step).toBe('injecting');
    story.done('AttachOnArrival', { after: GONE });
    expect(story.move.progress.step).toBe('reconciling');
  });

  it('dropped without a word, and told afterwards: it is lost once', () => {
    const story = Story.crossing('injecting');
    story.done('AttachOnArrival', { after: GONE });
    expect(types(story.tell(DROPPED, story.now, ARRIVED))).not.toContain('ArrivalLost');
    expect(story.move.progress.step).toBe('reconciling');
  });

  it('at the destination: it is cancelled once both sides say so', () => {
    const story = Story.crossing('reconciling');
    story.redeem();
    expect(types(story.tell(HUNG_UP, story.now, ARRIVED))).toEqual(['LegEnded', 'StepRetried']);
    story.done('Reconcile', { source: GONE, destination: GONE });
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
    expect(story.interaction.endedAt).toBeDefined();
  });

  it('told only after a look has shown the end: it is cancelled all the same', () => {
    const story = Story.crossing('reconciling');
    story.reconcile(GONE);
    expect(story.interaction.move).not.toBeNull();
    expect(story.tell(DROPPED, story.now, VOICE_LEG)).toEqual([]);
    expect(types(story.tell(HUNG_UP, story.now, VOICE_LEG))).toEqual([
      'HandoffSettled',
      'HolderChanged',
      'InteractionEnded',
    ]);
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
    expect(story.tell(HUNG_UP, story.now, VOICE_LEG)).toEqual([]);
  });

  it('told so late that the destination has them already, it changes nothing', () => {
    const story = Story.crossing('reconciling');
    story.redeem();
    story.tell(WENT_ON, story.now, VOICE_LEG);
    story.done('Reconcile', { source: 'gone', destination: ANSWERED });
    expect(story.tell(HUNG_UP, story.now, VOICE_LEG)).toEqual([]);
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({ outcome: 'completed' });
  });

  it('of a call that had been across before: the interaction ends with the transfer, not before it', () => {
    const story = Story.crossing('reconciling');
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.redeem();
    for (const leg of [ARRIVED, VOICE_LEG]) story.tell(DROPPED, story.now, leg);
    expect(types(story.tell(HUNG_UP, story.now, OTHER_LEG))).toEqual(['LegEnded', 'HolderChanged']);
    expect([story.interaction.holder.kind, story.interaction.endedAt]).toEqual(['none', undefined]);
    const ended = story.done('Reconcile', { source: GONE, destination: GONE });
    expect(types(ended)).toEqual(['CycleObserved', 'HandoffSettled', 'InteractionEnded']);
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
  });

  it('a source that only let go of them is no hanging-up', () => {
    const story = Story.crossing('reconciling');
    story.redeem();
    story.tell(WENT_ON, story.now, VOICE_LEG);
    expect(story.interaction.move).not.toBeNull();
    story.done('Reconcile', { source: 'gone', destination: ANSWERED });
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({ outcome: 'completed' });
    expect(story.interaction.endedAt).toBeUndefined();
  });

  it('a source that has dropped them is no hanging-up: where nobody has them, a person is told', () => {
    const story = Story.crossing('reconciling');
    expect(types(story.tell(DROPPED, story.now, VOICE_LEG))).toEqual(['LegEnded', 'HolderChanged', 'StepRetried']);
    story.reconcile(GONE);
    story.wait(60_000).reconcile(GONE);
    expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'caller-lost' });
  });

  it('told while a command is under way, it is kept for the look', () => {
    const story = Story.crossing('committing');
    expect(types(story.tell(WENT_ON, story.now, VOICE_LEG))).toEqual(['LegEnded', 'HolderChanged']);
  });
});
