// Owns who waits for a turn: in order of rank, each for a bounded time, and told at once when waiting cannot help (H6).

import type { Clock } from '../clock.ts';
import type { Failure } from '../outcome.ts';
import type { Call, CallPriority } from './platform.ts';

const RANK: Readonly<Record<CallPriority, number>> = { live: 0, reconcile: 1, report: 2 };

/** How it stands for a call: 0 when it may go; whether it may become sooner than that; and what it is told when it does not wait. */
export type Prospect = { readonly waitMs: number; readonly mayImprove: boolean; readonly toldMs: number };

export type WaitingLine<Turn> = {
  /** Waits for a turn, at most so long as the line allows. */
  wait(call: Pick<Call, 'signal' | 'priority'>): Promise<Turn | Failure>;
  /** How many are served before a call of this priority. */
  ahead(priority: CallPriority): number;
  waiting(): { readonly calls: number; readonly areAllLive: boolean };
  /** Things have changed: somebody may be served sooner. */
  wake(): void;
};

export type WaitingLineOptions<Turn> = {
  readonly clock: Clock;
  readonly maxWaitMs: number;
  readonly prospect: (priority: CallPriority) => Prospect;
  readonly grant: () => Turn;
  /** Somebody goes on waiting whose prospect may improve. */
  readonly improve: () => void;
};

type Waiter<Turn> = {
  readonly priority: CallPriority;
  readonly until: number;
  readonly signal: AbortSignal;
  readonly answer: (outcome: Turn | Failure) => void;
};

export function waitingLine<Turn>(options: WaitingLineOptions<Turn>): WaitingLine<Turn> {
  const { clock, maxWaitMs, prospect, grant, improve } = options;
  let waiting: readonly Waiter<Turn>[] = [];
  let nap = new AbortController();
  const wake = () => nap.abort();

  /** Whether it is answered now. */
  const serve = (one: Waiter<Turn>, now: number): boolean => {
    const { waitMs, mayImprove, toldMs } = prospect(one.priority);
    if (one.signal.aborted) one.answer({ kind: 'transient', code: 'not-sent' });
    else if (waitMs <= 0) one.answer(grant());
    else if (now < one.until && (mayImprove || now + waitMs <= one.until)) return false;
    else one.answer(limited(toldMs));
    return true;
  };

  const serveAll = () => {
    const now = clock.monotonic();
    const ordered = waiting.toSorted((a, b) => RANK[a.priority] - RANK[b.priority]);
    const answered = new Set(ordered.filter((one) => serve(one, now)));
    waiting = waiting.filter((one) => !answered.has(one));
    if (waiting.some(({ priority }) => prospect(priority).mayImprove)) improve();
  };

  /** Runs while somebody waits. */
  const attend = async () => {
    while (waiting.length > 0) {
      nap = new AbortController();
      const now = clock.monotonic();
      const soonest = waiting.map(({ until, priority }) => Math.min(until - now, prospect(priority).waitMs));
      await clock.sleep(Math.max(1, Math.min(...soonest)), nap.signal);
      serveAll();
    }
  };

  return {
    wait: ({ signal, priority }) =>
      new Promise((resolve) => {
        const answer = (outcome: Turn | Failure) => {
          signal.removeEventListener('abort', wake);
          resolve(outcome);
        };
        signal.addEventListener('abort', wake, { once: true });
        waiting = [...waiting, { priority, until: clock.monotonic() + maxWaitMs, signal, answer }];
        if (waiting.length === 1) void attend();
        else wake();
      }),
    ahead: (priority) => waiting.filter((one) => RANK[one.priority] <= RANK[priority]).length,
    waiting: () => ({ calls: waiting.length, areAllLive: waiting.every(({ priority }) => priority === 'live') }),
    wake,
  };
}

/** Refused for now, with the time after which a turn is likely. */
export function limited(waitMs: number): Failure {
  return { kind: 'transient', code: 'rate-limited', retryAfterMs: Math.max(1, Math.ceil(waitMs)) };
}
