// Owns a journey's picture over time: one lane per holder, a bar for as long as each held the customer, and a mark where a handoff
// was asked for and where it settled.

import type { HandoffMark, Holding } from './journal.ts';
import { durationWords, now } from './words.ts';

const LANES = [
  ['bot', 'Bot'],
  ['queue', 'Queue'],
  ['agent', 'Agent'],
] as const;

type ChartParts = {
  readonly holdings: readonly Holding[];
  readonly handoffs: readonly HandoffMark[];
  readonly ended: boolean;
};

export function HolderChart({ holdings, handoffs, ended }: ChartParts) {
  const start = holdings[0]?.from;
  if (start === undefined) return null;
  const lastKnown = Math.max(
    ...holdings.map(({ from, to }) => to ?? from),
    ...handoffs.map((one) => one.settledAt ?? 0),
  );
  const end = Math.max(ended ? lastKnown : now.value, lastKnown, start + 1);
  const share = (at: number) => `${((at - start) / (end - start)) * 100}%`;
  return (
    <figure class="chart">
      <figcaption class="unseen">{inWords(holdings, end)}</figcaption>
      <div aria-hidden="true">
        {LANES.map(([holder, words]) => (
          <div class="chart-lane" key={holder}>
            <span>{words}</span>
            <div class="chart-way">
              {holdings
                .filter((one) => one.holder === holder)
                .map(({ epoch, from, to }) => (
                  <i
                    key={epoch}
                    class={`bar ${holder}${to === null && !ended ? ' now' : ''}`}
                    style={{ left: share(from), right: `calc(100% - ${share(to ?? end)})` }}
                    title={`${words}, epoch ${epoch}: ${durationWords((to ?? end) - from)}`}
                  />
                ))}
            </div>
          </div>
        ))}
        <div class="chart-lane marks">
          <span>Handoffs</span>
          <div class="chart-way">
            {handoffs.map(({ id, askedAt, settledAt, outcome }) => (
              <i
                key={id}
                class={`mark ${outcome ?? 'open'}`}
                style={{ left: share(askedAt), right: `calc(100% - ${share(settledAt ?? end)})` }}
              />
            ))}
          </div>
        </div>
        <div class="chart-axis">
          <span>0</span>
          <span>{durationWords((end - start) / 2)}</span>
          <span>{durationWords(end - start)}</span>
        </div>
      </div>
    </figure>
  );
}

function inWords(holdings: readonly Holding[], end: number): string {
  return holdings.map(({ holder, from, to }) => `${holder} for ${durationWords((to ?? end) - from)}`).join(', then ');
}
