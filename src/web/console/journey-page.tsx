// Owns the page of one journey: where it is, its legs, what was handed over, what was lost on the way, and its journal.

import { useEffect } from 'preact/hooks';
import { HandoffPart, type HandoffView } from './handoff-part.tsx';
import { HolderChart } from './holder-chart.tsx';
import { handoffsIn, holdingsIn, type JournalEvent } from './journal.ts';
import { JournalTable } from './journal-table.tsx';
import { shortId } from './journey.ts';
import { touched } from './journeys.ts';
import { Loading, Trouble } from './notice.tsx';
import { useReading } from './reading.ts';
import { codeWords, HOLDER_WORDS, platformWords } from './words.ts';

type JourneyView = {
  readonly id: string;
  readonly channel: string;
  readonly direction: string;
  readonly customer: Readonly<Record<string, unknown>>;
  readonly context: Readonly<Record<string, unknown>>;
  readonly legs: readonly {
    readonly platform: string;
    readonly externalId: string;
    readonly channel: string;
    readonly state: string;
  }[];
  readonly holder: { readonly kind: string; readonly epoch: number; readonly agentId?: string };
  readonly handoff: HandoffView | null;
  readonly wrapup: { readonly code: string } | null;
  readonly endedAt: string | null;
};

export function JourneyPage({ id }: { readonly id: string }) {
  const whole = useReading<JourneyView>(`/v1/interactions/${id}`);
  const journal = useReading<{ readonly events: readonly JournalEvent[] }>(
    `/v1/interactions/${id}/journal?masked=true`,
  );
  const news = touched.value;
  useEffect(() => {
    if (!news.has(id)) return;
    whole.again();
    journal.again();
  }, [news]);
  const refused = whole.trouble ?? journal.trouble;
  const events = journal.value?.events;
  return (
    <article class="journey" aria-label={`Journey ${shortId(id)}`}>
      <header class="journey-head">
        <a class="back" href="#/journeys">
          <span class="unseen">Close this journey</span>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M4 4l8 8M12 4l-8 8" />
          </svg>
        </a>
        <h2>
          Journey <code class="short">{shortId(id)}</code>
        </h2>
        {whole.value && <Standing of={whole.value} />}
      </header>
      {!events && refused && (
        <Trouble
          of={refused}
          again={() => {
            whole.again();
            journal.again();
          }}
        />
      )}
      {!events && !refused && <Loading title="Reading the journey…" />}
      {events && (
        <HolderChart
          holdings={holdingsIn(events)}
          handoffs={handoffsIn(events)}
          ended={events.some(({ type }) => type === 'InteractionEnded')}
        />
      )}
      {whole.value && <Facts of={whole.value} />}
      {whole.value?.handoff && <HandoffPart handoff={whole.value.handoff} />}
      {events && <JournalTable events={events} />}
    </article>
  );
}

function Standing({ of: { holder, endedAt } }: { readonly of: JourneyView }) {
  const kind = endedAt === null ? holder.kind : 'none';
  return (
    <p class={`pill ${kind}`}>
      {HOLDER_WORDS[kind] ?? kind} <span class="epoch">epoch {holder.epoch}</span>
    </p>
  );
}

function Facts({ of }: { readonly of: JourneyView }) {
  const { customer, context, legs } = of;
  const known = [...Object.entries(customer), ...Object.entries(context)].flatMap(([name, value]) => {
    const words = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
    return words === '' || words === '{}' || words === '[]' ? [] : [[nameWords(name), words] as const];
  });
  return (
    <div class="columns">
      <section class="part" aria-labelledby="legs-heading">
        <h3 id="legs-heading">Conversations</h3>
        <ul class="legs">
          {legs.map(({ platform, externalId, channel, state }) => (
            <li key={`${platform} ${externalId}`}>
              <span class={`dot ${state}`} aria-hidden="true" />
              <span>
                {platformWords(platform)} · {channel}
                <small> {state}</small>
                <code>{externalId}</code>
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section class="part" aria-labelledby="known-heading">
        <h3 id="known-heading">What is known</h3>
        {known.length === 0 ? (
          <p class="soft">Nothing yet.</p>
        ) : (
          <dl class="known">
            {known.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
      </section>
    </div>
  );
}

/** `authenticationStatus` as `Authentication status`. */
function nameWords(name: string): string {
  return codeWords(name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase());
}
