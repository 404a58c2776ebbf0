// Owns the list of journeys: only the rows that can be seen exist, and what is read stays where it is while new ones come above.

import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { type Journey, shortId } from './journey.ts';
import { book, pagesShown, readMore, shown } from './journeys.ts';
import { Lane } from './lane.tsx';
import { Empty, Loading, Trouble } from './notice.tsx';
import { journeyHref, route } from './route.ts';
import { ageWords, codeWords, HOLDER_WORDS, isTrouble, now, platformWords, standingWords } from './words.ts';

const ROW = 44;
const BEYOND = 8;

export function JourneyList() {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(800);
  const first = useComputed(() => Math.max(0, Math.floor(top.value / ROW) - BEYOND));
  const last = useComputed(() => Math.ceil((top.value + height.value) / ROW) + BEYOND);
  const ids = shown.value;
  useStayingPut(box, ids);
  useEffect(() => {
    const of = box.current;
    if (!of) return;
    const sized = new ResizeObserver(() => {
      height.value = of.clientHeight;
    });
    sized.observe(of);
    return () => sized.disconnect();
  }, [height]);
  useEffect(() => {
    const of = box.current;
    const step = (event: KeyboardEvent) => of && stepWithKeys(event, of, shown.peek());
    of?.addEventListener('keydown', step);
    return () => of?.removeEventListener('keydown', step);
  }, []);
  useEffect(() => {
    if (last.value >= ids.length && pagesShown.value.cursor !== null) void readMore();
  });
  const nothing = ids.length === 0 ? <Nothing /> : null;
  return (
    <div
      class="list"
      ref={box}
      onScroll={({ currentTarget }) => {
        top.value = currentTarget.scrollTop;
      }}
    >
      {nothing ?? (
        <ul aria-label="Journeys, newest first" style={{ height: `${ids.length * ROW}px` }}>
          {ids.slice(first.value, last.value).map((id, index) => (
            // The journey itself is handed on: a row is drawn again when what it was given is another.
            <Row key={id} journey={book.get(id)} index={first.value + index} of={ids.length} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Nothing() {
  const { loading, trouble, oldest } = pagesShown.value;
  if (trouble) return <Trouble of={trouble} again={() => void readMore()} />;
  if (loading || oldest === '~') return <Loading title="Reading the journeys…" />;
  return (
    <Empty title="No journeys here">
      <p>They appear by themselves as soon as a conversation is handed to Throughline.</p>
    </Empty>
  );
}

type RowParts = { readonly journey: Journey | undefined; readonly index: number; readonly of: number };

function Row({ journey, index, of }: RowParts) {
  if (!journey) return null;
  const { id } = journey;
  const open = route.value.page === 'journeys' && route.value.journey === id;
  return (
    <li aria-setsize={of} aria-posinset={index + 1} style={{ transform: `translateY(${index * ROW}px)` }}>
      <a href={journeyHref(id)} class="row" aria-current={open ? 'true' : undefined} data-index={index}>
        <RowWords journey={journey} />
      </a>
    </li>
  );
}

function RowWords({ journey }: { readonly journey: Journey }) {
  const { id, channel, platform, phase, holder, outcome, createdAt, endedAt } = journey;
  const words = standingWords(phase, outcome);
  const trouble = phase === 'settled' && isTrouble(outcome);
  const until = endedAt === null ? now.value : Date.parse(endedAt);
  return (
    <>
      <code class="id">{shortId(id)}</code>
      <span class="channel">
        {codeWords(channel)}
        <small>{platform === null ? 'no platform' : platformWords(platform)}</small>
      </span>
      <Lane journey={journey} />
      <span class="standing">
        {HOLDER_WORDS[endedAt === null ? holder : 'none'] ?? holder}
        <small class={trouble ? 'trouble' : ''}>{words}</small>
      </span>
      <span class="age" title={createdAt}>
        <span class="unseen">open for </span>
        {ageWords(Date.parse(createdAt), until)}
      </span>
    </>
  );
}

/** Arrow keys go from row to row, also to rows that do not exist yet. */
function stepWithKeys(event: KeyboardEvent, box: HTMLElement, ids: readonly string[]): void {
  const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
  const step = steps[event.key];
  const from = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset.index;
  if (step === undefined || from === undefined) return;
  event.preventDefault();
  const to = Math.min(Math.max(Number(from) + step, 0), ids.length - 1);
  if (to * ROW < box.scrollTop) box.scrollTop = to * ROW;
  if ((to + 1) * ROW > box.scrollTop + box.clientHeight) box.scrollTop = (to + 1) * ROW - box.clientHeight;
  requestAnimationFrame(() => {
    requestAnimationFrame(() => box.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus({ preventScroll: true }));
  });
}

/** Rows that come above what is looked at push it down; the scroll goes along, so that the eye sees nothing move. */
function useStayingPut(box: { readonly current: HTMLElement | null }, ids: readonly string[]): void {
  const before = useRef<readonly string[]>(ids);
  useLayoutEffect(() => {
    const of = box.current;
    const old = before.current;
    before.current = ids;
    if (!of || old === ids || of.scrollTop < ROW) return;
    const anchor = Math.floor(of.scrollTop / ROW);
    const id = old[anchor];
    const moved = id === undefined ? -1 : ids.indexOf(id);
    if (moved >= 0 && moved !== anchor) of.scrollTop += (moved - anchor) * ROW;
  });
}
