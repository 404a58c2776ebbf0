// Tests what becomes of commands that fail and of moves whose time is up (H4, H5, H6), for every step.

import { describe, expect, it } from 'vitest';
import { entered, IN_QUEUE, QUEUE, Story, types, WITH_BOT } from '../../test/protocols/story.ts';
import { deadline } from './handoff.ts';
import type { EscalationStep } from './move.ts';

const everyStep: readonly EscalationStep[] = [
  'inspecting',
  'attaching',
  'transferring',
  'verifying',
  'confirming',
  'awaiting-flow',
];

describe('a transient failure', () => {
  it.each(everyStep)('%s: the step is tried again later, under a new key', (step) => {
    const story = Story.at(step);
    const { key, kind } = story.command;
    const [delayed] = story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 2_000 });
    expect(delayed).toMatchObject({ type: 'StepDelayed', code: 'rate-limited', until: story.now + 2_000 });
    expect(story.commands).toEqual([]);
    expect(deadline(story.state)).toBe(story.now + 2_000);
    expect(story.due()).toEqual([]);
    expect(types(story.dueNext())).toEqual(['StepRetried']);
    expect(story.command.kind).toBe(kind);
    expect(story.command.key).not.toBe(key);
  });

  it('pauses grow with the tries while the far side does not say how long', () => {
    const story = Story.at('inspecting');
    const pauses = [1, 2, 3, 4].map(() => {
      story.fail({ kind: 'transient', code: 'unreachable' });
      const pause = (deadline(story.state) ?? 0) - story.now;
      story.dueNext();
      return pause;
    });
    expect(pauses).toEqual([125, 250, 500, 1_000]);
  });

  it('H6: a pause never reaches beyond the move’s own time', () => {
    const story = Story.at('inspecting');
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 3_600_000 });
    expect(deadline(story.state)).toBe(story.move.limits.settleBy);
  });

  it('a transfer that was not taken is no attempt, and its fate is judged from the next try on', () => {
    const story = Story.at('transferring');
    story.fail({ kind: 'transient', code: 'not-sent' });
    story.dueNext();
    expect(story.move).toMatchObject({ attempts: 1, progress: { step: 'transferring', askedAt: story.now } });
  });
});

describe('an ambiguous failure', () => {
  it.each(everyStep.filter((step) => step !== 'transferring'))('%s: may simply be done again', (step) => {
    const story = Story.at(step);
    expect(story.fail({ kind: 'ambiguous', code: 'vendor-error' })).toMatchObject([
      { type: 'StepDelayed', code: 'vendor-error' },
    ]);
  });

  it('transferring: is looked for first (H5)', () => {
    const story = Story.at('transferring');
    expect(types(story.fail({ kind: 'ambiguous', code: 'vendor-error' }))).toEqual(['TransferUncertain']);
    expect(story.command.kind).toBe('Look');
  });

  it('a command that never came back is treated as one', () => {
    const story = Story.at('transferring');
    // Its time-out of 5 s begins when it is sent, up to a second after it was asked for; and the one who asked may be 2 s behind.
    expect(story.wait(7_999).due()).toEqual([]);
    expect(story.wait(1).due()).toMatchObject([{ type: 'TransferUncertain', code: 'timed-out' }]);
    expect(story.wait(8_000).due()).toMatchObject([{ type: 'StepDelayed', code: 'timed-out' }]);
  });
});

