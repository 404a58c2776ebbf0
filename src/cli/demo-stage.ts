// Owns what the demonstration's journeys stand on: the service, the vendors' twins, the pace, and how a journey that fails says so.

import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailure } from './command-failure.ts';
import type { HandoffAnswer, ServiceClient } from './service-client.ts';
import type { TwinClient } from './twin-client.ts';

export type DemoPace = { readonly everyMs: number; readonly hangUpAfterMs: number; readonly answerAfterMs: number };

export type Stage = {
  readonly service: ServiceClient;
  readonly genesys: TwinClient;
  readonly cxone: TwinClient;
  /** Customers' telephones. */
  readonly phones: TwinClient;
  readonly pace: DemoPace;
  /** Ends the demonstration; what is under way is left as it is. */
  readonly signal: AbortSignal;
  /** Takes one readable line. */
  readonly log: (line: string) => void;
};

/** How long a request waits for its handoff to settle. */
export const WAIT_SEC = 10;
const LOOK_EVERY_MS = 300;
const PATIENCE_MS = 15_000;

/** Says what went wrong and goes on; says nothing once it is over. */
export async function attempt({ signal, log }: Pick<Stage, 'signal' | 'log'>, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof CommandFailure)) throw error;
    log(error.message);
  }
}

/** Until the time is over or the signal comes. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** Looks until it is there; throws CommandFailure when it does not come, or the demonstration is over. */
export async function until<Value>(
  { signal }: Pick<Stage, 'signal'>,
  what: string,
  look: () => Promise<Value | undefined>,
): Promise<Value> {
  for (let waited = 0; waited < PATIENCE_MS && !signal.aborted; waited += LOOK_EVERY_MS) {
    const value = await look();
    if (value !== undefined) return value;
    await rest(LOOK_EVERY_MS, signal);
  }
  throw new CommandFailure(`${what} did not come.`);
}

/** Why a handoff came to nothing, in the words of the field; null when it was completed. */
export function troubleWords({ outcome, reason }: HandoffAnswer, where: string): string | null {
  const why = reason ? ` (${reason})` : '';
  switch (outcome) {
    case 'completed':
      return null;
    case null:
      return `is still on the way to ${where}`;
    case 'dead_lettered':
      return `may or may not be in ${where}: somebody has to look${why}`;
    default:
      return `is not handed over to ${where}: ${outcome}${why}`;
  }
}

export function tookWords(totalMs: number | undefined): string {
  return totalMs === undefined ? '' : ` in ${Math.round(totalMs)} ms`;
}
