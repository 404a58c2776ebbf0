// Owns the contract between us and a contact center: what an adapter must do and may promise. `test/contract/platform.ts`
// exports the suite that every adapter passes. An adapter never throws for what a vendor does: it returns an Outcome.

import type { Channel, ConversationView, Queue } from '../context/conversation.ts';
import type { ChannelLimits } from '../context/packing.ts';
import type { AgentId, ExternalId, ParticipantId, PlatformName } from '../ids.ts';
import type { Outcome } from '../outcome.ts';
import type { GovernorLoad } from './governor.ts';
import type { TokenStanding } from './token.ts';

/** What fits where on this platform. Bytes are UTF-8. */
export type PlatformLimits = ChannelLimits;

/** What this platform can truly do; never more than it gives (H3). */
export type PlatformCapabilities = {
  /**
   * What a reservation for a transfer to this platform rests on. `native`: the platform's own. `entry-script`: a record of ours that
   * the platform's entry script redeems, with an advisory check; its time-out brings the caller to somebody. Others: no transfer comes here.
   */
  readonly reservation: 'native' | 'entry-script' | 'advisory' | 'none';
  /** The ways by which this platform can be made to let a conversation go. */
  readonly commit: readonly CommitWay[];
  /** How long after a call's time-out its effect may still appear. */
  readonly settleMs: number;
};

/** `rest`: a call moves it. `signal`: its script does, told by a signal. `flow`: its flow does, by itself. `agent-session`: its agent's own session does. */
export type CommitWay = 'rest' | 'signal' | 'flow' | 'agent-session';

/** Whom a transfer from another platform is for. */
export type TransferTarget =
  | { readonly kind: 'agent'; readonly agentId: AgentId }
  | { readonly kind: 'queue'; readonly queueName: string };

/**
 * What the platform says of a target now; nothing of it is held (H3). `free`: `no` only when the platform says that nobody can take
 * it, `unknown` where it does not say.
 */
export type TargetCheck = {
  readonly free: 'yes' | 'no' | 'unknown';
  /** Where `free` is `no`: `agent-busy`, `agent-away`, `queue-unstaffed`. */
  readonly code?: string;
  /** The queue, resolved by its exact name. */
  readonly queue?: Queue;
  readonly agentId?: AgentId;
};

/** A place that the destination's own reservation holds. Times by the platform's clock. */
export type NativeReservation = {
  readonly id: string;
  readonly validUntil: number;
  /** Where the call or message is to be sent (E.164, a SIP URI), where the platform names it. */
  readonly address?: string;
};

/** What asks an agent to keep free for a call: something of no other use, found by our `key`, or by the platform's own `id` of it. */
export type PlaceholderRef = { readonly key: string; readonly id?: string };

/**
 * Asks single agents to keep free, where the configuration wants it. It reserves nothing: whether it keeps other calls from them is up to the
 * platform's settings. The platform ends by itself what nobody releases.
 */
export type AgentPlaceholders = {
  /** Lookable, never repeated blindly (H5). */
  ask(
    asked: { readonly key: string; readonly agentId: AgentId },
    call: Call,
  ): Promise<Outcome<{ readonly id: string }>>;
  /** Whether that agent has it, is being asked, or it is not there (any more). Repeatable. */
  look(asked: PlaceholderRef & { readonly agentId: AgentId }, call: Call): Promise<Outcome<PlaceholderState>>;
  /** Ends it; one that is over is done. Repeatable. */
  release(ref: PlaceholderRef, call: Call): Promise<Outcome<null>>;
};
export type PlaceholderState = 'none' | 'asked' | 'taken';

/** How a source lets go. `consult`: the customer waits while its agent speaks to the destination's first. */
export type Departing = {
  readonly way: CommitWay;
  readonly style: 'blind' | 'consult';
  /** Who is replaced or consults: its agent, queue or bot. */
  readonly leaving: ParticipantId;
  readonly leavingAgent?: AgentId;
  /** Where to: an E.164 number or a SIP URI. */
  readonly address: string;
  /** What the destination's entry redeems; travels as User-to-User where the platform can. Not a secret of the customer's, but theirs alone. */
  readonly token: string;
  /** Ours, and the destination's reservation: for platforms that carry them along. */
  readonly interactionId: string;
  readonly reservationId: string;
};

/** A call that the platform makes to a customer, with an agent of the queue. */
export type CallbackOrder = {
  readonly queue: Queue;
  /** E.164. */
  readonly phone: string;
  /** Not before; at once where it is absent. */
  readonly at?: number;
  readonly priority?: number;
  readonly name?: string;
  /** What the agent is to find with it; `correlationId` is our id. */
  readonly data: Readonly<Record<string, string>>;
  /** `queued`: when an agent is free. `bridged`: the customer is called at once and joined with the queue. */
  readonly pattern: 'queued' | 'bridged';
};

/** The conversation in which the customer is called, where the platform names one. */
export type CallbackBooked = { readonly externalId?: ExternalId };

/** What a caller gives with each call. `mayStart` is asked again just before anything is written to the wire (fencing). */
export type Call = {
  readonly signal: AbortSignal;
  readonly mayStart: () => boolean;
  readonly priority: CallPriority;
};
/** What a handoff waits for first, its looks included; then reconciliation; then reports and warm-up. */
export type CallPriority = 'live' | 'reconcile' | 'report';

export type ConversationRef = { readonly externalId: ExternalId; readonly channel: Channel };

