// Tests how a transfer is confirmed, verified, repeated or given up (H5, H6): 202 is not completion.

import { describe, expect, it } from 'vitest';
import {
  agentParty,
  botParty,
  CUSTOMER_LEFT,
  customerParty,
  entered,
  GONE,
  IN_QUEUE,
  joined,
  left,
  OTHER_QUEUE,
  parted,
  QUEUE,
  queueParty,
  Story,
  seen,
  types,
  view,
  WITH_AGENT,
  WITH_BOT,
} from '../../test/protocols/story.ts';
import type { ConversationView } from '../context/conversation.ts';
import { CLOCKS_APART_MS } from './clocks.ts';
import type { EscalationStep } from './move.ts';

const transfers = (...states: ConversationView['transfers'][number]['state'][]) =>
  view(
    [customerParty(), botParty()],
    states.map((state, index) => ({ state, queueId: QUEUE.id, issuedAt: index + 1 })),
  );

/** Looks until the move is no longer in that step, at most as often as said; gives the looks that were made. */
function lookUntilItMoves(story: Story, step: EscalationStep, what: ConversationView): number {
  for (let looks = 0; looks < 50; looks += 1) {
    if (story.interaction.move?.progress.step !== step) return looks;
    if (story.move.progress.task.kind === 'waiting') story.dueNext();
    if (story.interaction.move?.progress.step === step) story.done('Look', what);
  }
  throw new Error(`still ${step}`);
}

describe('an accepted transfer', () => {
  it('is confirmed only when it shows: first a wait for the platform to settle, then a look', () => {
    const story = Story.at('transferring');
    expect(types(story.wait(30).done('TransferToQueue', null, 30))).toEqual(['TransferAccepted']);
    expect(story.commands).toEqual([]);
    expect(story.move.progress).toMatchObject({ step: 'confirming', task: { kind: 'waiting', code: 'accepted' } });
    expect(types(story.dueNext())).toEqual(['StepRetried']);
    expect(story.command).toMatchObject({ kind: 'Look', safety: 'repeatable', key: 'interaction-1.1.confirming.5' });
    expect(types(story.done('Look', IN_QUEUE))).toEqual(['HandoffSettled', 'HolderChanged']);
    expect(story.settled).toMatchObject({ outcome: 'completed', queue: QUEUE, attempts: 1 });
    expect(story.interaction.holder).toMatchObject({ kind: 'queue', queueId: QUEUE.id, epoch: 2 });
  });

  it('is complete too when the look shows an agent, who is then the holder', () => {
    const story = Story.at('confirming');
    story.done('Look', WITH_AGENT);
    expect(story.settled.outcome).toBe('completed');
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', agentId: 'a-1' });
    expect(story.interaction.attendance.present).toMatchObject([{ participantId: 'p-agent', observed: true }]);
  });

  it('is complete when the customer came and went between two looks', () => {
    const story = Story.at('confirming');
    story.done('Look', view([customerParty(), botParty(), queueParty('p-queue', { state: 'ended' })]));
    expect(story.settled.outcome).toBe('completed');
    expect(story.interaction.holder.kind).toBe('bot');
  });

  it('waits, with growing pauses, while it is on the way', () => {
    const story = Story.at('confirming');
    for (const code of ['on-the-way', 'on-the-way']) {
      expect(story.done('Look', transfers('pending'))).toMatchObject([{ type: 'StepDelayed', code }]);
      story.dueNext();
    }
    // The record says complete before the party shows: the two lists are not updated together.
    expect(story.done('Look', transfers('complete'))).toMatchObject([{ type: 'StepDelayed', code: 'on-the-way' }]);
  });

  it('is asked for again when the vendor reports it failed, under a new key and up to the limit', () => {
    const story = Story.at('confirming');
    expect(story.done('Look', transfers('failed'))).toMatchObject([
      { type: 'TransferRepeated', code: 'transfer-failed', transfersAfter: 1 },
    ]);
    expect(story.command).toMatchObject({ kind: 'TransferToQueue', key: 'interaction-1.1.transferring.6' });
    expect(story.move.attempts).toBe(2);
    story.done('TransferToQueue', null);
    story.dueNext();
    // The record of the first attempt is no news.
    expect(story.done('Look', transfers('failed'))).toMatchObject([{ type: 'StepDelayed', code: 'not-moved' }]);
    story.dueNext();
    expect(types(story.done('Look', transfers('failed', 'failed')))).toEqual(['HandoffSettled']);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'transfer-failed', attempts: 2 });
    expect(story.interaction.holder).toEqual({ kind: 'bot', epoch: 1 });
  });

  it('is not proven by the queue’s party of an earlier attempt that failed', () => {
    const story = Story.at('confirming');
    const ended = queueParty('p-first', { state: 'ended' });
    const parties = [customerParty(), botParty(), ended];
    story.done('Look', view(parties, transfers('failed').transfers));
    story.done('TransferToQueue', null);
    story.dueNext();
    story.done('Look', view(parties, transfers('failed', 'pending').transfers));
    expect(story.move.progress).toMatchObject({ step: 'confirming', task: { code: 'on-the-way' } });
  });

  it('counts as not made when it does not show in time, and is asked for again (H5)', () => {
    const story = Story.at('confirming');
    const acceptedAt = story.now - 1_000;
    lookUntilItMoves(story, 'confirming', WITH_BOT);
    expect(story.events.at(-1)).toMatchObject({ type: 'TransferRepeated', code: 'not-moved' });
    expect(story.now).toBeGreaterThanOrEqual(acceptedAt + 10_000);
  });

  it('is given up when whoever was to be replaced is gone: there is nobody to ask it of', () => {
    const story = Story.at('confirming');
    story.done('Look', view([customerParty(), botParty({ state: 'ended' })], transfers('failed').transfers));
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'transfer-failed', attempts: 1 });
  });

  it('counts the wait for it as the vendor’s time, and nothing of it twice', () => {
    const story = Story.at('transferring');
    const before = story.move.vendorMs;
    story.wait(40).done('TransferToQueue', null, 40);
    story.dueNext();
    story.wait(25).done('Look', IN_QUEUE, 25);
    expect(story.settled.vendorMs).toBe(before + 40 + 1_000 + 25);
  });
});

