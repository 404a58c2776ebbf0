// Owns the course of one transfer of a proof: a caller comes in, a transfer is asked for, people act as planned, it settles, both twins are
// looked at, and the caller hangs up. What was seen is told; nothing is judged here.

import { setTimeout as sleep } from 'node:timers/promises';
import type { House } from './proof-house.ts';
import { type Patience, patiently, unless } from './proof-patience.ts';
import type { Side, Staff } from './proof-transfer-house.ts';
import { cxonePlace, genesysPlace, type Place } from './proof-transfer-places.ts';
import { firstQueueOf, type Target, type TransferPlan } from './proof-transfer-plan.ts';
import type { HandoffAnswer, Transfer } from './service-client.ts';
import type { TwinClient } from './twin-client.ts';

export type Ran = {
  readonly plan: TransferPlan;
  readonly interactionId: string;
  readonly handoffId: string;
  readonly sourceId: string;
  readonly targetAgentId?: string;
  /** Undefined: the service acknowledged it and no longer knows it. */
  readonly handoff: HandoffAnswer | undefined;
  /** The customer hung up before it was looked at. */
  readonly hungUp: boolean;
  /** What both twins showed of the caller a while after it had settled. */
  readonly places: readonly Place[];
  /** What is behind the reference of a transfer that is completed. */
  readonly whole?: Readonly<Record<string, unknown>>;
  /** Faults that its own vendor calls met. */
  readonly faults: readonly string[];
};

export type Stage = {
  readonly house: House;
  readonly staff: Readonly<Record<Side, Staff>>;
  readonly signal: AbortSignal;
  readonly onRequested: () => void;
};

const LOOK_EVERY_MS = 100;
/** Of one request; a service that is killed is back long before. */
const GIVE_UP_AFTER_MS = 60_000;
/** The longest that a transfer may take, and a margin. */
const SETTLED_WITHIN_MS = 300_000;
const WAIT_SEC = 20;
const HELD_WITHIN_MS = 30_000;
/** What comes late comes by then; for some, what comes very late. */
const LINGER_MS = { most: 2_000, some: 35_000 };
const ONE_IN = 25;

/** `slot`: of those that may be under way at once; its agents are nobody else's. */
export async function runTransfer(stage: Stage, plan: TransferPlan, slot: number): Promise<Ran> {
  const { house, signal } = stage;
  const { service } = house;
  const patience = { signal, giveUpAfterMs: GIVE_UP_AFTER_MS };
  const source = twinOf(house, plan.from);
  const queue = firstQueueOf(plan);
  const sourceId = await comeIn(source, { from: plan.caller, ...(queue && { queue }) }, patience);
  const { customer, context, from: platform } = plan;
  const opening = { platform, externalId: sourceId, channel: 'voice', context };
  const { id: interactionId } = await patiently(
    () => service.openInteraction({ ...opening, customer: { phone: plan.caller, ...customer } }),
    patience,
  );
  await untilHeld(stage, plan, source, sourceId);

  const targetAgentId = agentOf(stage.staff[plan.to], plan.target, slot);
  const asked: Transfer = {
    to: { platform: plan.to, ...addressOf(plan.target, targetAgentId) },
    transferType: plan.type,
    initiatedBy: plan.heldBy === 'bot' ? 'bot' : 'agent',
    ...(plan.manifest && { manifest: plan.manifest }),
  };
  const key = `proof-${interactionId}`;
  const { id: handoffId } = await patiently(() => service.transfer(interactionId, asked, key), patience);
  stage.onRequested();
  const watch = {
    stage,
    plan,
    sourceId,
    handoffId,
    again: () => service.transfer(interactionId, asked, key, WAIT_SEC),
  };
  const { handoff, hungUp } = await untilSettled(watch);
  await sleep(lingers(plan), undefined, { signal });

  const places = await patiently(() => placesOf(house, plan.caller), patience);
  const ref = handoff?.outcome === 'completed' ? handoff.manifestRef : undefined;
  const whole = ref ? await patiently(() => unless(404, () => service.whole(ref)), patience) : undefined;
  const faults = await patiently(() => faultsOf(house, places), patience);
  await patiently(() => hangUp(house, plan, sourceId), patience);
  return {
    plan,
    interactionId,
    handoffId,
    sourceId,
    ...(targetAgentId !== undefined && { targetAgentId }),
    handoff,
    hungUp,
    places,
    ...(whole && { whole }),
    faults,
  };
}

function lingers({ index, callFault }: TransferPlan): number {
  return index % ONE_IN === ONE_IN - 1 || callFault === 'delay-call-long' ? LINGER_MS.some : LINGER_MS.most;
}

/** One call of each caller, also where the twin's answer got lost. */
async function comeIn(
  twin: TwinClient,
  asked: { readonly from: string; readonly queue?: string },
  patience: Patience,
): Promise<string> {
  return await patiently(async () => {
    const [there] = (await twin.conversationsFrom(asked.from)).map(idOf);
    return there ?? (await twin.comeIn({ channel: 'voice', ...asked }));
  }, patience);
}

