// Owns the breaker: after so many failures in a row nothing is sent for a while that grows, then one goes ahead to see, and the others
// follow when it was served. So an outage costs nobody a wait and the far side no storm. Nothing was sent where it refuses (H5).

import type { Clock } from '../clock.ts';
import type { Failure, Outcome } from '../outcome.ts';
import { backoffMs } from './retry-timing.ts';

/** `half-open`: the pause is over, and nothing has been served since. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** The right to send one request. It is given back by exactly one of the three; what comes after the first does nothing. */
export type Passage = {
  /** The far side answered as somebody who works, whatever it said. */
  served(): void;
  /** It is down, or does not answer. */
  failed(why: string): void;
  /** Nothing was sent, or nothing can be concluded. */
  unused(): void;
};

export type Breaker = {
  /** Passage, or at once `circuit-open` with the time after which one is likely. */
  enter(): Outcome<Passage>;
  /** Why nothing may be sent now: `circuit-open`, or the refusal for which it was opened. */
  trouble(): Failure | undefined;
  state(): BreakerState;
  /** For who needs no passage, because only one can be under way: a failure, and what the far side asked for. */
  failed(why: string, atLeastMs?: number): void;
  served(): void;
  /** Opens whatever was counted. */
  open(pause: BreakerPause): void;
  /** How long it stays open, and why. */
  pause(): BreakerPause | undefined;
  /** Failures since the last that was none. */
  failures(): number;
  /** Goes on from what others have counted. */
  resume(failures: number): void;
  /** How often it has opened. */
  openings(): number;
};

/** `refusal` is said to callers instead of `circuit-open`. */
export type BreakerPause = { readonly forMs: number; readonly why: string; readonly refusal?: Failure | undefined };

export type BreakerOptions = {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** The failure in a row that opens it. */
  readonly opensAt: number;
};

const PAUSE = { baseMs: 1_000, capMs: 30_000 };
/** How soon those come back who were not the one that goes ahead. */
const AFTER_PROBE_MS = 1_000;

export function breaker({ clock, random, opensAt }: BreakerOptions): Breaker {
  let failures = 0;
  let openings = 0;
  let probing = false;
  let until = Number.NEGATIVE_INFINITY;
  let reason: Omit<BreakerPause, 'forMs'> | undefined;

  const left = () => Math.max(0, until - clock.monotonic());
  const state = (): BreakerState => (reason === undefined ? 'closed' : left() > 0 ? 'open' : 'half-open');

  const open = ({ forMs, ...why }: BreakerPause) => {
    openings += 1;
    until = clock.monotonic() + forMs;
    reason = why;
  };
  const served = () => {
    failures = 0;
    reason = undefined;
  };
  const failed = (why: string, atLeastMs = 0) => {
    failures += 1;
    if (failures >= opensAt) open({ forMs: Math.max(atLeastMs, growingMs(failures - opensAt + 1, random())), why });
  };
  const refusal = (why: string | undefined, forMs: number): Failure => ({
    kind: 'transient',
    code: 'circuit-open',
    retryAfterMs: Math.ceil(forMs),
    ...(why === undefined ? {} : { detail: why }),
  });

  /** What was under way when it opened says nothing new when it fails, too. */
  const passage = (isProbe: boolean): Passage => {
    let over = false;
    const giveBack = (how: () => void) => {
      if (over) return;
      over = true;
      if (isProbe) probing = false;
      how();
    };
    return {
      served: () => giveBack(served),
      failed: (why) => giveBack(() => (isProbe || state() === 'closed') && failed(why)),
      unused: () => giveBack(() => {}),
    };
  };

  return {
    enter() {
      const now = state();
      if (now === 'open') return reason?.refusal ?? refusal(reason?.why, left());
      if (now === 'closed') return { kind: 'done', value: passage(false) };
      if (probing) return refusal(reason?.why, AFTER_PROBE_MS);
      probing = true;
      return { kind: 'done', value: passage(true) };
    },
    trouble: () => (left() > 0 && reason !== undefined ? (reason.refusal ?? refusal(reason.why, left())) : undefined),
    state,
    failed,
    served,
    open,
    pause: () => (left() > 0 && reason !== undefined ? { forMs: left(), ...reason } : undefined),
    failures: () => failures,
    resume(counted) {
      failures = counted;
    },
    openings: () => openings,
  };
}

/** Half of it is sure, so that a lucky draw cannot undo the breaker. `nth` counts from 1. */
export function growingMs(nth: number, chance: number): number {
  return backoffMs(nth, 0.5 + chance / 2, PAUSE);
}
