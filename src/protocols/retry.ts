// Owns how long a step waits before it is tried again: what the far side asked for, else exponential backoff with jitter.

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 15_000;

/**
 * Milliseconds to wait before attempt number `attempt + 1`. `chance` is in [0, 1) and comes with the input. The wait the far
 * side asked for is never cut short; a little jitter on top keeps a crowd of waiters from returning in step. One that asks for
 * none is not taken at its word: trying again at once, for as long as it fails, would be a storm.
 */
export function retryDelayMs(attempt: number, chance: number, retryAfterMs?: number): number {
  if (retryAfterMs !== undefined) {
    return Math.ceil(Math.max(retryAfterMs, FIRST_DELAY_MS / 2) + chance * FIRST_DELAY_MS);
  }
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10));
  return Math.ceil(ceiling / 2 + (chance * ceiling) / 2);
}
