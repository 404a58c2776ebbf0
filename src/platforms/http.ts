// Owns one exchange with a vendor over an injected `fetch`: the fence just before the wire, the hard time-out, the size bound,
// and the difference between "never sent" and "sent, fate unknown" (H5). What a status means is `http-failure.ts`'s.

import type { Clock } from '../clock.ts';
import type { Failure, FailureCode } from '../outcome.ts';
import { tlsCode } from './not-secured.ts';
import type { Call } from './platform.ts';

/** The part of the global `fetch` that is used, so that a test or a simulation can give its own. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type HttpAnswer = {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Headers;
  /** Undefined when it broke off, took too long or was larger than the bound: the status still stands. */
  readonly body: string | undefined;
};

export type HttpLimits = { readonly timeoutMs: number; readonly maxBytes: number };

/**
 * Codes of Node and undici that can only come before a connection exists. Any other, EHOSTUNREACH and ENETUNREACH among them,
 * may also end an established one, after a write was sent.
 */
const NEVER_CONNECTED: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Sends one request, never twice and never along a redirect. Returns the answer, whatever its status, or the failure: a
 * request that was provably not sent is `transient`, and so is a GET whatever became of it (it takes nothing); any other is
 * `ambiguous`. Times are in milliseconds.
 */
export async function exchange(
  request: HttpRequest,
  call: Pick<Call, 'signal' | 'mayStart'>,
  wire: { readonly fetch: Fetch; readonly clock: Clock } & HttpLimits,
): Promise<HttpAnswer | Failure> {
  if (call.signal.aborted || !call.mayStart()) return { kind: 'transient', code: 'not-sent' };
  const timer = new AbortController();
  const limit = new AbortController();
  void wire.clock.sleep(wire.timeoutMs, timer.signal).then(() => {
    if (!timer.signal.aborted) limit.abort();
  });
  const signal = AbortSignal.any([call.signal, limit.signal]);
  try {
    const response = await wire.fetch(request.url, {
      method: request.method,
      headers: request.headers,
      redirect: 'manual',
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const body = await readText(response, wire.maxBytes);
    return { kind: 'answer', status: response.status, headers: response.headers, body };
  } catch (error) {
    if (signal.aborted) return unanswered(request, 'timed-out');
    const tls = tlsCode(error);
    return unanswered(request, neverConnected(error) ? 'unreachable' : 'connection-lost', tls && `TLS: ${tls}`);
  } finally {
    timer.abort();
  }
}

/** The failure of a request that was sent and brought nothing usable back: a read took nothing, a write may have. */
export function unanswered(request: Pick<HttpRequest, 'method'>, code: FailureCode, detail?: string): Failure {
  const kind = code === 'unreachable' || request.method === 'GET' ? 'transient' : 'ambiguous';
  return { kind, code, ...(detail === undefined ? {} : { detail }) };
}

/** The body as JSON, or undefined when there is none or it is not JSON. Never throws. */
export function readJson(body: string | undefined): unknown {
  if (body === undefined || body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  try {
    for await (const chunk of response.body) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) return undefined;
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch {
    return undefined;
  }
}

/**
 * Whether an error proves that no connection was made. `fetch` wraps the socket's error in a cause, and a host with several
 * addresses wraps one error for each of them: all of those must prove it.
 */
function neverConnected(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(neverConnected);
  if ('code' in error && NEVER_CONNECTED.has(error.code)) return true;
  if ('syscall' in error) return error.syscall === 'connect';
  return 'cause' in error && neverConnected(error.cause);
}
