// Owns the two vendors of the transfers' bench: each does at once what it is asked, so that what is measured is ours alone.

import type { ConversationView, Party, Queue } from '../src/context/conversation.ts';
import type { AgentId, ExternalId, InteractionId, ParticipantId, PlatformName, QueueId } from '../src/ids.ts';
import type { EntryBook } from '../src/journal/entries.ts';
import type { Command, CommandOutcome } from '../src/protocols/command.ts';
import type { Input, TransferPolicy } from '../src/protocols/input.ts';
import type { Leg } from '../src/protocols/move.ts';
import { PLATFORM as FROM } from './instant-vendor.ts';

export const TO = 'nice_cxone' as PlatformName;
const AGENT = '4492' as AgentId;
const TARGET: Queue = { id: '1002' as QueueId, name: 'BillingDisputes_Tier2' };
const FALLBACK: Queue = { id: '1004' as QueueId, name: 'General_Support' };
const SITE = {
  limits: { attributeValueBytes: 256, attributeCount: 50 },
  settleMs: 5_000,
  reservation: 'entry-script',
  reservationMs: 60_000,
  entryNumbers: Array.from({ length: 100 }, (_none, n) => `+${18_885_560_000 + n}`),
  ways: ['rest'],
  fallbackQueue: FALLBACK.name,
} as const;

export const TRANSFERS: TransferPolicy = {
  sites: { [FROM]: SITE, [TO]: SITE },
  settleWithinMs: 180_000,
  consultMs: 180_000,
  limits: { commandTimeoutMs: 8_000, confirmWithinMs: 30_000, transferAttempts: 3 },
};

const party = (id: string, role: Party['role']): Party => ({ id: id as ParticipantId, role, state: 'connected' });
const view = (...parties: readonly Party[]): ConversationView => ({ ended: false, transfers: [], parties });
const BEFORE = view(party('customer', 'customer'), party('bot', 'bot'));
const LET_GO = view(party('customer', 'customer'));
const ARRIVED = view(party('their-customer', 'customer'), { ...party('their-agent', 'agent'), agentId: AGENT });

/** Numbers are lent by the journal itself. */
export async function crossAtOnce(command: Command, entries: EntryBook): Promise<CommandOutcome> {
  switch (command.kind) {
    case 'CheckTransfer': {
      const fallback = { source: FALLBACK, destination: FALLBACK };
      return { kind: 'done', of: 'CheckTransfer', result: { view: BEFORE, free: 'yes', queue: TARGET, fallback } };
    }
    case 'AttachContext':
    case 'TransferAway':
      return { kind: 'done', of: command.kind, result: null };
    case 'AttachOnArrival':
      return { kind: 'done', of: 'AttachOnArrival', result: { after: ARRIVED } };
    case 'Reserve':
      return await lend(command, entries);
    case 'Reconcile': {
      const there = command.arrived && { destination: ARRIVED };
      return { kind: 'done', of: 'Reconcile', result: { source: LET_GO, ...there } };
    }
    case 'Release':
      await entries.release(command.handoffId);
      return { kind: 'done', of: 'Release', result: null };
    default:
      throw new Error(`the instant vendors are never asked to ${command.kind}`);
  }
}

async function lend(
  { handoffId, interactionId, entryNumbers, token, reservationMs }: Extract<Command, { kind: 'Reserve' }>,
  entries: EntryBook,
): Promise<CommandOutcome> {
  const loan = { handoffId, interactionId, platform: TO, numbers: entryNumbers, token, forMs: reservationMs };
  const taken = await entries.take(loan);
  if (taken.kind !== 'done' || !taken.value) throw new Error('no number could be lent');
  const { number: address, until: validUntil } = taken.value;
  return { kind: 'done', of: 'Reserve', result: { held: true, id: handoffId, validUntil, address } };
}

export function arrivedLeg(id: InteractionId): Leg {
  return { platform: TO, externalId: `there-${id}` as ExternalId, channel: 'voice' };
}

/** The event that shows the caller with an agent. */
export function agentAnswered({ platform, externalId }: Leg, now: number): Input {
  return {
    kind: 'conversation-event',
    actor: `platform:${platform}`,
    event: {
      kind: 'agent-joined',
      platform,
      externalId,
      messageId: `answered.${externalId}`,
      at: now,
      participantId: 'their-agent' as ParticipantId,
      agentId: AGENT,
      queueId: TARGET.id,
    },
  };
}
