// Owns how a gateway's interaction looks to us. Pure. The contract uses our own words, so little is mapped.

import type { ConversationView, Party, TransferRecord } from '../../context/conversation.ts';
import type { AgentId, ParticipantId, QueueId } from '../../ids.ts';
import type { Interaction, WireParty, WireTransfer } from './gateway-contract.ts';

/** The view of an interaction, or of the part of it that an event carries. */
export function gatewayView(wire: Pick<Interaction, 'state' | 'parties' | 'transfers'>): ConversationView {
  return {
    ended: wire.state === 'completed',
    parties: wire.parties.map(partyOf),
    transfers: wire.transfers.map(transferOf).sort((a, b) => a.issuedAt - b.issuedAt),
  };
}

function partyOf({ id, role, state, queueId, agentId }: WireParty): Party {
  return {
    id: id as ParticipantId,
    role,
    state,
    ...(queueId !== undefined && { queueId: queueId as QueueId }),
    ...(agentId !== undefined && { agentId: agentId as AgentId }),
  };
}

function transferOf({ state, queueId, issuedAt }: WireTransfer): TransferRecord {
  return {
    state: state === 'consulting' ? 'pending' : state,
    ...(queueId !== undefined && { queueId: queueId as QueueId }),
    issuedAt: Date.parse(issuedAt),
  };
}
