// Owns the verdict of a proof of transfers: what the service said of each against what both twins show, in figures, and every breach by
// name. Pure.

import { countBy, percentile } from './figures.ts';
import { mostAtOnce, spanOf } from './proof-spans.ts';
import { missingAt } from './proof-transfer-context.ts';
import type { Ran } from './proof-transfer-course.ts';
import type { Place } from './proof-transfer-places.ts';
import type { TransferPlan } from './proof-transfer-plan.ts';
import type { AuditAnswer } from './service-client.ts';

/** `left`: what both twins showed of the caller when the whole run was over. */
export type Finished = Ran & { readonly left: readonly Place[] };

export type TransferEvidence = {
  readonly ran: readonly Finished[];
  readonly faults: readonly { readonly fault: string; readonly hits: number }[];
  readonly vendorCalls: number;
  /** Ids of all that waits for a person. */
  readonly deadLetters: readonly string[];
  readonly audit: AuditAnswer;
  /** When the service was killed (epoch ms). */
  readonly kills: readonly number[];
  readonly width: number;
  readonly ratePerMinute: number;
  readonly tookMs: number;
};

export type TransferVerdict = {
  readonly transfers: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly openAtOnce: number;
  readonly kills: number;
  readonly ratePerMinute: number;
  readonly faultsMet: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Record<string, number>>;
  readonly settledWithinMs: { readonly p50: number | null; readonly p99: number | null; readonly most: number | null };
  readonly tookMs: number;
  readonly vendorCalls: number;
  readonly doubleBookings: number;
  readonly deliveredTwice: number;
  readonly withoutHolder: number;
  /** Consultations that could not be ended: agents who still talk when the transfer has failed. */
  readonly leftTalking: number;
  /** Completed, and lost by the network afterwards. */
  readonly lostAfterwards: number;
  readonly unsettled: number;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly unexplained: number;
  readonly contextIncomplete: number;
  readonly auditEvents: number;
  readonly auditOk: boolean;
  readonly breaches: readonly string[];
};

export function transferVerdictOf(evidence: TransferEvidence): TransferVerdict {
  const { ran, audit, faults } = evidence;
  const found = ran.flatMap((one) => breachesOf(one, evidence).map((breach) => ({ ...breach, of: one.handoffId })));
  const bookings = doubleBookings(ran);
  const missing = ran.filter(
    (one) => isDeadLetter(one) && !evidence.deadLetters.some((id) => id.startsWith(one.handoffId)),
  );
  const spans = ran.flatMap(spanOf);
  const took = spans.map(({ from, to }) => to - from);
  const count = (kind: Breach['kind']) => new Set(found.filter((one) => one.kind === kind).map(({ of }) => of)).size;
  const breaches = [
    ...found.map(({ of, what }) => `${of}: ${what}`),
    ...bookings,
    ...missing.map(({ handoffId }) => `${handoffId}: is a dead letter, and stands in no list of them`),
    ...(audit.ok ? [] : [`the journal's chain does not verify: ${JSON.stringify(audit.firstBad)}`]),
  ];
  return {
    transfers: ran.length,
    kinds: countBy(
      ran.map(({ plan }) => `${plan.type} ${plan.from === 'genesys_cloud' ? 'Genesys→CXone' : 'CXone→Genesys'}`),
    ),
    openAtOnce: mostAtOnce(spans),
    kills: evidence.kills.length,
    ratePerMinute: evidence.ratePerMinute,
    faultsMet: sumBy(faults),
    outcomes: countBy(ran.map(({ handoff }) => handoff?.outcome ?? 'not settled')),
    reasons: countBy(ran.flatMap(({ handoff }) => (handoff?.reason ? [`${handoff.outcome}: ${handoff.reason}`] : []))),
    settledWithinMs: {
      p50: percentile(took, 0.5) ?? null,
      p99: percentile(took, 0.99) ?? null,
      most: percentile(took, 1) ?? null,
    },
    tookMs: evidence.tookMs,
    vendorCalls: evidence.vendorCalls,
    doubleBookings: bookings.length,
    deliveredTwice: count('delivered-twice'),
    withoutHolder: count('without-holder'),
    leftTalking: ran.filter(isLeftTalking).length,
    lostAfterwards: ran.filter(isLostAfterwards).length,
    unsettled: count('unsettled'),
    deadLetters: countBy(ran.filter(isDeadLetter).map((one) => `${one.handoff?.reason} (${explained(one, evidence)})`)),
    unexplained: count('unexplained'),
    contextIncomplete: count('context'),
    auditEvents: audit.events,
    auditOk: audit.ok,
    breaches,
  };
}

