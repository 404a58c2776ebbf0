// Owns the shape of a transfer between two platforms while it is under way (seed 002): what it was asked with, the place that is
// reserved, and where each side stands. Each step owns what it needs. Keeps H3 by its types: nothing can be committed without a
// reservation.

import type { Queue } from '../context/conversation.ts';
import type { Manifest } from '../context/manifest.ts';
import type { Mapping } from '../context/mapping.ts';
import type { LossEntry, PackingLimits } from '../context/packing.ts';
import type { AgentId, Instant, ParticipantId, PlatformName } from '../ids.ts';
import type { Task } from './move.ts';

export const TRANSFER_TYPES = ['blind', 'warm', 'consultative'] as const;
/** `warm`: the source's agent introduces, and the customer is joined as soon as somebody answers; `consultative`: after its agent's verdict. */
export type TransferType = (typeof TRANSFER_TYPES)[number];

export const INITIATORS = ['agent', 'bot', 'system'] as const;
export type Initiator = (typeof INITIATORS)[number];

export type CommitWay = 'rest' | 'signal' | 'flow' | 'agent-session';

/** Whom the transfer is for on the other platform. */
export type TransferTarget =
  | { readonly kind: 'agent'; readonly agentId: AgentId }
  | { readonly kind: 'queue'; readonly queueName: string };

/** How the context is put into the destination's words. Fixed when it is asked for; the context itself may change until they are there. */
export type Packing = {
  readonly limits: PackingLimits;
  readonly manifest?: Manifest;
  /** What was masked in the manifest before. */
  readonly masked: readonly LossEntry[];
  /** An earlier visit there may have left what would mislead. */
  readonly again: boolean;
};

/** What a transfer is asked with, and what configuration says of it; fixed when it is asked for. */
export type TransferTerms = {
  readonly to: PlatformName;
  readonly target: TransferTarget;
  readonly type: TransferType;
  readonly initiatedBy: Initiator;
  /** How long the caller may be kept on hold while a place is sought. */
  readonly holdLimitMs: number;
  /** What the destination's entry redeems: 128 random bits at least. */
  readonly token: string;
  readonly reservation: 'native' | 'entry-script';
  /** How long a reservation of ours stands. */
  readonly reservationMs: number;
  /** Numbers of the destination's entry, one of which is lent to this transfer. */
  readonly entryNumbers: readonly string[];
  /** The source's ways of letting go, best first. */
  readonly ways: readonly CommitWay[];
  /** Queues that somebody answers, where a failed transfer leaves the caller: at the source, and at the destination. */
  readonly fallback: { readonly source: string; readonly destination: string };
  /** What may be written at the source, should a person there take the caller over. Absent in what an earlier release wrote. */
  readonly sourceLimits?: PackingLimits;
  /** What is written to the destination's conversation once it holds the customer. */
  readonly carried: Readonly<Record<string, string>>;
  /** By what names the destination is told anything else, so that all of it is as the loss report says; ours where it is absent. */
  readonly mapping?: Mapping;
  /** Absent in what an earlier release wrote, and once nothing is to be written any more. */
  readonly packing?: Packing;
  /** How long a consultation may take. */
  readonly consultMs: number;
  /** The agent whom it is for is asked to keep free first. */
  readonly asksAgent?: true;
};

/** What the check of both sides showed. */
export type Route = {
  readonly customer: ParticipantId;
  readonly leaving: ParticipantId;
  readonly leavingAgent?: AgentId;
  readonly way: CommitWay;
  /** The destination's queue; absent where an agent is the target. */
  readonly queue?: Queue;
  readonly fallback: { readonly source: Queue; readonly destination: Queue };
  /** Parties of the source that were there before, and the time of its newest transfer: only what is later is evidence. */
  readonly known: readonly ParticipantId[];
  readonly transfersAfter: Instant;
};

/** A place at the destination, never more than its platform gives (H3). */
export type Reservation = {
  readonly id: string;
  readonly validUntil: Instant;
  readonly address: string;
  /** When the destination was last asked whether it could take the transfer. */
  readonly checkedAt: Instant;
};

