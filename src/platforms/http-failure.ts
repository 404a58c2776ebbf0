// Owns what a vendor's status means for us: which of the four outcome classes it is (H5). Pure. The credential answers a 401
// with one fresh token first.

import type { Instant } from '../ids.ts';
import type { Failure, FailureCode } from '../outcome.ts';
import { type HttpAnswer, type HttpRequest, unanswered } from './http.ts';
import { toldDelayMs } from './retry-timing.ts';

const REFUSALS: Readonly<Record<number, FailureCode>> = {
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
};

/**
 * The failure an answer stands for, or undefined for a 2xx.
 *
 * 401 and 429 are said by the vendor's gate, before the operation: transient. A 503 is transient for a GET only, because nothing
 * proves that a write met the gate and not the operation behind it; every other 5xx (504 of Genesys included) and every
 * redirect leaves a write's fate unknown. Other 4xx are refusals: sending again cannot help, except 408 and 425, which are
 * said before the request is processed (RFC 9110 §15.5.9, RFC 8470 §5.2).
 */
export function httpFailure(
  request: Pick<HttpRequest, 'method'>,
  answer: HttpAnswer,
  now: Instant,
  detail?: string,
): Failure | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  const said = detail === undefined ? {} : { detail };
  const told = toldDelayMs(answer, now);
  const timing = told === undefined ? {} : { retryAfterMs: told };
  if (status === 401) return { kind: 'transient', code: 'unauthorized', ...timing, ...said };
  if (status === 429) return { kind: 'transient', code: 'rate-limited', ...timing, ...said };
  if (status === 408 || status === 425) return { kind: 'transient', code: 'unavailable', ...timing, ...said };
  if (status === 503 && request.method === 'GET') return { kind: 'transient', code: 'unavailable', ...timing, ...said };
  if (status >= 400 && status < 500) return { kind: 'rejected', code: REFUSALS[status] ?? 'bad-request', ...said };
  return unanswered(request, status >= 500 ? 'vendor-error' : 'unexpected-answer', detail);
}
