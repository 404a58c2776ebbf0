// Owns what can have happened to an interaction. Events are past tense, carry their time, and are all that state is made of:
// fields are only ever added, since the journal keeps the old ones for good (H8).

import type { BotMemory } from '../context/bot-reply.ts';
import type { Channel, Queue } from '../context/conversation.ts';
import type { OfferedFile } from '../context/desk-news.ts';
import type { Customer, InteractionContext } from '../context/interaction-context.ts';
import type { LossEntry } from '../context/packing.ts';
import type { AgentId, ExternalId, HandoffId, Instant, InteractionId, ParticipantId, PlatformName } from '../ids.ts';
import type { AgentHold, Presence } from './agent-hold.ts';
import type { Attachment, ChatTerms, Desk, Mark, Speaker, Wanted } from './chat.ts';
import type { ReservationRef } from './command.ts';
import type { Cycle, Goal, Reservation, Route } from './crossing.ts';
import type { ErasureReason, Remains } from './erased-interaction.ts';
import type { Direction, Retention } from './interaction.ts';
import type { CallbackRecord, EscalationRecord, HandoffOutcome, Leg, Target, TransferRecord } from './move.ts';
import type { DeflectionRecord } from './offer.ts';
import type { Attendance, Holder, KnownOfLeg } from './ownership.ts';
import type { Hindrance } from './transfer-retry.ts';
import type { SettledCopy } from './vendor-copy.ts';

/** Who caused it: `api:{key name}`, `console:{key name}`, `platform:{name}` or `throughline`. */
export type Actor = string;

/** Why a request was refused; the server's problem registry answers with the same code. */
export type RefusalCode =
  | 'handoff-in-progress'
  | 'interaction-ended'
  | 'no-platform-leg'
  | 'idempotency-key-reused'
  | 'too-late-to-cancel'
  | 'handoff-not-found'
  | 'handoff-settled'
  | 'leg-busy'
  | 'already-recorded'
  | 'interaction-being-erased'
  | 'interaction-erased'
  | 'dead-letter-not-found'
  | 'retry-would-repeat'
  | 'nothing-to-complete'
  | 'reservation-unknown'
  | 'reservation-redeemed'
  | 'claim-unknown'
  | 'claim-expired'
  | 'claim-already-active'
  | 'chat-unknown'
  | 'chat-over'
  | 'chat-elsewhere'
  | 'stale-holder';

/** By what a conversation that reached the destination was recognised, surest first. */
export const RUNGS = ['reservation', 'token', 'number-and-caller', 'number', 'caller'] as const;
export type Rung = (typeof RUNGS)[number];

/** A place at a destination that is given back. */
export type Released = {
  readonly handoffId: HandoffId;
  readonly to: PlatformName;
  readonly reservation: ReservationRef;
};

