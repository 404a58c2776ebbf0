// Owns the live picture behind the console: pages of the list and events of the stream flow into one book; the screen is told at
// most a few times a second, however much happens.

import { batch, computed, signal } from '@preact/signals';
import type { Journey } from './journey.ts';
import {
  type BookChange,
  EVERYTHING,
  filterQuery,
  JourneyBook,
  type JourneyFilter,
  OPEN_HOLDERS,
  type Settled,
} from './journey-book.ts';
import { type Connection, followStream, type LiveEvent } from './live-stream.ts';
import { Refused, read } from './service.ts';

const PAGE = 200;
const MOST_OPEN = 10_000;
const TELL_EVERY_MS = 100;
const MINUTE_MS = 60_000;

type Page = { readonly entities: readonly Journey[]; readonly cursor: string | null };
/** How far a filter's pages have come. `oldest` is the last id they brought; empty when there are no more. */
type Pages = {
  readonly cursor: string | null;
  readonly oldest: string;
  readonly loading: boolean;
  readonly trouble: Refused | null;
};

const UNREAD: Pages = { cursor: null, oldest: '~', loading: false, trouble: null };

export const book = new JourneyBook();
export const filter = signal<JourneyFilter>(EVERYTHING);
export const connection = signal<Connection>({ kind: 'connecting' });
/** What the newest batch of events did; the board draws it. */
export const lately = signal<BookChange>({ moves: [], settled: [] });
/** Settled within the last minute. */
export const settledLately = signal<readonly Settled[]>([]);
/** The last version heard of, per journey: whoever shows one reads it again. */
export const touched = signal<ReadonlySet<string>>(new Set());
/** Whether every open journey is counted. */
export const counted = signal<'not-yet' | 'all' | 'some'>('not-yet');

const drawn = signal(0);
const pages = signal<ReadonlyMap<string, Pages>>(new Map());

export const pagesShown = computed(() => pages.value.get(filterQuery(filter.value)) ?? UNREAD);
export const shown = computed(() => {
  drawn.value;
  return book.shown(filter.value, pagesShown.value.oldest);
});
export const counts = computed(() => {
  drawn.value;
  return Object.fromEntries(OPEN_HOLDERS.map((holder) => [holder, book.count(holder)]));
});

/** Until the signal: listens first and reads then, so that nothing falls between. */
export function follow(ending: AbortSignal): void {
  const waiting: LiveEvent[] = [];
  const tell = () => {
    if (waiting.length === 0) return;
    const change = book.take(waiting);
    const subjects = new Set(waiting.splice(0).map(({ subject }) => subject));
    batch(() => {
      lately.value = change;
      touched.value = subjects;
      if (change.settled.length > 0) noteSettled(change.settled);
      drawn.value += 1;
    });
  };
  const telling = setInterval(tell, TELL_EVERY_MS);
  ending.addEventListener('abort', () => clearInterval(telling));
  void followStream({
    signal: ending,
    onConnection: (now) => {
      connection.value = now;
    },
    onEvent: (event) => waiting.push(event),
  });
  void readMore().then(() => countOpen(ending));
}

export function choose(change: Partial<JourneyFilter>): void {
  filter.value = { ...filter.value, ...change };
  if (!pages.value.has(filterQuery(filter.value))) void readMore();
}

/** The next page of what the filter shows. */
export async function readMore(): Promise<void> {
  const key = filterQuery(filter.value);
  const known = pages.value.get(key);
  if (known?.loading || (known && known.cursor === null && known.trouble === null)) return;
  setPages(key, { ...(known ?? UNREAD), loading: true, trouble: null });
  try {
    const { entities, cursor } = await readPage(key, known?.cursor ?? null);
    const last = entities.at(-1)?.id ?? '';
    setPages(key, { cursor, oldest: cursor === null ? '' : last, loading: false, trouble: null });
  } catch (error) {
    const trouble = error instanceof Refused ? error : new Refused(0, {});
    setPages(key, { ...(known ?? UNREAD), loading: false, trouble });
  }
}

export function forgetOldSettled(): void {
  if (settledLately.value.length > 0) noteSettled([]);
}

async function readPage(query: string, cursor: string | null): Promise<Page> {
  const more = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  const page = await read<Page>(`/v1/interactions?limit=${PAGE}${query && `&${query}`}${more}`);
  book.add(page.entities);
  drawn.value += 1;
  return page;
}

/** Everybody who is in somebody's hands, so that the board's numbers are true and not a page's. */
async function countOpen(ending: AbortSignal): Promise<void> {
  try {
    for (const holder of OPEN_HOLDERS) {
      let cursor: string | null = null;
      do {
        if (ending.aborted) return;
        if (book.size >= MOST_OPEN) {
          counted.value = 'some';
          return;
        }
        ({ cursor } = await readPage(filterQuery({ ...EVERYTHING, holder }), cursor));
      } while (cursor !== null);
    }
    counted.value = 'all';
  } catch {
    counted.value = 'some';
  }
}

function noteSettled(fresh: readonly Settled[]): void {
  const since = Date.now() - MINUTE_MS;
  settledLately.value = [...settledLately.value, ...fresh].filter(({ at }) => at >= since);
}

function setPages(key: string, now: Pages): void {
  pages.value = new Map(pages.value).set(key, now);
}
