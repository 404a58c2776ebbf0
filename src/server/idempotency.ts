// Owns what a repeated request is known by: the caller's key, and a digest of what was asked with it.

import { digestOf } from '../journal/journal.ts';

export type RequestKey = { readonly key: string; readonly digest: string };

/** `body` is parsed JSON of bounded depth. The order of its members does not make it another request. */
export function requestKey(key: string, body: unknown): RequestKey {
  return { key, digest: digestOf(canonicalJson(body)) };
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
