// Owns how long a flow is kept waiting: flow builders give up after 3 s, and the rest is for the way there and back.

import type { Clock } from '../clock.ts';

const PATIENCE_MS = 2_500;

/** The answer, or `late` where it is not known in time. What it does goes on all the same: the flow asks again. */
export async function inTime<Answer>(clock: Clock, answer: Promise<Answer>, late: Answer): Promise<Answer> {
  const answered = new AbortController();
  const over = clock.sleep(PATIENCE_MS, answered.signal).then(() => late);
  try {
    return await Promise.race([answer, over]);
  } finally {
    answered.abort();
  }
}
