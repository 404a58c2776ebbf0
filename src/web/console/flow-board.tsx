// Owns the board above the list: how many customers are where, and each of them passing from one to the next as it happens.

import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { counted, counts, lately, settledLately } from './journeys.ts';
import { durationWords, isTrouble } from './words.ts';

const STATIONS = [
  ['bot', 'With a bot'],
  ['queue', 'In a queue'],
  ['agent', 'With an agent'],
] as const;
/** More at once would be a smear. */
const MOST_TRAVELLERS = 24;
const TRAVEL_MS = 1_100;

export function FlowBoard() {
  const known = counted.value;
  return (
    <section class="board" aria-label="Open journeys">
      <div class="stations">
        {STATIONS.map(([holder, words], index) => (
          <>
            {index > 0 && <Passage key={`to-${holder}`} from={STATIONS[index - 1]?.[0] ?? ''} to={holder} />}
            <div class="place" key={holder}>
              <strong data-count={holder}>
                {known === 'not-yet' && counts.value[holder] === 0 ? '–' : counts.value[holder]?.toLocaleString('en')}
                {known === 'some' && <span title="There are more than are counted here">+</span>}
              </strong>
              <span>{words}</span>
            </div>
          </>
        ))}
      </div>
      <LastMinute />
    </section>
  );
}

function LastMinute() {
  const settled = settledLately.value;
  const times = settled.filter(({ outcome }) => outcome === 'completed').map(({ durationMs }) => durationMs);
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
  const troubled = settled.filter(({ outcome }) => isTrouble(outcome)).length;
  return (
    <dl class="minute">
      <div>
        <dt>Handed over, last minute</dt>
        <dd>{times.length}</dd>
      </div>
      <div>
        <dt>Median time</dt>
        <dd>{median === undefined ? '–' : durationWords(median)}</dd>
      </div>
      <div class={troubled > 0 ? 'trouble' : ''}>
        <dt>Not handed over</dt>
        <dd>{troubled}</dd>
      </div>
    </dl>
  );
}

/** Travellers are drawn past the framework: each lives a second and concerns nobody else. */
function Passage({ from, to }: { readonly from: string; readonly to: string }) {
  const way = useRef<HTMLDivElement>(null);
  useSignalEffect(() => {
    const { moves } = lately.value;
    const passing = moves.filter((move) => move.from === from && move.to === to).length;
    for (let index = 0; index < Math.min(passing, MOST_TRAVELLERS); index += 1) travel(way.current, index * 70);
  });
  return <div class="passage" ref={way} aria-hidden="true" />;
}

function travel(way: HTMLElement | null, afterMs: number): void {
  if (!way || matchMedia('(prefers-reduced-motion: reduce)').matches || way.childElementCount > MOST_TRAVELLERS) return;
  const traveller = document.createElement('i');
  way.append(traveller);
  const frames = [
    { transform: 'translateX(0)', opacity: 0 },
    { opacity: 1, offset: 0.12 },
    { opacity: 1, offset: 0.88 },
    { transform: `translateX(${way.clientWidth - 8}px)`, opacity: 0 },
  ];
  const trip = traveller.animate(frames, { duration: TRAVEL_MS, delay: afterMs, easing: 'ease-in-out', fill: 'both' });
  trip.onfinish = () => traveller.remove();
}
