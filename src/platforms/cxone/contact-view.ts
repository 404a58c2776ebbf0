// Owns how a contact of the ACD looks in our words. Pure. The vendor's record says where the contact is now and nothing of how it came
// there, so a party is named after the contact and what it was there for: the same in a look, a poll and a call-out.

import type { ConversationView, Party, TransferRecord } from '../../context/conversation.ts';
import type { AgentId, Instant, ParticipantId, QueueId } from '../../ids.ts';
import type { WireContact } from './cxone-wire.ts';

/**
 * Where a contact is. `script`: its script holds it, a bot or the entry. `offered`: a queue rings an agent. `outside`: joined with
 * a number that is no agent's.
 */
export type Phase = 'script' | 'queue' | 'offered' | 'agent' | 'outside' | 'ended';

/** The words of contact states and of their categories, letters only, as `contact-state-descriptions` lists them. */
const PHASES: ReadonlyMap<string, Phase> = new Map([
  ['prequeue', 'script'],
  ['postqueue', 'script'],
  ['inqueue', 'queue'],
  ['queued', 'queue'],
  ['routing', 'offered'],
  ['offered', 'offered'],
  ['incoming', 'offered'],
  ['active', 'agent'],
  ['withagent', 'agent'],
  ['hold', 'agent'],
  ['holding', 'agent'],
  ['conference', 'agent'],
  ['transferred', 'outside'],
  ['joined', 'outside'],
  ['released', 'ended'],
  ['endcontact', 'ended'],
  ['ended', 'ended'],
  ['completed', 'ended'],
  ['abandoned', 'ended'],
  ['disconnected', 'ended'],
]);

export const PARTY = {
  customer: (contactId: string) => `${contactId}.customer` as ParticipantId,
  script: (contactId: string) => `${contactId}.script` as ParticipantId,
  queue: (contactId: string, skillId: string) => `${contactId}.queue.${skillId}` as ParticipantId,
  agent: (contactId: string, agentId: string) => `${contactId}.agent.${agentId}` as ParticipantId,
  outside: (contactId: string) => `${contactId}.outside` as ParticipantId,
} as const;

export function phaseOf(wire: WireContact): Phase {
  if (wire.endReason != null || wire.isActive === false || wire.totalDurationSeconds != null) return 'ended';
  const said = [wire.stateName, wire.contactStateName, wire.contactStateCategory].map(letters);
  const phase = said.map((word) => PHASES.get(word)).find((one) => one !== undefined);
  if (phase === 'agent' && wire.agentId === undefined) return 'script';
  return phase ?? (wire.agentId === undefined ? 'script' : 'agent');
}

/**
 * `externalId` is the conversation's own id; `wire` may be a later contact of it, in which the customer goes on. The record keeps the
 * skill and the agent of an earlier stay: while the contact is somewhere else they are not shown, since another stay there would bear the
 * same name and pass for the old one.
 */
export function contactView(wire: WireContact, externalId: string): ConversationView {
  const phase = phaseOf(wire);
  const id = wire.contactId ?? externalId;
  const over = phase === 'ended';
  const parties: Party[] = [
    { id: PARTY.customer(externalId), role: 'customer', state: over ? 'ended' : 'connected' },
    { id: PARTY.script(id), role: 'bot', state: phase === 'script' ? 'connected' : 'ended' },
  ];
  const queueId = wire.skillId as QueueId | undefined;
  if (queueId !== undefined && (phase === 'queue' || phase === 'offered' || over))
    parties.push({ id: PARTY.queue(id, queueId), role: 'queue', state: over ? 'ended' : 'connected', queueId });
  if (wire.agentId !== undefined && (phase === 'agent' || phase === 'offered' || over))
    parties.push(agentParty(id, wire.agentId, phase, queueId));
  if (phase === 'outside') parties.push({ id: PARTY.outside(id), role: 'other', state: 'connected' });
  return { ended: over, parties, transfers: transfersOf(wire, phase) };
}

function agentParty(contactId: string, agentId: string, phase: Phase, queueId: QueueId | undefined): Party {
  return {
    id: PARTY.agent(contactId, agentId),
    role: 'agent',
    state: phase === 'agent' ? 'connected' : phase === 'offered' ? 'alerting' : 'ended',
    agentId: agentId as AgentId,
    ...(queueId === undefined ? {} : { queueId }),
  };
}

/**
 * A transfer to a number outside is known by its indicator, which stays when it has failed: with a queue or an agent the customer is
 * not outside, so nothing is said then. The record has no time of its own; the contact's is the same in every look.
 */
function transfersOf(wire: WireContact, phase: Phase): readonly TransferRecord[] {
  const outside = letters(String(wire.transferIndicatorName ?? '')) === 'external' || phase === 'outside';
  if (!outside || phase === 'queue' || phase === 'offered' || phase === 'agent') return [];
  const issuedAt = instant(wire.contactStartDate ?? wire.startDate) ?? 1;
  return [{ state: phase === 'script' ? 'pending' : 'complete', issuedAt }];
}

function letters(word: string | null | undefined): string {
  return (word ?? '').toLowerCase().replace(/[^a-z]/g, '');
}

function instant(value: string | number | null | undefined): Instant | undefined {
  const at = typeof value === 'number' ? value : Date.parse(value ?? '');
  return Number.isFinite(at) ? at : undefined;
}
