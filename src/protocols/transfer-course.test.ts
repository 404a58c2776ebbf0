// Tests how a transfer goes on once the source may have let go: by looks at both sides, by what is told, by a verdict, and by time
// (seed 002 §2 and §4; H2, H3, H5, H6).

import { describe, expect, it } from 'vitest';
import {
  ACROSS,
  ANSWERED,
  ARRIVED,
  AT_ENTRY,
  AT_SOURCE,
  CUSTOMER_LEFT,
  customerParty,
  entered,
  FALLBACK,
  IN_RESCUE,
  joined,
  LET_GO,
  OTHER_LEG,
  queueParty,
  Story,
  types,
  VOICE_LEG,
  view,
  WRITTEN,
} from '../../test/protocols/story.ts';
import type { Crossing } from './crossing.ts';

const TO_QUEUE = { target: { kind: 'queue', queueName: ACROSS.name } } as const;
const HELD_AGAIN = view([customerParty(), queueParty('p-supervisors', { queueId: FALLBACK.source.id })]);
const WENT_ON = { ...CUSTOMER_LEFT, transferred: true } as const;

describe('across', () => {
  it('reaches the agent, writes what is known there, and is completed', () => {
    const story = Story.crossing('reconciling');
    story.redeem();
    story.reconcile(LET_GO, ANSWERED);
    expect(story.command).toMatchObject({
      kind: 'AttachOnArrival',
      externalId: ARRIVED.externalId,
      customer: 'p-customer',
      tag: 'interaction-1',
    });
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({
      outcome: 'completed',
      kind: 'transfer',
      cycles: [{ n: 1, status: 'in_sync' }],
    });
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', agentId: '4492' });
    expect(story.command).toMatchObject({ kind: 'Release' });
  });

  it('reaches a queue', () => {
    const story = Story.crossing('injecting', TO_QUEUE);
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({ outcome: 'completed', queue: ACROSS });
    expect(story.interaction.holder).toMatchObject({ kind: 'queue', queueId: ACROSS.id });
  });

  it('H4: says so where the context could not be written there', () => {
    const refused = Story.crossing('injecting');
    refused.done('AttachOnArrival', {
      ...WRITTEN,
      refused: { kind: 'rejected', code: 'forbidden', detail: 'no right' },
    });
    expect(refused.settled).toMatchObject({
      outcome: 'completed',
      reason: 'context-not-attached',
      detail: 'no right',
    });
    const unknown = Story.crossing('injecting');
    unknown.fail({ kind: 'rejected', code: 'not-found' });
    expect(unknown.settled).toMatchObject({ outcome: 'completed', reason: 'context-not-attached' });
    const slow = Story.crossing('injecting');
    slow.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 500_000 });
    slow.wait(400_000).due();
    expect(slow.settled).toMatchObject({
      outcome: 'completed',
      reason: 'context-not-attached',
      detail: 'rate-limited',
    });
  });

  it('news of either side calls for a look at once', () => {
    const story = Story.crossing('reconciling');
    story.redeem();
    expect(types(story.tell(entered('p-there'), story.now, ARRIVED))).toContain('StepRetried');
    expect(story.command.kind).toBe('Reconcile');
    expect(types(story.tell(joined('p-other-there', '7'), story.now, ARRIVED))).not.toContain('StepRetried');
  });

  it('news of another conversation calls for none', () => {
    const story = Story.crossing('reconciling');
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    expect(types(story.tell(entered('p-else'), story.now, OTHER_LEG))).not.toContain('StepRetried');
  });

  it('ends up in the destination’s fallback queue when the agent does not answer', () => {
    const story = Story.crossing('reconciling');
    story.redeem();
    story.reconcile(LET_GO, IN_RESCUE);
    expect(story.move.kind).toBe('transfer');
    story.wait(20_000).reconcile(LET_GO, IN_RESCUE);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'arrived-in-fallback-queue' });
    expect(story.interaction.holder).toMatchObject({ kind: 'queue', queueId: FALLBACK.destination.id });
  });
});

describe('the time it took', () => {
  it('is the vendors’ while neither side has anything to show', () => {
    const story = Story.crossing('reconciling');
    story.wait(700).redeem();
    story.wait(300).reconcile(LET_GO, ANSWERED);
    story.done('AttachOnArrival', WRITTEN);
    const { vendorMs, settledAt, requestedAt } = story.settled;
    // Six calls of 10 ms each, and the wait between them.
    expect(vendorMs).toBe(settledAt - requestedAt + 60);
  });
});

