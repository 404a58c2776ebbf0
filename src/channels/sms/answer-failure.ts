// Owns what a provider's HTTP status means for us where it speaks to a fixed credential: which of the four outcome classes it is
// (H5). Pure. What it means for the message is in each vendor's own table.

import type { Failure, FailureCode } from '../../outcome.ts';
import type { ChannelAnswer, ChannelRequest } from '../send-request.ts';

const REFUSALS: Readonly<Record<number, FailureCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
};
/** No provider is believed when it asks for more. */
const TOLD_CAP_MS = 120_000;

/**
 * The failure an answer stands for, or undefined for a 2xx. 429, 408 and 425 are said before the request is processed (RFC 6585
 * §4, RFC 9110 §15.5.9, RFC 8470 §5.2). A 5xx leaves a write's fate unknown: Twilio's own page on error 20500 warns that a
 * repeated POST may text the customer twice. Other 4xx are refusals: nothing was taken and sending it again cannot help.
 */
export function answerFailure(request: Pick<ChannelRequest, 'method'>, answer: ChannelAnswer): Failure | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  if (status === 429) return { kind: 'transient', code: 'rate-limited', ...toldDelay(answer) };
  if (status === 408 || status === 425) return { kind: 'transient', code: 'unavailable', ...toldDelay(answer) };
  if (status >= 400 && status < 500) return { kind: 'rejected', code: REFUSALS[status] ?? 'bad-request' };
  if (request.method === 'POST')
    return { kind: 'ambiguous', code: status >= 500 ? 'vendor-error' : 'unexpected-answer' };
  return { kind: 'transient', code: status === 503 ? 'unavailable' : 'vendor-error', ...toldDelay(answer) };
}

/** An answer that was not of the documented shape: a write may have been taken, a read took nothing. */
export function unreadableAnswer(request: Pick<ChannelRequest, 'method'>): Failure {
  return { kind: request.method === 'POST' ? 'ambiguous' : 'transient', code: 'unexpected-answer' };
}

/** The body as JSON, or undefined when there is none or it is not JSON. Never throws. */
export function jsonOf(body: string | undefined): unknown {
  if (body === undefined || body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function toldDelay(answer: ChannelAnswer): { readonly retryAfterMs?: number } {
  const told = answer.headers.get('retry-after')?.trim() ?? '';
  return /^\d{1,9}$/.test(told) ? { retryAfterMs: Math.min(Number(told) * 1_000, TOLD_CAP_MS) } : {};
}
