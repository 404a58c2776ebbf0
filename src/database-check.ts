// Owns what must be true of a database that others share before this process may be given work: it answers, and its clock and ours
// agree. Leases and deadlines are compared between machines, so a node whose clock is off would take what is not its to take.

import type { Clock } from './clock.ts';
import type { Instant } from './ids.ts';
import { CLOCK_OFF_MS } from './protocols/clocks.ts';

export type DatabaseCheck = {
  /** Sentences; none when all is well. */
  readonly reasons: () => readonly string[];
  /** Resolves after the first look. */
  readonly looked: Promise<void>;
};

const LOOK_EVERY_MS = 2_000;
const PATIENCE_MS = 1_500;

const NOT_YET: readonly string[] = ['waiting for the database to answer'];
const UNREACHABLE: readonly string[] = ['the database does not answer'];

/** Looks now and every so often until `signal` aborts. `now` is the database's clock. */
export function databaseCheck(
  now: () => Promise<Instant>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): DatabaseCheck {
  let reasons = NOT_YET;

  async function look(): Promise<void> {
    const [here, began] = [clock.now(), clock.monotonic()];
    const over = new AbortController();
    const there = await Promise.race([now().catch(() => null), clock.sleep(PATIENCE_MS, over.signal).then(() => null)]);
    over.abort('over');
    const tookMs = clock.monotonic() - began;
    reasons = there === null ? UNREACHABLE : offsetReasons(there - (here + tookMs / 2), tookMs / 2);
  }

  const looked = look();
  void (async () => {
    await looked;
    while (!signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, signal);
      if (!signal.aborted) await look();
    }
  })();
  return { reasons: () => reasons, looked };
}

/** `byMs`: how far the answer's own time leaves it open. */
function offsetReasons(offsetMs: number, byMs: number): readonly string[] {
  if (Math.abs(offsetMs) - byMs <= CLOCK_OFF_MS) return [];
  const seconds = (Math.abs(offsetMs) / 1_000).toFixed(1);
  const which = offsetMs > 0 ? 'behind' : 'ahead of';
  return [`this machine’s clock is ${seconds} s ${which} the database’s; at most 1 s is allowed (check NTP)`];
}