describe('what does not come across', () => {
  it('H5: is asked for again only when the last asking can have no effect any more, with a new place', () => {
    const story = Story.crossing('reconciling');
    story.reconcile(AT_SOURCE);
    expect(story.move).toMatchObject({ attempts: 1, cycles: [{ status: 'pending_sync' }] });
    story.wait(20_000).reconcile(AT_SOURCE);
    expect(story.move).toMatchObject({ progress: { step: 'reserving' }, cycles: [{ n: 1, status: 'mismatch' }] });
    story.reserve();
    expect(story.move.attempts).toBe(2);
  });

  it('stays where it is after three cycles, with whoever has the caller', () => {
    const story = Story.crossing('reconciling');
    for (const _ of [1, 2]) {
      story.wait(20_000).reconcile(AT_SOURCE);
      story.reserve();
      story.done('TransferAway', null);
    }
    story.wait(20_000).reconcile(AT_SOURCE);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'three-cycles-failed', attempts: 3 });
  });

  it('H6: a phantom is put into the source’s fallback queue', () => {
    const story = Story.crossing('returning');
    expect(story.command).toMatchObject({
      kind: 'TransferToQueue',
      externalId: VOICE_LEG.externalId,
      leaving: 'p-line',
      queue: FALLBACK.source,
    });
    story.done('TransferToQueue', null);
    story.reconcile(HELD_AGAIN);
    expect(story.settled).toMatchObject({
      outcome: 'compensated',
      reason: 'destination-dropped',
      queue: FALLBACK.source,
      cycles: [
        { n: 1, status: 'mismatch' },
        { n: 2, status: 'in_sync', expectedState: 'held-at-source' },
      ],
    });
  });

  it('the destination’s entry that nobody answers is told to queue them', () => {
    const story = Story.crossing('reconciling');
    story.redeem();
    story.wait(20_000).reconcile(LET_GO, AT_ENTRY);
    expect(story.command).toMatchObject({
      kind: 'TransferToQueue',
      externalId: ARRIVED.externalId,
      leaving: 'p-bot',
      queue: FALLBACK.destination,
    });
  });

  it('after three failed cycles a person is asked (seed 002 §4)', () => {
    const story = Story.crossing('returning');
    story.done('TransferToQueue', null);
    story.wait(20_000).reconcile(LET_GO);
    story.fail({ kind: 'rejected', code: 'conflict' });
    story.reconcile(LET_GO);
    story.wait(60_000).reconcile(LET_GO);
    expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'three-cycles-failed' });
    expect(story.settled.kind === 'transfer' && story.settled.cycles.map(({ n, status }) => `${n} ${status}`)).toEqual([
      '1 mismatch',
      '2 mismatch',
      '3 mismatch',
    ]);
    // A call may still be on its way to that number, so its loan runs out by itself.
    expect(story.commands.map(({ kind }) => kind)).toEqual(['RaiseAlert']);
  });

  it('a caller whom nothing could move is looked for three times, then a person is asked', () => {
    const story = Story.crossing('reconciling');
    const silent = view([customerParty()]);
    for (const _ of [1, 2, 3]) story.wait(20_000).reconcile(silent);
    expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'customer-stranded' });
  });

  it('a caller on neither side, whom nobody saw leave, is a person’s to call back', () => {
    const story = Story.crossing('reconciling');
    story.tell(WENT_ON, story.now, VOICE_LEG);
    story.reconcile('gone');
    story.wait(20_000).reconcile('gone');
    // Their call may still come in as long as its place stands, and after that they are looked for.
    expect(story.move.kind).toBe('transfer');
    story.wait(60_000).reconcile('gone');
    expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'caller-lost' });
    expect(story.interaction.endedAt).toBeUndefined();
    expect(types(story.redeem())).toEqual(['ReservationRedeemed', 'LegAttached']);
  });

  it('H5: an asking whose fate is unknown is looked at first', () => {
    const story = Story.crossing('committing');
    story.fail({ kind: 'ambiguous', code: 'timed-out' });
    expect(story.command.kind).toBe('Reconcile');
    story.done('Reconcile', { source: AT_SOURCE });
    expect(story.commands).toEqual([]);
    expect(story.move.attempts).toBe(1);
  });

  it('a refusal by the source leaves the caller where they are', () => {
    const story = Story.crossing('committing');
    story.fail({ kind: 'rejected', code: 'conflict' });
    story.done('Reconcile', { source: AT_SOURCE });
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'conflict' });
  });

  it.each(['committing', 'returning', 'concluding'] as const)(
    'H5: taken over while %s, it is looked at first',
    (step) => {
      const story = Story.crossing(step, step === 'concluding' ? { type: 'consultative' } : {});
      expect(types(story.take({ kind: 'taken-over' }))).toEqual(['TransferUncertain']);
      expect(story.command.kind).toBe('Reconcile');
    },
  );

  it.each(['checking', 'marking', 'reserving'] as const)('taken over while %s, it simply goes on', (step) => {
    const story = Story.crossing(step);
    const before = story.commands;
    expect(story.take({ kind: 'taken-over' })).toEqual([]);
    expect(story.commands).toEqual(before);
  });
});

