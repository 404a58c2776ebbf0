// Owns the vendor of the benches: it answers every command at once and tells of the arrival right after the transfer, so that
// what is measured is ours alone.

import type { ConversationView, Queue } from '../src/context/conversation.ts';
import type { ExternalId, ParticipantId, PlatformName, QueueId } from '../src/ids.ts';
import type { Command, CommandOutcome } from '../src/protocols/command.ts';
import type { EscalationPolicy, Input } from '../src/protocols/input.ts';
import { DEFAULT_QUEUE_RULES } from '../src/protocols/queue-rules.ts';

export const PLATFORM = 'genesys_cloud' as PlatformName;
const QUEUE: Queue = { id: '5f1c0a10-0001-4a00-8a00-000000000001' as QueueId, name: 'BillingDisputes_Priority' };
const VIEW: ConversationView = {
  ended: false,
  transfers: [],
  parties: [
    { id: 'customer' as ParticipantId, role: 'customer', state: 'connected' },
    { id: 'bot' as ParticipantId, role: 'bot', state: 'connected' },
  ],
};

export const POLICY: EscalationPolicy = {
  rules: DEFAULT_QUEUE_RULES,
  platforms: { [PLATFORM]: { limits: { attributeValueBytes: 256, attributeCount: 50 }, settleMs: 5_000 } },
  settleWithinMs: 120_000,
  limits: { commandTimeoutMs: 8_000, confirmWithinMs: 30_000, flowWithinMs: 60_000, transferAttempts: 3 },
};

export function answerAtOnce(command: Command): CommandOutcome {
  switch (command.kind) {
    case 'Inspect':
      return { kind: 'done', of: 'Inspect', result: { queue: QUEUE, view: VIEW } };
    case 'AttachContext':
      return { kind: 'done', of: 'AttachContext', result: null };
    case 'TransferToQueue':
      return { kind: 'done', of: 'TransferToQueue', result: null };
    default:
      throw new Error(`the instant vendor is never asked to ${command.kind}`);
  }
}

/** The event that shows the customer in the queue. */
export function arrivalOf(externalId: ExternalId, now: number): Input {
  return {
    kind: 'conversation-event',
    actor: `platform:${PLATFORM}`,
    event: {
      kind: 'queue-entered',
      platform: PLATFORM,
      externalId,
      messageId: `acd.start.${externalId}`,
      at: now,
      participantId: 'acd' as ParticipantId,
      queueId: QUEUE.id,
    },
  };
}
