// Owns one pass of reconciliation: both sides were looked at, the verdict becomes events, and the pass becomes a record (seed 002 §4).
// Keeps H5 (a look that began before everything must show proves no absence) and H6 (three failed cycles, then a person).

import { become, observe } from './attendance.ts';
import type { CommandResult, SideView } from './command.ts';
import type { Crossing, Cycle, Route } from './crossing.ts';
import { deadLetter, gone, settled } from './ending.ts';
import type { EventBody } from './event.ts';
import { newestTransferAt } from './evidence.ts';
import type { Interaction } from './interaction.ts';
import { type HandoffOutcome, isSameLeg, legOf, type TransferMove } from './move.ts';
import { cycleOf, judge, MOST_CYCLES, type Sides, type Verdict } from './reconciliation.ts';
import { retryDelayMs } from './retry.ts';
import type { Judged } from './setback.ts';
import { destinationIn, sourceIn } from './sides.ts';

type Reconciling = Extract<Crossing, { step: 'reconciling' }>;
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
  if (progress.step !== 'reconciling') return [];
  const viewedAt = progress.task.kind === 'running' ? progress.task.since : judged.now;
  const sides: Sides = {
    source: sourceIn(result.source, progress.route),
    destination: destinationIn(state, move, result.destination),
    ripe: viewedAt >= progress.mayMoveUntil,
  };
  const verdict = judge({ ...reading(move, progress), ...rejection(progress) }, sides);
  const pass: Pass = { move, progress, sides, judged, source: result.source };
  return [...carriedOut(state, pass, verdict), ...seen(state, pass, result, verdict)];
}

function reading(move: TransferMove, passage: Reconciling) {
  return { terms: move.terms, cycles: move.cycles, sure: passage.sure, passage };
}

function rejection({ rejectedAs }: Reconciling) {
  return rejectedAs === undefined ? {} : { rejectedAs };
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
  const over =
    sides.source.state === 'ended' && state.legs.some((leg) => leg.state === 'live' && isSameLeg(leg, move.leg));
  const ended: readonly EventBody[] =
    over && verdict.kind !== 'gone' ? [{ type: 'LegEnded', leg: legOf(move.leg) }] : [];
  const atSource = source === 'gone' ? state.attendance : observe(state, source, move.leg);
  const both =
    arrived && theirs && destination !== undefined && destination !== 'gone'
      ? observe({ ...state, attendance: atSource }, destination, arrived)
      : atSource;
  return [...ended, ...become(state, both)];
}

function carriedOut(state: Interaction, pass: Pass, verdict: Verdict): readonly EventBody[] {
  const { move, progress, sides, judged } = pass;
  const { now, vendorMs } = judged;
  switch (verdict.kind) {
    case 'wait':
      return [lookLater(pass, record(pass, 'pending_sync'))];
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
        type: 'VerdictGiven',
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
function answered({ terms }: TransferMove, now: number): readonly EventBody[] {
  if (terms.type === 'warm') return [{ type: 'VerdictGiven', accept: true }];
  return [{ type: 'ConsultationBegun', until: now + terms.consultMs }];
}

/** A cycle has failed, and there is one more thing to try; after the last it is left where it is, and a person is told. */
function failedCycle(pass: Pass, next: EventBody): readonly EventBody[] {
  const { move, sides } = pass;
  if (!isLast(pass)) return [closed(pass, 'mismatch'), next];
  const reason = 'three-cycles-failed';
  // Whoever had the customer has them still: nothing is lost, and nobody need be called.
  if (sides.source.state === 'holding' || sides.source.state === 'failed') {
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
  const bounds = [progress.mayMoveUntil, limits.settleBy - limits.commandTimeoutMs].filter((instant) => instant > now);
  return { type: 'CycleObserved', cycle, until: Math.min(spaced, ...bounds), vendorMs };
}