describe('a transfer whose fate is unknown', () => {
  it('H5: is looked for before anything else', () => {
    const story = Story.at('transferring');
    expect(types(story.wait(5_000).fail({ kind: 'ambiguous', code: 'timed-out' }))).toEqual(['TransferUncertain']);
    expect(story.command).toMatchObject({ kind: 'Look', key: 'interaction-1.1.verifying.4' });
  });

  it.each([
    ['in the queue', IN_QUEUE],
    ['with an agent', WITH_AGENT],
  ])('is complete when the customer is %s, and never asked for again', (_, what) => {
    const story = Story.at('verifying');
    story.done('Look', what);
    expect(story.settled).toMatchObject({ outcome: 'completed', attempts: 1 });
    expect(story.commands).toEqual([]);
  });

  it('H5: is not repeated before time-out and settle time have passed, and is after', () => {
    const story = Story.at('transferring');
    const askedAt = story.now;
    story.wait(100).fail({ kind: 'ambiguous', code: 'connection-lost' });
    lookUntilItMoves(story, 'verifying', WITH_BOT);
    expect(story.move.progress).toMatchObject({ step: 'transferring', askedAt: story.now });
    expect(story.now).toBeGreaterThanOrEqual(askedAt + 5_000 + 1_000);
  });

  it('H5: a look that began before that time proves nothing, however late it answers', () => {
    const story = Story.at('transferring');
    story.wait(5_000).fail({ kind: 'ambiguous', code: 'timed-out' });
    story.wait(4_000);
    expect(story.done('Look', WITH_BOT, 4_000)).toMatchObject([{ type: 'StepDelayed', code: 'not-moved' }]);
    story.dueNext();
    expect(story.done('Look', WITH_BOT)).toMatchObject([{ type: 'TransferRepeated' }]);
  });

  it('H5: counts from the takeover where that came later: whoever sent it may have begun late', () => {
    const story = Story.at('transferring');
    story.wait(9_000).take({ kind: 'taken-over' });
    expect(story.done('Look', WITH_BOT)).toMatchObject([{ type: 'StepDelayed', code: 'not-moved' }]);
    const takenOverAt = story.now;
    for (let looks = 0; looks < 9 && story.interaction.move?.progress.step === 'verifying'; looks += 1) {
      story.dueNext();
      story.done('Look', WITH_BOT);
    }
    // Its settle time, and by how much the clock of whoever decides then may be ahead.
    expect(story.now - takenOverAt).toBe(1_000 + CLOCKS_APART_MS);
    expect(story.interaction.move?.progress.step).toBe('transferring');
  });

  it('waits while it is on the way, and is repeated when it failed', () => {
    const story = Story.at('verifying');
    expect(story.done('Look', transfers('pending'))).toMatchObject([{ type: 'StepDelayed', code: 'on-the-way' }]);
    story.dueNext();
    expect(story.done('Look', transfers('failed'))).toMatchObject([{ type: 'TransferRepeated' }]);
  });

  it('is given up after as many attempts as allowed, and the bot goes on', () => {
    const story = Story.at('verifying');
    lookUntilItMoves(story, 'verifying', WITH_BOT);
    story.wait(5_000).fail({ kind: 'ambiguous', code: 'timed-out' });
    lookUntilItMoves(story, 'verifying', WITH_BOT);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'not-moved', attempts: 2 });
    expect(story.interaction.holder).toEqual({ kind: 'bot', epoch: 1 });
  });

  it('H6: is not asked for again once the move’s time is up', () => {
    const story = Story.at('verifying');
    story.now = story.move.limits.settleBy;
    story.done('Look', transfers('failed'));
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'transfer-failed', attempts: 1 });
  });
});

