// Owns one pass of reconciliation: both sides were looked at, the verdict becomes events, and the pass becomes a record (seed 002 §4).
// Keeps H5 (a look that began before everything must show proves no absence) and H6 (three failed cycles, then a person).

import type { Instant } from '../ids.ts';
import { become, observe } from './attendance.ts';
import type { CommandResult, SideView } from './command.ts';
import type { Crossing, Cycle, Route } from './crossing.ts';
import { deadLetter, gone, settled } from './ending.ts';
import type { EventBody } from './event.ts';
import { newestTransferAt } from './evidence.ts';
import type { Interaction } from './interaction.ts';
import { type HandoffOutcome, isSameLeg, type Leg, legOf, type TransferMove } from './move.ts';
import { withoutLeg } from './ownership.ts';
import { cycleOf, judge, MOST_CYCLES, type Sides, type Verdict } from './reconciliation.ts';
import { retryDelayMs } from './retry.ts';
import type { Judged } from './setback.ts';
import { destinationIn, sourceIn } from './sides.ts';

type Reconciling = Extract<Crossing, { step: 'reconciling' | 'consulting' }>;
type Pass = {
  readonly move: TransferMove;
  readonly progress: Reconciling;
  readonly sides: Sides;
  readonly judged: Judged;
  readonly source: SideView;
};

/** Both sides were looked at. */
export function reconciled(
  state: Interaction,
  move: TransferMove,
  result: CommandResult['Reconcile'],
  judged: Judged,
): readonly EventBody[] {
  const { progress } = move;
  if (progress.step !== 'reconciling' && progress.step !== 'consulting') return [];
  const viewedAt = progress.task.kind === 'running' ? progress.task.since : judged.now;
  const sides: Sides = {
    source: sourceIn(result.source, progress.route),
    destination: destinationIn(state, move, result.destination),
    ripe: viewedAt >= mayMoveUntil(progress),
    lapsed: viewedAt >= progress.reservation.validUntil,
  };
  const verdict = judge({ ...reading(move, progress), ...rejection(progress) }, sides);
  const pass: Pass = { move, progress, sides, judged, source: result.source };
  return [...carriedOut(state, pass, verdict), ...seen(state, pass, result, verdict)];
}

function reading(move: TransferMove, passage: Reconciling) {
  const consulting = passage.step === 'consulting';
  return { terms: move.terms, cycles: move.cycles, sure: consulting || passage.sure, consulting, passage };
}

function rejection(progress: Reconciling) {
  const { rejectedAs } = progress.step === 'reconciling' ? progress : {};
  return rejectedAs === undefined ? {} : { rejectedAs };
}

/** A consultation has no time by which anything must show. */
function mayMoveUntil(progress: Reconciling): Instant {
  return progress.step === 'reconciling' ? progress.mayMoveUntil : Number.NEGATIVE_INFINITY;
}

/** Who is there, by what the looks showed. Of a consultation the destination's agent is not the customer's yet (H2). */
function seen(
  state: Interaction,
  { move, progress, sides }: Pass,
  { source, destination }: CommandResult['Reconcile'],
  verdict: Verdict,
): readonly EventBody[] {
  const { arrived, terms } = move;
  const theirs = terms.type === 'blind' || progress.accept === true;
  const isLive = (leg: Leg) => state.legs.some((held) => held.state === 'live' && isSameLeg(held, leg));
  const over = sides.source.state === 'ended' && isLive(move.leg);
  const ended: readonly EventBody[] =
    over && verdict.kind !== 'gone' ? [{ type: 'LegEnded', leg: legOf(move.leg) }] : [];
  // Nobody of a conversation that is over holds anybody (H2).
  const atSource =
    source === 'gone' || over ? withoutLeg(state.attendance, move.leg) : observe(state, source, move.leg);
  if (!arrived || !theirs || destination === undefined) return [...ended, ...become(state, atSource)];
  const both =
    destination === 'gone' || sides.destination.state === 'ended'
      ? withoutLeg(atSource, arrived)
      : observe({ ...state, attendance: atSource }, destination, arrived);
  return [...ended, ...become(state, both)];
}

function carriedOut(state: Interaction, pass: Pass, verdict: Verdict): readonly EventBody[] {
  const { move, progress, sides, judged } = pass;
  const { now, vendorMs } = judged;
  switch (verdict.kind) {
    case 'wait':
      return progress.step === 'consulting' ? talking(pass, progress) : [lookLater(pass, record(pass, 'pending_sync'))];
    case 'reached': {
      const customer = sides.destination.customer?.id;
      const cycle = record(pass, 'in_sync');
      // Told without a view: it takes one more look to know to whom the context is written.
      if (customer === undefined) return [lookLater(pass, cycle)];
      return [{ type: 'DestinationReached', customer, cycle, vendorMs }];
    }
    case 'strayed':
      return [closed(pass, 'in_sync'), settled(move, 'compensated', { reason: verdict.reason, vendorMs: 0 })];
    case 'stayed':
      return [closed(pass, 'in_sync'), ...stayed(state, move, progress, verdict.reason)];
    case 'answered':
      return [closed(pass, 'pending_sync'), ...answered(move, now)];
    case 'conclude':
      return failedCycle(pass, {
        type: 'ConclusionBegun',
        accept: verdict.accept,
        ...(verdict.because !== undefined && { because: verdict.because }),
      });
    case 'ask-again':
      return failedCycle(pass, { type: 'ReservationLapsed', code: 'asked-again', route: routeAfter(pass) });
    case 'return': {
      const { at, leaving, reason } = verdict;
      const goal = { kind: 'held', at, queue: progress.route.fallback[at], reason } as const;
      return returned(pass, (cycle) => ({ type: 'ReturnBegun', goal, leaving, cycle, vendorMs }), reason);
    }
    case 'stranded':
      return isLast(pass)
        ? [closed(pass, 'mismatch'), ...deadLetter(move, 'customer-stranded', { vendorMs: 0, detail: verdict.reason })]
        : [lookLater(pass, record(pass, 'mismatch'))];
    case 'gone':
      return [closed(pass, 'in_sync'), ...gone(state, move, verdict.hungUp)];
  }
}

