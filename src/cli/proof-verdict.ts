// Owns the verdict of a proof: what the service said of every handoff against what the vendor's twin shows, in figures, and
// every breach by name. Pure.

import { countBy, countsLine, milliseconds, percentile, table } from './figures.ts';
import type { Escalated } from './proof-load.ts';
import { mostAtOnce, spanOf } from './proof-spans.ts';
import type { AuditAnswer } from './service-client.ts';
import type { TwinCalls, TwinConversation } from './twin-client.ts';

export type Evidence = {
  readonly escalated: readonly (Escalated & { readonly seen: TwinConversation })[];
  readonly calls: TwinCalls;
  readonly faults: readonly { readonly fault: string; readonly hits: number }[];
  readonly audit: AuditAnswer;
  readonly kills: number;
  readonly tookMs: number;
};

export type Verdict = {
  readonly escalations: number;
  /** The most that were open at the same moment, by their own times. */
  readonly openAtOnce: number;
  readonly kills: number;
  readonly faultsMet: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly settledWithinMs: { readonly p50: number | null; readonly p99: number | null };
  readonly tookMs: number;
  readonly vendorCalls: number;
  /** Median over those whose calls met no fault. */
  readonly vendorCallsPerUnfaulted: number | null;
  /** Conversations that moved more than once. */
  readonly doubleTransfers: number;
  /** Transfers the vendor accepted beyond the first of a conversation. */
  readonly repeatsAccepted: number;
  readonly acknowledgedLost: number;
  readonly auditEvents: number;
  readonly breaches: readonly string[];
};

export function verdictOf(evidence: Evidence): Verdict {
  const { escalated, calls, faults, audit } = evidence;
  const durations = escalated.flatMap((one) => spanOf(one)).map(({ from, to }) => to - from);
  const verdict = {
    escalations: escalated.length,
    openAtOnce: mostAtOnce(escalated.flatMap(spanOf)),
    kills: evidence.kills,
    faultsMet: Object.fromEntries(faults.map(({ fault, hits }) => [fault, hits])),
    outcomes: countBy(escalated.map(({ handoff }) => handoff?.outcome ?? 'not settled')),
    settledWithinMs: { p50: percentile(durations, 0.5) ?? null, p99: percentile(durations, 0.99) ?? null },
    tookMs: evidence.tookMs,
    vendorCalls: calls.counters.total,
    vendorCallsPerUnfaulted: unfaultedMedian(calls),
    doubleTransfers: escalated.filter(({ seen }) => moves(seen) > 1).length,
    repeatsAccepted: escalated.reduce((sum, { seen }) => sum + Math.max(0, seen.replaces - 1), 0),
    acknowledgedLost: escalated.filter(({ handoff }) => handoff === undefined).length,
    auditEvents: audit.events,
  };
  const breaches = escalated.flatMap((one) => breachOf(one).map((what) => `${one.handoffId}: ${what}`));
  if (!audit.ok) breaches.push(`the journal's chain does not verify: ${JSON.stringify(audit.firstBad)}`);
  return { ...verdict, breaches };
}

/** What is wrong with one handoff, in words. */
function breachOf({ handoff, seen }: Evidence['escalated'][number]): readonly string[] {
  const twice = moves(seen) > 1 ? [`the customer was moved ${moves(seen)} times`] : [];
  if (handoff === undefined) return [...twice, 'was acknowledged and is gone'];
  if (handoff.phase !== 'settled') return [...twice, `has not settled (${handoff.phase})`];
  switch (handoff.outcome) {
    case 'completed': {
      const there = seen.holder === 'agent' || (seen.holder === 'queue' && seen.queue?.name === handoff.queue?.name);
      return there ? twice : [...twice, `completed, but the vendor shows ${whereabouts(seen)}`];
    }
    case 'refused':
    case 'compensated':
    case 'cancelled':
    case 'expired':
      return seen.holder === 'bot'
        ? twice
        : [...twice, `${handoff.outcome}, but the vendor shows ${whereabouts(seen)}`];
    default:
      return twice;
  }
}

function whereabouts({ holder, queue }: TwinConversation): string {
  return holder === 'queue' ? `the customer in ${queue?.name}` : `the customer with ${holder}`;
}

function moves({ transfers }: TwinConversation): number {
  return transfers.filter(({ state }) => state === 'Complete').length;
}

function unfaultedMedian({ calls }: TwinCalls): number | null {
  const byConversation = new Map<string, { count: number; faulted: boolean }>();
  for (const { conversationId, fault } of calls) {
    if (conversationId === null) continue;
    const known = byConversation.get(conversationId) ?? { count: 0, faulted: false };
    byConversation.set(conversationId, { count: known.count + 1, faulted: known.faulted || fault !== null });
  }
  const counts = [...byConversation.values()].filter(({ faulted }) => !faulted).map(({ count }) => count);
  return percentile(counts, 0.5) ?? null;
}

export function verdictTable(verdict: Verdict): string {
  const { settledWithinMs: within, breaches } = verdict;
  const rows: (readonly [string, string])[] = [
    ['escalations', String(verdict.escalations)],
    ['open at once, at most', String(verdict.openAtOnce)],
    ['service killed', times(verdict.kills)],
    ['faults met', countsLine(verdict.faultsMet)],
    ['outcomes', countsLine(verdict.outcomes)],
    [
      'request to settled',
      `p50 ${milliseconds(within.p50 ?? undefined)}, p99 ${milliseconds(within.p99 ?? undefined)}`,
    ],
    ['whole run', `${(verdict.tookMs / 1000).toFixed(1)} s`],
    [
      'vendor calls',
      `${verdict.vendorCalls}, median of an unfaulted escalation ${verdict.vendorCallsPerUnfaulted ?? '-'}${verdict.kills > 0 ? ', looks after the kills among them' : ''}`,
    ],
    ['moved twice', String(verdict.doubleTransfers)],
    ['transfers accepted again', String(verdict.repeatsAccepted)],
    ['acknowledged and lost', String(verdict.acknowledgedLost)],
    [
      'journal',
      `${verdict.auditEvents} events, chain ${breaches.some((one) => one.startsWith('the journal')) ? 'BROKEN' : 'verified'}`,
    ],
  ];
  const shown = breaches.slice(0, 20).map((breach) => `  ${breach}`);
  const end = breaches.length === 0 ? 'Every check held.' : `${breaches.length} breaches:\n${shown.join('\n')}`;
  return `${table(rows)}\n\n${end}`;
}

function times(count: number): string {
  return count === 0 ? 'never' : `${count} times`;
}
