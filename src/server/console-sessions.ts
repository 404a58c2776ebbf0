// Owns the console's sessions: a sealed cookie that names a configured key and is good for twelve hours, however it is used. What
// it may do is read off the configuration at every call, so a key that is taken out of it ends its sessions.

import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Instant } from '../ids.ts';
import type { Keys } from './keys.ts';
import type { ApiKey, Scope, ServerEnv, ServerParts } from './parts.ts';
import { isSecure, requireSameOrigin } from './request-site.ts';
import { SessionSeal } from './session-seal.ts';

/** A shift. Not prolonged by use: a cookie that was taken dies at a known time. */
const LIFE_MS = 12 * 60 * 60_000;
const COOKIE = 'throughline-console';

const sealedSession = z.object({ name: z.string(), print: z.string(), expiresAt: z.number() });

export type ConsoleSession = { readonly name: string; readonly scopes: readonly Scope[]; readonly expiresAt: Instant };

type Parts = Pick<ServerParts, 'clock' | 'sessionSecret' | 'behindProxy'>;

export class ConsoleSessions {
  readonly #seal: SessionSeal;
  readonly #parts: Parts;
  readonly #keys: Keys;

  constructor(parts: Parts, keys: Keys) {
    this.#seal = new SessionSeal(parts.sessionSecret, 'console');
    this.#parts = parts;
    this.#keys = keys;
  }

  /** Sets the cookie of a new session. */
  begin(c: Context<ServerEnv>, key: ApiKey): ConsoleSession {
    const expiresAt = this.#parts.clock.now() + LIFE_MS;
    const sealed = this.#seal.seal({ name: key.name, print: fingerprint(key), expiresAt });
    setCookie(c, this.#cookie(c), sealed, { ...this.#attributes(c), maxAge: LIFE_MS / 1_000 });
    return { name: key.name, scopes: key.scopes, expiresAt };
  }

  /** The live session that came with the call. */
  of(c: Context<ServerEnv>): ConsoleSession | undefined {
    const read = sealedSession.safeParse(this.#seal.open(getCookie(c, this.#cookie(c)) ?? ''));
    if (!read.success || read.data.expiresAt <= this.#parts.clock.now()) return undefined;
    const key = this.#keys.named(read.data.name);
    if (!key || fingerprint(key) !== read.data.print) return undefined;
    return { name: key.name, scopes: key.scopes, expiresAt: read.data.expiresAt };
  }

  end(c: Context<ServerEnv>): void {
    deleteCookie(c, this.#cookie(c), this.#attributes(c));
  }

  requireSameOrigin(c: Context<ServerEnv>): void {
    requireSameOrigin(c, this.#parts);
  }

  /** Behind TLS under a name that no neighbouring host can set (RFC 6265bis §4.1.3.2). */
  #cookie(c: Context<ServerEnv>): string {
    return isSecure(c, this.#parts) ? `__Host-${COOKIE}` : COOKIE;
  }

  #attributes(c: Context<ServerEnv>) {
    return { path: '/', httpOnly: true, sameSite: 'Strict', secure: isSecure(c, this.#parts) } as const;
  }
}

/** Tells a key from another that was given the same name later. */
function fingerprint({ sha256 }: ApiKey): string {
  return createHash('sha256').update(`console ${sha256.toLowerCase()}`).digest('base64url').slice(0, 22);
}