describe('a transfer that was refused', () => {
  const refused = () => {
    const story = Story.at('transferring');
    story.fail({ kind: 'rejected', code: 'forbidden', detail: 'no permission' });
    return story;
  };

  it('is looked for as well: the customer may be moving by other hands', () => {
    const story = refused();
    expect(story.events.at(-1)).toMatchObject({ type: 'TransferUncertain', code: 'forbidden', rejected: true });
    story.done('Look', IN_QUEUE);
    expect(story.settled.outcome).toBe('completed');
  });

  it('is given up at once, with its own reason, when nothing has moved: repeating cannot help', () => {
    const story = refused();
    story.done('Look', WITH_BOT);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'forbidden', attempts: 1 });
  });

  it('is waited for when whoever was to be replaced is gone, then given up', () => {
    const story = refused();
    const nobody = view([customerParty(), botParty({ state: 'ended' })]);
    expect(story.done('Look', nobody)).toMatchObject([{ type: 'StepDelayed', code: 'not-moved' }]);
    lookUntilItMoves(story, 'verifying', nobody);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'forbidden' });
  });

  it('is not repeated either when an earlier one shows as failed', () => {
    const story = refused();
    story.done('Look', transfers('failed'));
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'transfer-failed', attempts: 1 });
  });
});

describe('the vendor’s flow transfers by itself', () => {
  it('is asked for nothing: its effect is awaited', () => {
    const story = Story.at('attaching', { commitBy: 'flow' });
    story.done('AttachContext', null);
    expect(story.commands).toEqual([]);
    expect(story.move).toMatchObject({
      attempts: 0,
      progress: { step: 'awaiting-flow', until: story.now + 20_000, task: { code: 'flow-transfers' } },
    });
    story.dueNext();
    expect(story.command.kind).toBe('Look');
  });

  it('completes by a look', () => {
    const story = Story.at('awaiting-flow');
    story.done('Look', IN_QUEUE);
    expect(story.settled).toMatchObject({ outcome: 'completed', attempts: 0, vendorMs: 10 + 10 + 10_000 });
  });

  it('is watched while it is on the way', () => {
    const story = Story.at('awaiting-flow');
    expect(story.done('Look', transfers('pending'))).toMatchObject([{ type: 'StepDelayed', code: 'on-the-way' }]);
  });

  it('expires when nothing has moved within its time', () => {
    const story = Story.at('awaiting-flow');
    const until = story.now - 10_000 + 20_000;
    lookUntilItMoves(story, 'awaiting-flow', WITH_BOT);
    expect(story.settled).toMatchObject({ outcome: 'expired', reason: 'flow-did-not-transfer', attempts: 0 });
    expect(story.now).toBeGreaterThanOrEqual(until);
  });

  it('is compensated when its transfer failed: asking again is not ours to do', () => {
    const story = Story.at('awaiting-flow');
    story.done('Look', transfers('failed'));
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'transfer-failed', attempts: 0 });
  });
});