describe('a rejection', () => {
  it('inspecting: refuses, with the code as reason and the detail (seed 001, FAQ)', () => {
    const story = Story.at('inspecting');
    story.fail({ kind: 'rejected', code: 'queue-not-found-or-not-visible', detail: 'Visible divisions: Home.' });
    expect(story.settled).toMatchObject({
      outcome: 'refused',
      reason: 'queue-not-found-or-not-visible',
      detail: 'Visible divisions: Home.',
    });
    expect(story.settled).not.toHaveProperty('queue');
  });

  it('inspecting: says that it is the conversation which was not found', () => {
    const story = Story.at('inspecting');
    story.fail({ kind: 'rejected', code: 'not-found' });
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'conversation-not-found' });
    expect(story.settled).not.toHaveProperty('detail');
  });

  it('attaching: refuses, as moving the customer without the context would break H4', () => {
    const story = Story.at('attaching');
    story.fail({ kind: 'rejected', code: 'forbidden', detail: 'no' });
    expect(story.settled).toMatchObject({
      outcome: 'refused',
      reason: 'context-not-attached',
      detail: 'no',
      queue: QUEUE,
    });
    expect(story.interaction.holder.kind).toBe('bot');
  });

  it('attaching: does not call refused what has arrived, but says that the context has not', () => {
    const story = Story.at('attaching');
    story.tell(entered());
    story.fail({ kind: 'rejected', code: 'forbidden' });
    expect(story.settled).toMatchObject({ outcome: 'completed', reason: 'context-not-attached' });
  });

  const looking = ['verifying', 'confirming', 'awaiting-flow'] as const;

  it.each(looking)('%s: a look that is refused is tried again, for credentials can be renewed', (step) => {
    const story = Story.at(step);
    for (const code of ['unauthorized', 'forbidden', 'bad-request'] as const) {
      expect(story.fail({ kind: 'rejected', code })).toMatchObject([{ type: 'StepDelayed', code }]);
      story.dueNext();
      expect(story.command.kind).toBe('Look');
    }
    story.done('Look', IN_QUEUE);
    expect(story.settled).toMatchObject({ outcome: 'completed' });
  });

  it.each(looking)('%s: an event completes it while looks are refused', (step) => {
    const story = Story.at(step);
    story.fail({ kind: 'rejected', code: 'unauthorized' });
    story.tell(entered());
    expect(story.settled).toMatchObject({ outcome: 'completed' });
  });

  it.each(['verifying', 'confirming'] as const)(
    '%s: looks refused to the end leave the fate to a person (H6)',
    (step) => {
      const story = Story.at(step);
      while (story.interaction.move) {
        if (story.commands.length > 0) story.fail({ kind: 'rejected', code: 'forbidden' });
        else story.dueNext();
      }
      expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'fate-unknown', detail: 'forbidden' });
      expect(story.settled.settledAt).toBeLessThanOrEqual(story.settled.limits.settleBy);
    },
  );

  it.each(['verifying', 'confirming'] as const)(
    '%s: a conversation that is no more leaves the fate to a person',
    (step) => {
      const story = Story.at(step);
      expect(types(story.fail({ kind: 'rejected', code: 'not-found' }))).toEqual(['HandoffSettled', 'ChoreAdded']);
      expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'not-found' });
    },
  );

  it('awaiting-flow: a conversation that is no more is none that the flow could transfer', () => {
    const story = Story.at('awaiting-flow');
    expect(types(story.fail({ kind: 'rejected', code: 'not-found' }))).toEqual(['HandoffSettled']);
    expect(story.settled).toMatchObject({
      outcome: 'expired',
      reason: 'flow-did-not-transfer',
      detail: 'not-found',
    });
  });
});