/** Where the customer is, seen from the source: with whom they were, on the way, let go, back after a failed transfer, or gone. */
export type SourceState = 'holding' | 'moving' | 'completed' | 'failed' | 'ended';
/** The same, seen from the destination: nothing yet, its entry has them, a queue, an agent, or gone again. */
export type DestinationState = 'expected' | 'arrived' | 'queued' | 'active' | 'ended';

/** One pass of reconciliation (seed 002 §4). */
export type Cycle = {
  readonly n: number;
  readonly sourceState: SourceState;
  readonly destinationState: DestinationState;
  readonly expectedState: 'active' | 'queued' | 'held-at-source' | 'held-at-destination';
  /** Looks taken in this cycle. */
  readonly retries: number;
  readonly lastAttempt: Instant;
  readonly status: 'pending_sync' | 'in_sync' | 'mismatch';
};

/**
 * Where the customer is to be: across, or with somebody who answers on one of the two sides. `mayGoBack`: they came in while the source was putting
 * them back, which may take effect yet.
 */
export type Goal =
  | { readonly kind: 'across' }
  | {
      readonly kind: 'held';
      readonly at: 'source' | 'destination';
      readonly queue: Queue;
      readonly reason: string;
      readonly mayGoBack?: true;
    };

/** What is known once the source may have been told to let go. */
export type Passage = {
  readonly route: Route;
  readonly reservation: Reservation;
  /** When the source, or whoever is to hold the customer instead, was asked last. */
  readonly askedAt: Instant;
  readonly goal: Goal;
  /** The verdict on a consultation, once it was given; `because` where no agent gave it. */
  readonly accept?: boolean;
  readonly because?: string;
};

export type Crossing =
  | { readonly step: 'checking'; readonly task: Task; readonly attributes: Readonly<Record<string, string>> }
  | {
      readonly step: 'marking';
      readonly task: Task;
      readonly route: Route;
      readonly attributes: Readonly<Record<string, string>>;
      /** When both sides were looked at. Absent in what an earlier release wrote. */
      readonly checkedAt?: Instant;
    }
  /** The agent whom it is for is being asked to keep free. */
  | { readonly step: 'asking'; readonly task: Task; readonly route: Route; readonly askedAt: Instant }
  /** They have been, as far as is known; they are to take it. `showsBy`: until then it need not show that they were asked (H5). */
  | { readonly step: 'awaiting-agent'; readonly task: Task; readonly route: Route; readonly showsBy: Instant }
  /** `held`: the place before, by which a call that was let go of may still arrive. `checkedAt`: as above, where no agent was asked since. */
  | {
      readonly step: 'reserving';
      readonly task: Task;
      readonly route: Route;
      readonly held?: Reservation;
      readonly checkedAt?: Instant;
    }
  | ({ readonly step: 'committing'; readonly task: Task } & Passage)
  /**
   * The source's own flow is to let go: it asks for the number, and is to use it by `until`. `told`: it was, with the place that is held
   * now. `recalled`: why it is told nothing any more.
   */
  | ({
      readonly step: 'awaiting-flow';
      readonly task: Task;
      readonly until: Instant;
      readonly told?: true;
      readonly recalled?: string;
    } & Passage)
  /** `sure`: the source has accepted. `mayMoveUntil`: until then what does not show may still happen (H5). */
  | ({
      readonly step: 'reconciling';
      readonly task: Task;
      readonly sure: boolean;
      readonly mayMoveUntil: Instant;
      readonly rejectedAs?: string;
    } & Passage)
  /** The agents talk; the verdict is awaited. `agreed`: it was given, and one more look shows whether it still can be carried out. */
  | ({ readonly step: 'consulting'; readonly task: Task; readonly until: Instant; readonly agreed?: true } & Passage)
  /** The verdict is being carried out. */
  | ({ readonly step: 'concluding'; readonly task: Task; readonly accept: boolean } & Passage)
  /** The customer is being put where somebody answers: whoever is there in their place is replaced. */
  | ({ readonly step: 'returning'; readonly task: Task; readonly leaving: ParticipantId } & Passage)
  | ({ readonly step: 'injecting'; readonly task: Task; readonly customer: ParticipantId } & Passage);
