// Owns how often a log hears of the same refusal: ports are knocked at all day long, and what is refused is tried again.

import type { Clock } from './clock.ts';

export type Refused = { readonly code: string; readonly times: number };

const TELL_EVERY_MS = 60_000;

/** Tells of the first refusal by a code at once, then once a minute of how many more there were. */
export function refusals(clock: Clock, tell: (refused: Refused) => void): (code: string) => void {
  const counts = new Map<string, { readonly toldAt: number; readonly times: number }>();
  return (code) => {
    const { toldAt, times } = counts.get(code) ?? { toldAt: Number.NEGATIVE_INFINITY, times: 0 };
    const now = clock.monotonic();
    if (now - toldAt < TELL_EVERY_MS) {
      counts.set(code, { toldAt, times: times + 1 });
      return;
    }
    counts.set(code, { toldAt: now, times: 0 });
    tell({ code, times: times + 1 });
  };
}
