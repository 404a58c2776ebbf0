// Tests the reading of what an agent wrote on an own channel.

import { describe, expect, it } from 'vitest';
import { readAgentMessage } from './own-channel-message.ts';

const body = {
  id: 'm-1',
  thread: { id: 'their-thread', idOnExternalPlatform: 'our-thread' },
  channel: { id: 'byoc_ours' },
  contact: { id: 5000001 },
  createdAtWithMilliseconds: '2026-11-20T10:00:00.000Z',
  messageContent: { type: 'TEXT', payload: { text: 'Sam is here.' } },
  recipients: [{ idOnExternalPlatform: 'secret-customer' }],
};
const OUTBOUND = '/box/channels/byoc_ours/outbound';

describe('readAgentMessage', () => {
  it('reads both forms, and answers the same to the same message', () => {
    const message = {
      id: 'm-1',
      threadId: 'our-thread',
      text: 'Sam is here.',
      channelId: 'byoc_ours',
      externalId: '5000001',
      at: Date.UTC(2026, 10, 20, 10),
    };
    const answer = { idOnExternalPlatform: 'throughline-m-1' };
    expect(readAgentMessage(OUTBOUND, body)).toEqual({ kind: 'message', message, answer });
    expect(readAgentMessage('/1.0/posts/our%20thread/messages', body)).toEqual({
      kind: 'message',
      message: { ...message, threadId: 'our thread' },
      answer,
    });
  });

  it('takes no more than it needs: an id, a thread, a text', () => {
    const bare = { id: 7, messageContent: { fallbackText: 'A picture' } };
    expect(readAgentMessage('/1.0/posts/t/messages/', bare)).toEqual({
      kind: 'message',
      message: { id: '7', threadId: 't', text: 'A picture' },
      answer: { idOnExternalPlatform: 'throughline-7' },
    });
    expect(JSON.stringify(readAgentMessage(OUTBOUND, body))).not.toContain('secret-customer');
  });

  it('says what is wrong without repeating it', () => {
    for (const payload of [
      undefined,
      null,
      'x',
      [],
      {},
      { ...body, id: '' },
      { ...body, thread: null },
      { ...body, messageContent: null },
    ])
      expect(readAgentMessage(OUTBOUND, payload), JSON.stringify(payload)).toMatchObject({ kind: 'problem' });
    expect(JSON.stringify(readAgentMessage(OUTBOUND, { id: 'm', thread: 'secret' }))).not.toContain('secret');
  });

  it('does not know other paths', () => {
    for (const path of ['/', '/1.0/posts//messages', '/channels/a/b/outbound', '/1.0/posts/a/messages/more'])
      expect(readAgentMessage(path, body), path).toBeUndefined();
    expect(readAgentMessage('/1.0/posts/%/messages', body)).toMatchObject({ message: { threadId: '%' } });
  });
});
