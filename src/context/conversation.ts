// Owns how a platform's conversation looks to us, whatever the vendor calls its parts: the view a look returns, the events a
// platform sends, and a queue. Adapters make these values; protocols decide on them.

import type { AgentId, ExternalId, Instant, ParticipantId, PlatformName, QueueId } from '../ids.ts';

/** The ways a customer's conversation can be carried. */
export const CHANNELS = ['voice', 'webchat', 'sms', 'message', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

export type Queue = {
  readonly id: QueueId;
  readonly name: string;
  readonly division?: { readonly id: string; readonly name: string };
};

/** One party of a conversation. `role` is ours; vendors' words (acd, ivr, botflow, external…) are mapped by the adapter. */
export type Party = {
  readonly id: ParticipantId;
  readonly role: 'customer' | 'bot' | 'queue' | 'agent' | 'other';
  /** `alerting`: being rung or offered. `connected`: in the conversation (a queue party that is waiting counts as connected). */
  readonly state: 'alerting' | 'connected' | 'ended';
  readonly queueId?: QueueId;
  readonly agentId?: AgentId;
};

/** A transfer as the platform reports it; `queueId` where the destination is a queue. */
export type TransferRecord = {
  readonly state: 'pending' | 'complete' | 'failed';
  readonly queueId?: QueueId;
  readonly issuedAt: Instant;
};

/** What a look at a conversation shows. */
export type ConversationView = {
  readonly ended: boolean;
  readonly parties: readonly Party[];
  /** Oldest first. */
  readonly transfers: readonly TransferRecord[];
  /** The names of what an earlier handoff has left with the customer (`misleadingIn`); absent where there is none to be seen. */
  readonly leftBehind?: readonly string[];
};

/**
 * What a platform tells of a conversation, in our words. `messageId` is the sender's and is the same when the same event is
 * sent again; `at` is the sender's clock. Events come at least once and in any order.
 */
export type ConversationEvent = {
  readonly platform: PlatformName;
  readonly externalId: ExternalId;
  readonly messageId: string;
  readonly at: Instant;
} & ConversationChange;

export type ConversationChange =
  | { readonly kind: 'queue-entered'; readonly participantId: ParticipantId; readonly queueId: QueueId }
  | {
      readonly kind: 'queue-left';
      readonly participantId: ParticipantId;
      readonly queueId: QueueId;
      /** Set when an agent of the queue took the conversation. */
      readonly answeredBy?: AgentId;
    }
  | {
      readonly kind: 'agent-joined';
      readonly participantId: ParticipantId;
      readonly agentId: AgentId;
      readonly queueId?: QueueId;
    }
  | {
      readonly kind: 'agent-left';
      readonly participantId: ParticipantId;
      readonly agentId?: AgentId;
      readonly queueId?: QueueId;
      /** False when the agent was only rung and never spoke. */
      readonly talked: boolean;
      /** True when the conversation went on to another agent, queue or number. */
      readonly transferred: boolean;
    }
  /** `transferred`: they did not hang up, their conversation went on elsewhere. */
  | { readonly kind: 'customer-left'; readonly participantId: ParticipantId; readonly transferred?: true }
  /** The platform pushed the whole conversation. */
  | { readonly kind: 'seen'; readonly view: ConversationView };