type Breach = {
  readonly kind:
    | 'unsettled'
    | 'without-holder'
    | 'delivered-twice'
    | 'elsewhere'
    | 'somebody-else'
    | 'context'
    | 'unexplained'
    | 'left-behind';
  readonly what: string;
};

/** What is wrong with one transfer, in words. */
function breachesOf(one: Finished, evidence: TransferEvidence): readonly Breach[] {
  const { handoff } = one;
  if (handoff === undefined) return [{ kind: 'unsettled', what: 'was acknowledged and is gone' }];
  if (handoff.phase !== 'settled') return [{ kind: 'unsettled', what: `has not settled (${handoff.phase})` }];
  return [
    ...whereabouts(one),
    ...identities(one),
    ...arrivals(one),
    ...(isDeadLetter(one) && explained(one, evidence) === ''
      ? [{ kind: 'unexplained', what: `is a dead letter (${handoff.reason}), and met no fault` } as const]
      : []),
    ...one.left
      .filter(({ live }) => live)
      .map(({ platform, id }): Breach => ({ kind: 'left-behind', what: `${platform} still has ${id}` })),
  ];
}

function isDeadLetter({ handoff }: Ran): boolean {
  return handoff?.outcome === 'dead_lettered';
}

const HOLDS: ReadonlySet<Place['heldBy']> = new Set(['agent', 'queue', 'bot']);

function holds(place: Place): boolean {
  return place.live && HOLDS.has(place.heldBy);
}

/** Nobody is without a holder, nobody with two, and who is said to have arrived is there (H2, H3). */
function whereabouts(one: Finished): readonly Breach[] {
  const { plan, places, handoff, hungUp } = one;
  const there = places.filter((place) => place.platform === plan.to && holds(place));
  if (isLeftTalking(one)) return [];
  // The contact that a consultation was dialled on is the agent's, beside the customer's own.
  const here = places.filter((place) => place.platform === plan.from && holds(place));
  const twice: readonly Breach[] =
    there.length > 1 || (here.length > 0 && there.length > 0)
      ? [{ kind: 'delivered-twice', what: `the caller is ${[...here, ...there].map(said).join(' and ')}` }]
      : [];
  if (hungUp || isDeadLetter(one) || isLostAfterwards(one)) return twice;
  const held = here.length + there.length > 0;
  if (!held) {
    const seen = places.map((place) => said(place) + endOf(place, handoff)).join(', ') || 'nowhere';
    const met = plan.callFault === undefined ? '' : ` (${plan.callFault})`;
    return [{ kind: 'without-holder', what: `${saidOf(handoff)}, and nobody has the caller${met}: ${seen}` }];
  }
  if (handoff?.outcome !== 'completed') return twice;
  const meant = there.some((place) => isMeant(one, place));
  return meant
    ? twice
    : [
        ...twice,
        { kind: 'elsewhere', what: `completed, but the caller is ${[...here, ...there].map(said).join(' and ')}` },
      ];
}

/**
 * A consultation that could not be ended in three cycles: the source's agent has the caller, and the destination's agent on another line.
 * Both are people, and either can hang up; nobody has the caller twice.
 */
function isLeftTalking({ plan, places, handoff }: Ran): boolean {
  if (plan.type === 'blind' || handoff?.outcome !== 'compensated' || handoff.reason !== 'three-cycles-failed')
    return false;
  const here = places.filter((place) => place.platform === plan.from && place.live && place.heldBy === 'agent');
  return here.length > 0 && places.filter((place) => place.platform === plan.to && holds(place)).length === 1;
}

const DROPS: ReadonlySet<TransferPlan['callFault']> = new Set(['drop-call', 'drop-call-later']);
/** Twins and service are two processes of one machine, each of whose clocks follows its date to 2 ms. */
const CLOCKS_APART_MS = 5;

/**
 * The network lost the call when the transfer was done: when it had settled, or after the destination had been looked at for the last time with
 * everything written, which is when it is found that they have arrived. What it lost before is the transfer's to put right.
 */
function isLostAfterwards({ plan, handoff, places }: Ran): boolean {
  const there = places.find(({ id }) => id === handoff?.destination?.externalId);
  if (!DROPS.has(plan.callFault) || handoff?.outcome !== 'completed' || !handoff.settledAt) return false;
  if (there?.endedAt === undefined) return false;
  if (there.endedAt > Date.parse(handoff.settledAt) + CLOCKS_APART_MS) return true;
  // The twin's own times of its own acts: one clock.
  const { endedAt, writtenAt, lookedAt } = there;
  const isWhole = handoff.reason === undefined || handoff.reason === null;
  return isWhole && writtenAt !== undefined && lookedAt !== undefined && writtenAt <= lookedAt && lookedAt < endedAt;
}

