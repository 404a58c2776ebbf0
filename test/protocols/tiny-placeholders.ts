// Owns what asks agents to keep free in an unfair world: it comes into being late, agents take it, refuse it or let it ring, and it lives until
// somebody ends it. Its own time-out is not played, so that nothing but we can end what an agent has taken.

import { CXONE, TRANSFERS } from './story.ts';
import { type Agenda, late, type Random } from './tiny-vendor.ts';

const SHOWS_WITHIN_MS = 1_000;
type State = 'asked' | 'taken' | 'none';

/** What is asked, so that the agent is. */
export const ASKS = {
  type: 'blind',
  policy: {
    ...TRANSFERS,
    sites: Object.fromEntries(
      Object.entries(TRANSFERS.sites).map(([name, site]) => [name, { ...site, asksAgents: name === CXONE }]),
    ),
  },
} as const;

export class TinyPlaceholders {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #living = new Map<string, State>();
  /** How often each was asked for. */
  readonly asked = new Map<string, number>();

  constructor(agenda: Agenda, random: Random) {
    this.#agenda = agenda;
    this.#random = random;
  }

  get living(): number {
    return [...this.#living.values()].filter((state) => state !== 'none').length;
  }

  ask(key: string): void {
    this.asked.set(key, (this.asked.get(key) ?? 0) + 1);
    this.#agenda.after(SHOWS_WITHIN_MS * late(this.#random()), () => {
      this.#living.set(key, 'asked');
      const fate = this.#random();
      if (fate > 0.9) return;
      this.#agenda.after(this.#random() * 4_000, () => {
        if (this.#living.get(key) === 'asked') this.#living.set(key, fate < 0.7 ? 'taken' : 'none');
      });
    });
  }

  stateOf(key: string): State {
    return this.#living.get(key) ?? 'none';
  }

  release(key: string): void {
    if (this.#living.has(key)) this.#living.set(key, 'none');
  }
}
