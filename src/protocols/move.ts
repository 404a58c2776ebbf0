// Owns the shape of one handoff while it is under way and after it has settled. Each step owns what it needs: what belongs to
// a step is born and dies with it.

import type { Channel, Queue } from '../context/conversation.ts';
import type { LossEntry } from '../context/packing.ts';
import type { AgentId, ExternalId, HandoffId, Instant, ManifestRef, ParticipantId, PlatformName } from '../ids.ts';
import type { AgentHold } from './agent-hold.ts';
import { CLOCKS_APART_MS } from './clocks.ts';
import type { Crossing, Cycle, TransferTerms } from './crossing.ts';
import type { Deflecting, DeflectionRecord, Offer } from './offer.ts';

/** Who performs the transfer: we by REST, the vendor's own flow after we have answered it, or the first message, which begins the conversation. */
export type CommitBy = 'us' | 'flow' | 'first-message';

/** How a handoff can end (H6). */
export type HandoffOutcome =
  | 'completed'
  | 'declined'
  | 'expired'
  | 'refused'
  | 'cancelled'
  | 'superseded'
  | 'compensated'
  | 'dead_lettered';

export type HandoffPhase = 'preparing' | 'offered' | 'committing' | 'confirming' | 'compensating' | 'settled';

/** The limits a handoff lives under, fixed when it is asked for. */
export type MoveLimits = {
  /** When it must have settled, whatever happens (H6). */
  readonly settleBy: Instant;
  /** A command's hard time-out. */
  readonly commandTimeoutMs: number;
  /** How long after a command's time-out its effect may still appear. */
  readonly settleMs: number;
  /** How long an accepted transfer may take to show before it counts as not made. */
  readonly confirmWithinMs: number;
  /** How long the vendor's flow may take to transfer by itself, from when it was told. */
  readonly flowWithinMs: number;
  /** How often a transfer is asked for at most. */
  readonly transferAttempts: number;
  /** Whether the agent who accepts is held until their card is filled. */
  readonly agentHold?: AgentHold;
};

export type Leg = { readonly platform: PlatformName; readonly externalId: ExternalId; readonly channel: Channel };

/** The queue a handoff is for, and why that one (request, a rule's name, manifest, default); without a name where an agent is meant. */
export type QueueWish = { readonly name: string; readonly because: string };

export type TimelineEntry = { readonly at: Instant; readonly event: string };

/** What every kind of handoff carries. */
export type AnyRecord = {
  readonly id: HandoffId;
  readonly n: number;
  readonly commitBy: CommitBy;
  readonly resumeBot: boolean;
  readonly leg: Leg;
  readonly wish: QueueWish;
  readonly requestedAt: Instant;
  /** The caller's idempotency key, and a digest of what was asked with it. */
  readonly request?: { readonly key: string; readonly digest: string };
  readonly manifestRef?: ManifestRef;
  readonly briefing: string;
  readonly summary: string;
  readonly loss: readonly LossEntry[];
  readonly limits: MoveLimits;
  /** Transfers asked for. */
  readonly attempts: number;
  /** Time spent waiting for the vendor, as opposed to our own. */
  readonly vendorMs: number;
  readonly timeline: readonly TimelineEntry[];
};

/** `desk`: where the first message goes, and as whose. */
export type EscalationRecord = AnyRecord & {
  readonly kind: 'escalation';
  readonly desk?: { readonly platform: PlatformName; readonly far: ExternalId; readonly deduplicates: boolean };
};
export type TransferRecord = AnyRecord & {
  readonly kind: 'transfer';
  readonly terms: TransferTerms;
  /** The dead-lettered transfer that a person goes on with by this one. */
  readonly retries?: HandoffId;
  /** What asks the destination's agent to keep free, once it may be there; `id` where the platform has said it. */
  readonly placeholder?: { readonly id?: string };
  /** Of the source, whose place the call is taken from. */
  readonly leavingAgent?: AgentId;
  /** The conversation at the destination, once its entry has redeemed the reservation. */
  readonly arrived?: Leg;
  /** Every pass of reconciliation, the newest last. */
  readonly cycles: readonly Cycle[];
};
/** `queued`: the platform's queue calls when an agent is free. `bridged`: the platform calls now and joins an agent (seed 000 §5 B). */
export type CallbackPattern = 'queued' | 'bridged';

export type CallbackTerms = {
  readonly platform: PlatformName;
  /** E.164. */
  readonly phone: string;
  readonly pattern: CallbackPattern;
  /** By what the customer agreed to be called, as it was recorded. */
  readonly consent: string;
  readonly data: Readonly<Record<string, string>>;
  readonly at?: Instant;
  /** Of one that is to be made now: from then on the customer may not be called. */
  readonly notAfter?: Instant;
  readonly priority?: number;
  readonly name?: string;
};
export type CallbackRecord = AnyRecord & { readonly kind: 'callback'; readonly terms: CallbackTerms };

/** What a handoff carries from its request to its end. */
export type HandoffRecord = EscalationRecord | TransferRecord | DeflectionRecord | CallbackRecord;

/** The one thing a step waits for: a command that is under way, or the time at which it is tried again. */
export type Task =
  | { readonly kind: 'running'; readonly seq: number; readonly since: Instant; readonly tries: number }
  | {
      readonly kind: 'waiting';
      readonly seq: number;
      readonly until: Instant;
      readonly tries: number;
      readonly code: string;
    };