export type EventBody =
  | {
      readonly type: 'InteractionOpened';
      readonly id: InteractionId;
      readonly channel: Channel;
      readonly direction: Direction;
      readonly customer: Customer;
      readonly context: InteractionContext;
      readonly masked: readonly LossEntry[];
      readonly holder: Holder;
      readonly retention?: Retention;
    }
  /** `later`: not the conversation it began with, so another interaction may have had it and written to it. */
  | { readonly type: 'LegAttached'; readonly leg: Leg; readonly later?: true }
  /** `known`: for whoever gets it next. */
  | { readonly type: 'LegDetached'; readonly leg: Leg; readonly known?: KnownOfLeg }
  | { readonly type: 'LegEnded'; readonly leg: Leg }
  | {
      readonly type: 'ContextChanged';
      readonly customer: Customer;
      readonly context: InteractionContext;
      readonly masked: readonly LossEntry[];
    }
  | {
      readonly type: 'RequestRefused';
      readonly request: string;
      readonly code: RefusalCode;
      readonly handoffId?: HandoffId;
      /** Of `retry-would-repeat`. */
      readonly because?: Hindrance;
    }
  | {
      readonly type: 'EscalationRequested';
      readonly handoff: Omit<EscalationRecord, 'timeline' | 'attempts' | 'vendorMs'>;
      readonly attributes: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'TransferRequested';
      readonly handoff: Omit<
        TransferRecord,
        'timeline' | 'attempts' | 'vendorMs' | 'cycles' | 'arrived' | 'placeholder'
      >;
      /** What is written to the source's conversation. */
      readonly attributes: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'CallbackRequested';
      readonly handoff: Omit<CallbackRecord, 'timeline' | 'attempts' | 'vendorMs'>;
    }
  | {
      readonly type: 'TransferChecked';
      readonly route: Route;
      readonly vendorMs: number;
      /** When the destination said that it is free, where the answer as a whole came later. */
      readonly freeAt?: Instant;
    }
  | { readonly type: 'PlaceReserved'; readonly reservation: Reservation; readonly vendorMs: number }
  /** Its time, or that of the check before it, no longer suffices, or the source is to be asked again: a place is sought anew. */
  | { readonly type: 'ReservationLapsed'; readonly code: string; readonly route?: Route }
  /** The destination's agent has been asked to keep free; `uncertain`: or may have been, and why that is not known. */
  | { readonly type: 'AgentAsked'; readonly id?: string; readonly uncertain?: string; readonly vendorMs: number }
  /** They have taken it. */
  | { readonly type: 'AgentReady'; readonly vendorMs: number }
  /** The source's flow was told where to; it is to let go until then. */
  | { readonly type: 'FlowTold'; readonly until: Instant }
  /** There is no place any more: the flow is told so, and what it was told before may happen until then. */
  | { readonly type: 'FlowRecalled'; readonly code: string; readonly until: Instant; readonly vendorMs: number }
  /** `rung`: by what the conversation was recognised. `late`: after the reservation's time, or its handoff's. */
  | {
      readonly type: 'ReservationRedeemed';
      readonly handoffId: HandoffId;
      readonly leg: Leg;
      readonly rung: Rung;
      readonly late?: true;
    }
  /** One pass of reconciliation: `until` when the next one is due. */
  | { readonly type: 'CycleObserved'; readonly cycle: Cycle; readonly until: Instant; readonly vendorMs: number }
  | { readonly type: 'ConsultationBegun'; readonly until: Instant }
  /** `because`: where no agent gave it. */
  | { readonly type: 'VerdictGiven'; readonly accept: boolean; readonly because?: string }
  /** The verdict is carried out, after a look that showed that it can be. */
  | { readonly type: 'ConclusionBegun'; readonly accept: boolean; readonly because?: string }
  | { readonly type: 'ConsultationEnded'; readonly vendorMs: number }
  /** A place was held after its handoff no longer wanted it: it is given back. */
  | {
      readonly type: 'PlaceStrayed';
      readonly id: string;
      readonly handoffId: HandoffId;
      readonly to: PlatformName;
      readonly reservation: ReservationRef;
    }
  /** The customer is put where somebody answers; `leaving` is replaced there. */
  | {
      readonly type: 'ReturnBegun';
      readonly goal: Extract<Goal, { kind: 'held' }>;
      readonly leaving: ParticipantId;
      readonly cycle: Cycle;
      readonly vendorMs: number;
    }
  /** The destination holds the customer: what is known is written there. */
  | {
      readonly type: 'DestinationReached';
      readonly customer: ParticipantId;
      readonly cycle: Cycle;
      readonly vendorMs: number;
    }
  /** Its conversation there is over before it could settle, and nobody is known to have hung up: both sides are looked at once more. */
  | { readonly type: 'ArrivalLost'; readonly vendorMs: number }
  | {
      readonly type: 'ConversationInspected';
      readonly target: Target;
      /** The customer is in the queue already. */
      readonly arrived?: true;
      /** Attributes that somebody else's handoff has left there: they are emptied with what is attached. */
      readonly empties?: readonly string[];
      readonly vendorMs: number;
    }
  /** `unwritten`: names of attributes that the platform turned out to have no place for (H4). */
  | { readonly type: 'ContextAttached'; readonly unwritten?: readonly string[]; readonly vendorMs: number }
  /** What is known has changed while the customer is on the way: this is written at the destination, and told there, in place of what was. */
  | {
      readonly type: 'ContextRepacked';
      readonly carried: Readonly<Record<string, string>>;
      readonly loss: readonly LossEntry[];
      readonly briefing: string;
      readonly summary: string;
    }
  | { readonly type: 'ArrivalSeen' }
  | { readonly type: 'TransferAccepted'; readonly vendorMs: number }
  | {
      readonly type: 'TransferUncertain';
      readonly code: string;
      /** The far side has refused it, so that repeating cannot help. */
      readonly rejected?: true;
      readonly vendorMs: number;
    }
  | {
      readonly type: 'TransferRepeated';
      readonly code: string;
      readonly transfersAfter: Instant;
      readonly known: readonly ParticipantId[];
      readonly vendorMs: number;
    }
  | { readonly type: 'StepDelayed'; readonly code: string; readonly until: Instant; readonly vendorMs: number }
  | { readonly type: 'StepRetried' }
  | {
      readonly type: 'HandoffSettled';
      readonly handoffId: HandoffId;
      readonly outcome: HandoffOutcome;
      readonly reason?: string;
      readonly detail?: string;
      readonly queue?: Queue;
      /** Of a callback: the platform's conversation, where it names one. */
      readonly booked?: ExternalId;
      readonly vendorMs: number;
    }
  | {
      readonly type: 'OfferSettled';
      readonly handoffId: HandoffId;
      readonly outcome: HandoffOutcome;
      readonly reason?: string;
    }
  | {
      readonly type: 'DeflectionRequested';
      readonly handoff: Omit<DeflectionRecord, 'timeline' | 'attempts' | 'vendorMs' | 'sms' | 'claimed'>;
    }
  /** `names`: of what was written to the conversation. */
  | {
      readonly type: 'ContextWritten';
      readonly handoffId: HandoffId;
      readonly leg: Leg;
      readonly customer: ParticipantId;
      readonly names: readonly string[];
      /** As of `ContextAttached`. */
      readonly unwritten?: readonly string[];
      readonly vendorMs: number;
    }
  /** `uncertain`: it may be there all the same. */
  | {
      readonly type: 'ContextNotWritten';
      readonly handoffId: HandoffId;
      readonly leg: Leg;
      readonly names: readonly string[];
      readonly code: string;
      readonly uncertain: boolean;
      readonly vendorMs: number;
    }
  | { readonly type: 'SmsRouteChosen'; readonly handoffId: HandoffId; readonly route: number }
  | { readonly type: 'SmsTaken'; readonly handoffId: HandoffId; readonly messageId?: string; readonly vendorMs: number }
  | { readonly type: 'SmsUncertain'; readonly handoffId: HandoffId; readonly code: string; readonly vendorMs: number }
  | { readonly type: 'SmsFailed'; readonly handoffId: HandoffId; readonly code: string; readonly vendorMs: number }
  | {
      readonly type: 'SmsReported';
      readonly handoffId: HandoffId;
      readonly status: 'delivered' | 'failed';
      readonly reason?: string;
    }
  /** No receipt came in its time. */
  | { readonly type: 'SmsUnconfirmed'; readonly handoffId: HandoffId }
  /** By the conversation `leg`, on `device` (opaque). */
  | { readonly type: 'OfferClaimed'; readonly handoffId: HandoffId; readonly device: string; readonly leg: Leg }
  | {
      readonly type: 'OfferDelayed';
      readonly handoffId: HandoffId;
      readonly code: string;
      readonly until: Instant;
      readonly uncertain?: boolean;
      readonly vendorMs: number;
    }
  | { readonly type: 'OfferRetried'; readonly handoffId: HandoffId }
  | { readonly type: 'ClosingAdded'; readonly id: string; readonly handoffId: HandoffId; readonly leg: Leg }
  | { readonly type: 'HolderChanged'; readonly holder: Holder; readonly attendance: Attendance }
  /** Somebody came or left without a change of holder. */
  | { readonly type: 'AttendanceChanged'; readonly attendance: Attendance }
  | { readonly type: 'ChoreAdded'; readonly id: string; readonly code: string; readonly handoffId: HandoffId }
  /** `release`: what was to be given back, where the chore is that; `code`: why it is not done yet. */
  | {
      readonly type: 'ChoreDelayed';
      readonly id: string;
      readonly until: Instant;
      readonly release?: Released;
      readonly code?: string;
    }
  | { readonly type: 'ChoreRetried'; readonly id: string }
  | {
      readonly type: 'ChoreDone';
      readonly id: string;
      readonly release?: Released & { readonly ended: 'released' | 'rejected' | 'given-up' };
      readonly code?: string;
    }
  | {
      readonly type: 'AgentHoldBegun';
      readonly id: string;
      readonly handoffId: HandoffId;
      readonly platform: PlatformName;
      readonly agentId: AgentId;
      readonly hold: AgentHold;
    }
  | { readonly type: 'AgentPresenceRead'; readonly id: string; readonly previous: string }
  /** Without `set` it is not known whether they are. */
  | { readonly type: 'AgentHeld'; readonly id: string; readonly set?: Presence; readonly until: Instant }
  /** `restored`: false where their presence was no longer what we had set. */
  | { readonly type: 'AgentReleased'; readonly id: string; readonly restored: boolean }
  | { readonly type: 'WrapupRecorded'; readonly code: string; readonly notes?: string }
  | { readonly type: 'SurveyRecorded'; readonly score: number; readonly comment?: string }
  /**
   * A person has settled what was left: this handoff, or with none named everything. `by`: the handoff that went on with it, and stands for
   * the matter now.
   */
  | {
      readonly type: 'DeadLetterResolved';
      readonly handoffId?: HandoffId;
      readonly by?: HandoffId;
      readonly note?: string;
    }
  /** A person has taken the interaction out of quarantine, to go on; or goes on with this handoff of unknown fate, by a new one. */
  | {
      readonly type: 'DeadLetterRetried';
      readonly handoffId?: HandoffId;
      readonly by?: HandoffId;
      readonly note?: string;
    }
  /** `idle`: nothing had happened for so long that its end must have been missed. */
  | { readonly type: 'InteractionEnded'; readonly reason?: 'idle' }
  | {
      readonly type: 'ChatOpened';
      readonly leg: Leg;
      readonly anchored: boolean;
      readonly terms: ChatTerms;
      readonly device?: string;
    }
  /** `anchored`: from now on the customer's messages come and go through us. */
  | { readonly type: 'ChatMoved'; readonly leg: Leg; readonly device: string; readonly anchored?: true }
  /** `id` is its sender's. `replyTo`: the message that a bot answers with it. */
  | {
      readonly type: 'MessageSaid';
      readonly leg: Leg;
      readonly seq: number;
      readonly id: string;
      readonly from: Speaker;
      readonly text: string;
      readonly attachments?: readonly Attachment[];
      readonly epoch: number;
      readonly replyTo?: string;
    }
  | {
      readonly type: 'ChatMarked';
      readonly leg: Leg;
      readonly seq: number;
      readonly mark: Mark;
      readonly name?: string;
    }
  /** What the bot is to know of beside what is said. */
  | {
      readonly type: 'BotTold';
      readonly leg: Leg;
      readonly name: string;
      readonly id?: string;
      readonly reason?: string;
    }
  | {
      readonly type: 'BotAnswered';
      readonly leg: Leg;
      readonly to: string;
      readonly memory: BotMemory | null;
      readonly vendorMs: number;
    }
  /** It failed or was slow; without `fallback` a person is to take over. */
  | { readonly type: 'BotRelieved'; readonly leg: Leg; readonly code: string; readonly fallback?: string }
  | { readonly type: 'PersonWanted'; readonly leg: Leg; readonly wanted: Wanted }
  /** With the message `id`; each is fetched, and said once it is here. */
  | {
      readonly type: 'AgentFilesOffered';
      readonly leg: Leg;
      readonly id: string;
      readonly platform: PlatformName;
      readonly from: Speaker;
      readonly epoch: number;
      readonly files: readonly (OfferedFile & { readonly ref: string })[];
    }
  | { readonly type: 'FileFetched'; readonly leg: Leg; readonly ref: string; readonly vendorMs: number }
  | {
      readonly type: 'FileNotFetched';
      readonly leg: Leg;
      readonly ref: string;
      readonly code: string;
      readonly vendorMs: number;
    }
  | {
      readonly type: 'FileDelayed';
      readonly leg: Leg;
      readonly ref: string;
      readonly code: string;
      readonly until: Instant;
    }
  | { readonly type: 'FileRetried'; readonly leg: Leg; readonly ref: string }
  | { readonly type: 'PersonNotFound'; readonly leg: Leg; readonly code: string }
  | { readonly type: 'MessageDelivered'; readonly leg: Leg; readonly id: string; readonly vendorMs: number }
  /** It may have arrived, and nobody can tell (H5): whoever said it is told so. */
  | {
      readonly type: 'DeliveryUncertain' | 'DeliveryFailed';
      readonly leg: Leg;
      readonly id: string;
      readonly code: string;
      readonly vendorMs: number;
    }
  | { readonly type: 'ChatDelayed'; readonly leg: Leg; readonly code: string; readonly until: Instant }
  | { readonly type: 'ChatRetried'; readonly leg: Leg }
  /** People have the customer there from now on. `names`: of what was written to their conversation. */
  | {
      readonly type: 'DeskOpened';
      readonly leg: Leg;
      readonly desk: Desk;
      readonly handoffId: HandoffId;
      readonly names: readonly string[];
    }
  | { readonly type: 'DeskClosed'; readonly leg: Leg }
  /** Who the agent is, as customers are told; asked for after they came. */
  | { readonly type: 'AgentNamed'; readonly leg: Leg; readonly agentId: AgentId; readonly name: string }
  | { readonly type: 'ErasureRequested'; readonly reason: ErasureReason; readonly erasureId?: string }
  /** From here on events have no sealed body: all that they carry stands in their clear columns. */
  | { readonly type: 'InteractionErased'; readonly remains: Remains }
  | { readonly type: 'OverwriteDelayed'; readonly id: string; readonly code: string; readonly until: Instant }
  | { readonly type: 'OverwriteRetried'; readonly id: string }
  | { readonly type: 'OverwriteSettled'; readonly id: string; readonly state: SettledCopy; readonly code?: string };

export type Event = EventBody & { readonly at: Instant; readonly actor: Actor };
