// Owns the page of the journeys: the board, the filters, the list, and beside it the journey that is open.

import { FlowBoard } from './flow-board.tsx';
import { CHANNELS, HOLDERS, PHASES } from './journey.ts';
import type { JourneyFilter } from './journey-book.ts';
import { JourneyList } from './journey-list.tsx';
import { JourneyPage } from './journey-page.tsx';
import { choose, filter, pagesShown, shown } from './journeys.ts';
import { codeWords, HOLDER_WORDS } from './words.ts';

export function JourneysPage({ journey }: { readonly journey: string | null }) {
  return (
    <div class={`journeys${journey === null ? '' : ' beside'}`}>
      <h1 class="unseen">Journeys</h1>
      <div class="overview">
        <FlowBoard />
        <Filters />
        <JourneyList />
      </div>
      {journey !== null && <JourneyPage key={journey} id={journey} />}
    </div>
  );
}

function Filters() {
  const { cursor } = pagesShown.value;
  const many = shown.value.length;
  return (
    <form class="filters" aria-label="Filter the journeys" onSubmit={(event) => event.preventDefault()}>
      <Choice name="holder" all="Anywhere" values={HOLDERS} words={(value) => HOLDER_WORDS[value] ?? value} />
      <Choice name="phase" all="Any phase" values={PHASES} words={codeWords} />
      <Choice name="channel" all="Any channel" values={CHANNELS} words={codeWords} />
      <output>
        {many.toLocaleString('en')}
        {cursor === null ? '' : '+'} {many === 1 ? 'journey' : 'journeys'}
      </output>
    </form>
  );
}

type ChoiceParts = {
  readonly name: keyof JourneyFilter;
  readonly all: string;
  readonly values: readonly string[];
  readonly words: (value: string) => string;
};

function Choice({ name, all, values, words }: ChoiceParts) {
  return (
    <label>
      <span class="unseen">{codeWords(name)}</span>
      <select
        name={name}
        value={filter.value[name]}
        class={filter.value[name] === '' ? '' : 'chosen'}
        onChange={({ currentTarget }) => choose({ [name]: currentTarget.value })}
      >
        <option value="">{all}</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {words(value)}
          </option>
        ))}
      </select>
    </label>
  );
}
