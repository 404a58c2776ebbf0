// Owns the page of the reports: what the journeys of a range came to together, how far links came, and how handoffs ended. All of it in the clear.

import { useSignal } from '@preact/signals';
import { type Bar, BarChart } from './bar-chart.tsx';
import { Empty, Loading, Trouble } from './notice.tsx';
import { useReading } from './reading.ts';
import { codeWords, durationWords } from './words.ts';

const DAY_MS = 24 * 3_600_000;
const RANGES = [1, 7, 30, 90] as const;

type Totals = {
  readonly interactions: number;
  readonly ended: number;
  readonly paths: Readonly<Record<string, number>>;
  readonly averageHandleSec: number | null;
  readonly averageQueueSec: number | null;
  readonly firstContactResolution: number | null;
  readonly funnel: Readonly<Record<string, number>>;
  readonly handoffs: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly reasons: Readonly<Record<string, number>>;
  readonly contextCompleteness: number | null;
  readonly averageSurveyScore: number | null;
};

export function ReportsPage() {
  const days = useSignal<number>(7);
  // To the next hour, so that the same question is the same address.
  const to = useSignal(Math.ceil(Date.now() / 3_600_000) * 3_600_000);
  const range = `from=${new Date(to.value - days.value * DAY_MS).toISOString()}&to=${new Date(to.value).toISOString()}`;
  const { value, trouble, again } = useReading<Totals>(`/v1/reports/journeys/totals?${range}`);
  return (
    <div class="page">
      <h1>Reports</h1>
      <p class="lead">Every customer episode once, over all of its conversations.</p>
      <div class="report-range">
        <fieldset class="deeds">
          <legend class="unseen">Range</legend>
          {RANGES.map((one) => (
            <button
              key={one}
              type="button"
              class="button"
              aria-pressed={one === days.value}
              onClick={() => {
                days.value = one;
              }}
            >
              {one === 1 ? '1 day' : `${one} days`}
            </button>
          ))}
        </fieldset>
        <a class="button" href={`/v1/reports/journeys?${range}&format=csv`} download="journeys.csv">
          As CSV
        </a>
      </div>
      <Figures totals={value} trouble={trouble} again={again} />
    </div>
  );
}

type Read = ReturnType<typeof useReading<Totals>>;

function Figures({ totals, trouble, again }: { readonly totals: Totals | null } & Omit<Read, 'value'>) {
  if (!totals) return trouble ? <Trouble of={trouble} again={again} /> : <Loading title="Counting…" />;
  if (totals.interactions === 0) {
    return (
      <Empty title="No journeys in this range">
        <p>Choose a longer one.</p>
      </Empty>
    );
  }
  return (
    <>
      <dl class="figures report-figures">
        <Figure words="Journeys" value={String(totals.interactions)} beside={`${totals.ended} ended`} />
        <Figure words="Resolved at first contact" value={percent(totals.firstContactResolution)} />
        <Figure words="Average handle time" value={seconds(totals.averageHandleSec)} />
        <Figure words="Average wait" value={seconds(totals.averageQueueSec)} />
        <Figure words="Context went along" value={percent(totals.contextCompleteness)} />
        <Figure words="Survey" value={totals.averageSurveyScore?.toFixed(1) ?? '–'} />
      </dl>
      <div class="reports">
        {(totals.funnel.asked ?? 0) > 0 && <BarChart title="Links by text message" bars={funnelOf(totals)} />}
        {Object.entries(totals.handoffs).map(([kind, outcomes]) => (
          <BarChart key={kind} title={`${codeWords(kind)}: how they ended`} bars={barsOf(outcomes)} />
        ))}
        <BarChart title="Ways through the channels" bars={barsOf(totals.paths)} />
        {Object.keys(totals.reasons).length > 0 && (
          <BarChart title="Why not simply completed" bars={barsOf(totals.reasons)} />
        )}
      </div>
    </>
  );
}

function Figure({
  words,
  value,
  beside,
}: {
  readonly words: string;
  readonly value: string;
  readonly beside?: string;
}) {
  return (
    <div>
      <dt>{words}</dt>
      <dd>
        {value} {beside && <small>{beside}</small>}
      </dd>
    </div>
  );
}

const STAGES = ['asked', 'sent', 'delivered', 'opened', 'claimed', 'resolved'] as const;

function funnelOf({ funnel }: Totals): readonly Bar[] {
  return STAGES.map((stage) => ({ words: codeWords(stage), count: funnel[stage] ?? 0 }));
}

/** The most frequent first. */
function barsOf(counts: Readonly<Record<string, number>>): readonly Bar[] {
  return Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => ({ words: pathWords(name), count }));
}

function pathWords(name: string): string {
  return name.split('>').map(codeWords).join(' → ') || 'Unknown';
}

function percent(share: number | null): string {
  return share === null ? '–' : `${Math.round(share * 100)} %`;
}

function seconds(value: number | null): string {
  return value === null ? '–' : durationWords(value * 1_000);
}
