// Owns how an outage of a database that others share is ridden out: what this process owes to the journal is tried again, spaced out,
// until it is written or the process stops (docs/decisions/0012). A journal of one's own that fails is a fault: see 0007.

import type { Clock } from '../clock.ts';
import { JournalUnavailable } from './journal-unavailable.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;

export type OutagesParts = {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly stopping: AbortSignal;
  readonly onOutage: (error: JournalUnavailable) => void;
};

export class Outages {
  readonly #parts: OutagesParts;
  /** Whether others keep the work going meanwhile, so that this process may wait. */
  riding = false;

  constructor(parts: OutagesParts) {
    this.#parts = parts;
  }

  /** The work's result, or null when the process stops before. Rejects with everything that is not an outage. */
  ride<Result>(work: () => Promise<Result>): Promise<Result | null> {
    return this.riding ? this.#rideOut(work) : work();
  }

  async #rideOut<Result>(work: () => Promise<Result>): Promise<Result | null> {
    const { clock, random, stopping, onOutage } = this.#parts;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof JournalUnavailable)) throw error;
        onOutage(error);
      }
      await clock.sleep(pauseMs * (0.5 + random()), stopping);
      if (stopping.aborted) return null;
    }
  }
}
