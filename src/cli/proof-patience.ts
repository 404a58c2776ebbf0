// Owns the patience of a caller with a service that may be killed at any moment: what broke off is asked again, as often as it takes.

import { setTimeout as sleep } from 'node:timers/promises';
import { Refused, Unreachable } from './command-failure.ts';

const LOOK_AGAIN_MS = 250;

/** `signal` ends it with whatever else is under way. */
export type Patience = { readonly signal: AbortSignal; readonly giveUpAfterMs: number };

/** Tries again while nobody answers: a caller whose request broke off cannot know, and asks again under the same key. */
export async function patiently<Answer>(
  act: () => Promise<Answer>,
  { signal, giveUpAfterMs }: Patience,
): Promise<Answer> {
  const until = performance.now() + giveUpAfterMs;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Unreachable) || performance.now() > until) throw error;
      await sleep(LOOK_AGAIN_MS, undefined, { signal });
    }
  }
}

/** Undefined for what is refused with this status. */
export async function unless<Answer>(status: number, act: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Refused && error.status === status) return undefined;
    throw error;
  }
}
