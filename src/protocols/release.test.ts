// Tests how a place at the destination is given back: until that is done, after an erasure too, and one that was held when nobody wanted it
// any more (H5, H6).

import { describe, expect, it } from 'vitest';
import { CXONE, Story, TRANSFERS, types, WRITTEN } from '../../test/protocols/story.ts';

describe('giving the place back', () => {
  const settledWith = (): Story => {
    const story = Story.crossing('injecting');
    story.done('AttachOnArrival', WRITTEN);
    return story;
  };

  it('is tried until it is done, and given up when it has run out by itself', () => {
    const story = settledWith();
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 1_000 });
    expect(story.commands).toEqual([]);
    story.dueNext();
    story.done('Release', null);
    expect(story.interaction.chores).toEqual([]);
    const never = settledWith();
    for (let n = 0; n < 12; n += 1) {
      never.fail({ kind: 'ambiguous', code: 'timed-out' });
      if (never.interaction.chores.length > 0) never.dueNext();
    }
    expect(never.interaction.chores).toEqual([]);
    expect(never.events.at(-1)).toMatchObject({ type: 'ChoreDone', release: { ended: 'given-up' }, code: 'timed-out' });
  });

  it('is over when the destination no longer knows it', () => {
    const story = settledWith();
    story.fail({ kind: 'rejected', code: 'not-found' });
    expect(story.interaction.chores).toEqual([]);
    expect(story.events.at(-1)).toMatchObject({
      type: 'ChoreDone',
      release: { handoffId: 'interaction-1.1', to: CXONE, ended: 'rejected' },
      code: 'not-found',
    });
  });

  it('goes on after an erasure', () => {
    const story = settledWith();
    story.take({ kind: 'erase', erasureId: 'e-1' });
    expect(story.commands.map(({ kind }) => kind)).toContain('Release');
  });
});

describe('a place that nobody wants any more', () => {
  const native = {
    policy: {
      ...TRANSFERS,
      sites: { ...TRANSFERS.sites, [CXONE]: { ...TRANSFERS.sites[CXONE]!, reservation: 'native' as const } },
    },
  };

  it.each(['native', 'entry-script'] as const)('%s: held after the handoff was cancelled, it is given back', (kind) => {
    const story = Story.crossing('reserving', kind === 'native' ? native : {});
    const { key } = story.command;
    story.take({ kind: 'cancel-handoff', handoffId: story.move.id });
    for (const chore of story.commands) story.answer(chore.key, { kind: 'done', of: 'Release', result: null });
    const result = { held: true, id: 'late-1', validUntil: story.now + 60_000, address: '+1' } as const;
    expect(types(story.answer(key, { kind: 'done', of: 'Reserve', result }))).toEqual(['PlaceStrayed']);
    const id = kind === 'native' ? 'late-1' : 'interaction-1.1';
    expect(story.command).toMatchObject({ kind: 'Release', reservation: { kind, id } });
  });

  it('entry-script: answered twice while the handoff goes on, the number is its own', () => {
    const story = Story.crossing('reserving');
    const { key } = story.command;
    story.reserve();
    const result = { held: true, id: 'r-1', validUntil: story.now + 60_000, address: '+1' } as const;
    expect(story.answer(key, { kind: 'done', of: 'Reserve', result })).toEqual([]);
  });

  it('H5: every try of one place has the same key, and the next place another', () => {
    const story = Story.crossing('reserving', { ...native, holdLimitMs: 90_000 });
    const once = () => story.command.kind === 'Reserve' && story.command.once;
    const first = once();
    story.fail({ kind: 'ambiguous', code: 'timed-out' });
    story.dueNext();
    expect(once()).toBe(first);
    story.reserve();
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 55_000 });
    story.dueNext();
    expect(story.commands[0]).toMatchObject({ kind: 'Reserve' });
    expect(story.commands[0]?.kind === 'Reserve' && story.commands[0].once).not.toBe(first);
  });
});
