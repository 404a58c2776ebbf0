// Tests what comes of it when no person can be had for a conversation of ours: the customer is told, a person is alerted, and it is not tried for
// ever (H6).

import { describe, expect, it } from 'vitest';
import { CHAT_POLICY, POLICY, Story } from '../../test/protocols/story.ts';
import type { Failure } from '../outcome.ts';

const GONE: Failure = { kind: 'rejected', code: 'bad-request' };

describe('a person who cannot be had', () => {
  it('H6: a bot that only asks again for a person is not asked for ever: the customer is told, and may go on', () => {
    const story = Story.chatting();
    const askAndFail = () => {
      story.answered([], { kind: 'redirect', resume: false });
      story.done('PrepareEscalation', { policy: POLICY });
    };
    story.says('A person, please');
    for (let tries = 0; tries < 4; tries += 1) askAndFail();
    expect(story.lines.at(-1)).toMatch(/nobody-reached$/);
    expect(story.commands.filter(({ kind }) => kind === 'RunBotTurn')).toEqual([]);
    story.says('Anybody?');
    expect(story.chat).not.toHaveProperty('unreached');
    askAndFail();
    expect(story.command).toMatchObject({ turn: { prompt: { name: 'redirect-failed' } } });
  });

  it('when bots fail and nobody can be reached, the customer is told and a person is alerted', () => {
    const story = Story.chattingWithoutFallback();
    story.says('Hello');
    story.fail(GONE);
    story.done('PrepareEscalation', { policy: CHAT_POLICY });
    story.fail(GONE);
    expect(story.lines.at(-1)).toBe('3 nobody-reached');
    expect(story.commands.map(({ kind }) => kind)).toContain('RaiseAlert');
    const nowhere = Story.chattingWithoutFallback();
    nowhere.says('Hello');
    nowhere.fail(GONE);
    nowhere.done('PrepareEscalation', { policy: POLICY });
    expect(nowhere.lines.at(-1)).toBe('3 nobody-reached');
  });

  it('H6: bots that fail and people who cannot be had are not tried for ever, but anew when the customer says more', () => {
    const story = Story.chattingWithoutFallback();
    const tryAll = () => {
      story.fail(GONE);
      story.done('PrepareEscalation', { policy: POLICY });
    };
    story.says('Hello');
    for (let tries = 0; tries < 3; tries += 1) tryAll();
    expect(story.lines.filter((line) => line.endsWith('nobody-reached'))).toHaveLength(3);
    expect(story.commands.filter(({ kind }) => kind === 'RunBotTurn')).toEqual([]);
    story.says('Anybody?');
    expect(story.commands).toContainEqual(expect.objectContaining({ kind: 'RunBotTurn' }));
    tryAll();
    expect(story.chat.waiting.map(({ id }) => id)).toEqual(['Hello', 'Anybody?']);
  });
});
