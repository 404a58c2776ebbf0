// Owns one request of the conformance suite on the wire: sent once, never along a redirect, and waited for as long as Throughline waits.

import { fromJson } from './command-failure.ts';

/** Nobody answers at all. */
export class NoAnswer extends Error {}

export type Asking = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  readonly key?: string;
  /** Instead of the right one; null sends none. */
  readonly token?: string | null;
};

export type Answer = {
  readonly status: number;
  readonly type: string;
  readonly json: unknown;
  /** For people, cut. */
  readonly told: string;
  /** From a `Retry-After`, in either of its forms (RFC 9110 §10.2.3); undefined where there is none that can be read. */
  readonly retryAfterMs: number | undefined;
};

/** As long as the adapter waits (gateway-platform.ts): whoever answers later is one whose answers are lost. */
const TIMEOUT_MS = 8_000;
export const SHOWN = 400;

export async function sendOnce(to: { readonly url: string; readonly token: string }, asking: Asking): Promise<Answer> {
  const { method, path, body, key, token = to.token } = asking;
  const text = asking.text ?? (body === undefined ? undefined : JSON.stringify(body));
  try {
    const response = await fetch(`${to.url}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        accept: 'application/json',
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(text !== undefined && { body: text }),
    });
    const came = await response.text();
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      json: fromJson(came),
      told: `${response.status} ${came}`.slice(0, SHOWN),
      retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
    };
  } catch (cause) {
    throw new NoAnswer(`${method} ${path}: no answer (${cause instanceof Error ? cause.message : String(cause)})`, {
      cause,
    });
  }
}

function retryAfterMs(header: string | null): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const at = / GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** The request in one line. */
export function sentence({ method, path, body, text, key, token }: Asking): string {
  const parts = [
    `${method} ${path}`,
    ...(token === undefined ? [] : [token === null ? 'without a token' : 'with a wrong token']),
    ...(key === undefined ? [] : [`Idempotency-Key: ${key}`]),
    ...(text !== undefined || body !== undefined ? [text ?? JSON.stringify(body)] : []),
  ];
  return parts.join(' ').slice(0, SHOWN);
}
