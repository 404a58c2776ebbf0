// Owns one JSON request over HTTP as the command line makes it: sent once, answered or failed in words.

import { CommandFailure, fromJson, refusalOf, Unreachable } from './command-failure.ts';

export type Fetch = typeof globalThis.fetch;

export type JsonRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** Where requests go. `absent` is what to say when nobody answers there. */
export type Endpoint = { readonly baseUrl: string; readonly fetch: Fetch; readonly absent: string };

/** What a read shape does with an answer; zod's types have this form. */
export type Shape<Value> = { parse(input: unknown): Value };

/** Sends it once and reads the answer. Throws Unreachable, Refused, or a CommandFailure for an answer of another shape. */
export async function requestJson<Value>(at: Endpoint, asked: JsonRequest, shape: Shape<Value>): Promise<Value> {
  const { status, text } = await exchange(at, asked);
  const name = `${asked.method} ${asked.path}`;
  if (status < 200 || status > 299) throw refusalOf(status, text, name);
  try {
    return shape.parse(fromJson(text));
  } catch (cause) {
    throw new CommandFailure(`${name} at ${at.baseUrl} gave an answer of another shape than expected.`, { cause });
  }
}

async function exchange(at: Endpoint, asked: JsonRequest): Promise<{ readonly status: number; readonly text: string }> {
  const { method, path, body, headers, signal } = asked;
  try {
    const answer = await at.fetch(`${at.baseUrl}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Unreachable(`${at.absent} (${reasonOf(cause)})`, { cause });
  }
}

/** The system's code, such as ECONNREFUSED, which `fetch` hides in the cause. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error ? error.cause : undefined;
  if (inner instanceof Error) return 'code' in inner ? String(inner.code) : inner.message;
  return error instanceof Error ? error.message : String(error);
}