describe('time (H6)', () => {
  it.each<readonly [Crossing['step'], string, string]>([
    ['checking', 'refused', 'no-place-in-time'],
    ['marking', 'refused', 'no-place-in-time'],
    ['reserving', 'refused', 'no-place-in-time'],
    ['committing', 'dead_lettered', 'fate-unknown'],
    ['reconciling', 'dead_lettered', 'fate-unknown'],
    ['returning', 'dead_lettered', 'fate-unknown'],
    ['injecting', 'completed', 'context-not-attached'],
  ])('%s: it settles as %s, %s', (step, outcome, reason) => {
    const story = Story.crossing(step);
    story.wait(400_000).due();
    expect(story.settled).toMatchObject({ outcome, reason });
  });

  it('a place is sought no longer than the customer may be kept', () => {
    const story = Story.crossing('reserving', { holdLimitMs: 4_000 });
    for (let tries = 0; tries < 20 && story.interaction.move; tries += 1) {
      story.fail({ kind: 'transient', code: 'rate-limited' });
      if (story.interaction.move) story.dueNext();
    }
    expect(story.now - story.settled.requestedAt).toBeLessThanOrEqual(4_000);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'no-place-in-time', detail: 'rate-limited' });
  });

  it.each(['checking', 'marking', 'reserving'] as const)(
    'a quota that is spent for longer than that is told at once, while %s',
    (step) => {
      const story = Story.crossing(step, { holdLimitMs: 4_000 });
      const { holder } = story.interaction;
      const before = story.now;
      story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 60_000 });
      expect(story.now).toBe(before);
      expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'no-place-in-time', detail: 'rate-limited' });
      expect(story.interaction.holder).toEqual(holder);
    },
  );

  it('a quota that is spent when the source is to be told is told at once, and nobody has moved', () => {
    const story = Story.crossing('committing', { holdLimitMs: 4_000 });
    const before = story.now;
    const { holder } = story.interaction;
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 60_000 });
    expect(story.now).toBe(before);
    expect(story.settled).toMatchObject({
      outcome: 'compensated',
      reason: 'platform-unavailable',
      detail: 'rate-limited',
    });
    expect(story.interaction.holder).toEqual(holder);
  });

  it('one that is free again soon enough is waited for', () => {
    const story = Story.crossing('committing', { holdLimitMs: 15_000 });
    expect(types(story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 1_000 }))).toEqual([
      'StepDelayed',
    ]);
    expect(types(story.dueNext())).toEqual(['StepRetried']);
  });

  it('is told at once of the second asking, too, when that would be kept waiting', () => {
    const story = Story.crossing('committing', { holdLimitMs: 15_000 });
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 3_000 });
    expect(types(story.dueNext())).toEqual(['ReservationLapsed']);
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 60_000 });
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'no-place-in-time', detail: 'rate-limited' });
  });

  it('a command that never comes back is given up', () => {
    const story = Story.crossing('committing');
    expect(types(story.dueNext())).toEqual(['TransferUncertain']);
    const early = Story.crossing('committing');
    expect(early.wait(10).due()).toEqual([]);
    const waits = Story.crossing('reconciling');
    expect(waits.due()).toEqual([]);
  });

  it('a look that cannot be had is tried again', () => {
    const story = Story.crossing('reconciling');
    story.dueNext();
    expect(types(story.fail({ kind: 'rejected', code: 'forbidden' }))).toEqual(['StepDelayed']);
    story.dueNext();
    expect(types(story.fail({ kind: 'transient', code: 'rate-limited' }))).toEqual(['StepDelayed']);
  });

  it('what could not be marked is not let go of', () => {
    const story = Story.crossing('marking');
    story.fail({ kind: 'rejected', code: 'forbidden', detail: 'scope' });
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'context-not-attached', detail: 'scope' });
  });
});

describe('cancelling', () => {
  it.each(['checking', 'marking', 'reserving'] as const)('%s: it is cancelled', (step) => {
    const story = Story.crossing(step);
    story.take({ kind: 'cancel-handoff', handoffId: story.move.id });
    expect(story.settled).toMatchObject({ outcome: 'cancelled' });
  });

  it('is too late once the source was told to let go', () => {
    const story = Story.crossing('committing');
    const input = { kind: 'cancel-handoff', handoffId: story.move.id } as const;
    expect(story.take(input)).toMatchObject([{ code: 'too-late-to-cancel' }]);
  });
});

describe('an erasure in the middle', () => {
  it('cancels what can be, and releases it', () => {
    const story = Story.crossing('reserving');
    const events = story.take({ kind: 'erase', erasureId: 'e-1' });
    expect(types(events)).toEqual(expect.arrayContaining(['HandoffSettled', 'ErasureRequested', 'InteractionErased']));
    expect(story.commands.map(({ kind }) => kind)).toContain('Release');
  });

  it('H6: waits for what is being let go of', () => {
    const story = Story.crossing('committing');
    expect(types(story.take({ kind: 'erase', erasureId: 'e-1' }))).toEqual(['ErasureRequested']);
    expect(story.transfer()).toMatchObject([{ code: 'interaction-being-erased' }]);
    story.fail({ kind: 'rejected', code: 'conflict' });
    expect(types(story.done('Reconcile', { source: AT_SOURCE }))).toContain('InteractionErased');
    expect(story.transfer()).toMatchObject([{ code: 'interaction-erased' }]);
  });
});

describe('events that do not fit', () => {
  it('change nothing', () => {
    const story = Story.crossing('checking');
    const { move } = story;
    story.redeem();
    story.answer('interaction-1.1.reserving.9', { kind: 'done', of: 'Release', result: null });
    expect(story.move).toEqual(move);
  });
});
