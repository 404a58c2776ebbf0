// Tests that events which do not fit change nothing of a conversation of ours but the time: the journal must fold whatever it holds.

import { describe, expect, it } from 'vitest';
import { CHAT, DESK_LEG, OTHER_LEG, Story, TERMS } from '../../test/protocols/story.ts';
import type { Event, EventBody } from './event.ts';
import { evolve } from './evolve.ts';

const after = (story: Story, body: EventBody) =>
  evolve(story.state, { ...body, at: story.now, actor: 'test' } as Event);

describe('an event that does not fit', () => {
  it.each<EventBody>([
    { type: 'ChatOpened', leg: CHAT, anchored: true, terms: { ...TERMS, bot: 'another' }, device: 'other' },
    { type: 'ChatMoved', leg: OTHER_LEG, device: 'other' },
    { type: 'ChatDelayed', leg: CHAT, code: 'c', until: 1 },
    { type: 'ChatRetried', leg: CHAT },
    { type: 'MessageDelivered', leg: CHAT, id: 'of-none', vendorMs: 1 },
    { type: 'DeskClosed', leg: CHAT },
    { type: 'PersonNotFound', leg: CHAT, code: 'c' },
  ])('%j: changes nothing', (body) => {
    const story = Story.chatting();
    expect(after(story, body)).toEqual(story.state);
  });

  it('nor where nothing of ours is open', () => {
    const story = Story.opened();
    for (const type of ['ChatRetried', 'DeskClosed'] as const)
      expect(after(story, { type, leg: CHAT })).toEqual(story.state);
    const { seq, mark } = { seq: 1, mark: 'over' } as const;
    expect(after(story, { type: 'ChatMarked', leg: CHAT, seq, mark })).toEqual(story.state);
  });

  it('an agent’s line without anybody at the people’s side is kept as a line', () => {
    const story = Story.chatting();
    const line = {
      type: 'MessageSaid',
      leg: CHAT,
      seq: 1,
      id: 'a',
      from: { kind: 'agent' },
      text: 'x',
      epoch: 1,
    } as const;
    expect(after(story, line)).toMatchObject({ chats: [{ seq: 1, desk: null }] });
    const named = { type: 'ChatMarked', leg: CHAT, seq: 1, mark: 'person-joined', name: 'Ana' } as const;
    expect(after(story, named)).toMatchObject({ chats: [{ seq: 1, desk: null }] });
  });

  it('a bot’s line that answers nothing asked is no answer', () => {
    const story = Story.chatting();
    const line = {
      type: 'MessageSaid',
      leg: CHAT,
      seq: 1,
      id: 'b',
      from: { kind: 'bot', name: 'b' },
      text: 'x',
      epoch: 1,
    } as const;
    expect(after(story, { ...line, replyTo: 'x' })).toMatchObject({ chats: [{ seq: 1 }] });
    expect(after(story, line)).not.toHaveProperty('chats.0.answer');
  });
});

it('what was sent along is remembered, so that it goes with the interaction', () => {
  const story = Story.chatting();
  const file = (ref: string) => [{ ref, name: 'a.png', mime: 'image/png', bytes: 1 }];
  story.says('one', 'm-1', { attachments: file('r-1') });
  story.says('two', 'm-2', { attachments: file('r-2') });
  expect(story.chat.files).toEqual(['r-1', 'r-2']);
});

it('a conversation that people have elsewhere is not ours to close twice', () => {
  const story = Story.withPeople();
  story.take({ kind: 'attach-leg', leg: OTHER_LEG });
  story.tell({ kind: 'customer-left', participantId: 'p' as never }, story.now, DESK_LEG);
  const events = story.take({ kind: 'end-chat', leg: CHAT });
  expect(events.map(({ type }) => type)).not.toContain('ClosingAdded');
  expect(story.interaction.endedAt).toBeUndefined();
});
