// Owns what a twin does later: entries in order of their instants, one sleep on the given clock for the earliest of them
// (thousands of conversations wait at once), and all of them cancelled together when the twin is reset or closed.

import type { Clock } from '../clock.ts';

export type Schedule = {
  /** Runs `act` once `ms` from now (never in the same turn), unless everything was cancelled meanwhile. */
  after(ms: number, act: () => void): void;
  /** Drops all that waits; the schedule goes on taking new entries. */
  cancelAll(): void;
};

type Entry = { readonly at: number; readonly act: () => void };

export function createSchedule(clock: Clock): Schedule {
  let entries: Entry[] = [];
  let asleep: { readonly until: number; readonly woken: AbortController } | undefined;

  function sleepUntilEarliest(): void {
    const first = entries[0];
    if (first === undefined || (asleep !== undefined && asleep.until <= first.at)) return;
    asleep?.woken.abort();
    const woken = new AbortController();
    asleep = { until: first.at, woken };
    void clock.sleep(Math.max(0, first.at - clock.monotonic()), woken.signal).then(() => {
      if (woken.signal.aborted) return;
      asleep = undefined;
      runDue();
    });
  }

  function runDue(): void {
    const now = clock.monotonic();
    const due = entries.splice(0, firstAfter(entries, now));
    for (const { act } of due) act();
    sleepUntilEarliest();
  }

  return {
    after(ms, act) {
      const at = clock.monotonic() + ms;
      entries.splice(firstAfter(entries, at), 0, { at, act });
      sleepUntilEarliest();
    },
    cancelAll() {
      entries = [];
      asleep?.woken.abort();
      asleep = undefined;
    },
  };
}

/** Where an entry for `at` goes: behind those of the same instant. */
function firstAfter(entries: readonly Entry[], at: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as Entry).at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