function idOf(shown: Readonly<Record<string, unknown>>): string {
  return String(shown.conversationId ?? shown.contactId);
}

/** All that there ever was of the caller, on either side, the oldest first. */
export async function placesOf({ twin, cxone }: House, caller: string): Promise<readonly Place[]> {
  const [genesys, contacts] = await Promise.all([twin.conversationsFrom(caller), cxone.conversationsFrom(caller)]);
  return [...genesys.map(genesysPlace), ...contacts.map(cxonePlace)].toSorted((a, b) => a.startedAt - b.startedAt);
}

function twinOf(house: House, side: Side): TwinClient {
  return side === 'genesys_cloud' ? house.twin : house.cxone;
}

async function untilHeld({ signal }: Stage, { heldBy, from }: TransferPlan, source: TwinClient, id: string) {
  const until = performance.now() + HELD_WITHIN_MS;
  const read = from === 'genesys_cloud' ? genesysPlace : cxonePlace;
  const look = () => patiently(() => source.view(id), { signal, giveUpAfterMs: GIVE_UP_AFTER_MS });
  while (read(await look()).heldBy !== heldBy && performance.now() < until)
    await sleep(LOOK_EVERY_MS, undefined, { signal });
}

function agentOf(staff: Staff, target: Target, slot: number): string | undefined {
  if (target.kind === 'queue') return undefined;
  const of = (agents: readonly string[]) => agents[slot % agents.length];
  switch (target.who) {
    case 'own':
      return of(staff.own);
    case 'busy':
      return of(staff.busy);
    case 'declining':
      return of(staff.declining);
    case 'hanging':
      return of(staff.hanging);
    case 'unknown':
      return '99999999';
  }
}

function addressOf(target: Target, agentId: string | undefined) {
  return target.kind === 'queue' ? { queue: target.name } : { agentId: agentId ?? '' };
}

type Watch = {
  readonly stage: Stage;
  readonly plan: TransferPlan;
  readonly sourceId: string;
  readonly handoffId: string;
  /** The same request under the same key, which waits for the end. */
  readonly again: () => Promise<HandoffAnswer>;
};

/** Follows it to its end; where somebody has something to do on the way, closely. */
async function untilSettled(watch: Watch): Promise<Pick<Ran, 'handoff' | 'hungUp'>> {
  const { stage, plan, handoffId, again } = watch;
  const { service } = stage.house;
  const patience = { signal: stage.signal, giveUpAfterMs: GIVE_UP_AFTER_MS };
  const until = performance.now() + SETTLED_WITHIN_MS;
  let hungUp = false;
  let acted = plan.act.kind === 'none';
  let saidSo = plan.type !== 'consultative' || plan.verdict === 'none';
  let handoff: HandoffAnswer | undefined;
  do {
    const watchful = !acted || !saidSo;
    handoff = await patiently(() => unless(404, watchful ? () => service.handoff(handoffId) : again), patience);
    if (handoff === undefined || handoff.phase === 'settled') break;
    if (!acted && isTime(plan, handoff.phase)) {
      acted = true;
      hungUp = await act(watch);
    }
    if (!saidSo && handoff.phase === 'offered') {
      saidSo = true;
      const accept = plan.verdict === 'accept';
      await patiently(() => unless(409, () => service.complete(handoffId, accept)), patience);
    }
    if (watchful) await sleep(LOOK_EVERY_MS, undefined, { signal: stage.signal });
  } while (performance.now() < until);
  return { handoff, hungUp };
}

const ORDER = ['preparing', 'committing', 'confirming', 'offered'];

/** In that phase, or in the first that was seen after it. */
function isTime({ act }: TransferPlan, phase: string): boolean {
  if (act.kind === 'cancel') return true;
  return act.kind === 'hang-up' && ORDER.indexOf(phase) >= ORDER.indexOf(act.in);
}

/** Whether the customer has hung up. */
async function act({ stage, plan, sourceId, handoffId }: Watch): Promise<boolean> {
  const { house, signal } = stage;
  const patience = { signal, giveUpAfterMs: GIVE_UP_AFTER_MS };
  if (plan.act.kind === 'hang-up') {
    await patiently(() => hangUp(house, plan, sourceId), patience);
    return true;
  }
  await patiently(() => unless(409, () => house.service.cancel(handoffId)), patience);
  return false;
}

/** The customer's own end of the line is where they came in, or wherever the call has got to since. */
async function hangUp(house: House, { from, caller }: TransferPlan, sourceId: string): Promise<void> {
  const there = await unless(409, () => twinOf(house, from).hangUp(sourceId));
  if (there !== undefined) return;
  for (const place of await placesOf(house, caller))
    if (place.live) await unless(409, () => twinOf(house, place.platform).hangUp(place.id));
}

async function faultsOf(house: House, places: readonly Place[]): Promise<readonly string[]> {
  const met = await Promise.all(places.map(({ platform, id }) => twinOf(house, platform).callsAbout(id)));
  return met.flat().flatMap(({ fault }) => fault ?? []);
}
