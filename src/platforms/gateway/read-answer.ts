// Owns the step from a gateway's answer to a value of ours: a 2xx has the contract's shape or it is a failure, and of a refusal
// only the code is told on, since nobody knows what a stranger writes into a sentence.

import type { z } from 'zod';
import type { Outcome } from '../../outcome.ts';
import { type HttpAnswer, type HttpRequest, readJson, unanswered } from '../http.ts';
import { problem } from './gateway-contract.ts';

/** An answer to a write that cannot be read leaves its fate open: the write was taken (H5). */
export function readAnswer<Value>(
  schema: z.ZodType<Value>,
  method: HttpRequest['method'],
  outcome: Outcome<HttpAnswer>,
): Outcome<Value> {
  if (outcome.kind !== 'done') return outcome;
  if (outcome.value.body === undefined) return unanswered({ method }, 'connection-lost', 'the answer broke off');
  const read = schema.safeParse(readJson(outcome.value.body));
  if (read.success) return { kind: 'done', value: read.data };
  const where = read.error.issues[0]?.path.join('.') ?? '';
  return unanswered({ method }, 'unexpected-answer', `not of the contract's shape at "${where.slice(0, 80)}"`);
}

/** A write was taken; what its answer holds is not read. */
export function accepted(outcome: Outcome<unknown>): Outcome<null> {
  return outcome.kind === 'done' ? { kind: 'done', value: null } : outcome;
}

/** The problem's code, where it has one. */
export function refusalCode(answer: Pick<HttpAnswer, 'body'>): string | undefined {
  const read = problem.shape.code.safeParse(codeIn(readJson(answer.body)));
  return read.success ? read.data : undefined;
}

function codeIn(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
}
