// Tests how looks for evidence are spaced (H6): few, none too late, and never a storm.

import { describe, expect, it } from 'vitest';
import {
  botParty,
  customerParty,
  IN_QUEUE,
  LEG,
  POLICY,
  QUEUE,
  Story,
  view,
  WITH_BOT,
} from '../../test/protocols/story.ts';
import type { ConversationView } from '../context/conversation.ts';
import { deadline } from './handoff.ts';

const transfers = (...states: ConversationView['transfers'][number]['state'][]) =>
  view(
    [customerParty(), botParty()],
    states.map((state, index) => ({ state, queueId: QUEUE.id, issuedAt: index + 1 })),
  );

/** The pauses after each of `count` looks that show this, as long as the step lasts. */
function pausesOf(story: Story, what: ConversationView, count: number): readonly number[] {
  const { step } = story.move.progress;
  const pauses: number[] = [];
  while (pauses.length < count && story.interaction.move?.progress.step === step) {
    story.done('Look', what);
    if (story.interaction.move?.progress.step !== step) break;
    pauses.push((deadline(story.state) ?? 0) - story.now);
    story.dueNext();
  }
  return pauses;
}

describe('looks are spaced, as they cost the vendor’s quota', () => {
  it('confirming: by the settle time, doubling, and there is one when it can no longer show', () => {
    expect(pausesOf(Story.at('confirming'), WITH_BOT, 9)).toEqual([1_000, 2_000, 4_000, 2_000]);
  });

  it('confirming: what is under way still is watched on, spaced anew, with a last look that can answer in time', () => {
    const story = Story.at('confirming');
    const pauses = pausesOf(story, transfers('pending'), 8);
    expect(pauses).toEqual([1_000, 2_000, 4_000, 2_000, 1_000, 1_000, 2_000, 4_000]);
    story.now = story.move.limits.settleBy - 6_000;
    expect(pausesOf(story, transfers('pending'), 1)).toEqual([1_000]);
    expect(story.done('Look', transfers('pending'))).toMatchObject([{ until: story.move.limits.settleBy }]);
  });

  it('verifying: not beyond the time until which it may move', () => {
    const story = Story.at('transferring');
    story.wait(100).fail({ kind: 'ambiguous', code: 'connection-lost' });
    expect(pausesOf(story, WITH_BOT, 9)).toEqual([1_000, 1_100, 2_200, 4_400, 200]);
  });

  it('a transfer that takes 8 s on a platform of 5 s costs two looks', () => {
    const policy = {
      ...POLICY,
      platforms: { [LEG.platform]: { ...POLICY.platforms[LEG.platform]!, settleMs: 5_000 } },
    };
    const story = Story.at('confirming', { policy });
    const acceptedAt = story.now - 5_000;
    expect(story.wait(50).done('Look', transfers('pending'))).toMatchObject([{ until: story.now + 5_000 - 50 }]);
    story.dueNext();
    expect(story.now).toBe(acceptedAt + 10_000);
    story.done('Look', IN_QUEUE);
    expect(story.settled.outcome).toBe('completed');
  });

  it('awaiting the flow: one at half of its time and one at its end', () => {
    const story = Story.at('awaiting-flow');
    expect(pausesOf(story, WITH_BOT, 9)).toEqual([10_000]);
    expect(story.settled).toMatchObject({ outcome: 'expired', reason: 'flow-did-not-transfer' });
  });

  it('is never a storm, though the platform says that it settles at once', () => {
    const policy = { ...POLICY, platforms: { [LEG.platform]: { ...POLICY.platforms[LEG.platform]!, settleMs: 0 } } };
    expect(pausesOf(Story.at('confirming', { policy }), WITH_BOT, 20).length).toBeLessThan(10);
    expect(pausesOf(Story.at('verifying', { policy }), transfers('pending'), 20).length).toBeLessThan(20);
  });

  it('a look that fails is tried again soon all the same', () => {
    const story = Story.at('confirming');
    expect(story.fail({ kind: 'ambiguous', code: 'timed-out' })).toMatchObject([{ until: story.now + 250 }]);
  });
});