describe('the vendor’s flow transfers to another queue than it was told', () => {
  const elsewhere = { outcome: 'completed', reason: 'flow-chose-another-queue', attempts: 0 };
  const otherParty = (state: 'connected' | 'ended') => queueParty('p-other', { queueId: OTHER_QUEUE.id, state });

  it.each([
    ['entered', entered('p-other', OTHER_QUEUE)],
    ['left, its arrival lost on the way', left('p-other', OTHER_QUEUE)],
    ['an agent of it has joined', joined('p-agent', 'a-1', OTHER_QUEUE)],
    ['seen', seen(view([customerParty(), otherParty('connected')]))],
  ])('is complete by what is told, and says which: %s', (_, change) => {
    const story = Story.at('awaiting-flow');
    expect(types(story.tell(change))).toEqual(['HandoffSettled', 'HolderChanged']);
    expect(story.settled).toMatchObject({ ...elsewhere, queue: { id: OTHER_QUEUE.id, name: OTHER_QUEUE.id } });
  });

  it.each([
    ['the customer waits there', [otherParty('connected')]],
    ['they were there', [otherParty('ended')]],
    ['an agent of it has them', [otherParty('ended'), agentParty('p-agent', { queueId: OTHER_QUEUE.id })]],
  ])('is complete by a look: %s', (_, parties) => {
    const story = Story.at('awaiting-flow');
    story.done('Look', view([customerParty(), ...parties]));
    expect(story.settled).toMatchObject({ ...elsewhere, queue: { id: OTHER_QUEUE.id } });
  });

  it('is so too when its transfer to our queue had failed before', () => {
    const story = Story.at('awaiting-flow');
    story.done('Look', view([customerParty(), otherParty('connected')], transfers('failed').transfers));
    expect(story.settled).toMatchObject(elsewhere);
  });

  it('is named where an earlier handoff went there', () => {
    const story = Story.at('confirming', { queue: OTHER_QUEUE.name });
    story.done('Look', IN_QUEUE);
    const [earlier] = story.interaction.settled;
    story.state = { ...story.interaction, settled: [{ ...earlier!, queue: OTHER_QUEUE }] };
    story.tell(left());
    story.escalate({ commitBy: 'flow' });
    story.done('Inspect', { queue: QUEUE, view: WITH_BOT });
    story.done('AttachContext', null);
    story.tell(entered('p-other', OTHER_QUEUE));
    expect(story.settled).toMatchObject({ ...elsewhere, queue: OTHER_QUEUE });
  });

  it('is not believed of a queue that was there before, nor when the customer came through ours', () => {
    const before = Story.at('inspecting', { commitBy: 'flow' });
    before.done('Inspect', { queue: QUEUE, view: view([customerParty(), otherParty('connected')]) });
    before.done('AttachContext', null);
    before.dueNext();
    before.done('Look', view([customerParty(), otherParty('connected')]));
    expect(before.move.progress).toMatchObject({ step: 'awaiting-flow', task: { code: 'not-moved' } });

    const through = Story.at('awaiting-flow');
    through.done('Look', view([customerParty(), queueParty('p-queue', { state: 'ended' }), otherParty('connected')]));
    expect(through.settled).toMatchObject({ outcome: 'completed', queue: QUEUE });
    expect(through.settled).not.toHaveProperty('reason');
  });

  it('is what only a flow can do: a transfer of ours that shows elsewhere proves nothing', () => {
    const story = Story.at('confirming');
    story.tell(entered('p-other', OTHER_QUEUE));
    story.done('Look', view([customerParty(), otherParty('connected')]));
    expect(story.move.progress.step).toBe('confirming');
  });
});

const committing: readonly EscalationStep[] = ['transferring', 'verifying', 'confirming', 'awaiting-flow'];

