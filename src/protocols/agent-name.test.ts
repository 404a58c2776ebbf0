// Tests how a customer comes to know who has them where the messages of the people's platform do not say it (H2).

import { describe, expect, it } from 'vitest';
import { CHAT, DESK_LEG, joined, LEG, parted, START, Story, types } from '../../test/protocols/story.ts';
import type { AgentId, ExternalId } from '../ids.ts';

describe('with people', () => {
  it('an agent whose messages say no name is called by the one that was asked for, as long as it is theirs', () => {
    const story = Story.withPeople();
    const named = (agentId: string, name: string, change: object = {}) =>
      story.take({
        kind: 'name-agent',
        platform: LEG.platform,
        far: 'chat-1.1' as ExternalId,
        agentId: agentId as AgentId,
        name,
        ...change,
      });
    expect(named('a-1', 'Ana')).toEqual([]);
    story.tell(joined('p-1', 'a-1'), START, DESK_LEG);
    expect(types(named('a-1', 'Ana', { far: 'chat-1.9' }))).toEqual([]);
    expect(types(named('a-1', 'Ana'))).toEqual(['AgentNamed']);
    expect(named('a-1', 'Ana')).toEqual([]);
    story.agentSays('Hello');
    expect(story.events.at(-1)).toMatchObject({ type: 'MessageSaid', from: { kind: 'agent', name: 'Ana' } });
    // Another takes over: the first one's name is not theirs, and comes too late for them.
    story.tell(joined('p-2', 'a-2'), START + 1, DESK_LEG);
    story.tell(parted('p-1'), START + 2, DESK_LEG);
    expect(story.interaction.holder).toMatchObject({ agentId: 'a-2' });
    story.agentSays('Hi');
    expect(story.events.at(-1)).toMatchObject({ from: { kind: 'agent' } });
    expect(story.events.at(-1)).not.toHaveProperty('from.name');
    expect(named('a-1', 'Ana')).toEqual([]);
    expect(types(named('a-2', 'Ben'))).toEqual(['AgentNamed']);
    expect(story.chat.desk).toMatchObject({ agentName: 'Ben', agentId: 'a-2' });
    story.take({ kind: 'end-chat', leg: CHAT });
    expect(named('a-2', 'Ben')).toEqual([]);
  });
});
