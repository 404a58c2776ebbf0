// Owns how a transfer to another platform is prepared (seed 002, phase 1): whom it is for, both sides checked, our id written at the
// source, and a place reserved at the destination, in this order. Keeps H1, H3 and H4: nothing is let go of before the place is held.

import type { ConversationView, Party } from '../context/conversation.ts';
import { ATTRIBUTE } from '../context/fields.ts';
import { limitsFor } from '../context/packing.ts';
import type { HandoffId, Instant } from '../ids.ts';
import { become, loseLeg, observe } from './attendance.ts';
import { carry } from './carrying.ts';
import type { CommandResult } from './command.ts';
import type { CommitWay, Packing, Reservation, Route } from './crossing.ts';
import { customerLeft, settled, withdrawn } from './ending.ts';
import type { EventBody } from './event.ts';
import { customerOf, newestTransferAt } from './evidence.ts';
import type { RequestTransfer, TransferSite } from './input.ts';
import { findByRequest, type Interaction, nextNumber, underWay } from './interaction.ts';
import {
  givenUpBy,
  isSameLeg,
  type Leg,
  legOf,
  type MoveLimits,
  type TransferMove,
  type TransferRecord,
} from './move.ts';
import { refusal } from './refusal.ts';
import { stillGoingOn } from './sides.ts';

const OURS = 'transfer';
/** An advisory check says nothing about later (H3). */
const CHECK_HOLDS_MS = 2_000;

/** A request to transfer: the events that open the move, or one refusal. What configuration forbids settles at once, with its reason. */
export function requestTransfer(state: Interaction, input: RequestTransfer, now: Instant): readonly EventBody[] {
  const asked = input.request && findByRequest(state, input.request.key);
  if (asked)
    return asked.request?.digest === input.request?.digest ? [] : [refusal(OURS, 'idempotency-key-reused', asked)];
  if (state.endedAt !== undefined) return [refusal(OURS, 'interaction-ended')];
  const open = underWay(state);
  if (open) return [refusal(OURS, 'handoff-in-progress', open)];
  const leg = state.legs.findLast((held) => held.state === 'live' && input.policy.sites[held.platform]);
  const source = leg && input.policy.sites[leg.platform];
  if (!leg || !source) return [refusal(OURS, 'no-platform-leg')];
  const requested = begin(state, input, { leg: legOf(leg), source, now });
  const forbidden = forbids(input, leg, source);
  // What configuration forbids makes nothing pointless.
  return forbidden
    ? [requested, refusedBy(requested.handoff.id, forbidden)]
    : [...withdrawn(state.offers, 'superseded'), requested];
}

function refusedBy(handoffId: HandoffId, reason: string): EventBody {
  return { type: 'HandoffSettled', handoffId, outcome: 'refused', reason, vendorMs: 0 };
}

/** Why there can be no such transfer, whatever the platforms would say. */
function forbids(input: RequestTransfer, leg: Leg, source: TransferSite): string | undefined {
  const { to, policy } = input;
  const site = policy.sites[to];
  if (to === leg.platform) return 'same-platform';
  if (!site || site.reservation === 'none' || site.fallbackQueue === undefined) return 'destination-takes-no-transfers';
  if (source.fallbackQueue === undefined) return 'source-takes-no-transfers';
  if (leg.channel !== 'voice') return 'channel-not-transferable';
  if (waysOf(source, input).length === 0) return 'no-way-to-let-go';
  return undefined;
}

/** A consultation needs somebody who consults, or a call that does it for them. A flow lets go by itself or not at all: it cannot be told to begin. */
function waysOf(
  { ways }: Pick<TransferSite, 'ways'>,
  { type, commitBy }: Pick<RequestTransfer, 'type' | 'commitBy'>,
): readonly CommitWay[] {
  const fit: readonly CommitWay[] = type === 'blind' ? ['rest', 'signal'] : ['rest', 'agent-session'];
  const flows: readonly CommitWay[] = type === 'blind' ? ['flow'] : [];
  return ways.filter((way) => (commitBy === 'flow' ? flows : fit).includes(way));
}

/** How long a flow may take to let go where configuration does not say it. */
const FLOW_WITHIN_MS = 60_000;

type Beginning = { readonly leg: Leg; readonly source: TransferSite; readonly now: Instant };