describe('H6: the move’s time is up', () => {
  const late = (story: Story) => {
    story.now = story.move.limits.settleBy;
    return story.due();
  };

  it.each(['inspecting', 'attaching'] as const)('%s: refuses, and says what it was waiting for', (step) => {
    const story = Story.at(step);
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 3_600_000 });
    late(story);
    expect(story.settled).toMatchObject({
      outcome: 'refused',
      reason: 'platform-unavailable',
      detail: 'rate-limited',
      settledAt: story.settled.limits.settleBy,
    });
  });

  it.each(['inspecting', 'attaching'] as const)('%s: refuses when the command never came back', (step) => {
    const story = Story.at(step);
    late(story);
    expect(story.settled).toMatchObject({ outcome: 'refused', detail: 'timed-out' });
  });

  it('attaching: a customer who has arrived has arrived', () => {
    const story = Story.at('attaching');
    story.tell(entered());
    late(story);
    expect(story.settled).toMatchObject({ outcome: 'completed', reason: 'context-not-attached', detail: 'timed-out' });
  });

  it('transferring: compensates what was provably not taken', () => {
    const story = Story.at('transferring');
    story.fail({ kind: 'transient', code: 'circuit-open', retryAfterMs: 3_600_000 });
    late(story);
    expect(story.settled).toMatchObject({
      outcome: 'compensated',
      reason: 'platform-unavailable',
      detail: 'circuit-open',
    });
  });

  it.each(['transferring', 'verifying', 'confirming'] as const)('%s: leaves an unknown fate to a person', (step) => {
    const story = Story.at(step);
    expect(types(late(story))).toEqual(['HandoffSettled', 'ChoreAdded']);
    expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'fate-unknown' });
    expect(story.command).toMatchObject({ kind: 'RaiseAlert', code: 'fate-unknown', handoffId: story.settled.id });
  });

  it('awaiting-flow: expires', () => {
    const story = Story.at('awaiting-flow');
    late(story);
    expect(story.settled).toMatchObject({ outcome: 'expired', reason: 'flow-did-not-transfer' });
  });

  it('an answer that comes after it starts nothing new', () => {
    const inspecting = Story.at('inspecting');
    inspecting.now = inspecting.move.limits.settleBy;
    inspecting.done('Inspect', { queue: QUEUE, view: WITH_BOT });
    expect(inspecting.settled).toMatchObject({ outcome: 'refused', reason: 'platform-unavailable' });

    const attaching = Story.at('attaching');
    attaching.now = attaching.move.limits.settleBy;
    attaching.done('AttachContext', null);
    expect(attaching.settled).toMatchObject({ outcome: 'refused', reason: 'platform-unavailable', attempts: 0 });

    const transferring = Story.at('transferring');
    transferring.now = transferring.move.limits.settleBy;
    transferring.done('TransferToQueue', null);
    expect(transferring.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'fate-unknown' });
  });
});

describe('the alert of a dead letter', () => {
  const deadLettered = () => {
    const story = Story.at('verifying');
    story.fail({ kind: 'rejected', code: 'not-found' });
    return story;
  };

  it('is a chore that is raised until it is done', () => {
    const story = deadLettered();
    expect(story.command).toEqual({
      kind: 'RaiseAlert',
      key: 'interaction-1.1.alert.1',
      code: 'not-found',
      handoffId: 'interaction-1.1',
      safety: 'repeatable',
      timeoutMs: 5_000,
    });
    expect(story.fail({ kind: 'rejected', code: 'unauthorized' })).toMatchObject([
      { type: 'ChoreDelayed', id: 'interaction-1.1.alert', until: story.now + 250 },
    ]);
    expect(story.commands).toEqual([]);
    expect(types(story.dueNext())).toEqual(['ChoreRetried']);
    expect(story.command.key).toBe('interaction-1.1.alert.2');
    expect(types(story.done('RaiseAlert', null))).toEqual(['ChoreDone']);
    expect(story.interaction.chores).toEqual([]);
    expect(deadline(story.state)).toBeNull();
  });

  it('is raised anew when it never came back, and the older answer no longer counts', () => {
    const story = deadLettered();
    const { key } = story.command;
    expect(story.wait(4_999).due()).toEqual([]);
    expect(types(story.wait(1).due())).toEqual(['ChoreRetried']);
    expect(story.answer(key, { kind: 'done', of: 'RaiseAlert', result: null })).toEqual([]);
    story.fail({ kind: 'transient', code: 'unreachable' });
    expect(story.answer('interaction-1.1.alert.2', { kind: 'transient', code: 'unreachable' })).toEqual([]);
  });

  it('goes on while the next handoff is under way', () => {
    const story = deadLettered();
    story.escalate();
    expect(story.commands.map(({ kind }) => kind)).toEqual(['Inspect', 'RaiseAlert']);
    expect(types(story.done('RaiseAlert', null))).toEqual(['ChoreDone']);
    expect(story.move.n).toBe(2);
  });
});
