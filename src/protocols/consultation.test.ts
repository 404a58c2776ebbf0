// Tests a consultation between two platforms: the source's agent talks to the destination's while the customer waits, and then gives a
// verdict, or ends it at their own desk (seed 002; H2, H3, H6).

import { describe, expect, it } from 'vitest';
import {
  ANSWERED,
  ARRIVED,
  AT_SOURCE,
  CUSTOMER_LEFT,
  FALLBACK,
  GONE,
  joined,
  LET_GO,
  Story,
  types,
  VOICE_LEG,
  WRITTEN,
} from '../../test/protocols/story.ts';

const HUNG_UP = { ...CUSTOMER_LEFT };
const WENT_ON = { ...CUSTOMER_LEFT, transferred: true } as const;

describe('a consultation', () => {
  const consulting = () => Story.crossing('consulting', { type: 'consultative' });
  const verdict = (story: Story, accept: boolean) =>
    story.take({ kind: 'complete-transfer', handoffId: story.move.id, accept });

  it('H2: does not make the destination’s agent the customer’s', () => {
    const story = consulting();
    story.tell(joined('p-there', '4492', null), story.now, ARRIVED);
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', agentId: 'a-source' });
  });

  it('goes on by the agent’s verdict', () => {
    const story = consulting();
    expect(types(verdict(story, true))).toEqual(['VerdictGiven']);
    expect(verdict(story, true)).toEqual([]);
    // H3: the other agent may have gone since.
    expect(story.command.kind).toBe('Reconcile');
    story.reconcile(AT_SOURCE, ANSWERED);
    expect(story.command).toMatchObject({ kind: 'EndConsult', accept: true, leaving: 'p-source-agent' });
    expect(verdict(story, true)).toEqual([]);
    story.done('EndConsult', null);
    story.reconcile(LET_GO, ANSWERED);
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({ outcome: 'completed' });
    expect(story.interaction.holder).toMatchObject({ agentId: '4492' });
  });

  it('is declined, and the customer stays', () => {
    const story = consulting();
    verdict(story, false);
    story.done('EndConsult', null);
    story.reconcile(AT_SOURCE, GONE);
    expect(story.settled).toMatchObject({ outcome: 'declined', reason: 'declined-by-agent' });
    expect(story.interaction.holder).toMatchObject({ agentId: 'a-source' });
    expect(story.interaction.legs.find(({ externalId }) => externalId === ARRIVED.externalId)?.state).toBe('ended');
  });

  it('runs out, and the customer stays', () => {
    const story = consulting();
    story.dueNext();
    expect(story.reconcile(AT_SOURCE, ANSWERED)).toMatchObject([
      { type: 'CycleObserved' },
      { type: 'ConclusionBegun', accept: false, because: 'consult-expired' },
    ]);
    story.done('EndConsult', null);
    story.reconcile(AT_SOURCE, GONE);
    expect(story.settled).toMatchObject({ outcome: 'expired', reason: 'consult-expired' });
  });

  it('H3: is not agreed to when the other agent has gone meanwhile', () => {
    const story = consulting();
    verdict(story, true);
    story.reconcile(AT_SOURCE, GONE);
    expect(story.command).toMatchObject({ kind: 'EndConsult', accept: false });
    story.done('EndConsult', null);
    story.reconcile(AT_SOURCE, GONE);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'destination-dropped' });
  });

  it('is looked at when somebody leaves it, and ends with whom the customer is', () => {
    const joinedAtDesk = consulting();
    expect(types(joinedAtDesk.tell(WENT_ON, joinedAtDesk.now, VOICE_LEG))).toContain('StepRetried');
    joinedAtDesk.reconcile('gone', ANSWERED);
    joinedAtDesk.done('AttachOnArrival', WRITTEN);
    expect(joinedAtDesk.settled).toMatchObject({ outcome: 'completed' });
    const dropped = consulting();
    dropped.tell(HUNG_UP, dropped.now, ARRIVED);
    dropped.reconcile(AT_SOURCE, GONE);
    expect(dropped.command).toMatchObject({ kind: 'EndConsult', accept: false });
    const left = consulting();
    left.tell(HUNG_UP, left.now, ARRIVED);
    left.reconcile(LET_GO, GONE);
    expect(left.command).toMatchObject({ kind: 'TransferToQueue', queue: FALLBACK.source });
    const both = consulting();
    both.tell(HUNG_UP, both.now, ARRIVED);
    both.reconcile(GONE, GONE);
    expect(both.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
  });

  it('goes on while both are there', () => {
    const story = consulting();
    story.tell(joined('p-there', '4492', null), story.now, ARRIVED);
    story.reconcile(AT_SOURCE, ANSWERED);
    expect(story.move.progress.step).toBe('consulting');
    expect(story.commands).toEqual([]);
  });

  it('that nobody answers is taken back', () => {
    const story = Story.crossing('reconciling', { type: 'warm' });
    story.wait(20_000).reconcile(AT_SOURCE);
    expect(story.command).toMatchObject({ kind: 'EndConsult', accept: false });
    story.done('EndConsult', null);
    story.reconcile(AT_SOURCE);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'destination-did-not-answer' });
  });

  it('of a warm transfer ends by itself when somebody answers', () => {
    const story = Story.crossing('reconciling', { type: 'warm' });
    story.redeem();
    story.reconcile(AT_SOURCE, ANSWERED);
    expect(story.command).toMatchObject({ kind: 'EndConsult', accept: true });
  });

  it('whose end is not certain is looked at, and ended again when it has not ended', () => {
    const story = Story.crossing('concluding', { type: 'consultative' });
    story.fail({ kind: 'ambiguous', code: 'timed-out' });
    expect(story.command.kind).toBe('Reconcile');
    story.wait(60_000);
    story.done('Reconcile', { source: AT_SOURCE, destination: ANSWERED });
    story.wait(60_000).reconcile(AT_SOURCE, ANSWERED);
    expect(story.command).toMatchObject({ kind: 'EndConsult', accept: true });
  });

  it('H6: an end that three times ends nothing binds an agent at the destination, and a person is called', () => {
    const story = Story.crossing('concluding', { type: 'consultative' });
    for (let tries = 0; tries < 100 && story.interaction.move; tries += 1) {
      const ends = story.commands.some(({ kind }) => kind === 'EndConsult');
      if (ends) story.fail({ kind: 'ambiguous', code: 'timed-out' });
      else if (story.move.progress.task.kind === 'waiting') story.dueNext();
      else story.done('Reconcile', { source: AT_SOURCE, destination: ANSWERED });
    }
    expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'three-cycles-failed' });
    expect(story.commands).toContainEqual(expect.objectContaining({ kind: 'RaiseAlert' }));
  });

  it('has no verdict before it, after it, or for another kind', () => {
    const early = Story.crossing('committing', { type: 'consultative' });
    expect(verdict(early, true)).toMatchObject([{ code: 'nothing-to-complete' }]);
    const escalated = Story.at('confirming');
    expect(verdict(escalated, true)).toMatchObject([{ code: 'nothing-to-complete' }]);
    const { id } = escalated.move;
    escalated.wait(100_000).due();
    const input = { kind: 'complete-transfer', accept: true } as const;
    expect(escalated.take({ ...input, handoffId: id })).toMatchObject([{ code: 'handoff-settled' }]);
    expect(escalated.take({ ...input, handoffId: 'x.9' as typeof id })).toMatchObject([{ code: 'handoff-not-found' }]);
  });
});
