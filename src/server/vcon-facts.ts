// Owns how an interaction's journal becomes the facts that a vCon is made of: its state, and what the state no longer remembers
// (who held the conversation before, and legs that have gone elsewhere).

import type { VconFacts, VconHandoff, VconHolder, VconLeg, VconManifest } from '../context/vcon-facts.ts';
import type { Instant, ManifestRef } from '../ids.ts';
import type { Event } from '../protocols/event.ts';
import { evolve } from '../protocols/evolve.ts';
import { type Interaction, type State, whole } from '../protocols/interaction.ts';
import { isSameLeg, isSettled, type Leg } from '../protocols/move.ts';
import { sameHolder } from '../protocols/ownership.ts';
import { type Handoff, resolvedQueue } from './handoff-view.ts';

type LookUp = (ref: ManifestRef) => Promise<VconManifest>;

/** The facts in all events of one interaction, oldest first; `lookUp` says what a manifest's reference still leads to. */
export async function factsOf(events: readonly Event[], lookUp: LookUp): Promise<VconFacts> {
  const state = whole(events.reduce<State>(evolve, null));
  const legs = legsIn(events, state);
  const [first, ...others] = legs;
  if (!first) throw new Error('An interaction is opened together with its first leg, yet this one has none.');
  const { id, direction, openedAt, lastAt, customer, context, masked, settled, move, wrapup, survey } = state;
  const handoffs = [...settled, ...(move ? [move] : [])];
  return {
    id,
    direction,
    openedAt,
    changedAt: lastAt,
    customer,
    context,
    contextAt: contextAtIn(events) ?? openedAt,
    masked,
    legs: [first, ...others],
    holders: events.flatMap((event) => holderIn(event, legs)),
    handoffs: await Promise.all(handoffs.map((handoff) => handoffFacts(handoff, events, legs, lookUp))),
    ...(wrapup && { wrapup }),
    ...(survey && { survey }),
  };
}

/** Every leg that was ever attached, once. */
function legsIn(events: readonly Event[], state: Interaction): readonly VconLeg[] {
  const attached = events.flatMap((event) => (event.type === 'LegAttached' ? [event] : []));
  return attached
    .filter(({ leg }, index) => attached.findIndex((one) => isSameLeg(one.leg, leg)) === index)
    .map(({ leg: { platform, externalId, channel }, at }) => {
      const held = state.legs.find((one) => isSameLeg(one, { platform, externalId }));
      return { platform, externalId, channel, attachedAt: at, state: held?.state ?? 'moved' };
    });
}

function contextAtIn(events: readonly Event[]): Instant | undefined {
  return events.findLast(({ type }) => type === 'ContextChanged')?.at;
}

/** The holder that the event made. The first one holds the leg that the interaction was opened with. */
function holderIn(event: Event, legs: readonly VconLeg[]): readonly VconHolder[] {
  if (event.type === 'InteractionOpened') return [holderOf(event.holder, 0)];
  if (event.type !== 'HolderChanged') return [];
  const { holder, attendance } = event;
  const seen = attendance.present.findLast((party) => sameHolder(party.holds, holder));
  return [holderOf(holder, seen ? indexOf(legs, seen.leg) : -1)];
}

function holderOf({ kind, queueId, agentId }: Interaction['holder'], leg: number): VconHolder {
  return {
    kind,
    ...(queueId !== undefined && { queueId }),
    ...(agentId !== undefined && { agentId }),
    ...(leg >= 0 && { leg }),
  };
}

async function handoffFacts(
  handoff: Handoff,
  events: readonly Event[],
  legs: readonly VconLeg[],
  lookUp: LookUp,
): Promise<VconHandoff> {
  const { id, kind, leg, wish, requestedAt, briefing, summary, loss, manifestRef } = handoff;
  const queue = resolvedQueue(handoff);
  return {
    id,
    kind,
    leg: indexOf(legs, leg),
    from: holdersBefore(handoff, events) - 1,
    queue: queue ? { id: queue.id, name: queue.name } : { name: wish.name },
    ...acrossOf(handoff, legs),
    because: wish.because,
    requestedAt,
    briefing,
    summary,
    loss,
    ...(isSettled(handoff) && { settled: settledFacts(handoff) }),
    ...(manifestRef && { manifest: await lookUp(manifestRef) }),
  };
}

/** Of a transfer to another platform: to whom, and the leg that it became. */
function acrossOf(handoff: Handoff, legs: readonly VconLeg[]): Pick<VconHandoff, 'agentId' | 'to'> {
  if (handoff.kind !== 'transfer') return {};
  const { terms, arrived } = handoff;
  const to = arrived ? indexOf(legs, arrived) : -1;
  return {
    ...(terms.target.kind === 'agent' && !resolvedQueue(handoff) && { agentId: terms.target.agentId }),
    ...(to >= 0 && { to }),
  };
}

function settledFacts({ settledAt: at, outcome, reason }: Extract<Handoff, { outcome: unknown }>) {
  return { at, outcome, ...(reason !== undefined && { reason }) };
}

/** How many had held the conversation, the present holder included, when the handoff was asked for. */
function holdersBefore({ id }: Handoff, events: readonly Event[]): number {
  const asked = events.findIndex(
    (event) => (event.type === 'EscalationRequested' || event.type === 'TransferRequested') && event.handoff.id === id,
  );
  return events.slice(0, asked).filter(({ type }) => type === 'InteractionOpened' || type === 'HolderChanged').length;
}

function indexOf(legs: readonly VconLeg[], leg: Pick<Leg, 'platform' | 'externalId'>): number {
  return legs.findIndex(({ platform, externalId }) => platform === leg.platform && externalId === leg.externalId);
}
