// Owns what can be asked or told of an interaction: API requests, vendor events, command outcomes, due timers. Time, ids and
// chance come in with the input, so that deciding stays a function.

import type { BotPrompt } from '../context/bot-reply.ts';
import type { Channel, ConversationEvent } from '../context/conversation.ts';
import type { OfferedFile } from '../context/desk-news.ts';
import type { Customer, InteractionContext } from '../context/interaction-context.ts';
import type { Manifest } from '../context/manifest.ts';
import type { Mapping } from '../context/mapping.ts';
import type { ChannelLimits, LossEntry, PackingLimits } from '../context/packing.ts';
import type { AgentId, ExternalId, HandoffId, Instant, InteractionId, ManifestRef, PlatformName } from '../ids.ts';
import type { AgentHold } from './agent-hold.ts';
import type { CallingHours } from './calling-hours.ts';
import type { Attachment, ChatTerms } from './chat.ts';
import type { CommandOutcome } from './command.ts';
import type { CommitWay, Initiator, TransferTarget, TransferType } from './crossing.ts';
import type { Actor, Rung } from './event.ts';
import type { Direction, Retention } from './interaction.ts';
import type { CallbackPattern, CommitBy, Leg, MoveLimits } from './move.ts';
import type { DeflectionTerms } from './offer.ts';
import type { KnownOfLeg } from './ownership.ts';
import type { QueueRules } from './queue-rules.ts';

export type OpenInteraction = {
  readonly kind: 'open-interaction';
  readonly id: InteractionId;
  readonly channel: Channel;
  readonly direction: Direction;
  readonly customer: Customer;
  readonly context: InteractionContext;
  readonly leg: Leg;
  /** Without it the interaction is kept until it is erased by request. */
  readonly retention?: Retention;
};

/** How escalations are to be run; configuration, the same for every request. */
export type EscalationPolicy = {
  readonly rules: QueueRules;
  /** The platforms a conversation can be moved on, with what fits there and how long its effects take to show. */
  readonly platforms: Readonly<
    Record<
      PlatformName,
      { readonly limits: ChannelLimits; readonly settleMs: number; readonly agentHold?: Omit<AgentHold, 'settleMs'> }
    >
  >;
  readonly settleWithinMs: number;
  readonly limits: Omit<MoveLimits, 'settleBy' | 'settleMs' | 'agentHold'>;
  /** Whose people take the conversations that we carry, where the queue's name says nothing else; without it nobody does. */
  readonly desk?: DeskPolicy;
  /** By the exact name of the queue that is wanted. */
  readonly deskOfQueue?: Readonly<Record<string, DeskPolicy>>;
};

/**
 * `deduplicates`: a message of the same id is taken once, however often it is sent. Only what its documents give (H3, H5). `limits`: what fits a first
 * message there; as in the platform's other conversations where it is absent.
 */
export type DeskPolicy = {
  readonly platform: PlatformName;
  readonly deduplicates: boolean;
  readonly limits?: PackingLimits;
};

export type RequestEscalation = {
  readonly kind: 'request-escalation';
  readonly queue?: string;
  readonly resumeBot: boolean;
  readonly commitBy: CommitBy;
  /** Already masked; `masked` names what was. */
  readonly manifest?: Manifest;
  readonly manifestRef?: ManifestRef;
  readonly masked: readonly LossEntry[];
  readonly request?: { readonly key: string; readonly digest: string };
  readonly policy: EscalationPolicy;
};

/** How a platform takes part in transfers; configuration. */
export type TransferSite = {
  readonly limits: ChannelLimits;
  readonly settleMs: number;
  /** What a reservation for a transfer to it rests on; `none` where no transfer can come. */
  readonly reservation: 'native' | 'entry-script' | 'none';
  readonly reservationMs: number;
  readonly entryNumbers: readonly string[];
  /** Its ways of letting a conversation go, best first. */
  readonly ways: readonly CommitWay[];
  /** A queue that somebody answers, for callers whose transfer failed; without one it takes part in none. */
  readonly fallbackQueue?: string;
  /** Whether an agent there is asked to keep free before a source lets go. */
  readonly asksAgents?: boolean;
  /** Canonical field → this platform's own name for it (context/mapping.ts). */
  readonly mapping?: Mapping;
};

