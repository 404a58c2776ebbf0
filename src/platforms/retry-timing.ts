// Owns how long to wait before asking a vendor again: what its answer says (RFC 9110 §10.2.3 `Retry-After`, Genesys
// dev-center rate limits `inin-ratelimit-reset`), or else exponential backoff with full jitter. Pure; both are capped, so
// that no answer can park a handoff for ever (H6).

import type { Instant } from '../ids.ts';

/** The part of `Headers` that is read here. */
export type HeaderReader = { get(name: string): string | null };

/** No vendor is believed when it asks for more than this. */
const TOLD_CAP_MS = 120_000;

const SECONDS = /^\d{1,9}$/;
const IMF_FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * What the far side said about when to come back, in milliseconds from `now`, or undefined when it said nothing readable.
 * `Retry-After` wins; without it a 429 of Genesys is timed by `inin-ratelimit-reset` (seconds left in the window).
 */
export function toldDelayMs(answer: { status: number; headers: HeaderReader }, now: Instant): number | undefined {
  const retryAfter = answer.headers.get('retry-after');
  if (retryAfter !== null) return capped(readRetryAfter(retryAfter.trim(), now));
  if (answer.status !== 429) return undefined;
  const reset = answer.headers.get('inin-ratelimit-reset')?.trim() ?? '';
  return SECONDS.test(reset) ? capped(Number(reset) * 1000) : undefined;
}

/**
 * Full jitter (a draw between nothing and the doubled base), in milliseconds. `attempt` counts from 1; `chance` is in [0, 1).
 */
export function backoffMs(
  attempt: number,
  chance: number,
  bounds: { readonly baseMs: number; readonly capMs: number },
): number {
  const ceiling = Math.min(bounds.capMs, bounds.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.floor(ceiling * chance);
}

/** An HTTP date in the form that is sent today (RFC 9110 §5.6.7); undefined for anything else. */
export function readHttpDate(value: string): Instant | undefined {
  if (!IMF_FIXDATE.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}

function readRetryAfter(value: string, now: Instant): number | undefined {
  if (SECONDS.test(value)) return Number(value) * 1000;
  const at = readHttpDate(value);
  return at === undefined ? undefined : Math.max(0, at - now);
}

function capped(delayMs: number | undefined): number | undefined {
  return delayMs === undefined ? undefined : Math.min(delayMs, TOLD_CAP_MS);
}
