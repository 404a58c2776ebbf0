// Owns the reading of the caller's wish to wait for an answer (RFC 7240 §4.3).

/** Nobody is kept longer, since proxies give up too. */
const LONGEST_WAIT_SECONDS = 30;

/** Whole seconds, capped; 0 when the header has no `wait` that can be read. The first of several counts (RFC 7240 §2). */
export function preferredWaitSeconds(prefer: string | undefined): number {
  for (const preference of (prefer ?? '').split(',')) {
    const wait = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;|$)/i.exec(preference)?.[1];
    if (wait !== undefined) return Math.min(Number(wait), LONGEST_WAIT_SECONDS);
  }
  return 0;
}
