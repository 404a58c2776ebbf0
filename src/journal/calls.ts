// Owns a command on its way: its hard time-out, the fence just before the wire, and the stop. Keeps H5: once a call has been
// given up nothing of it may start, however late its turn comes.

import type { Clock } from '../clock.ts';
import type { Command, CommandOutcome, Execute } from '../protocols/command.ts';

/** Why a call that has ended no longer needs its timer; a constant, since an error with its stack costs more than the timer. */
const OVER = 'over';

export class Calls {
  readonly #execute: Execute;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #open = new Set<AbortController>();
  #stopped = false;

  constructor(execute: Execute, clock: Clock, leaseMs: number) {
    this.#execute = execute;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  /**
   * Performs a command under a lease that was taken at `leasedAt` (monotonic ms). Answers after `command.timeoutMs` at the
   * latest: a call without an answer by then may have been taken. Rejects only when `execute` does, which is a bug.
   */
  async perform(command: Command, leasedAt: number): Promise<CommandOutcome> {
    // Whatever is sent has ended, one way or the other, before the lease has.
    const lastStartAt = leasedAt + this.#leaseMs - command.timeoutMs;
    const call = new AbortController();
    const over = new AbortController();
    const mayStart = () => !this.#stopped && !call.signal.aborted && this.#clock.monotonic() < lastStartAt;
    const timeout = this.#clock.sleep(command.timeoutMs, over.signal).then((): CommandOutcome => {
      if (!over.signal.aborted) call.abort();
      return { kind: 'ambiguous', code: 'timed-out' };
    });
    this.#open.add(call);
    try {
      return await Promise.race([this.#execute(command, { signal: call.signal, mayStart }), timeout]);
    } finally {
      this.#open.delete(call);
      over.abort(OVER);
    }
  }

  /** From now on nothing is written to a wire; what was written before goes on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Breaks off what is under way. */
  abort(): void {
    for (const call of this.#open) call.abort();
  }
}
