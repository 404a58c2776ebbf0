// Owns what a vCon is made of (vcon.ts): the plain facts of one interaction, whoever remembers them.

import type { Instant } from '../ids.ts';
import type { Channel } from './conversation.ts';
import type { Customer, InteractionContext } from './interaction-context.ts';
import type { Manifest } from './manifest.ts';
import type { LossEntry } from './packing.ts';

/** One vendor conversation. `moved`: it belongs to another interaction now. */
export type VconLeg = {
  readonly platform: string;
  readonly externalId: string;
  readonly channel: Channel;
  readonly attachedAt: Instant;
  readonly state: 'live' | 'ended' | 'moved';
};

/** Who held the conversation; `leg` is an index, absent where it is not known on which leg. */
export type VconHolder = {
  readonly kind: 'bot' | 'queue' | 'agent' | 'none';
  readonly queueId?: string;
  readonly agentId?: string;
  readonly leg?: number;
};

/** What the manifest's reference still leads to. `kept` without a manifest: the bot gave none, only the context is behind it. */
export type VconManifest =
  | { readonly state: 'kept'; readonly ref: string; readonly manifest?: Manifest }
  | { readonly state: 'expired'; readonly ref: string }
  /** The reader may not read manifests. */
  | { readonly state: 'withheld'; readonly ref: string };

export type VconHandoff = {
  readonly id: string;
  readonly kind: string;
  /** Indexes of the leg it concerns and of who held the conversation when it was asked for. */
  readonly leg: number;
  readonly from: number;
  readonly queue: { readonly id?: string; readonly name: string };
  /** Where it was for an agent, and not for a queue. */
  readonly agentId?: string;
  /** Index of the leg that the customer went to, where that is another. */
  readonly to?: number;
  readonly because: string;
  readonly requestedAt: Instant;
  readonly settled?: { readonly at: Instant; readonly outcome: string; readonly reason?: string };
  readonly briefing: string;
  readonly summary: string;
  readonly loss: readonly LossEntry[];
  readonly manifest?: VconManifest;
};

/** All that an export is made of. Lists are oldest first; an interaction is opened with its first leg and its first holder. */
export type VconFacts = {
  readonly id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly openedAt: Instant;
  readonly changedAt: Instant;
  readonly customer: Customer;
  readonly context: InteractionContext;
  /** When customer or context changed last. */
  readonly contextAt: Instant;
  readonly masked: readonly LossEntry[];
  readonly legs: readonly [VconLeg, ...VconLeg[]];
  readonly holders: readonly VconHolder[];
  readonly handoffs: readonly VconHandoff[];
  readonly wrapup?: { readonly code: string; readonly notes?: string };
  readonly survey?: { readonly score: number; readonly comment?: string };
};

/** True when the handoff has moved the customer. Of the other outcomes none is known to have left them in the queue. */
export function hasMoved({ settled }: VconHandoff): boolean {
  return settled?.outcome === 'completed';
}