function begin(
  state: Interaction,
  input: RequestTransfer,
  { leg, source, now }: Beginning,
): Extract<EventBody, { type: 'TransferRequested' }> {
  const { policy, target, manifest, type, commitBy = 'us' } = input;
  const n = nextNumber(state);
  const site = policy.sites[input.to];
  const packing: Packing = {
    limits: limitsFor((site ?? source).limits, leg.channel),
    masked: input.masked,
    // A call to an entry number is a new conversation there. Only a platform with places of its own may know this one already.
    again: site?.reservation === 'native' && state.legs.some((held) => held.platform === input.to),
    ...(manifest && { manifest }),
  };
  const { initiatedBy, manifestRef: ref } = input;
  const { carried, ...told } = carry(state, { leg, packing, mapping: site?.mapping, initiatedBy, ref });
  const consultMs = type === 'blind' ? 0 : policy.consultMs;
  const flowWithinMs = commitBy === 'flow' ? (policy.limits.flowWithinMs ?? FLOW_WITHIN_MS) : 0;
  return {
    type: 'TransferRequested',
    attributes: markOf(state, input),
    handoff: {
      id: `${state.id}.${n}` as HandoffId,
      n,
      kind: 'transfer',
      commitBy,
      resumeBot: false,
      leg,
      wish: { name: target.kind === 'queue' ? target.queueName : '', because: 'requested' },
      requestedAt: now,
      ...(input.request && { request: input.request }),
      ...(input.manifestRef && { manifestRef: input.manifestRef }),
      ...told,
      limits: {
        ...policy.limits,
        flowWithinMs,
        settleMs: Math.max(source.settleMs, site?.settleMs ?? 0),
        settleBy: now + policy.settleWithinMs + consultMs + flowWithinMs,
      },
      terms: {
        to: input.to,
        target,
        type,
        initiatedBy: input.initiatedBy,
        holdLimitMs: input.holdLimitMs,
        token: input.token,
        reservation: site?.reservation === 'native' ? 'native' : 'entry-script',
        reservationMs: site?.reservationMs ?? 0,
        entryNumbers: site?.entryNumbers ?? [],
        ways: waysOf(source, input),
        fallback: { source: source.fallbackQueue ?? '', destination: site?.fallbackQueue ?? '' },
        sourceLimits: limitsFor(source.limits, leg.channel),
        carried,
        packing,
        consultMs,
        ...(site?.mapping && { mapping: site.mapping }),
        ...(site?.asksAgents && target.kind === 'agent' && { asksAgent: true }),
      },
    },
  };
}

/** What is written to the source's conversation: by it the two vendors' records can be joined, and its agent finds the briefing. */
export function markOf(
  { id }: Pick<Interaction, 'id'>,
  { manifestRef }: Pick<RequestTransfer, 'manifestRef'>,
): Readonly<Record<string, string>> {
  return { [ATTRIBUTE.interactionId]: id, ...(manifestRef && { [ATTRIBUTE.contextRef]: manifestRef }) };
}

/** Both sides have been looked at: refuse what cannot be, else go on to mark the source. */
export function checked(
  state: Interaction,
  move: TransferMove,
  result: CommandResult['CheckTransfer'],
  vendorMs: number,
): readonly EventBody[] {
  const { view, destination, free, code, queue, fallback, freeAt } = result;
  const customer = customerOf(view);
  const before = move.retries === undefined ? undefined : stillGoingOn(view, destination);
  if (view.ended || !customer)
    return move.retries === undefined
      ? customerLeft(state, move.leg, vendorMs)
      : sourceOver(state, move, before, vendorMs);
  const shown = become(state, observe(state, view, move.leg));
  const leaving = leavingIn(view);
  const [way] = move.terms.ways;
  const refused = (reason: string) => [settled(move, 'refused', { reason, vendorMs }), ...shown];
  if (before) return refused(before.reason);
  if (!leaving) return refused('nothing-to-transfer');
  if (move.terms.type !== 'blind' && leaving.role !== 'agent') return refused('no-agent-to-consult');
  // What an agent has, no flow can transfer.
  if (!way || (way === 'flow' && leaving.role === 'agent')) return refused('no-way-to-let-go');
  if (free === 'no') return refused(code ?? 'destination-refused');
  const route: Route = {
    customer: customer.id,
    leaving: leaving.id,
    ...(leaving.agentId !== undefined && { leavingAgent: leaving.agentId }),
    way,
    ...(queue && { queue }),
    fallback,
    // Who is only being rung may answer before the source is told.
    known: view.parties.filter(({ state: how }) => how !== 'alerting').map((party) => party.id),
    transfersAfter: newestTransferAt(view),
  };
  return [{ type: 'TransferChecked', route, vendorMs, ...(freeAt !== undefined && { freeAt }) }, ...shown];
}

