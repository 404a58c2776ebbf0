// Owns who may call: a bearer key with scopes, or the console's session that stands for one. What a browser sends by itself is no proof of intent, so a session that changes something must
// say so in a header that no other site's page can send.

import type { Context, MiddlewareHandler } from 'hono';
import type { ConsoleSessions } from './console-sessions.ts';
import type { Keys } from './keys.ts';
import type { Caller, Scope, ServerEnv } from './parts.ts';
import { Problem } from './problems.ts';

const CONSOLE_HEADER = 'throughline-console';
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Puts the caller in the context, or answers 401. A key that comes with the call counts before any session. */
export function authenticated(keys: Keys, sessions?: ConsoleSessions): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const header = c.req.header('authorization') ?? '';
    const caller = header === '' ? callerInSession(c, sessions) : callerWithKey(header, keys);
    if (!caller) throw new Problem('unauthorized');
    c.set('caller', caller);
    await next();
  };
}

function callerWithKey(header: string, keys: Keys): Caller | undefined {
  const offered = /^Bearer +(\S+)$/i.exec(header)?.[1];
  const key = offered === undefined ? undefined : keys.offered(offered);
  return key && { name: key.name, scopes: key.scopes, by: 'api' };
}

function callerInSession(c: Context<ServerEnv>, sessions: ConsoleSessions | undefined): Caller | undefined {
  const session = sessions?.of(c);
  if (!session || !sessions) return undefined;
  if (!SAFE_METHODS.has(c.req.method)) {
    sessions.requireSameOrigin(c);
    if (c.req.header(CONSOLE_HEADER) !== '1') throw new Problem('csrf-header-missing');
  }
  return { name: session.name, scopes: session.scopes, by: 'console', until: session.expiresAt };
}

/** Answers 403 with the scope's name unless the caller has it, or another that does as well; `admin` has all. */
export function needs(scope: Scope, ...others: readonly Scope[]): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    if (![scope, ...others].some((one) => hasScope(c, one))) throw new Problem('missing-scope', { scope });
    await next();
  };
}

export function hasScope(c: Context<ServerEnv>, scope: Scope): boolean {
  const { scopes } = c.get('caller');
  return scopes.includes(scope) || scopes.includes('admin');
}

/** The caller as the journal names it: the key's name, never the key, and whether the console used it. */
export function actorOf(c: Context<ServerEnv>): string {
  const { name, by } = c.get('caller');
  return `${by}:${name}`;
}
