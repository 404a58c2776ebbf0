// Owns how the verdict of a proof of transfers is laid out for reading. Pure.

import { countsLine, milliseconds, table } from './figures.ts';
import type { TransferVerdict } from './proof-transfer-verdict.ts';

const SHOWN = 20;

export function transferTable(verdict: TransferVerdict): string {
  const { settledWithinMs: within, breaches } = verdict;
  const shown = (value: number | null) => milliseconds(value ?? undefined);
  const rows: (readonly [string, string])[] = [
    ['transfers', String(verdict.transfers)],
    ['of which', countsLine(verdict.kinds)],
    ['under way at once, at most', String(verdict.openAtOnce)],
    ['vendors’ quota', `raised to ${verdict.ratePerMinute.toLocaleString('en')} calls a minute`],
    ['service killed', verdict.kills === 0 ? 'never' : `${verdict.kills} times`],
    ['faults met', countsLine(verdict.faultsMet)],
    ['outcomes', countsLine(verdict.outcomes)],
    ...Object.entries(verdict.reasons).map(
      ([reason, count]) => ['', `${String(count).padStart(6)}  ${reason}`] as const,
    ),
    ['request to settled', `p50 ${shown(within.p50)}, p99 ${shown(within.p99)}, at most ${shown(within.most)}`],
    ['whole run', `${(verdict.tookMs / 1_000).toFixed(1)} s`],
    ['vendor calls', String(verdict.vendorCalls)],
    ['numbers lent twice', String(verdict.doubleBookings)],
    ['callers delivered twice', String(verdict.deliveredTwice)],
    ['callers without a holder', String(verdict.withoutHolder)],
    ['consultations left open', String(verdict.leftTalking)],
    ['lost on the line after arriving', String(verdict.lostAfterwards)],
    ['unsettled', String(verdict.unsettled)],
    ['dead letters', countsLine(verdict.deadLetters)],
    ['of them unexplained', String(verdict.unexplained)],
    ['context incomplete', String(verdict.contextIncomplete)],
    ['journal', `${verdict.auditEvents} events, chain ${verdict.auditOk ? 'verified' : 'BROKEN'}`],
  ];
  const first = breaches.slice(0, SHOWN).map((breach) => `  ${breach}`);
  const end = breaches.length === 0 ? 'Every check held.' : `${breaches.length} breaches:\n${first.join('\n')}`;
  return `${table(rows)}\n\n${end}`;
}
