// Owns how a run of the conformance suite is told: a line per promise, and for a broken one what was sent, what was expected and what
// came.

import { BEYOND, CHECKS, type Checked } from './conformance-run.ts';

export type ConformanceReport = {
  readonly url: string;
  /** Whether every promise that was tried is kept. */
  readonly ok: boolean;
  readonly kept: number;
  readonly broken: number;
  /** The gateway does not say that it does these. */
  readonly notPromised: number;
  /** Something was not given that these need. */
  readonly notTried: number;
  readonly checks: readonly Checked[];
  /** Of a whole run: what no check can try. */
  readonly beyond: readonly string[];
};

export function conformanceReport(url: string, checks: readonly Checked[]): ConformanceReport {
  const count = (result: Checked['result']) => checks.filter((one) => one.result === result).length;
  const broken = count('broken');
  const counts = { kept: count('kept'), broken, notPromised: count('not-promised'), notTried: count('not-tried') };
  return { url, ok: broken === 0, ...counts, checks, beyond: checks.length === CHECKS.length ? BEYOND : [] };
}

const MARK = { kept: '✓', broken: '✗', 'not-promised': '·', 'not-tried': '–' } as const;

export function conformanceText(report: ConformanceReport): string {
  const { url, kept, broken, notPromised, notTried, checks, beyond } = report;
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines = checks.flatMap((one) => [
    `  ${MARK[one.result]} ${one.name.padEnd(width)}  ${one.promise}`,
    ...(one.reason === undefined ? [] : [`      ${one.result.replace('-', ' ')}: ${one.reason}`]),
    ...one.steps
      .filter((step) => !step.kept)
      .flatMap(({ sent, expected, came }) => [
        `      sent:     ${sent}`,
        `      expected: ${expected}`,
        `      came:     ${came}`,
      ]),
  ]);
  const unpromised = notPromised === 0 ? '' : `, ${notPromised} not promised`;
  const untried = notTried === 0 ? '' : `, ${notTried} not tried`;
  const verdict =
    broken === 0 ? 'keeps the gateway contract as far as it was tried' : 'does NOT keep the gateway contract';
  const unseen =
    beyond.length === 0
      ? []
      : ['', 'Not tried by any check, since nobody can make a server show it:', ...beyond.map((one) => `  ${one}`)];
  const total = `It ${verdict}: ${kept} kept, ${broken} broken${unpromised}${untried}.`;
  return [url, ...lines, ...unseen, '', total].join('\n');
}
