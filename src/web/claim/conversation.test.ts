// Tests the conversation as the page knows it: in order, without gaps, and nothing unsent lost.

import { describe, expect, it } from 'vitest';
import { Conversation, type Line } from './conversation.ts';

const line = (seq: number, id?: string): Line => ({
  kind: 'message',
  seq,
  at: '2026-11-20T00:00:00Z',
  from: id === undefined ? 'bot' : 'customer',
  text: `line ${seq}`,
  ...(id !== undefined && { id }),
});

function store(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  } as unknown as Storage;
}

describe('a conversation', () => {
  it('is in order whatever the order of arrival, and has seen what is without a gap', () => {
    const conversation = new Conversation(null);
    conversation.take([line(3), line(1)]);
    expect([conversation.seen, conversation.lines.map(({ seq }) => seq)]).toEqual([1, [1, 3]]);
    conversation.take([line(2), line(1)]);
    expect([conversation.seen, conversation.lines.map(({ seq }) => seq)]).toEqual([3, [1, 2, 3]]);
  });

  it('keeps what was not acknowledged over a refresh, until its line has come', () => {
    const kept = store();
    new Conversation(kept).say({ id: 'm-1', text: 'Hello' });
    const after = new Conversation(kept);
    expect(after.unsent).toEqual([{ id: 'm-1', text: 'Hello' }]);
    after.take([line(1, 'm-1')]);
    expect(after.unsent).toEqual([]);
    expect(new Conversation(kept).unsent).toEqual([]);
    after.say({ id: 'm-2', text: 'x' });
    after.drop('m-2');
    expect(after.unsent).toEqual([]);
  });

  it('goes on where nothing can be kept, and where what was kept is none of ours', () => {
    const full = {
      getItem: () => '{"not":"a list"}',
      setItem: () => {
        throw new Error('full');
      },
    } as unknown as Storage;
    const conversation = new Conversation(full);
    conversation.say({ id: 'm-1', text: 'Hello' });
    expect(conversation.unsent).toHaveLength(1);
    expect(new Conversation({ getItem: () => 'no json' } as unknown as Storage).unsent).toEqual([]);
  });

  it('says of a line that it did not arrive', () => {
    const conversation = new Conversation(null);
    conversation.take([line(1, 'm-1'), line(2)]);
    conversation.deliver('m-1', 'failed');
    expect(conversation.lines[0]).toMatchObject({ delivery: 'failed' });
    expect(conversation.lines[1]).not.toHaveProperty('delivery');
  });
});
