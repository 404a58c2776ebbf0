// Owns every journey the console knows, newest first, and which of them a filter shows. No signals, no network: thousands of
// changes are taken in one go, and whoever draws is told once.

import { HOLDERS, type Journey, journeyAfter } from './journey.ts';
import type { LiveEvent } from './live-stream.ts';

export type JourneyFilter = { readonly phase: string; readonly holder: string; readonly channel: string };
export type Move = { readonly from: string; readonly to: string };
export type Settled = { readonly at: number; readonly outcome: string; readonly durationMs: number };

/** What a batch of events did. */
export type BookChange = { readonly moves: readonly Move[]; readonly settled: readonly Settled[] };

export const EVERYTHING: JourneyFilter = { phase: '', holder: '', channel: '' };

const MOST_EARLY = 1_000;

export class JourneyBook {
  readonly #journeys = new Map<string, Journey>();
  /** Newest first: our ids are in order of time. */
  #ids: string[] = [];
  /** What came before the page that has the journey. */
  readonly #early: LiveEvent[] = [];
  readonly #counts = new Map<string, number>();

  get size(): number {
    return this.#journeys.size;
  }

  get(id: string): Journey | undefined {
    return this.#journeys.get(id);
  }

  /** How many are with this holder, of those known. */
  count(holder: string): number {
    return this.#counts.get(holder) ?? 0;
  }

  /** From a list: an older version than the one that is known changes nothing. */
  add(journeys: readonly Journey[]): void {
    const fresh: string[] = [];
    for (const journey of journeys) {
      const known = this.#journeys.get(journey.id);
      if (!known) fresh.push(journey.id);
      if (!known || known.version < journey.version) this.#set(journey, known);
    }
    this.#insert(fresh);
    for (const event of this.#early) this.#apply(event);
    this.#early.length = 0;
  }

  /** From the stream. */
  take(events: readonly LiveEvent[]): BookChange {
    const moves: Move[] = [];
    const settled: Settled[] = [];
    const fresh: string[] = [];
    for (const event of events) {
      const { subject } = event;
      const before = this.#journeys.get(subject);
      const after = this.#apply(event);
      if (!after || after === before) continue;
      if (!before) fresh.push(subject);
      if (before && before.holder !== after.holder) moves.push({ from: before.holder, to: after.holder });
      const { outcome, durationMs } = event.data;
      if (typeof outcome === 'string') {
        settled.push({ at: Date.parse(event.time), outcome, durationMs: Number(durationMs) || 0 });
      }
    }
    this.#insert(fresh);
    return { moves, settled };
  }

  /** Down to `oldest`, the last that the filter's pages have brought: below it there may be gaps. */
  shown(filter: JourneyFilter, oldest: string): readonly string[] {
    const { phase, holder, channel } = filter;
    return this.#ids.filter((id) => {
      const journey = this.#journeys.get(id);
      if (!journey || id < oldest) return false;
      if (phase !== '' && journey.phase !== phase) return false;
      return (holder === '' || journey.holder === holder) && (channel === '' || journey.channel === channel);
    });
  }

  #apply(event: LiveEvent): Journey | undefined {
    const before = this.#journeys.get(event.subject);
    const after = journeyAfter(before, event);
    // Its page may be on its way; what no page brings is forgotten with the next.
    if (!after) this.#early.splice(0, Math.max(0, this.#early.push(event) - MOST_EARLY));
    else if (after !== before) this.#set(after, before);
    return after;
  }

  #set(journey: Journey, before: Journey | undefined): void {
    this.#journeys.set(journey.id, journey);
    if (before) this.#counts.set(before.holder, this.count(before.holder) - 1);
    this.#counts.set(journey.holder, this.count(journey.holder) + 1);
  }

  #insert(fresh: readonly string[]): void {
    if (fresh.length === 0) return;
    const [newest = ''] = this.#ids;
    const added = [...fresh].sort().reverse();
    const oldestAdded = added.at(-1) ?? '';
    this.#ids = oldestAdded > newest ? [...added, ...this.#ids] : [...added, ...this.#ids].sort().reverse();
  }
}

export function filterQuery(filter: JourneyFilter): string {
  const asked = Object.entries(filter).filter(([, value]) => value !== '');
  return new URLSearchParams(asked).toString();
}

/** Those that are in somebody's hands. */
export const OPEN_HOLDERS = HOLDERS.filter((holder) => holder !== 'none');
