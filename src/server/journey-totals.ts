// Owns what the rows of a report come to together: a fold, so that as many rows as there are take no more memory than one.

import type { JourneyRow } from './journey-row.ts';

export type JourneyTotals = {
  interactions: number;
  ended: number;
  /** By the channels in their order, such as `voice>webchat`. */
  paths: Record<string, number>;
  agentMs: number;
  queueMs: number;
  botMs: number;
  /** Those that were with an agent. */
  handled: number;
  firstContactResolved: number;
  funnel: { asked: number; sent: number; delivered: number; opened: number; claimed: number; resolved: number };
  /** By kind, then by outcome. */
  handoffs: Record<string, Record<string, number>>;
  reasons: Record<string, number>;
  contextSum: number;
  contextCount: number;
  surveySum: number;
  surveyCount: number;
};

export function noTotals(): JourneyTotals {
  return {
    interactions: 0,
    ended: 0,
    paths: {},
    agentMs: 0,
    queueMs: 0,
    botMs: 0,
    handled: 0,
    firstContactResolved: 0,
    funnel: { asked: 0, sent: 0, delivered: 0, opened: 0, claimed: 0, resolved: 0 },
    handoffs: {},
    reasons: {},
    contextSum: 0,
    contextCount: 0,
    surveySum: 0,
    surveyCount: 0,
  };
}

/** Adds a row. */
export function addRow(totals: JourneyTotals, row: JourneyRow): void {
  totals.interactions += 1;
  if (row.endedAt !== null) totals.ended += 1;
  if (row.firstContactResolved === true) totals.firstContactResolved += 1;
  count(totals.paths, row.channels.join('>'));
  totals.agentMs += row.agentMs;
  totals.queueMs += row.queueMs;
  totals.botMs += row.botMs;
  if (row.agentMs > 0) totals.handled += 1;
  if (row.deflection) {
    totals.funnel.asked += 1;
    for (const stage of ['sent', 'delivered', 'opened', 'claimed', 'resolved'] as const)
      if (row.deflection[stage]) totals.funnel[stage] += 1;
  }
  for (const { kind, outcome, reason } of row.handoffs) {
    const outcomes = totals.handoffs[kind] ?? {};
    totals.handoffs[kind] = outcomes;
    count(outcomes, outcome);
    if (reason !== null) count(totals.reasons, reason);
  }
  if (row.contextCompleteness !== null) {
    totals.contextSum += row.contextCompleteness;
    totals.contextCount += 1;
  }
  if (row.surveyScore !== null) {
    totals.surveySum += row.surveyScore;
    totals.surveyCount += 1;
  }
}

function count(into: Record<string, number>, name: string): void {
  into[name] = (into[name] ?? 0) + 1;
}