/** The customer never left. A conversation that was begun at the destination for a consultation is not theirs, and over. */
function stayed(
  { legs }: Interaction,
  move: TransferMove,
  { accept, because }: Reconciling,
  reason: string,
): readonly EventBody[] {
  const { arrived } = move;
  const consulted = legs.filter((leg) => leg.state === 'live' && arrived && isSameLeg(leg, arrived));
  const outcome = accept !== false ? 'compensated' : outcomeOfVerdict(because);
  return [
    settled(move, outcome, { reason: (accept === false && because) || reason, vendorMs: 0 }),
    ...consulted.map((leg): EventBody => ({ type: 'LegEnded', leg: legOf(leg) })),
  ];
}

function outcomeOfVerdict(because: string | undefined): HandoffOutcome {
  if (because === undefined) return 'declined';
  return because === 'consult-expired' ? 'expired' : 'compensated';
}

/** What is evidence of the next asking: nothing that the source shows by now. */
function routeAfter({ progress: { route }, source }: Pass): Route {
  if (source === 'gone') return route;
  const known = [...new Set([...route.known, ...source.parties.map((party) => party.id)])];
  return { ...route, known, transfersAfter: Math.max(route.transfersAfter, newestTransferAt(source)) };
}

/** Somebody answered: a warm transfer goes on by itself, a consultative one when its agent says so. */
function answered({ terms, limits }: TransferMove, now: Instant): readonly EventBody[] {
  if (terms.type === 'warm') return [{ type: 'VerdictGiven', accept: true }];
  // What follows the verdict has its time as well.
  const latest = limits.settleBy - 2 * limits.commandTimeoutMs - limits.confirmWithinMs;
  return [{ type: 'ConsultationBegun', until: Math.max(now, Math.min(now + terms.consultMs, latest)) }];
}

/** Both agents are there: an agreement is carried out, and a consultation whose time is up is taken back. */
function talking(pass: Pass, { until, agreed }: Extract<Crossing, { step: 'consulting' }>): readonly EventBody[] {
  const { now, vendorMs } = pass.judged;
  const cycle = record(pass, 'pending_sync');
  const seen: EventBody = { type: 'CycleObserved', cycle, until, vendorMs };
  if (agreed) return [seen, { type: 'ConclusionBegun', accept: true }];
  return now < until ? [seen] : [seen, { type: 'ConclusionBegun', accept: false, because: 'consult-expired' }];
}

/** A cycle has failed, and there is one more thing to try; after the last it is left where it is, and a person is told. */
function failedCycle(pass: Pass, next: EventBody): readonly EventBody[] {
  const { move, sides } = pass;
  if (!isLast(pass)) return [closed(pass, 'mismatch'), next];
  const reason = 'three-cycles-failed';
  const isHeld = sides.source.state === 'holding' || sides.source.state === 'failed';
  const isAlone = sides.destination.state === 'expected' || sides.destination.state === 'ended';
  // Whoever had the customer has them still, and nobody is bound elsewhere: nothing is lost, and nobody need be called.
  if (isHeld && isAlone) {
    return [closed(pass, 'mismatch'), settled(move, 'compensated', { reason, vendorMs: 0 })];
  }
  return [closed(pass, 'mismatch'), ...deadLetter(move, reason, { vendorMs: 0 })];
}

function returned(pass: Pass, begin: (cycle: Cycle) => EventBody, detail: string): readonly EventBody[] {
  if (!isLast(pass)) return [begin(record(pass, 'mismatch'))];
  return [closed(pass, 'mismatch'), ...deadLetter(pass.move, 'three-cycles-failed', { vendorMs: 0, detail })];
}

function isLast({ move, progress, sides }: Pass): boolean {
  return cycleOf(reading(move, progress), sides, 'mismatch', 0).n >= MOST_CYCLES;
}

function record({ move, progress, sides, judged }: Pass, status: Cycle['status']): Cycle {
  return cycleOf(reading(move, progress), sides, status, judged.now);
}

/** The record of a pass after which no other look is due. */
function closed(pass: Pass, status: Cycle['status']): EventBody {
  return { type: 'CycleObserved', cycle: record(pass, status), until: pass.judged.now, vendorMs: pass.judged.vendorMs };
}

/** Looks cost the vendors' quota and events end the wait anyhow, so the pauses double; there is one when all must show. */
function lookLater({ move, progress, judged }: Pass, cycle: Cycle): EventBody {
  const { now, chance, vendorMs } = judged;
  const { limits } = move;
  const spaced = now + retryDelayMs(progress.task.tries, chance, Math.max(limits.settleMs, now - progress.askedAt));
  const bounds = [
    mayMoveUntil(progress),
    progress.reservation.validUntil,
    limits.settleBy - limits.commandTimeoutMs,
  ].filter((instant) => instant > now);
  return { type: 'CycleObserved', cycle, until: Math.min(spaced, ...bounds), vendorMs };
}