/** How transfers are to be run; configuration, the same for every request. */
export type TransferPolicy = {
  readonly sites: Readonly<Record<PlatformName, TransferSite>>;
  readonly settleWithinMs: number;
  readonly consultMs: number;
  readonly limits: Omit<MoveLimits, 'settleBy' | 'settleMs' | 'agentHold' | 'flowWithinMs'> &
    Partial<Pick<MoveLimits, 'flowWithinMs'>>;
};

export type RequestTransfer = {
  readonly kind: 'request-transfer';
  readonly to: PlatformName;
  readonly target: TransferTarget;
  readonly type: TransferType;
  readonly initiatedBy: Initiator;
  /** `flow`: the source's own flow lets go, once it has asked where to. We do where it is not said. */
  readonly commitBy?: Extract<CommitBy, 'us' | 'flow'>;
  readonly holdLimitMs: number;
  /** 128 random bits at least, base64url. */
  readonly token: string;
  readonly manifest?: Manifest;
  readonly manifestRef?: ManifestRef;
  readonly masked: readonly LossEntry[];
  readonly request?: { readonly key: string; readonly digest: string };
  readonly policy: TransferPolicy;
};

/** How deflections are to be run; configuration. */
export type DeflectionPolicy = {
  /** Platforms whose conversations are told that they were deflected. */
  readonly told: readonly PlatformName[];
  readonly receiptWaitMs: number;
  /** Routes whose provider calls no hook, and is asked instead. */
  readonly asked?: readonly string[];
  readonly purge: readonly string[];
  readonly digital: PackingLimits;
  readonly limits: Pick<MoveLimits, 'commandTimeoutMs' | 'settleMs'>;
};

export type RequestDeflection = {
  readonly kind: 'request-deflection';
  /** Checked: by which routes it can be texted, or why it cannot. */
  readonly number:
    | { readonly ok: true; readonly to: string; readonly routes: readonly string[] }
    | { readonly ok: false; readonly reason: string };
  /** The message with its link, and by what the link is known. */
  readonly text: string;
  readonly claim?: string;
  readonly source: DeflectionTerms['source'];
  readonly ttlMs: number;
  readonly request?: { readonly key: string; readonly digest: string };
  readonly policy: DeflectionPolicy;
};

/** How callbacks are to be run; configuration. */
export type CallbackPolicy = {
  /** Whose queue calls; null where none can. */
  readonly platform: PlatformName | null;
  readonly queue: string;
  readonly hours: CallingHours;
  /** The time zone that is taken for numbers of which none is known; without it they are not called. */
  readonly otherwiseIn?: string;
  readonly settleWithinMs: number;
  readonly limits: Omit<MoveLimits, 'settleBy' | 'agentHold'>;
};

export type RequestCallback = {
  readonly kind: 'request-callback';
  /** Checked: E.164 and its country, or why it may not be called. */
  readonly number:
    | { readonly ok: true; readonly phone: string; readonly country?: string }
    | { readonly ok: false; readonly reason: string };
  readonly pattern: CallbackPattern;
  readonly consent: string;
  readonly queue?: string;
  readonly at?: Instant;
  /** The customer's own (IANA), where it is known. */
  readonly timeZone?: string;
  readonly priority?: number;
  readonly request?: { readonly key: string; readonly digest: string };
  readonly policy: CallbackPolicy;
};

