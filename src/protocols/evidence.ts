// Owns what a look at a conversation proves about a transfer: whether the customer has arrived, is on the way, or has not
// moved. 202 is not completion (Genesys Cloud answers it before anything has happened).

import type { ConversationView, Party, TransferRecord } from '../context/conversation.ts';
import type { Instant, ParticipantId, QueueId } from '../ids.ts';
import type { Target } from './move.ts';

export type Evidence = 'customer-gone' | 'arrived' | 'on-the-way' | 'failed' | 'not-moved';

export function customerOf(view: ConversationView): Party | undefined {
  return view.parties.find((party) => party.role === 'customer' && party.state !== 'ended');
}

/** The customer has left: nothing can be moved any more. */
export function isOver(view: ConversationView): boolean {
  return view.ended || !customerOf(view);
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

export function isPending(transfer: TransferRecord): boolean {
  return transfer.state === 'pending';
}

/**
 * What `view` proves of a transfer to the target. Transfer records up to `transfersAfter` (the vendor's clock, so that nobody's
 * clocks are compared) belong to earlier attempts and prove nothing.
 */
export function readEvidence(view: ConversationView, { queue, known, transfersAfter }: Target): Evidence {
  if (isOver(view)) return 'customer-gone';
  const ofQueue = view.parties.filter((party) => party.role === 'queue' && party.queueId === queue.id);
  const agentIsThere = view.parties.some((party) => party.role === 'agent' && party.state !== 'ended');
  if (agentIsThere || ofQueue.some((party) => party.state !== 'ended')) return 'arrived';
  const record = view.transfers.findLast(
    (transfer) => transfer.queueId === queue.id && transfer.issuedAt > transfersAfter,
  );
  if (record?.state === 'failed') return 'failed';
  // Came and went between two looks: whatever followed, the transfer was made.
  if (ofQueue.some((party) => !known.includes(party.id))) return 'arrived';
  // A complete transfer whose arrival is not in the parties yet is still on the way: the two lists are not updated together.
  return record ? 'on-the-way' : 'not-moved';
}

/** Whether a party that was not there before is another queue's than the target's. */
export function isNewElsewhere({ queue, known }: Target, id: ParticipantId, queueId: QueueId | undefined): boolean {
  return queueId !== undefined && queueId !== queue.id && !known.includes(id);
}

/** The other queue by which `view` shows the customer to have gone: where they are rather than where they were. */
export function elsewhereIn(view: ConversationView, target: Target): QueueId | undefined {
  const parties = view.parties.filter((party) => party.role === 'queue' || party.role === 'agent');
  const isLive = (party: Party) => party.state !== 'ended';
  const isOurs = (party: Party) => party.queueId === target.queue.id;
  if (parties.some((party) => isOurs(party) && (isLive(party) || !target.known.includes(party.id)))) return undefined;
  const others = parties.filter((party) => isNewElsewhere(target, party.id, party.queueId));
  return (others.findLast(isLive) ?? others.at(-1))?.queueId;
}
