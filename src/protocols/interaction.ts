// Owns the aggregate: everything that is decided about one customer's one matter. It is the fold of its events and holds no
// more than deciding needs; the manifest itself stays behind its reference.

import type { Channel } from '../context/conversation.ts';
import type { Customer, InteractionContext } from '../context/interaction-context.ts';
import type { LossEntry } from '../context/packing.ts';
import type { HandoffId, Instant, InteractionId } from '../ids.ts';
import type { Chat } from './chat.ts';
import type { Chore } from './chore.ts';
import type { ErasedInteraction, ErasureReason } from './erased-interaction.ts';
import type { Handoff, Leg, Move, SettledHandoff } from './move.ts';
import type { Offer } from './offer.ts';
import type { Attendance, Holder } from './ownership.ts';
import type { WrittenContext } from './vendor-copy.ts';

export type Direction = 'inbound' | 'outbound';

/** `later`: it did not begin with this leg, which may carry what an earlier handoff of another interaction wrote. */
export type HeldLeg = Leg & { readonly state: 'live' | 'ended'; readonly later?: true };

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
  /** Those that wait for the customer. A new move withdraws what it makes pointless, in the same append. */
  readonly offers: readonly Offer[];
  readonly settled: readonly SettledHandoff[];
  readonly chores: readonly Chore[];
  /** The conversations in which we ask bots, or carry the customer's own words. */
  readonly chats?: readonly Chat[];
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
  /** When something last happened that was not only ours to finish, such as an alert; `lastAt` where nothing such came after it. */
  readonly activeAt?: Instant;
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

export function findHandoff({ move, offers, settled }: Interaction, id: HandoffId): Handoff | undefined {
  if (move?.id === id) return move;
  return offers.find((offer) => offer.id === id) ?? settled.find((handoff) => handoff.id === id);
}

/** The number of the next handoff. */
export function nextNumber({ move, offers, settled }: Interaction): number {
  return settled.length + offers.length + (move ? 1 : 0) + 1;
}

/** What is under way and lets nothing else begin (H1): a move, or an offer that was accepted. */
export function underWay({ move, offers }: Interaction): Move | Offer | undefined {
  return move ?? offers.find(({ progress }) => progress.step === 'restoring');
}

/** The handoff that was asked for under this idempotency key. */
export function findByRequest({ move, offers, settled }: Interaction, key: string): Handoff | undefined {
  if (move?.request?.key === key) return move;
  return [...offers, ...settled].find((handoff) => handoff.request?.key === key);
}
