// Owns the aggregate: everything that is decided about one customer's one matter. It is the fold of its events and holds no
// more than deciding needs; the manifest itself stays behind its reference.

import type { Channel } from '../context/conversation.ts';
import type { Customer, InteractionContext } from '../context/interaction-context.ts';
import type { LossEntry } from '../context/packing.ts';
import type { HandoffId, Instant, InteractionId } from '../ids.ts';
import type { Chore } from './chore.ts';
import type { ErasedInteraction, ErasureReason } from './erased-interaction.ts';
import type { Leg, Move, SettledHandoff } from './move.ts';
import type { Attendance, Holder } from './ownership.ts';
import type { WrittenContext } from './vendor-copy.ts';

export type Direction = 'inbound' | 'outbound';

/** `later`: it did not begin with this leg, which may carry what an earlier handoff of another interaction wrote. */
export type HeldLeg = Leg & { readonly state: 'live' | 'ended'; readonly later?: true };

/** An offer that waits for the customer. A new move withdraws those it makes pointless, in the same append. */
export type StandingOffer = {
  readonly id: HandoffId;
  readonly kind: 'deflection' | 'callback' | 'upgrade';
  readonly expiresAt: Instant;
};

/** How long an interaction's data is kept; fixed when it is opened. */
export type Retention = {
  /** After its end. */
  readonly contextMs: number;
  /** Without anything happening, after which it is taken as ended. */
  readonly idleMs: number;
  /** Whether what platforms hold of it is overwritten as well when its time is up. */
  readonly overwrite: boolean;
};

export type Interaction = {
  readonly id: InteractionId;
  readonly channel: Channel;
  readonly direction: Direction;
  readonly customer: Customer;
  readonly context: InteractionContext;
  /** What was masked or withheld on the way in; every handoff's loss report names it (H4). */
  readonly masked: readonly LossEntry[];
  readonly legs: readonly HeldLeg[];
  readonly holder: Holder;
  readonly attendance: Attendance;
  readonly move: Move | null;
  readonly offers: readonly StandingOffer[];
  readonly settled: readonly SettledHandoff[];
  readonly chores: readonly Chore[];
  /** Whether the bot takes over again when the agent ends the talk (seed 001). */
  readonly resumeBot: boolean;
  readonly wrapup?: { readonly code: string; readonly notes?: string };
  readonly retention?: Retention;
  /** What handoffs have written to its conversations. */
  readonly written?: readonly WrittenContext[];
  /** The handoffs for which an agent was held, or was to be. */
  readonly held?: readonly HandoffId[];
  /** It is to be erased as soon as its move has settled; nothing new is begun. */
  readonly erasing?: { readonly reason: ErasureReason; readonly erasureId?: string };
  readonly survey?: { readonly score: number; readonly comment?: string };
  readonly openedAt: Instant;
  readonly endedAt?: Instant;
  /** When the newest event happened: no later decision is earlier than this. */
  readonly lastAt: Instant;
};

/** An interaction that has begun, whatever has become of it. */
export type Known = Interaction | ErasedInteraction;

/** Null before its first event. */
export type State = Known | null;

export function isErased(state: State): state is ErasedInteraction {
  return state !== null && 'erasedAt' in state;
}

/** The interaction, where it is known not to have been erased. Throws otherwise. */
export function whole(state: State | undefined): Interaction {
  if (!state || isErased(state)) throw new Error('The interaction is erased, or there is none.');
  return state;
}

export function liveLeg(interaction: Interaction, platform: string, externalId: string): HeldLeg | undefined {
  return interaction.legs.find(
    (leg) => leg.platform === platform && leg.externalId === externalId && leg.state === 'live',
  );
}

export function findHandoff(interaction: Interaction, id: HandoffId): Move | SettledHandoff | undefined {
  if (interaction.move?.id === id) return interaction.move;
  return interaction.settled.find((handoff) => handoff.id === id);
}

/** The handoff that was asked for under this idempotency key. */
export function findByRequest({ move, settled }: Interaction, key: string): Move | SettledHandoff | undefined {
  return move?.request?.key === key ? move : settled.find((handoff) => handoff.request?.key === key);
}
