// Owns what of a transfer stands in the clear: what an audit asks for (seed 002 §4) is answered from here alone, also after an erasure.
// When, by whom, whose conversation on which platform, how the two sides stood, what was done about it, and whether personal data was masked.

import { isPiiMasked } from '../context/masking.ts';
import { isPersonalLeg, looksPersonal } from '../context/personal-id.ts';
import type { AgentId, Instant } from '../ids.ts';
import type { Cycle } from '../protocols/crossing.ts';
import type { Event, Released } from '../protocols/event.ts';
import type { Interaction } from '../protocols/interaction.ts';
import { type Handoff, isSettled, type Leg } from '../protocols/move.ts';

type Columns = Readonly<Record<string, unknown>>;

/** In the place of a reference that is personal. */
export const WITHHELD = 'withheld';

/** Beside every event of a transfer: both platforms and their references, the agents, and whether anything was masked or withheld. */
export function transferColumns(
  handoff: Handoff,
  { customer, holder }: Pick<Interaction, 'customer' | 'holder'>,
): Columns {
  if (handoff.kind !== 'transfer') return {};
  const { leg, arrived, terms, loss, cycles, retries, leavingAgent } = handoff;
  const { to, type, initiatedBy, target } = terms;
  const newest = cycles.at(-1);
  return {
    to,
    transferType: type,
    initiatedBy,
    ...(retries !== undefined && { retries }),
    ...referenceOf('sourceRef', leg),
    ...(arrived && referenceOf('destinationRef', arrived)),
    ...(leavingAgent !== undefined && { sourceAgentId: leavingAgent }),
    ...(target.kind === 'agent' && { targetAgentId: target.agentId }),
    ...(isThere(handoff) && isAnother(holder.agentId, leavingAgent) && { destinationAgentId: holder.agentId }),
    piiMasked: isPiiMasked(customer, loss),
    ...(newest && { cycle: newest.n, sourceState: newest.sourceState, destinationState: newest.destinationState }),
  };
}

/** Who has them may be told a moment after it was seen. */
function isAnother(agentId: AgentId | undefined, leavingAgent: AgentId | undefined): boolean {
  return agentId !== undefined && agentId !== leavingAgent;
}

/** The destination was seen to have them, so whoever has them now is of the destination. */
function isThere(handoff: Extract<Handoff, { kind: 'transfer' }>): boolean {
  return isSettled(handoff) ? handoff.outcome === 'completed' : handoff.progress.step === 'injecting';
}

/** An id that is a phone number or an address stays sealed; that there is one is said. */
function referenceOf(name: 'sourceRef' | 'destinationRef', leg: Leg): Columns {
  return { [name]: isPersonalLeg(leg) ? WITHHELD : leg.externalId };
}

/** A platform names its own places as it likes. */
function placeOf(id: string): Columns {
  return { reservationId: looksPersonal(id) ? WITHHELD : id };
}

/** What a single event says beyond that. */
export function transferEventColumns(event: Event): Columns {
  switch (event.type) {
    case 'PlaceReserved':
      return { ...placeOf(event.reservation.id), validUntil: written(event.reservation.validUntil) };
    case 'PlaceStrayed':
      return releaseColumns(event);
    case 'ChoreDelayed':
    case 'ChoreDone':
      return {
        ...(event.release && releaseColumns(event.release)),
        ...(event.code !== undefined && { reason: event.code }),
      };
    case 'AgentAsked':
      return { ...(event.uncertain !== undefined && { reason: event.uncertain }) };
    case 'FlowTold':
      return { until: written(event.until) };
    case 'ReservationLapsed':
    case 'FlowRecalled':
      return { reason: event.code };
    case 'ReservationRedeemed': {
      const { handoffId, leg, rung, late } = event;
      return { handoffId, rung, ...(late && { late }), to: leg.platform, ...referenceOf('destinationRef', leg) };
    }
    case 'CycleObserved':
    case 'DestinationReached':
      return cycleColumns(event.cycle);
    case 'ReturnBegun': {
      const { at, queue, reason } = event.goal;
      return { ...cycleColumns(event.cycle), returnTo: at, returnQueueId: queue.id, reason };
    }
    case 'VerdictGiven':
      return { accept: event.accept, ...(event.because !== undefined && { reason: event.because }) };
    default:
      return {};
  }
}

/** Of a place that is given back: whose it was, and how that ended. */
function releaseColumns({ handoffId, to, reservation, ...rest }: Released & { readonly ended?: string }): Columns {
  const id = reservation.kind === 'placeholder' ? reservation.key : reservation.id;
  return { handoffId, to, ...placeOf(id), ...(rest.ended !== undefined && { ended: rest.ended }) };
}

function cycleColumns({
  n,
  sourceState,
  destinationState,
  expectedState,
  retries,
  status,
  lastAttempt,
}: Cycle): Columns {
  const states = { sourceState, destinationState, expectedState };
  return { cycle: n, ...states, retries, status, lastAttempt: written(lastAttempt) };
}

/** Auditors read these as they stand. */
function written(at: Instant): string {
  return new Date(at).toISOString();
}
