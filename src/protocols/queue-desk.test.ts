// Tests whose people our own conversation is handed to: the queue that is wanted says it.

import { describe, expect, it } from 'vitest';
import { CHAT_POLICY, OTHER_LEG, QUEUE, Story } from '../../test/protocols/story.ts';

describe('the first message', () => {
  it('goes to the people who answer the queue that is wanted, and to the others where none are named for it', () => {
    const CXONE = { platform: OTHER_LEG.platform, deduplicates: true };
    const policy = {
      ...CHAT_POLICY,
      platforms: { ...CHAT_POLICY.platforms, [CXONE.platform]: Object.values(CHAT_POLICY.platforms)[0] as never },
      deskOfQueue: { Billing_Digital: CXONE },
    };
    const opened = (queue?: string) => {
      const story = Story.chatting();
      story.escalate({ policy, ...(queue !== undefined && { queue }) });
      return story.command;
    };
    const there = {
      kind: 'OpenConversation',
      platform: CXONE.platform,
      safety: 'fenced',
      queueName: 'Billing_Digital',
    };
    expect(opened('Billing_Digital')).toMatchObject(there);
    for (const queue of [QUEUE.name, undefined, 'toString'])
      expect(opened(queue)).toMatchObject({ platform: 'genesys_cloud', safety: 'unlookable' });
  });
});