describe('events confirm in every step after the context is attached', () => {
  const proofs = [
    ['queue-entered', entered()],
    ['agent-joined', joined()],
    ['queue-left, its arrival lost on the way', left()],
    ['a pushed view of the queue', seen(IN_QUEUE)],
    ['a pushed view of an agent', seen(WITH_AGENT)],
  ] as const;

  it.each(committing.flatMap((step) => proofs.map(([name, change]) => [step, name, change] as const)))(
    '%s: %s completes, the epoch rises once, and the outcome that comes later is ignored',
    (step, _, change) => {
      const story = Story.at(step);
      const { key } = story.command;
      expect(types(story.tell(change))).toEqual(['HandoffSettled', 'HolderChanged']);
      expect(story.settled.outcome).toBe('completed');
      expect(story.interaction.holder.epoch).toBe(2);
      expect(story.commands).toEqual([]);
      expect(story.answer(key, { kind: 'done', of: 'TransferToQueue', result: null })).toEqual([]);
      expect(story.answer(key, { kind: 'ambiguous', code: 'timed-out' })).toEqual([]);
    },
  );

  it.each(committing)('%s: what proves nothing settles nothing', (step) => {
    const story = Story.at(step);
    for (const change of [
      // To another queue only the flow can have moved the customer.
      ...(step === 'awaiting-flow' ? [] : [entered('p-elsewhere', OTHER_QUEUE), left('p-elsewhere', OTHER_QUEUE)]),
      entered('p-bot', OTHER_QUEUE),
      entered('p-bot'),
      joined('p-customer'),
      parted('p-nobody'),
      seen(transfers('pending')),
    ]) {
      story.tell(change);
    }
    expect(story.move.progress.step).toBe(step);
  });

  it('an event of another leg proves nothing for the move', () => {
    const story = Story.opened();
    const other = { ...story.interaction.legs[0]!, externalId: 'conversation-2' as never };
    story.take({
      kind: 'attach-leg',
      leg: { platform: other.platform, externalId: other.externalId, channel: 'voice' },
    });
    story.escalate();
    story.done('Inspect', { queue: QUEUE, view: WITH_BOT });
    story.done('AttachContext', null);
    story.tell(entered());
    expect(story.move.progress.step).toBe('transferring');
  });

  it('an arrival told during the inspection is found by what follows, not lost', () => {
    const story = Story.at('inspecting');
    expect(types(story.tell(entered()))).toEqual(['HolderChanged']);
    story.done('Inspect', { queue: QUEUE, view: WITH_BOT });
    story.done('AttachContext', null);
    story.fail({ kind: 'rejected', code: 'conflict' });
    story.done('Look', IN_QUEUE);
    expect(story.settled).toMatchObject({ outcome: 'completed', attempts: 1 });
    expect(story.interaction.holder.epoch).toBe(2);
  });
});

describe('H6: the customer leaves, at any moment', () => {
  const steps: readonly EscalationStep[] = ['inspecting', 'attaching', ...committing];
  const EXPECTED = ['HandoffSettled', 'LegEnded', 'HolderChanged', 'InteractionEnded'];

  it.each(steps.flatMap((step) => [CUSTOMER_LEFT, seen(GONE)].map((change) => [step, change.kind, change] as const)))(
    '%s: told by %s, the move is cancelled and nobody holds the conversation',
    (step, _, change) => {
      const story = Story.at(step);
      expect(types(story.tell(change))).toEqual(EXPECTED);
      expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
      expect(story.interaction).toMatchObject({ holder: { kind: 'none', epoch: 2 }, endedAt: story.now, move: null });
      expect(story.commands).toEqual([]);
    },
  );

  it.each(['verifying', 'confirming', 'awaiting-flow'] as const)('%s: shown by a look', (step) => {
    const story = Story.at(step);
    expect(types(story.done('Look', GONE))).toEqual(EXPECTED);
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
  });

  it('and after everything has settled', () => {
    const story = Story.at('confirming');
    story.tell(joined());
    expect(types(story.tell(CUSTOMER_LEFT))).toEqual(['LegEnded', 'HolderChanged', 'InteractionEnded']);
    expect(story.tell(joined('p-late'))).toEqual([]);
  });
});
