// Owns what a replay tells in the end: figures over all dialogues, and whether anything was lost. Pure.

import { countBy, countsLine, milliseconds, percentile, table } from './figures.ts';
import { lostSlots } from './read-back.ts';
import type { Replayed } from './replay-dialogue.ts';
import type { HandoffAnswer } from './service-client.ts';

export type ReplayReport = {
  readonly handoffs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly queues: Readonly<Record<string, number>>;
  /** What the service took itself, without waiting for its turn. */
  readonly ownMs: { readonly p50: number | null; readonly p99: number | null };
  /** Until a step was tried again: mostly for the vendor's quota. */
  readonly waitedMs: { readonly p50: number | null; readonly p99: number | null };
  readonly vendorMs: { readonly p50: number | null; readonly p99: number | null };
  readonly fields: number;
  readonly fieldsReadBack: number;
  readonly completeness: number;
  readonly slotsLost: number;
  /** Every dialogue that did not complete, is elsewhere than its handoff says, or came back incomplete. */
  readonly trouble: readonly { readonly dialogueId: string; readonly why: string }[];
  readonly ok: boolean;
};

/** Nothing replayed is not a success. */
export function replayReport(replayed: readonly Replayed[]): ReplayReport {
  const fields = sum(replayed.map(({ readBack }) => readBack.fields));
  const lost = sum(replayed.map(({ readBack }) => readBack.lost.length));
  const trouble = replayed.flatMap((one) => troubleOf(one).map((why) => ({ dialogueId: one.dialogueId, why })));
  return {
    handoffs: replayed.length,
    outcomes: countBy(replayed.map(({ handoff }) => handoff.outcome ?? 'open')),
    queues: countBy(replayed.map(({ queue }) => queue ?? 'none')),
    ownMs: spread(replayed.flatMap(({ handoff }) => ownMs(handoff) ?? [])),
    waitedMs: spread(replayed.map(({ handoff }) => waitedMs(handoff))),
    vendorMs: spread(replayed.flatMap(({ handoff }) => handoff.timing?.vendorMs ?? [])),
    fields,
    fieldsReadBack: fields - lost,
    completeness: fields === 0 ? 0 : (fields - lost) / fields,
    slotsLost: sum(replayed.map(({ readBack }) => lostSlots(readBack).length)),
    trouble,
    ok: replayed.length > 0 && trouble.length === 0,
  };
}

export function replayTable(report: ReplayReport): string {
  const { trouble } = report;
  const rows: (readonly [string, string])[] = [
    ['handoffs', String(report.handoffs)],
    ['outcomes', countsLine(report.outcomes)],
    ['queues', countsLine(report.queues)],
    ['our own time', pair(report.ownMs)],
    ['waited for a turn', pair(report.waitedMs)],
    ["vendor's time", pair(report.vendorMs)],
    ['fields read back', `${report.fieldsReadBack} of ${report.fields}`],
    ['completeness', percent(report.completeness)],
    ['slots lost', String(report.slotsLost)],
  ];
  const lines = trouble.map(({ dialogueId, why }) => `  ${dialogueId}: ${why}`);
  return [table(rows), ...(lines.length > 0 ? ['', 'Not as they should be:', ...lines] : [])].join('\n');
}

function troubleOf({ handoff, readBack, holder }: Replayed): readonly string[] {
  const { outcome, reason, detail } = handoff;
  const words = [reason, detail].filter((part) => part != null).join(', ');
  const ended = outcome === 'completed' ? [] : [`${outcome ?? 'open'}${words ? ` (${words})` : ''}`];
  const elsewhere =
    outcome === 'completed' && holder === 'bot' ? ['completed, but the bot still has the customer'] : [];
  const lost = readBack.lost.length > 0 ? [`not read back: ${readBack.lost.join(', ')}`] : [];
  return [...ended, ...elsewhere, ...lost];
}

function ownMs({ timing, ...handoff }: HandoffAnswer): number | undefined {
  return timing?.ownMs === undefined ? undefined : Math.max(0, timing.ownMs - waitedMs(handoff));
}

/** From each delay to the next try, until the transfer was accepted: from there on all time is counted as the vendor's. */
function waitedMs({ timeline }: Pick<HandoffAnswer, 'timeline'>): number {
  const accepted = timeline.findIndex(({ event }) => event === 'TransferAccepted');
  const steps = accepted === -1 ? timeline : timeline.slice(0, accepted);
  return sum(
    steps.map(({ at, event }, index) => {
      const next = steps[index + 1];
      return event === 'StepDelayed' && next ? Date.parse(next.at) - Date.parse(at) : 0;
    }),
  );
}

function spread(values: readonly number[]) {
  return { p50: percentile(values, 0.5) ?? null, p99: percentile(values, 0.99) ?? null };
}

function pair({ p50, p99 }: ReplayReport['ownMs']): string {
  return `p50 ${milliseconds(p50 ?? undefined)}, p99 ${milliseconds(p99 ?? undefined)}`;
}

/** Rounded down, so that 100% means all of it. */
function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10}%`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