function isMeant({ plan: { target }, targetAgentId }: Ran, { heldBy, queue, agentId }: Place): boolean {
  if (target.kind === 'agent') return heldBy === 'agent' && agentId === targetAgentId;
  return heldBy === 'agent' || queue === target.name;
}

/** Nobody is taken for somebody else. */
function identities({ places, interactionId, plan }: Ran): readonly Breach[] {
  return places.flatMap(({ platform, id, values }): readonly Breach[] => {
    const said = values.interactionId;
    if (said === undefined || said === interactionId) return [];
    return [{ kind: 'somebody-else', what: `${platform} takes ${plan.caller} in ${id} for ${said}` }];
  });
}

/** What is known has arrived with whoever has arrived (H4). */
function arrivals({ plan, handoff, hungUp, places, whole }: Ran): readonly Breach[] {
  // Who hangs up before it is written has no use for it; the handoff says that it was not.
  if (handoff?.outcome !== 'completed' || (hungUp && handoff.reason === 'context-not-attached')) return [];
  const place = places.find(({ id }) => id === handoff.destination?.externalId);
  if (place === undefined) return [{ kind: 'context', what: 'completed, and its destination is unknown to the twin' }];
  const missing = missingAt({ plan, place, manifestRef: handoff.manifestRef ?? undefined, whole });
  return missing.length === 0
    ? []
    : [{ kind: 'context', what: `is missing at the destination: ${missing.join(', ')}` }];
}

function said({ platform, id, live, heldBy, queue, endReason }: Place): string {
  const how = live ? `${heldBy}${heldBy === 'queue' ? ` ${queue}` : ''}` : `over${endReason ? ` (${endReason})` : ''}`;
  return `${how} at ${platform} ${id}`;
}

/** How long before the transfer had settled it was over. */
function endOf({ endedAt }: Place, handoff: Finished['handoff']): string {
  if (endedAt === undefined || !handoff?.settledAt) return '';
  return `, over ${Date.parse(handoff.settledAt) - endedAt} ms before that`;
}

function saidOf(handoff: Finished['handoff']): string {
  return `${handoff?.outcome}${handoff?.reason ? ` (${handoff.reason})` : ''}`;
}

/** The fault of its own that a dead letter is due to; empty where there is none. */
function explained({ plan, faults, handoff, hungUp }: Ran, { kills }: TransferEvidence): string {
  const [span] = spanOf({ handoff });
  const killed = span !== undefined && kills.some((at) => at >= span.from && at <= span.to);
  const ended = hungUp ? 'hung up, ' : '';
  const met = plan.callFault ?? (killed ? 'service killed' : faults[0]);
  return met === undefined ? (hungUp ? 'hung up' : '') : `${ended}${met}`;
}

/** One number led to two transfers at once (H3). A place is held from its reservation to the end of its transfer. */
function doubleBookings(ran: readonly Finished[]): readonly string[] {
  const loans = ran.flatMap(({ plan, handoff, handoffId, places }) =>
    places.flatMap(({ platform, cameInOn, startedAt }) => {
      if (platform !== plan.to || cameInOn === undefined || !handoff?.settledAt) return [];
      const reserved = handoff.timeline
        .filter(({ event }) => event === 'PlaceReserved')
        .map(({ at }) => Date.parse(at));
      const from = reserved.findLast((at) => at <= startedAt);
      const to = Date.parse(handoff.settledAt);
      return from === undefined || startedAt > to ? [] : [{ number: cameInOn, from, to, handoffId }];
    }),
  );
  const byNumber = Map.groupBy(loans, ({ number }) => number);
  return [...byNumber].flatMap(([number, lent]) => {
    const inOrder = lent.toSorted((a, b) => a.from - b.from);
    return inOrder.flatMap((loan, n) => {
      const before = inOrder
        .slice(0, n)
        .findLast((other) => other.handoffId !== loan.handoffId && other.to > loan.from);
      return before ? [`${loan.handoffId}: ${number} was lent to ${before.handoffId} as well`] : [];
    });
  });
}

function sumBy(faults: TransferEvidence['faults']): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { fault, hits } of faults) sums[fault] = (sums[fault] ?? 0) + hits;
  return sums;
}
