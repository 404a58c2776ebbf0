// Owns a shared secret in a header, compared in constant time: for vendors that sign nothing. Two are accepted at once, so that one
// can be changed without a gap. Asked before anything is parsed.

import { hash, timingSafeEqual } from 'node:crypto';

/** True when the request carries one of the secrets, in `x-throughline-secret` or as a bearer. Without secrets: never. */
export type HookVerifier = (headers: { get(name: string): string | null | undefined }) => boolean;

export function sharedSecretVerifier(secrets: readonly string[]): HookVerifier {
  const accepted = secrets.filter((secret) => secret !== '').map(digest);
  return (headers) => {
    const bearer = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1];
    const offered = [headers.get('x-throughline-secret'), bearer].filter((one) => one != null).map(digest);
    // Every pair is compared, whatever the earlier ones said.
    return offered.flatMap((one) => accepted.map((secret) => timingSafeEqual(one, secret))).includes(true);
  };
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
