// Owns what sender and receiver of the hook bench agree on: the event, the secret, and how many connections there are.

export const CONNECTIONS = 64;
export const ANSWER_WITHIN_MS = 30_000;
export const SECRET = 'bench-hook-secret';

export const secretHeaders = { 'content-type': 'application/json', 'x-throughline-secret': SECRET };

export type Sending = { readonly url: string; readonly conversations: readonly string[] };

/** A Genesys detail event as EventBridge envelopes it: an agent took the call. */
export function eventFor(conversationId: string) {
  const topicName = 'v2.detail.events.conversation.{id}.user.start';
  return {
    version: '0',
    id: `bridge-${conversationId}`,
    'detail-type': topicName,
    source: 'aws.partner/genesys.com/cloud/1/bench',
    account: '123456789012',
    time: '2026-11-20T12:00:00Z',
    region: 'eu-central-1',
    resources: [],
    detail: {
      topicName,
      version: '2',
      eventBody: {
        eventTime: 1_795_176_000_000,
        conversationId,
        participantId: '5f1c0a10-0003-4a00-8a00-000000000001',
        sessionId: '5f1c0a10-0004-4a00-8a00-000000000001',
        mediaType: 'VOICE',
        userId: '5f1c0a10-0002-4a00-8a00-000000000001',
        queueId: '5f1c0a10-0001-4a00-8a00-000000000001',
      },
      metadata: { CorrelationId: '0b6f2f0e-8a57-4a51-b1a8-5a4e6c2a2c11' },
    },
  };
}
