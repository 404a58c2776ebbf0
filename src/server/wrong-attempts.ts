// Owns how often one address may be wrong before it has to wait: twenty times in a sliding minute, counted by this node. Only
// what was wrong counts, so that a whole floor of people behind one address can sign in at once.

import type { Clock } from '../clock.ts';
import { Problem, type ProblemCode } from './problems.ts';

const WINDOW_MS = 60_000;
const MOST_IN_WINDOW = 20;
/** Addresses remembered at most; who changes them faster than this is not stopped by counting. */
const MOST_ADDRESSES = 10_000;

type WrongOptions = {
  /** The problem that an address is told when it has to wait. */
  readonly code?: Extract<ProblemCode, `too-many-${string}`>;
  /** Told once each time that an address has to wait from now on. */
  readonly onShut?: () => void;
};

export class WrongAttempts {
  readonly #clock: Clock;
  readonly #code: ProblemCode;
  readonly #onShut: (() => void) | undefined;
  readonly #byAddress = new Map<string, readonly number[]>();

  constructor(clock: Clock, { code = 'too-many-attempts', onShut }: WrongOptions = {}) {
    this.#clock = clock;
    this.#code = code;
    this.#onShut = onShut;
  }

  /** Throws its problem where the address has to wait, whatever it brings this time. */
  mayTry(address: string): void {
    const recent = this.#recent(address);
    const freeAt = (recent.at(-MOST_IN_WINDOW) ?? Number.NEGATIVE_INFINITY) + WINDOW_MS;
    const waitMs = freeAt - this.#clock.monotonic();
    if (waitMs > 0) throw new Problem(this.#code, { retryAfterSec: Math.ceil(waitMs / 1_000) });
  }

  note(address: string): void {
    const before = this.#recent(address);
    const recent = [...before, this.#clock.monotonic()];
    this.#byAddress.delete(address);
    this.#byAddress.set(address, recent);
    if (before.length === MOST_IN_WINDOW - 1) this.#onShut?.();
    if (this.#byAddress.size <= MOST_ADDRESSES) return;
    const [oldest] = this.#byAddress.keys();
    if (oldest !== undefined) this.#byAddress.delete(oldest);
  }

  #recent(address: string): readonly number[] {
    const since = this.#clock.monotonic() - WINDOW_MS;
    return (this.#byAddress.get(address) ?? []).filter((at) => at > since).slice(-MOST_IN_WINDOW);
  }
}
