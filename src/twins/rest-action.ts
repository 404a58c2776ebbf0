// Owns the REST call that a vendor's flow or script makes in the middle of a call (Genesys Data Action, CXone REST API action):
// flat JSON out, flat JSON back, a limit of time, and never an exception: a flow branches on what came back.

import type { Clock } from '../clock.ts';
import { isRecord } from './exchange.ts';

export type RestTarget = { readonly url: string; readonly headers?: Readonly<Record<string, string>> | undefined };

export type RestAction = RestTarget & {
  readonly body: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** What is longer fails (CXone: 32 KB strict). */
  readonly largestReplyBytes?: number;
};

/** The reply's primitive fields as text; nested ones do not reach a flow. */
export type RestReply =
  | { readonly kind: 'reply'; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'failed'; readonly why: 'timeout' | 'unreachable' | 'status' | 'too-large' | 'not-an-object' };

export type CallRest = (action: RestAction) => Promise<RestReply>;

export function restCaller(fetch: typeof globalThis.fetch, clock: Clock): CallRest {
  return async ({ url, headers, body, timeoutMs, largestReplyBytes = Number.POSITIVE_INFINITY }) => {
    const limit = new AbortController();
    const done = new AbortController();
    void clock.sleep(timeoutMs, done.signal).then(() => {
      if (!done.signal.aborted) limit.abort();
    });
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        signal: limit.signal,
      });
      const text = await response.text();
      if (!response.ok) return { kind: 'failed', why: 'status' };
      if (Buffer.byteLength(text) > largestReplyBytes) return { kind: 'failed', why: 'too-large' };
      return readReply(text);
    } catch {
      return { kind: 'failed', why: limit.signal.aborted ? 'timeout' : 'unreachable' };
    } finally {
      done.abort();
    }
  };
}

function readReply(text: string): RestReply {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { kind: 'failed', why: 'not-an-object' };
  }
  if (!isRecord(parsed)) return { kind: 'failed', why: 'not-an-object' };
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      fields[name] = String(value);
  }
  return { kind: 'reply', fields };
}
