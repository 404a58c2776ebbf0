// Owns how a run of the conformance suite is told: a line per promise, and for a broken one what was sent, what was expected and what
// came.

import type { Checked } from './conformance-run.ts';

export type ConformanceReport = {
  readonly url: string;
  /** Whether every promise that was tried is kept. */
  readonly ok: boolean;
  readonly kept: number;
  readonly broken: number;
  readonly notTried: number;
  readonly checks: readonly Checked[];
};

export function conformanceReport(url: string, checks: readonly Checked[]): ConformanceReport {
  const count = (result: Checked['result']) => checks.filter((one) => one.result === result).length;
  const broken = count('broken');
  return { url, ok: broken === 0, kept: count('kept'), broken, notTried: count('not-tried'), checks };
}

const MARK = { kept: '✓', broken: '✗', 'not-tried': '–' } as const;

export function conformanceText({ url, kept, broken, notTried, checks }: ConformanceReport): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines = checks.flatMap((one) => [
    `  ${MARK[one.result]} ${one.name.padEnd(width)}  ${one.promise}`,
    ...(one.reason === undefined ? [] : [`      not tried: ${one.reason}`]),
    ...one.steps
      .filter((step) => !step.kept)
      .flatMap(({ sent, expected, came }) => [
        `      sent:     ${sent}`,
        `      expected: ${expected}`,
        `      came:     ${came}`,
      ]),
  ]);
  const untried = notTried === 0 ? '' : `, ${notTried} not tried`;
  const verdict =
    broken === 0 ? 'keeps the gateway contract as far as it was tried' : 'does NOT keep the gateway contract';
  return [`${url}`, ...lines, '', `It ${verdict}: ${kept} kept, ${broken} broken${untried}.`].join('\n');
}
