// Owns who may call: bearer keys with scopes, known by their digests only and compared in constant time.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import type { ApiKey, Caller, Scope, ServerEnv } from './parts.ts';
import { Problem } from './problems.ts';

/** Puts the caller in the context, or answers 401. `keys` with a digest that is not SHA-256 in hexadecimal throw at once. */
export function authenticated(keys: readonly ApiKey[]): MiddlewareHandler<ServerEnv> {
  const known = keys.map(({ name, sha256, scopes }) => ({ digest: digestIn(name, sha256), caller: { name, scopes } }));
  return async (c, next) => {
    const offered = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const caller = offered === undefined ? undefined : callerWith(offered, known);
    if (!caller) throw new Problem('unauthorized');
    c.set('caller', caller);
    await next();
  };
}

/** Answers 403 with the scope's name unless the caller has it; `admin` has all. */
export function needs(scope: Scope): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const { scopes } = c.get('caller');
    if (!scopes.includes(scope) && !scopes.includes('admin')) throw new Problem('missing-scope', { scope });
    await next();
  };
}

/** The caller as the journal names it: the key's name, never the key. */
export function actorOf(c: Context<ServerEnv>): string {
  return `api:${c.get('caller').name}`;
}

type KnownKey = { readonly digest: Buffer; readonly caller: Caller };

/** Every key is compared, whatever the earlier ones said, so that time tells nothing. */
function callerWith(offered: string, known: readonly KnownKey[]): Caller | undefined {
  const digest = createHash('sha256').update(offered).digest();
  return known.filter((key) => timingSafeEqual(key.digest, digest)).at(0)?.caller;
}

function digestIn(name: string, sha256: string): Buffer {
  if (!/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new Error(`The key "${name}" needs its SHA-256 as 64 hexadecimal digits.`);
  }
  return Buffer.from(sha256, 'hex');
}
