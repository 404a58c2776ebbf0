// Owns what the simulated contact center knows of one interaction, and how that looks on the wire.

import type { Agent, Queue } from './floor.ts';
import type {
  InteractionState,
  MediaType,
  PartyRole,
  PartyState,
  TransferState,
  TransferType,
  WireContext,
  WireInteraction,
  WireStanding,
} from './gateway-schema.ts';

export type Party = {
  readonly id: string;
  readonly role: PartyRole;
  readonly queue?: Queue | undefined;
  readonly agent?: Agent | undefined;
  readonly address?: string | undefined;
  state: PartyState;
  /** Ends the call that this party is on, where there is one. */
  hangUp?: () => void;
};

export type TransferTarget =
  | { readonly kind: 'queue'; readonly queue: Queue }
  | { readonly kind: 'address'; readonly address: string };

export type Transfer = {
  readonly id: string;
  readonly type: TransferType;
  readonly target: TransferTarget;
  readonly leaving: Party;
  /** Sent along as User-to-User. */
  readonly token: string | undefined;
  readonly issuedAt: number;
  /** Who came; set once it is under way. */
  arriving?: Party;
  state: TransferState;
};

export type Interaction = {
  readonly id: string;
  readonly mediaType: MediaType;
  from: string;
  readonly parties: Party[];
  readonly transfers: Transfer[];
  /** The reservation it came with, also one that was not held any more. */
  readonly reservationId: string | undefined;
  /** Agents who were rung for its stay in the queue and did not take it. */
  readonly declinedBy: Set<string>;
  context: { attributes: Record<string, string> } & Omit<WireContext, 'attributes'>;
  ended: boolean;
  /** Transfer requests: asked at all, and accepted. */
  transfersAsked: number;
  transfersAccepted: number;
};

export function isLive(party: Party): boolean {
  return party.state !== 'ended';
}

/** Newest first. */
export function liveParty(interaction: Interaction, ...roles: readonly PartyRole[]): Party | undefined {
  return interaction.parties.findLast((each) => isLive(each) && roles.includes(each.role));
}

/** Who has the customer now: an agent before a queue before a bot. Who is only rung has nobody. */
export function holderOf(interaction: Interaction): Party | undefined {
  const connected = interaction.parties.filter((each) => each.state === 'connected');
  for (const role of ['agent', 'queue', 'bot', 'other'] as const) {
    const found = connected.findLast((each) => each.role === role);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function openTransfer(interaction: Interaction): Transfer | undefined {
  return interaction.transfers.find(({ state }) => state === 'pending' || state === 'consulting');
}

function stateOf(interaction: Interaction): InteractionState {
  if (interaction.ended) return 'completed';
  const has = (role: PartyRole, state: PartyState) =>
    interaction.parties.some((each) => each.role === role && each.state === state);
  if (has('agent', 'connected') || has('other', 'connected')) return 'active';
  if (has('agent', 'alerting')) return 'alerting';
  return has('queue', 'connected') ? 'queued' : 'bot';
}

export function wireStanding(interaction: Interaction): WireStanding {
  return {
    state: stateOf(interaction),
    parties: interaction.parties.map(({ id, role, state, queue, agent }) => ({
      id,
      role,
      state,
      ...(queue !== undefined && { queueId: queue.id }),
      ...(agent !== undefined && { agentId: agent.id }),
    })),
    transfers: interaction.transfers.map(({ id, type, state, target, issuedAt }) => ({
      id,
      transferType: type,
      state,
      ...(target.kind === 'queue' && { queueId: target.queue.id }),
      issuedAt: new Date(issuedAt).toISOString(),
    })),
  };
}

export function wireInteraction(interaction: Interaction): WireInteraction {
  const { id, mediaType, context } = interaction;
  return { id, mediaType, ...wireStanding(interaction), context };
}