export type PlatformHealth = {
  readonly ok: boolean;
  /** One stable word when not ok, such as `unauthorized`. */
  readonly code?: string;
  readonly detail?: string;
  readonly lastAnswerAt?: number;
  readonly budget?: { readonly limitPerMinute: number; readonly remaining: number };
  readonly token?: TokenStanding;
  readonly governor?: GovernorLoad;
};

/** What an agent has chosen to be. `since` tells one choice of the same presence from another, where the platform says it. */
export type AgentPresence = { readonly id: string; readonly since?: string };

/** Who a user's own token speaks for, as the platform says. */
export type PlatformUser = { readonly id: AgentId; readonly name: string };

export interface Platform {
  readonly name: PlatformName;
  readonly limits: PlatformLimits;
  readonly capabilities: PlatformCapabilities;
  /** Absent where agents are not asked. */
  readonly placeholders?: AgentPlaceholders;

  /** Every queue the credentials can see (from cache when fresh). Repeatable. */
  queues(call: Call): Promise<Outcome<readonly Queue[]>>;

  /**
   * The queue of exactly this name. A miss re-reads the list once before it is believed. Repeatable.
   * Rejects with `queue-not-found-or-not-visible`, the detail naming the divisions the credentials can see (seed 001, FAQ).
   */
  resolveQueue(name: string, call: Call): Promise<Outcome<Queue>>;

  /** Reads the conversation. Repeatable. */
  look(conversation: ConversationRef, call: Call): Promise<Outcome<ConversationView>>;

  /**
   * Writes attributes on the customer's party: done when they are written. Our id as the conversation's tag goes with them, best
   * effort: `health` tells what became of it. `unwritten`: names for which the platform turned out to have no place; the others are written.
   * Same input, same effect: repeatable.
   */
  attachContext(
    conversation: ConversationRef,
    context: {
      readonly customer: ParticipantId;
      readonly attributes: Readonly<Record<string, string>>;
      readonly tag: string;
    },
    call: Call,
  ): Promise<Outcome<{ readonly unwritten?: readonly string[] } | null>>;

  /**
   * Overwrites what `attachContext` wrote, after its interaction was erased: attributes become empty, or the tag does. Also of a
   * conversation that has ended. Rejects with `not-found` when the platform no longer has it. Same input, same effect: repeatable.
   */
  overwriteContext(
    conversation: ConversationRef,
    overwrite:
      | { readonly what: 'attributes'; readonly customer: ParticipantId; readonly names: readonly string[] }
      | { readonly what: 'tag' },
    call: Call,
  ): Promise<Outcome<null>>;

  /** Asks for the move to the queue, replacing `leaving`. Acceptance is not completion. Lookable, never repeated blindly (H5). */
  transferToQueue(
    conversation: ConversationRef,
    transfer: { readonly leaving: ParticipantId; readonly queue: Queue },
    call: Call,
  ): Promise<Outcome<null>>;

  /** Whether the target exists and could take a transfer now. Advisory, holds nothing. A miss of a queue as `resolveQueue`; an unknown agent is rejected `not-found`. Repeatable. */
  checkTarget(target: TransferTarget, channel: Channel, call: Call): Promise<Outcome<TargetCheck>>;

  /**
   * Holds a place, where `capabilities.reservation` is `native`; rejected `bad-request` elsewhere. `key` is our idempotency key: fenced
   * where the platform takes one. Rejected `conflict` when the target cannot take it.
   */
  reserve(
    reservation: {
      readonly key: string;
      readonly target: TransferTarget;
      readonly channel: Channel;
      readonly holdLimitMs: number;
      readonly context: Readonly<Record<string, unknown>>;
    },
    call: Call,
  ): Promise<Outcome<NativeReservation>>;

  /** Gives a native reservation back. One that is gone is done. Same input, same effect: repeatable. */
  release(reservationId: string, call: Call): Promise<Outcome<null>>;

  /** Lets the conversation go to an address outside. Acceptance is not completion. Lookable, never repeated blindly (H5). */
  transferAway(conversation: ConversationRef, departing: Departing, call: Call): Promise<Outcome<null>>;

  /** Ends a consultation that `transferAway` began: the two are joined and our agent leaves, or the consulted is let go and ours goes on. Lookable. */
  endConsult(
    conversation: ConversationRef,
    ending: { readonly accept: boolean; readonly leaving: ParticipantId; readonly leavingAgent?: AgentId },
    call: Call,
  ): Promise<Outcome<null>>;

  /** Ends the conversation on this platform; one that has ended is done. Same input, same effect: repeatable. */
  closeLeg(conversation: ConversationRef, call: Call): Promise<Outcome<null>>;

  /**
   * Has the customer called. No platform takes a key for it or shows whether it was taken: unlookable, so what is uncertain is left to a
   * person (H5). Rejected `bad-request` where the platform cannot do it, or not by that pattern.
   */
  bookCallback(callback: CallbackOrder, call: Call): Promise<Outcome<CallbackBooked>>;

  /** Reads an agent's presence. Rejects with `not-found` when the platform has no such agent. Repeatable. */
  presence(agentId: AgentId, call: Call): Promise<Outcome<AgentPresence>>;

  /** Sets an agent's presence by the platform's id of it, and answers what was set. Same input, same effect: repeatable. */
  setPresence(agentId: AgentId, presence: string, call: Call): Promise<Outcome<AgentPresence>>;

  health(): PlatformHealth;
  close(): Promise<void>;
}
