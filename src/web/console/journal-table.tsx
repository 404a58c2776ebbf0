// Owns the journal of one journey as people read it: every event, who caused it, and the chain of hashes that holds it together.

import { useSignal } from '@preact/signals';
import { firstBrokenLink, type JournalEvent } from './journal.ts';
import { Refused, read } from './service.ts';
import { mayUse } from './session.ts';
import { clockWords, codeWords, durationWords, eventWords } from './words.ts';

type Verdict = {
  readonly ok: boolean;
  readonly interactions: number;
  readonly events: number;
  readonly firstBad: { readonly interactionId: string; readonly version: number } | null;
};

/** Facts worth a word beside the event; ids and what the words say already are left out. */
const FACTS = [
  'platform',
  'channel',
  'kind',
  'reason',
  'intent',
  'segment',
  'epoch',
  'attempts',
  'durationMs',
  'vendorMs',
];

/** Codes of the operator's own, or to look up in the page of errors. */
const AS_IT_IS: ReadonlySet<string> = new Set(['reason', 'intent', 'segment']);

export function JournalTable({ events }: { readonly events: readonly JournalEvent[] }) {
  const broken = firstBrokenLink(events);
  const start = Date.parse(events[0]?.at ?? '');
  return (
    <section class="part" aria-labelledby="journal-heading">
      <header>
        <h3 id="journal-heading">Journal</h3>
        <Verification events={events.length} broken={broken} />
      </header>
      <ol class="journal">
        {events.map((event) => (
          <li key={event.version} class={event.version === broken ? 'broken' : ''}>
            <time dateTime={event.at} title={clockWords(event.at)}>
              +{durationWords(Date.parse(event.at) - start)}
            </time>
            <span class="what">
              {eventWords(event.type, event.body)}
              <small>{factsOf(event)}</small>
            </span>
            <Link event={event} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Link({ event: { hash, prevHash, version } }: { readonly event: JournalEvent }) {
  const from = /^0*$/.test(prevHash) || version === 1 ? 'the beginning' : prevHash.slice(0, 12);
  return (
    <code class="hash" title={`${hash}\nfollows ${prevHash}`}>
      <span class="unseen">{`hash, follows ${from}: `}</span>
      {hash.slice(0, 7)}
    </code>
  );
}

function factsOf({ body, actor }: JournalEvent): string {
  const facts = FACTS.flatMap((name) => {
    const value = body[name];
    if (typeof value === 'number') return [name.endsWith('Ms') ? durationFact(name, value) : `${name} ${value}`];
    if (typeof value !== 'string') return [];
    return [AS_IT_IS.has(name) ? value : codeWords(value).toLowerCase()];
  });
  return [...new Set(facts), `by ${actor}`].join(' · ');
}

function durationFact(name: string, ms: number): string {
  return name === 'vendorMs' ? `${durationWords(ms)} at the vendor` : `took ${durationWords(ms)}`;
}

function Verification({ events, broken }: { readonly events: number; readonly broken: number | null }) {
  const verdict = useSignal<Verdict | Refused | 'asked' | null>(null);
  const verify = () => {
    verdict.value = 'asked';
    read<Verdict>('/v1/audit/verify').then(
      (answer) => {
        verdict.value = answer;
      },
      (error: unknown) => {
        verdict.value = error instanceof Refused ? error : new Refused(0, {});
      },
    );
  };
  const said = verdict.value;
  return (
    <div class="verify">
      <span role="status" class={broken !== null || (said && said !== 'asked' && !isGood(said)) ? 'trouble' : ''}>
        {said === null || said === 'asked' ? linksWords(events, broken) : verdictWords(said)}
      </span>
      <button type="button" class="button" disabled={!mayUse('audit') || said === 'asked'} onClick={verify}>
        {said === 'asked' ? 'Verifying…' : 'Verify the whole chain'}
      </button>
    </div>
  );
}

function isGood(said: Verdict | Refused): boolean {
  return !(said instanceof Refused) && said.ok;
}

function linksWords(events: number, broken: number | null): string {
  return broken === null
    ? `${events} events, each linked to the one before`
    : `Event ${broken} does not follow the one before`;
}

function verdictWords(said: Verdict | Refused): string {
  if (said instanceof Refused) return said.message;
  if (!said.ok) return `Broken: event ${said.firstBad?.version} of ${said.firstBad?.interactionId}`;
  return `Holds: ${said.events.toLocaleString('en')} events of ${said.interactions.toLocaleString('en')} journeys`;
}
