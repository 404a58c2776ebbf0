import { describe, expect, it } from 'vitest';
import { Story, types } from '../../test/protocols/story.ts';

describe('a dead letter', () => {
  const left = (story: Story) => story.interaction.settled.map(({ resolvedAt }) => resolvedAt);
  /** Two handoffs that ended in the unknown. */
  const twoDead = () => {
    const story = Story.at('transferring');
    story.take({ kind: 'quarantine' });
    story.escalate();
    story.take({ kind: 'quarantine' });
    return story;
  };

  it('is open until a person says that it is settled, once', () => {
    const story = twoDead();
    const [first, second] = story.interaction.settled.map(({ id }) => id);
    const events = story.wait(5).take({ kind: 'resolve-dead-letter', handoffId: first!, note: 'called back' });
    expect(events).toMatchObject([{ type: 'DeadLetterResolved', handoffId: first, note: 'called back' }]);
    expect(left(story)).toEqual([story.now, undefined]);
    expect(story.take({ kind: 'resolve-dead-letter', handoffId: first! })).toMatchObject([
      { type: 'RequestRefused', code: 'dead-letter-not-found' },
    ]);
    expect(types(story.take({ kind: 'resolve-dead-letter', handoffId: second! }))).toEqual(['DeadLetterResolved']);
  });

  it('is settled with the whole interaction, and what is still open with it (H6)', () => {
    const story = twoDead();
    story.escalate();
    const events = story.take({ kind: 'resolve-dead-letter' });
    expect(types(events)).toEqual(['HandoffSettled', 'DeadLetterResolved']);
    expect(left(story)).toEqual([story.now, story.now, story.now]);
    expect(story.commands).toEqual([]);
  });

  it('that only the quarantine made is over when a person goes on; one of unknown fate is not (H5)', () => {
    const story = Story.at('verifying').wait(1_000_000);
    expect(types(story.take({ kind: 'due', chance: 0 }))).toContain('HandoffSettled');
    expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'fate-unknown' });
    story.escalate();
    expect(types(story.take({ kind: 'retry-dead-letter', note: 'looked' }))).toEqual([
      'HandoffSettled',
      'DeadLetterRetried',
    ]);
    expect(left(story)).toEqual([undefined, story.now]);
    expect(types(story.take({ kind: 'retry-dead-letter' }))).toEqual(['DeadLetterRetried']);
  });

  it('is no other handoff', () => {
    const story = Story.opened();
    story.escalate();
    story.take({ kind: 'cancel-handoff', handoffId: story.move.id });
    expect(types(story.take({ kind: 'resolve-dead-letter', handoffId: story.settled.id }))).toEqual(['RequestRefused']);
    story.take({ kind: 'resolve-dead-letter' });
    expect(left(story)).toEqual([undefined]);
  });

  it('calls nobody any more once a person has settled it', () => {
    const paged = () => {
      const story = Story.at('verifying').wait(1_000_000);
      story.take({ kind: 'due', chance: 0 });
      expect(story.commands).toMatchObject([{ kind: 'RaiseAlert', code: 'fate-unknown' }]);
      return story;
    };
    const one = paged();
    one.take({ kind: 'resolve-dead-letter', handoffId: one.settled.id });
    expect([one.commands, one.interaction.chores]).toEqual([[], []]);
    const whole = paged();
    whole.take({ kind: 'resolve-dead-letter' });
    expect([whole.commands, whole.interaction.chores]).toEqual([[], []]);
  });
});
