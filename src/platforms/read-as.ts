// Owns the step from a vendor's 2xx to a value of ours: the body has the documented shape, or the answer is a failure.

import type { z } from 'zod';
import type { Outcome } from '../outcome.ts';
import { type HttpAnswer, readJson } from './http.ts';

/** Reads a GET's answer. A body that broke off or is not of the shape is `transient`: a read takes nothing. */
export function readAs<Value>(schema: z.ZodType<Value>, outcome: Outcome<HttpAnswer>): Outcome<Value> {
  if (outcome.kind !== 'done') return outcome;
  if (outcome.value.body === undefined)
    return { kind: 'transient', code: 'connection-lost', detail: 'the answer broke off' };
  const read = schema.safeParse(readJson(outcome.value.body));
  if (read.success) return { kind: 'done', value: read.data };
  const where = read.error.issues[0]?.path.join('.') ?? '';
  return { kind: 'transient', code: 'unexpected-answer', detail: `not of the documented shape at "${where}"` };
}