/** Of a transfer that was gone on with: its customer is at the destination, or gone; there they may still turn up, and are looked for. */
function sourceOver(
  state: Interaction,
  move: TransferMove,
  there: { readonly reason: string } | undefined,
  vendorMs: number,
): readonly EventBody[] {
  const end = there
    ? settled(move, 'refused', { ...there, vendorMs })
    : settled(move, 'cancelled', { reason: 'customer-left', vendorMs });
  return [end, { type: 'LegEnded', leg: legOf(move.leg) }, ...loseLeg(state, move.leg)];
}

/** Whose place the call is taken from: the agent's who talks, else the queue's, else the bot's; never the customer's own. */
function leavingIn(view: ConversationView): Party | undefined {
  const live = view.parties.filter((party) => party.state === 'connected');
  const newest = (role: Party['role']) => live.findLast((party) => party.role === role);
  return newest('agent') ?? newest('queue') ?? newest('bot');
}

/** The destination has answered: with a place that holds long enough to finish, or with none. */
export function reserved(
  move: TransferMove,
  result: CommandResult['Reserve'],
  now: Instant,
  vendorMs: number,
): readonly EventBody[] {
  if (!result.held) return [noPlace(move, { reason: result.code, now, vendorMs })];
  const { id, validUntil, address, checkedAt = now } = result;
  const reservation: Reservation = { id, validUntil, address, checkedAt };
  if (sufficesFor(move, reservation, now + spareMs(move))) return [{ type: 'PlaceReserved', reservation, vendorMs }];
  const ends = noPlace(move, { reason: 'reservation-too-short', now, vendorMs });
  // A number of ours goes back with its handoff.
  return move.terms.reservation === 'native' ? [ends, placeStrayed(move, id)] : [ends];
}

/** There is no place: the source keeps the customer, where it has not been told to let go; a flow that was told before may do so yet (H5). */
export function noPlace(
  move: TransferMove,
  why: { readonly reason: string; readonly now: Instant; readonly vendorMs: number; readonly detail?: string },
): EventBody {
  const { now, ...rest } = why;
  const { attempts, commitBy, limits } = move;
  if (attempts > 0 && commitBy === 'flow')
    return { type: 'FlowRecalled', code: why.reason, until: now + limits.settleMs, vendorMs: why.vendorMs };
  // It may have been told to let go before, and has not.
  const outcome = attempts > 0 ? 'compensated' : 'refused';
  return settled(move, outcome, rest);
}

/** A place that nobody will come to is given back. A number of ours goes by its handoff. */
export function placeStrayed({ id: handoffId, terms }: TransferRecord, reservationId: string): EventBody {
  const reservation = { kind: terms.reservation, id: terms.reservation === 'native' ? reservationId : handoffId };
  return { type: 'PlaceStrayed', id: `${handoffId}.release.${reservationId}`, handoffId, to: terms.to, reservation };
}

/** Whether the source may be told to let go now: the place outlives the telling, and was asked for a moment ago (H3). */
export function mayCommit(move: TransferMove, reservation: Reservation, now: Instant): boolean {
  return now <= commitBy(move, reservation) && sufficesFor(move, reservation, now);
}

/** Until when the source may be told. A place of the platform's own is held; one of ours rests on a check that is soon old. */
export function commitBy({ terms }: Pick<TransferMove, 'terms'>, { checkedAt, validUntil }: Reservation): Instant {
  return terms.reservation === 'native' ? validUntil : checkedAt + CHECK_HOLDS_MS;
}

/** How much longer a place must stand at first: it is told to a flow a moment later, and must suffice then. */
function spareMs({ commitBy }: Pick<TransferMove, 'commitBy'>): number {
  return commitBy === 'flow' ? CHECK_HOLDS_MS : 0;
}

/** How long a place must still stand, so that the source can be told and its letting go can show. */
function neededMs(limits: MoveLimits): number {
  return givenUpBy(0, limits) + limits.settleMs;
}

/** For how long a place is asked for at least: it stands from when it is given, and is used once the answer is here. */
export function askedForMs(move: Pick<TransferMove, 'commitBy' | 'limits'>): number {
  return neededMs(move.limits) + spareMs(move) + move.limits.commandTimeoutMs;
}

function sufficesFor({ limits }: TransferMove, { validUntil }: Reservation, now: Instant): boolean {
  return validUntil >= now + neededMs(limits);
}

/** Where a conversation that is known stands in a transfer. */
export function isCrossing({ leg, arrived }: TransferRecord, other: Pick<Leg, 'platform' | 'externalId'>): boolean {
  return isSameLeg(leg, other) || (arrived !== undefined && isSameLeg(arrived, other));
}