/** Whom the transfer concerns, as the inspection showed it. */
export type Target = {
  readonly queue: Queue;
  readonly customer: ParticipantId;
  /** Who is replaced; absent when the customer is already on the way or when the flow transfers by itself. */
  readonly leaving?: ParticipantId;
  /** Parties that were there before: an event about them proves nothing new. */
  readonly known: readonly ParticipantId[];
  /** The vendor's time of the newest transfer that is not ours: only later records are evidence. */
  readonly transfersAfter: Instant;
};

export type Progress =
  /** The first message is on its way; it is the transfer. */
  | { readonly step: 'opening'; readonly task: Task; readonly attributes: Readonly<Record<string, string>> }
  | {
      readonly step: 'inspecting';
      readonly task: Task;
      readonly attributes: Readonly<Record<string, string>>;
      /** Who was there, by what was told, when the look began: whoever of them it does not show has left unnoticed. */
      readonly known: readonly ParticipantId[];
    }
  | {
      readonly step: 'attaching';
      readonly task: Task;
      readonly attributes: Readonly<Record<string, string>>;
      readonly target: Target;
      /** The customer was there before we did anything, or has arrived since: attach the context all the same, then complete. */
      readonly arrived?: 'already' | 'meanwhile';
    }
  | { readonly step: 'transferring'; readonly task: Task; readonly target: Target; readonly askedAt: Instant }
  | {
      readonly step: 'verifying';
      readonly task: Task;
      readonly target: Target;
      /** Until when a transfer that does not show may still take effect; before that it is never repeated (H5). */
      readonly mayMoveUntil: Instant;
      /** The code of its refusal, where the far side has refused it: something else may be moving the customer. */
      readonly rejectedAs?: string;
    }
  | { readonly step: 'awaiting-flow'; readonly task: Task; readonly target: Target; readonly until: Instant }
  | {
      readonly step: 'confirming';
      readonly task: Task;
      readonly target: Target;
      readonly acceptedAt: Instant;
    };

export type EscalationStep = Progress['step'];
export type Step = EscalationStep | Crossing['step'] | Deflecting['step'] | 'booking';
export type EscalationMove = EscalationRecord & { readonly progress: Progress };
export type TransferMove = TransferRecord & { readonly progress: Crossing };
export type CallbackMove = CallbackRecord & { readonly progress: { readonly step: 'booking'; readonly task: Task } };
export type Move = EscalationMove | TransferMove | CallbackMove;

export type SettledHandoff = HandoffRecord & {
  readonly outcome: HandoffOutcome;
  readonly reason?: string;
  readonly detail?: string;
  readonly settledAt: Instant;
  readonly queue?: Queue;
  /** Of a callback: the platform's conversation, where it names one. */
  readonly booked?: ExternalId;
  /** When a person settled what a dead letter had left. */
  readonly resolvedAt?: Instant;
};

/** A dead letter that still waits for a person. */
export function isOpenDeadLetter({ outcome, resolvedAt }: SettledHandoff): boolean {
  return outcome === 'dead_lettered' && resolvedAt === undefined;
}

const PHASES: Record<Step, HandoffPhase> = {
  opening: 'committing',
  inspecting: 'preparing',
  attaching: 'preparing',
  transferring: 'committing',
  verifying: 'committing',
  'awaiting-flow': 'committing',
  confirming: 'confirming',
  checking: 'preparing',
  marking: 'preparing',
  asking: 'preparing',
  'awaiting-agent': 'preparing',
  reserving: 'preparing',
  committing: 'committing',
  reconciling: 'confirming',
  consulting: 'offered',
  concluding: 'confirming',
  returning: 'compensating',
  injecting: 'confirming',
  deflecting: 'preparing',
  sending: 'preparing',
  finding: 'preparing',
  'awaiting-receipt': 'preparing',
  standing: 'offered',
  restoring: 'confirming',
  booking: 'committing',
};

/** A handoff, wherever it stands. */
export type Handoff = Move | Offer | SettledHandoff;

export function isSettled(handoff: Handoff): handoff is SettledHandoff {
  return 'outcome' in handoff;
}

export function phaseOf(handoff: Handoff): HandoffPhase {
  return isSettled(handoff) ? 'settled' : PHASES[handoff.progress.step];
}

/** A command is sent only after its append is durable: its time-out begins that much later at most. */
const COMMIT_MS = 1_000;

/** When a command asked for at `askedAt` has come back or been given up, by whoever's clock. */
export function givenUpBy(askedAt: Instant, limits: MoveLimits): Instant {
  return askedAt + COMMIT_MS + limits.commandTimeoutMs + CLOCKS_APART_MS;
}

/** The key of the command that a running task stands for. */
export function commandKey(move: Move | Offer): string {
  return `${move.id}.${move.progress.step}.${move.progress.task.seq}`;
}

/** The leg itself, without what an interaction knows of it. */
export function legOf({ platform, externalId, channel }: Leg): Leg {
  return { platform, externalId, channel };
}

export function isSameLeg(a: Pick<Leg, 'platform' | 'externalId'>, b: Pick<Leg, 'platform' | 'externalId'>): boolean {
  return a.platform === b.platform && a.externalId === b.externalId;
}

export function targetOf(progress: Progress): Target | null {
  return progress.step === 'inspecting' || progress.step === 'opening' ? null : progress.target;
}

/** The queue that the move is for, once its platform has resolved it. */
export function queueOf(move: Move | Offer): Queue | undefined {
  if (move.kind === 'deflection' || move.kind === 'callback') return undefined;
  if (move.kind === 'escalation') return targetOf(move.progress)?.queue;
  if (!('route' in move.progress)) return undefined;
  const { route } = move.progress;
  const held = 'goal' in move.progress && move.progress.goal.kind === 'held' ? move.progress.goal.queue : undefined;
  return held ?? route.queue;
}
