// Owns what a repeated request is known by: the caller's key, and a digest of what was asked with it.

import { canonicalJson } from '../context/canonical-json.ts';
import { digestOf } from '../journal/journal.ts';

export type RequestKey = { readonly key: string; readonly digest: string };

/** `body` is parsed JSON of bounded depth. The order of its members does not make it another request. */
export function requestKey(key: string, body: unknown): RequestKey {
  return { key, digest: digestOf(canonicalJson(body)) };
}
