// Owns a command on its way: its hard time-out, the fence just before the wire, and the stop. Keeps H5: once a call has been
// given up, or is wanted no more, nothing of it may start, however late its turn comes.

import type { Clock } from '../clock.ts';
import type { Command, CommandOutcome, Execute } from '../protocols/command.ts';
import { TimeLimits } from './time-limits.ts';

export class Calls {
  readonly #execute: Execute;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #limits: TimeLimits;
  readonly #open = new Set<Call>();
  #stopped = false;

  constructor(execute: Execute, clock: Clock, leaseMs: number) {
    this.#execute = execute;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#limits = new TimeLimits(clock);
  }

  /**
   * Performs a command under a lease that was taken at `leasedAt` (monotonic ms). Answers after `command.timeoutMs` at the
   * latest, or sooner where the lease is shorter: a call without an answer by then may have been taken. Nothing starts that `isWanted` no more. Rejects only when
   * `execute` does, which is a bug.
   */
  perform(command: Command, leasedAt: number, isWanted: () => boolean): Promise<CommandOutcome> {
    const { notAfter = Number.POSITIVE_INFINITY } = command;
    // Chores know nothing of the lease: what could never end within it would never begin.
    const timeoutMs = command.timeoutMs < this.#leaseMs ? command.timeoutMs : this.#leaseMs / 2;
    // Whatever is sent has ended, one way or the other, before the lease has.
    const lastStartAt = leasedAt + this.#leaseMs - timeoutMs;
    const call = new Call();
    const isInTime = () => this.#clock.monotonic() < lastStartAt && this.#clock.now() <= notAfter;
    const mayStart = () => !this.#stopped && !call.aborted && isInTime() && isWanted();
    return new Promise((answer, fail) => {
      const limit = this.#limits.set(timeoutMs, () => {
        call.abort();
        end();
        answer({ kind: 'ambiguous', code: 'timed-out' });
      });
      const end = () => {
        this.#open.delete(call);
        this.#limits.lift(timeoutMs, limit);
      };
      this.#open.add(call);
      const given = {
        mayStart,
        // Made when it is asked for: most of what a signal costs is its making.
        get signal() {
          return call.signal;
        },
      };
      this.#execute(command, given).then(
        (outcome) => {
          end();
          answer(outcome);
        },
        (error) => {
          end();
          fail(error);
        },
      );
    });
  }

  /** From now on nothing is written to a wire; what was written before goes on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Breaks off what is under way. */
  abort(): void {
    for (const call of this.#open) call.abort();
  }

  /** Lets go of the timer. For when nothing is under way any more. */
  close(): void {
    this.#limits.stop();
  }
}

class Call {
  aborted = false;
  #signal: AbortController | null = null;

  get signal(): AbortSignal {
    if (!this.#signal) {
      this.#signal = new AbortController();
      if (this.aborted) this.#signal.abort();
    }
    return this.#signal.signal;
  }

  abort(): void {
    this.aborted = true;
    this.#signal?.abort();
  }
}
