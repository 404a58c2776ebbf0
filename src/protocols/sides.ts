// Owns where a transfer's customer is, read from each side apart: from views where a look brought them, else from what was told. Neither
// side is believed about the other (seed 002 §4): what the two say together is judged in reconciliation.ts.

import type { ConversationView, Party } from '../context/conversation.ts';
import type { AgentId, QueueId } from '../ids.ts';
import type { SideView } from './command.ts';
import type { DestinationState, Route, SourceState } from './crossing.ts';
import { customerOf, isOver, isPending } from './evidence.ts';
import type { Interaction } from './interaction.ts';
import { isSameLeg, type TransferMove } from './move.ts';

/** The source, as far as this is known: who can be replaced there is known only from a view. */
export type Source = { readonly state: SourceState; readonly replaceable?: Party };
/** The destination; `by` says who has the customer there. */
export type Destination = {
  readonly state: DestinationState;
  readonly agentId?: AgentId;
  readonly queueId?: QueueId;
  readonly customer?: Party;
  readonly replaceable?: Party;
};

/** The source as a look shows it. Its customer may stay a party of the conversation while the call is led through it. */
export function sourceIn(view: SideView, route: Route): Source {
  if (view === 'gone' || isOver(view)) return { state: 'ended' };
  const live = view.parties.filter((party) => party.state !== 'ended');
  const replaceable = live.findLast(({ role }) => role === 'queue') ?? live.findLast(({ role }) => role !== 'customer');
  const state = stateOfSource(view, live, route);
  return { state, ...(replaceable && { replaceable }) };
}

function stateOfSource(view: ConversationView, live: readonly Party[], route: Route): SourceState {
  if (live.some(({ id }) => id === route.leaving)) {
    const ours = ourTransfer(view, route);
    if (ours === 'failed') return 'failed';
    return ours === 'pending' ? 'moving' : 'holding';
  }
  // Somebody else's party: a queue or an agent that was not there before has them now.
  if (live.some(({ id, role }) => (role === 'queue' || role === 'agent') && !route.known.includes(id)))
    return 'holding';
  return 'completed';
}

/** The newest transfer out of the platform that is later than what the check saw. */
function ourTransfer({ transfers }: ConversationView, { transfersAfter }: Route) {
  return transfers.findLast((one) => one.queueId === undefined && one.issuedAt > transfersAfter)?.state;
}

/** Why the transfer before is not over, as a look shows: somebody is on its conversation at the destination, or is on the way there. */
export function stillGoingOn(
  { parties, transfers }: ConversationView,
  destination: SideView | undefined,
): { readonly reason: string } | undefined {
  if (destination !== undefined && destination !== 'gone' && !isOver(destination))
    return { reason: 'still-at-destination' };
  // A line to somebody outside may be that of the transfer before, whose call nobody has recognised there.
  const isUp = parties.some(({ role, state }) => role === 'other' && state !== 'ended');
  const onTheWay = isUp || transfers.some((one) => one.queueId === undefined && isPending(one));
  return onTheWay ? { reason: 'transfer-hangs' } : undefined;
}

/** The destination as a look shows it, or with no look, as it was told. */
export function destinationIn(state: Interaction, { arrived }: TransferMove, view: SideView | undefined): Destination {
  if (!arrived) return { state: 'expected' };
  if (view === undefined) return destinationTold(state, arrived);
  if (view === 'gone' || isOver(view)) return { state: 'ended' };
  const live = view.parties.filter((party) => party.state !== 'ended');
  const customer = customerOf(view);
  const agent = live.findLast(({ role, state: how }) => role === 'agent' && how === 'connected');
  const queue = live.findLast(({ role }) => role === 'queue');
  const replaceable = queue ?? live.findLast(({ role }) => role !== 'customer');
  return {
    state: agent ? 'active' : queue ? 'queued' : 'arrived',
    ...(agent?.agentId !== undefined && { agentId: agent.agentId }),
    ...(queue?.queueId !== undefined && { queueId: queue.queueId }),
    ...(customer && { customer }),
    ...(replaceable && { replaceable }),
  };
}

function destinationTold(state: Interaction, arrived: NonNullable<TransferMove['arrived']>): Destination {
  const held = state.legs.find((one) => isSameLeg(one, arrived));
  if (!held || held.state === 'ended') return { state: 'ended' };
  const there = state.attendance.present.filter((party) => isSameLeg(party.leg, arrived));
  const agent = there.findLast(({ holds }) => holds.kind === 'agent');
  const queue = there.findLast(({ holds }) => holds.kind === 'queue');
  return {
    state: agent ? 'active' : queue ? 'queued' : 'arrived',
    ...(agent?.holds.agentId !== undefined && { agentId: agent.holds.agentId }),
    ...(queue?.holds.queueId !== undefined && { queueId: queue.holds.queueId }),
  };
}
