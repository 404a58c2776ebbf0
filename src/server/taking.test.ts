// Tests what a caller is told when what was asked could not be taken: to try again only where that can help.

import { describe, expect, it } from 'vitest';
import { GENESYS, serve } from '../../test/contract/served.ts';
import type { ConversationEvent } from '../context/conversation.ts';
import type { ExternalId, ParticipantId } from '../ids.ts';
import { JournalUnavailable } from '../journal/journal-unavailable.ts';
import { durable } from './taking.ts';

describe('what could not be taken', () => {
  it('is 503 when the journal could not be read or written, with the cause for our log', async () => {
    const error = new JournalUnavailable(new Error('disk full'));
    await expect(durable(Promise.reject(error))).rejects.toMatchObject({ code: 'journal-unavailable', cause: error });
  });

  it('is a bug of ours otherwise, and stays what it is', async () => {
    const bug = new TypeError('a bug');
    await expect(durable(Promise.reject(bug))).rejects.toBe(bug);
  });

  it('an event that cannot be decided does not fail the request that it came with', async () => {
    await using served = await serve();
    const conversation = { platform: GENESYS, externalId: 'conv-1' as ExternalId };
    const told: ConversationEvent = {
      ...conversation,
      messageId: 'm-1',
      at: 1,
      kind: 'customer-left',
      participantId: 'customer' as ParticipantId,
    };
    const undecidable = { ...told, kind: 'seen', view: null } as never as ConversationEvent;
    await served.journal.park(undecidable, GENESYS, served.clock.now() + 60_000);
    const { status } = await served.post('/v1/interactions', { ...conversation, channel: 'voice' });
    expect([status, served.errors]).toEqual([201, []]);
  });

  it('is 500 for the caller whose own request cannot be decided, and nobody else’s', async () => {
    await using served = await serve({ policy: undefined as never });
    const id = await served.open('conv-1');
    const [undecidable, beside] = await Promise.all([
      served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' }),
      served.post(`/v1/interactions/${id}/wrapup`, { code: 'done' }),
    ]);
    expect([undecidable.status, undecidable.body.code]).toEqual([500, 'internal-error']);
    expect(beside.status).toBeLessThan(300);
    expect(served.errors).toEqual([expect.any(TypeError)]);
  });
});
