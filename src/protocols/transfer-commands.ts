// Owns the one command that each step of a transfer stands for. The same state always asks for the same command under the same key.

import { nameThere, PII_MASKED } from '../context/fields.ts';
import { isPiiMasked } from '../context/masking.ts';
import type { AgentId } from '../ids.ts';
import type { Command } from './command.ts';
import type { Passage, Route } from './crossing.ts';
import type { Interaction } from './interaction.ts';
import { commandKey, type TransferMove } from './move.ts';
import { placeholderOf } from './release.ts';
import { askedForMs, commitBy } from './transfer.ts';
import { arrivedBefore } from './transfer-retry.ts';

/** The command that must be under way; null while the move waits. */
export function transferCommand(state: Interaction, move: TransferMove): Command | null {
  const { progress, limits, leg, terms, arrived } = move;
  if (progress.task.kind !== 'running') return null;
  const { platform, externalId, channel } = leg;
  const base = { key: commandKey(move), timeoutMs: limits.commandTimeoutMs } as const;
  const source = { ...base, platform, externalId, channel } as const;
  switch (progress.step) {
    case 'checking': {
      const { to, target, fallback } = terms;
      const there = arrivedBefore(state, move);
      const before = there && { arrived: there };
      return { ...source, kind: 'CheckTransfer', safety: 'repeatable', to, target, fallback, ...before };
    }
    case 'marking': {
      const { attributes, route } = progress;
      return {
        ...source,
        kind: 'AttachContext',
        safety: 'repeatable',
        customer: route.customer,
        attributes,
        tag: state.id,
      };
    }
    case 'asking':
      return { ...base, kind: 'AskAgent', safety: 'lookable', ...askedOf(move) };
    case 'awaiting-agent':
      return { ...base, kind: 'LookForAgent', safety: 'repeatable', ...askedOf(move) };
    case 'reserving':
      return { ...base, kind: 'Reserve', ...reserving(state, move) };
    case 'committing':
      return { ...source, ...departing(state, move, progress) };
    case 'reconciling':
    case 'consulting':
    case 'awaiting-flow':
      return { ...source, kind: 'Reconcile', safety: 'repeatable', ...(arrived && { arrived }) };
    case 'concluding': {
      const { route, accept } = progress;
      return { ...source, kind: 'EndConsult', safety: 'lookable', accept, ...whoLeaves(route) };
    }
    case 'returning': {
      const { goal, leaving } = progress;
      if (goal.kind !== 'held') return null;
      const where = goal.at === 'destination' && arrived ? arrived : leg;
      return { ...source, ...where, kind: 'TransferToQueue', safety: 'lookable', leaving, queue: goal.queue };
    }
    case 'injecting': {
      const { customer } = progress;
      if (!arrived) return null;
      const { carried: attributes } = terms;
      return {
        ...source,
        ...arrived,
        kind: 'AttachOnArrival',
        safety: 'repeatable',
        customer,
        attributes,
        tag: state.id,
      };
    }
  }
}

function departing({ id }: Interaction, { terms }: TransferMove, { route, reservation }: Passage) {
  return {
    kind: 'TransferAway',
    safety: 'lookable',
    // What was checked is believed no longer than it is fresh (H3).
    notAfter: commitBy({ terms }, reservation),
    style: terms.type === 'blind' ? 'blind' : 'consult',
    way: route.way,
    ...whoLeaves(route),
    address: reservation.address,
    token: terms.token,
    interactionId: id,
    reservationId: reservation.id,
  } as const;
}

function whoLeaves({ leaving, leavingAgent }: Route) {
  return { leaving, ...(leavingAgent !== undefined && { leavingAgent }) };
}

/** A platform's own reservation takes our key; one of ours is the same for the same handoff, however often it is asked for. */
function reserving(state: Interaction, move: TransferMove) {
  const { id: handoffId, terms, leg, progress } = move;
  const { to, target, reservation, token, entryNumbers, reservationMs, holdLimitMs } = terms;
  return {
    safety: 'fenced',
    handoffId,
    interactionId: state.id,
    to,
    target,
    channel: leg.channel,
    reservation,
    once: `${handoffId}.place.${progress.task.seq - progress.task.tries}`,
    token,
    entryNumbers,
    reservationMs,
    // A place that does not outlive the telling is none, however short the customer is to be kept.
    holdLimitMs: Math.max(holdLimitMs, askedForMs(move)),
    ...(move.placeholder && { placeholder: placeholderOf(move) }),
    ...(state.customer.phone !== undefined && { caller: state.customer.phone }),
    ...(progress.step === 'reserving' && progress.checkedAt !== undefined && { checkedAt: progress.checkedAt }),
    context: payloadOf(state, move),
  } as const;
}

function askedOf(move: TransferMove) {
  const { to, target } = move.terms;
  const agentId = target.kind === 'agent' ? target.agentId : ('' as AgentId);
  return { to, agentId, placeholder: placeholderOf(move) };
}

/** Seed 002 §2's `contextPayload`: no more of the customer than the destination needs to hold a place. */
function payloadOf({ id, context, customer }: Interaction, { leg, loss, terms: { mapping } }: TransferMove) {
  const { complianceFlags } = context;
  const isTold = (name: string) => nameThere({ name }, mapping) !== undefined;
  return {
    canonicalInteractionId: id,
    sourcePlatform: leg.platform,
    ...(complianceFlags && isTold('complianceFlags') && { complianceFlags }),
    ...(isTold(PII_MASKED) && { piiMasked: isPiiMasked(customer, loss) }),
  };
}
