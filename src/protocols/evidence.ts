// Owns what a look at a conversation proves about a transfer: whether the customer has arrived, is on the way, or has not
// moved. 202 is not completion (Genesys Cloud answers it before anything has happened).

import type { ConversationView, Party } from '../context/conversation.ts';
import type { Instant, QueueId } from '../ids.ts';
import { agentHolder, type NextHolder } from './ownership.ts';

export type Evidence =
  | { readonly kind: 'customer-gone' }
  | { readonly kind: 'arrived'; readonly holder: NextHolder }
  | { readonly kind: 'on-the-way' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'not-moved' };

export function customerOf(view: ConversationView): Party | undefined {
  return view.parties.find((party) => party.role === 'customer' && party.state !== 'ended');
}

export function agentsIn(view: ConversationView): readonly Party[] {
  return view.parties.filter((party) => party.role === 'agent' && party.state !== 'ended');
}

/** The party an escalation replaces: the queue's where the customer waits, else the bot's; never the customer's own. */
export function replaceableIn(view: ConversationView): Party | undefined {
  const live = view.parties.filter((party) => party.state !== 'ended');
  const newest = (role: Party['role']) => live.findLast((party) => party.role === role);
  return newest('queue') ?? newest('bot');
}

/** The vendor's time of the newest transfer it shows; later records are news. */
export function newestTransferAt(view: ConversationView): Instant {
  return view.transfers.reduce((newest, transfer) => Math.max(newest, transfer.issuedAt), 0);
}

/** The agent's or queue's party that shows that the customer has reached `queueId` (or an agent, whoever sent them). */
function arrivalIn(view: ConversationView, queueId: QueueId): NextHolder | undefined {
  const agent = agentsIn(view).at(-1);
  if (agent) return agentHolder({ participantId: agent.id, ...pick(agent) });
  const waiting = view.parties.some(
    (party) => party.role === 'queue' && party.state !== 'ended' && party.queueId === queueId,
  );
  return waiting ? { kind: 'queue', queueId } : undefined;
}

function pick(party: Party) {
  return {
    ...(party.agentId === undefined ? {} : { agentId: party.agentId }),
    ...(party.queueId === undefined ? {} : { queueId: party.queueId }),
  };
}

/**
 * What `view` proves of a transfer to `queueId`. Transfer records up to `transfersAfter` (the vendor's clock, so that nobody's
 * clocks are compared) belong to earlier attempts and prove nothing.
 */
export function readEvidence(view: ConversationView, queueId: QueueId, transfersAfter: Instant): Evidence {
  if (view.ended || !customerOf(view)) return { kind: 'customer-gone' };
  const holder = arrivalIn(view, queueId);
  if (holder) return { kind: 'arrived', holder };
  const record = view.transfers.findLast(
    (transfer) => transfer.queueId === queueId && transfer.issuedAt > transfersAfter,
  );
  if (record?.state === 'failed') return { kind: 'failed' };
  // A complete transfer whose arrival is not in the parties yet is still on the way: the two lists are not updated together.
  return record ? { kind: 'on-the-way' } : { kind: 'not-moved' };
}
