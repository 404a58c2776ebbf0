// Tests who comes to another conversation while the customer is in ours: they hold nobody, and have the customer once ours is over (H2), as when a
// call that was promised rings an agent before the chat has ended (seed 000 §5).

import { describe, expect, it } from 'vitest';
import {
  CHAT,
  CUSTOMER_LEFT,
  customerParty,
  DESK_LEG,
  joined,
  OTHER_LEG,
  parted,
  START,
  Story,
  view,
} from '../../test/protocols/story.ts';
import type { ConversationChange } from '../context/conversation.ts';
import type { AgentId, ParticipantId, QueueId } from '../ids.ts';

const QUEUED: ConversationChange = {
  kind: 'queue-entered',
  participantId: 'p-queue' as ParticipantId,
  queueId: 'q-2' as QueueId,
};

/** Our conversation is with the bot, or with an agent, and another one goes on beside it. */
function beside(withAgent = false): Story {
  const story = withAgent ? Story.withPeople() : Story.chatting();
  if (withAgent) story.tell(joined('p-1', 'a-1'), START, DESK_LEG);
  story.take({ kind: 'attach-leg', leg: OTHER_LEG });
  return story;
}
const tell = (story: Story, change: ConversationChange, at = START) => story.tell(change, at, OTHER_LEG);
const end = (story: Story) => story.take({ kind: 'end-chat', leg: CHAT });

describe('whoever comes to another conversation while the customer is in ours', () => {
  it.each([false, true])('holds nobody, and has the customer once ours is over (with an agent: %s)', (withAgent) => {
    const story = beside(withAgent);
    const before = story.interaction.holder;
    tell(story, QUEUED);
    tell(story, joined('p-2', 'a-2'), START + 1);
    tell(
      story,
      { kind: 'queue-left', participantId: 'p-queue' as ParticipantId, queueId: 'q-2' as QueueId },
      START + 2,
    );
    expect(story.interaction.holder).toBe(before);
    end(story);
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', agentId: 'a-2' });
    tell(story, CUSTOMER_LEFT, START + 3);
    expect(story.interaction.endedAt).toBeDefined();
  });

  it('has nobody once they have left before it is over, and who is told twice has come once', () => {
    const story = beside();
    tell(story, joined('p-2', 'a-2'));
    expect(tell(story, joined('p-2', 'a-2'))).toEqual([]);
    tell(story, parted('p-2'), START + 1);
    expect(tell(story, parted('p-2'), START + 1)).toEqual([]);
    end(story);
    expect(story.interaction.holder.kind).toBe('bot');
  });

  it('is as good when a look shows them', () => {
    const story = beside();
    const agent = { id: 'p-2' as ParticipantId, role: 'agent', state: 'connected', agentId: 'a-2' as AgentId } as const;
    const seen: ConversationChange = { kind: 'seen', view: view([customerParty(), agent]) };
    tell(story, seen);
    expect(story.interaction.holder.kind).toBe('bot');
    expect(tell(story, seen)).toEqual([]);
    tell(story, { kind: 'seen', view: view([customerParty(), { ...agent, state: 'ended' }]) });
    end(story);
    expect(story.interaction.holder.kind).toBe('bot');
  });

  it.each([CUSTOMER_LEFT, { kind: 'seen', view: { ...view([]), ended: true } } as const])(
    'is gone with their conversation: %j',
    (over) => {
      const story = beside();
      tell(story, joined('p-2', 'a-2'));
      tell(story, over, START + 1);
      expect(story.interaction.attendance.present).toEqual([]);
      end(story);
      expect(story.interaction.holder.kind).toBe('none');
    },
  );

  it('does not come between the customer and their people', () => {
    const story = beside(true);
    tell(story, joined('p-2', 'a-2'), START + 1);
    story.tell(joined('p-3', 'a-3'), START + 2, DESK_LEG);
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', agentId: 'a-3' });
    story.tell(parted('p-1'), START + 3, DESK_LEG);
    story.tell(parted('p-3'), START + 4, DESK_LEG);
    expect(story.interaction.holder.kind).toBe('bot');
  });
});