export type Input = { readonly actor: Actor } & (
  | OpenInteraction
  | RequestEscalation
  | RequestTransfer
  | RequestDeflection
  | RequestCallback
  /** What a provider tells of the message that went out by that route. */
  | {
      readonly kind: 'sms-status';
      readonly handoffId: HandoffId;
      readonly route: number;
      readonly status: 'delivered' | 'failed';
      readonly reason?: string;
    }
  /**
   * A device claims the offer for the conversation `leg`. `move`: the customer wants it here although it is on another device. `anchor`: the
   * platform whose conversations are our own.
   */
  | {
      readonly kind: 'claim-offer';
      readonly handoffId: HandoffId;
      readonly device: string;
      readonly leg: Leg;
      readonly move: boolean;
      readonly anchor: PlatformName;
    }
  /** The conversation `leg` is ours to carry, on this device. `move`: the customer wants it here although it is on another. */
  | {
      readonly kind: 'open-chat';
      readonly leg: Leg;
      readonly device: string;
      readonly terms: ChatTerms;
      readonly move: boolean;
      /** The bot speaks first. */
      readonly greet: boolean;
    }
  /**
   * `device` and `epoch`: refused where they are not the present ones; a customer has no epoch, a bot's turn that is asked for does.
   * `terms`: begins the bot's session in a conversation that a platform carries.
   */
  | {
      readonly kind: 'customer-says';
      readonly leg: Pick<Leg, 'platform' | 'externalId'>;
      readonly id: string;
      readonly prompt: BotPrompt;
      readonly attachments?: readonly Attachment[];
      readonly device?: string;
      readonly epoch?: number;
      readonly terms?: ChatTerms;
    }
  /** Told by the people's platform, which knows our customer as `far`. */
  | {
      readonly kind: 'agent-says';
      readonly platform: PlatformName;
      readonly far: ExternalId;
      readonly id: string;
      readonly text: string;
      readonly name?: string;
      /** To be fetched from their platform, and kept under `ref`. */
      readonly files?: readonly (OfferedFile & { readonly ref: string })[];
    }
  /** How customers are told who the agent is that has them now. */
  | {
      readonly kind: 'name-agent';
      readonly platform: PlatformName;
      readonly far: ExternalId;
      readonly agentId: AgentId;
      readonly name: string;
    }
  | { readonly kind: 'end-chat'; readonly leg: Pick<Leg, 'platform' | 'externalId'>; readonly device?: string }
  /** A conversation that reached the destination, recognised as this transfer's. */
  | { readonly kind: 'redeem-reservation'; readonly handoffId: HandoffId; readonly leg: Leg; readonly rung: Rung }
  /** The source's flow asks where to let go to. */
  | { readonly kind: 'tell-flow'; readonly handoffId: HandoffId }
  /** The verdict of the source's agent on a consultation. */
  | { readonly kind: 'complete-transfer'; readonly handoffId: HandoffId; readonly accept: boolean }
  /** `known`: by the interaction that had the leg before. */
  | { readonly kind: 'attach-leg'; readonly leg: Leg; readonly known?: KnownOfLeg }
  | { readonly kind: 'detach-leg'; readonly leg: Leg }
  /** RFC 7396 merge patches. */
  | {
      readonly kind: 'change-context';
      readonly customer?: Readonly<Record<string, unknown>>;
      readonly context?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'cancel-handoff'; readonly handoffId: HandoffId }
  /** `handoffId`: that dead-lettered handoff; without one, the interaction, which was quarantined until a moment ago. */
  | { readonly kind: 'resolve-dead-letter'; readonly handoffId?: HandoffId; readonly note?: string }
  | { readonly kind: 'retry-dead-letter'; readonly note?: string }
  /** Goes on with that dead-lettered transfer by a new one, after a look. `token`: the new one's, as random as any. */
  | { readonly kind: 'retry-transfer'; readonly handoffId: HandoffId; readonly token: string; readonly note?: string }
  | { readonly kind: 'record-wrapup'; readonly code: string; readonly notes?: string }
  | { readonly kind: 'record-survey'; readonly score: number; readonly comment?: string }
  | { readonly kind: 'conversation-event'; readonly event: ConversationEvent }
  | {
      readonly kind: 'command-outcome';
      readonly key: string;
      readonly outcome: CommandOutcome;
      /** How long the call took. */
      readonly tookMs: number;
      /** In [0, 1). */
      readonly chance: number;
    }
  /** `atOnce`: nobody gets on with it any more, so an open move is not waited for. */
  | { readonly kind: 'erase'; readonly erasureId: string; readonly atOnce?: boolean }
  | { readonly kind: 'due'; readonly chance: number }
  /** Another process had this interaction and is gone: what it had under way may or may not have happened (H5). */
  | { readonly kind: 'taken-over' }
  /** It was claimed too often without getting on, and is set aside for good: nothing that is asked for will be done. */
  | { readonly kind: 'quarantine' }
);
