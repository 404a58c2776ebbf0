// Owns how a Genesys conversation looks in our words. Pure. The party's state is read from its media arrays, as the generic
// conversation carries none on the party itself (Genesys Platform API, `Participant`).

import type { ConversationView, Party, Queue, TransferRecord } from '../../context/conversation.ts';
import { misleadingIn } from '../../context/packing.ts';
import type { AgentId, ParticipantId, QueueId } from '../../ids.ts';
import type { WireConversation, WireParticipant, WireTransfer } from './genesys-wire.ts';

const ROLES: ReadonlyMap<string, Party['role']> = new Map([
  ['customer', 'customer'],
  ['acd', 'queue'],
  ['agent', 'agent'],
  ['user', 'agent'],
  ['ivr', 'bot'],
  ['botflow', 'bot'],
  ['workflow', 'bot'],
]);

const ALERTING: ReadonlySet<string> = new Set(['alerting', 'dialing', 'contacting', 'offering']);
const ENDED: ReadonlySet<string> = new Set(['disconnected', 'terminated']);
const TRANSFER_STATES: ReadonlyMap<string, TransferRecord['state']> = new Map([
  ['complete', 'complete'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
  ['timeout', 'failed'],
]);

/**
 * The view of a conversation as read or pushed. `queues` are those already known: a transfer reports its destination as an
 * address, which is a queue only if it is one of them or has a queue id's shape.
 */
export function conversationView(wire: WireConversation, queues: readonly Queue[]): ConversationView {
  const customer = customerOf(wire.participants);
  const startedAt = instant(wire.startTime) ?? 0;
  const leftBehind = misleadingIn(customer?.attributes ?? {});
  return {
    ended: wire.endTime != null,
    parties: wire.participants.flatMap((one) => (one.id == null ? [] : [party(one, one.id, customer)])),
    transfers: (wire.recentTransfers ?? [])
      .map((one) => transfer(one, queues, startedAt))
      .sort((a, b) => a.issuedAt - b.issuedAt),
    ...(leftBehind.length > 0 && { leftBehind }),
  };
}

/** A caller may be `customer` or `external`; beside a customer, an `external` party is somebody who was called in. */
function customerOf(participants: readonly WireParticipant[]): WireParticipant | undefined {
  const byPurpose = (purpose: string) => participants.find((one) => one.purpose === purpose);
  return byPurpose('customer') ?? byPurpose('external');
}

function party(wire: WireParticipant, id: string, customer: WireParticipant | undefined): Party {
  const role = wire === customer ? 'customer' : (ROLES.get(wire.purpose ?? '') ?? 'other');
  return {
    id: id as ParticipantId,
    role,
    state: partyState(wire, role),
    ...(wire.queueId == null ? {} : { queueId: wire.queueId as QueueId }),
    ...(wire.userId == null ? {} : { agentId: wire.userId as AgentId }),
  };
}

/** Over when it left or all its media are over; a queue that looks for an agent is where the customer is, not being rung. */
function partyState(wire: WireParticipant, role: Party['role']): Party['state'] {
  if (wire.endTime != null) return 'ended';
  const states = mediaOf(wire).map((one) => one.state?.toLowerCase() ?? 'none');
  if (states.length > 0 && states.every((state) => ENDED.has(state))) return 'ended';
  const live = states.filter((state) => !ENDED.has(state));
  const onlyAlerting = live.length > 0 && live.every((state) => ALERTING.has(state));
  return onlyAlerting && role !== 'queue' ? 'alerting' : 'connected';
}

function mediaOf(wire: WireParticipant): readonly { readonly state?: string | null | undefined }[] {
  return [
    wire.calls,
    wire.callbacks,
    wire.chats,
    wire.emails,
    wire.messages,
    wire.socialExpressions,
    wire.videos,
  ].flatMap((list) => list ?? []);
}

function transfer(wire: WireTransfer, queues: readonly Queue[], startedAt: number): TransferRecord {
  const queueId = destinationQueue(wire.destination, queues);
  return {
    // Pending, Active and Unknown are all not over: somebody has to look again.
    state: TRANSFER_STATES.get(wire.state?.toLowerCase() ?? '') ?? 'pending',
    issuedAt: instant(wire.dateIssued) ?? startedAt,
    ...(queueId === undefined ? {} : { queueId }),
  };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function destinationQueue(destination: WireTransfer['destination'], queues: readonly Queue[]): QueueId | undefined {
  const address = destination?.address;
  if (address == null || destination?.userId != null) return undefined;
  const known = queues.find((queue) => queue.id === address) ?? queues.find((queue) => queue.name === address);
  if (known !== undefined) return known.id;
  return UUID.test(address) ? (address as QueueId) : undefined;
}

function instant(value: string | null | undefined): number | undefined {
  const at = Date.parse(value ?? '');
  return Number.isNaN(at) ? undefined : at;
}
