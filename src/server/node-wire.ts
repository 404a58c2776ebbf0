// Owns the short way to what Node's HTTP server has read already and has yet to write. Building the standard `Headers` of a
// request or an answer costs a hook as much as verifying it; where there is no such server (in tests) the standard way is taken.

import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** Names in lower case. */
export type HeaderReader = { get(name: string): string | null | undefined };

export function headersOf({ env, req }: Context): HeaderReader {
  const { incoming } = bindings(env);
  if (!incoming) return req.raw.headers;
  return {
    get(name) {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
  };
}

/** Sets a header that the answer may still say otherwise. */
export function presetHeader(c: Context, name: string, value: string): void {
  const { outgoing } = bindings(c.env);
  if (outgoing) outgoing.setHeader(name, value);
  else c.header(name, value);
}

function bindings(env: unknown): Partial<HttpBindings> {
  return (env ?? {}) as Partial<HttpBindings>;
}
