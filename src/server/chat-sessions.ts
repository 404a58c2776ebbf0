// Owns the customer's session in one conversation: a sealed cookie that names it and the device. It reads nothing else, and which device
// has the conversation is asked of the conversation itself at every step.

import type { IncomingMessage } from 'node:http';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { parse } from 'hono/utils/cookie';
import type { ExternalId, Instant, InteractionId } from '../ids.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { isSecure } from './request-site.ts';
import { SessionSeal } from './session-seal.ts';

/** As long as what is said is kept at the least: a customer comes back within the day. */
const LIFE_MS = 24 * 60 * 60_000;
const COOKIE = 'throughline-chat';
/** Behind TLS under a name that no neighbouring host can set (RFC 6265bis §4.1.3.2). */
const SECURE_COOKIE = `__Host-${COOKIE}`;

const sealedSession = z.object({
  interactionId: z.string(),
  externalId: z.string(),
  device: z.string(),
  expiresAt: z.number(),
});

export type ChatSession = {
  readonly interactionId: InteractionId;
  readonly externalId: ExternalId;
  /** As the conversation knows it: a keyed hash. */
  readonly device: string;
  readonly expiresAt: Instant;
};

type Parts = Pick<ServerParts, 'clock' | 'sessionSecret' | 'behindProxy'>;

export class ChatSessions {
  readonly #seal: SessionSeal;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#seal = new SessionSeal(parts.sessionSecret, 'chat');
    this.#parts = parts;
  }

  /** Sets the cookie of a new session and answers when it ends. */
  begin(c: Context<ServerEnv>, session: Omit<ChatSession, 'expiresAt'>): Instant {
    const expiresAt = this.#parts.clock.now() + LIFE_MS;
    const sealed = this.#seal.seal({ ...session, expiresAt });
    setCookie(c, this.#name(c), sealed, { ...this.#attributes(c), maxAge: LIFE_MS / 1_000 });
    return expiresAt;
  }

  of(c: Context<ServerEnv>): ChatSession | undefined {
    return this.#open(getCookie(c, this.#name(c)));
  }

  /** The session of a request that has not become anything of the framework's. */
  in(request: IncomingMessage): ChatSession | undefined {
    const cookies = parse(request.headers.cookie ?? '');
    return this.#open(cookies[SECURE_COOKIE] ?? cookies[COOKIE]);
  }

  end(c: Context<ServerEnv>): void {
    deleteCookie(c, this.#name(c), this.#attributes(c));
  }

  #open(text: string | undefined): ChatSession | undefined {
    const read = sealedSession.safeParse(this.#seal.open(text ?? ''));
    if (!read.success || read.data.expiresAt <= this.#parts.clock.now()) return undefined;
    return read.data as ChatSession;
  }

  #name(c: Context<ServerEnv>): string {
    return isSecure(c, this.#parts) ? SECURE_COOKIE : COOKIE;
  }

  #attributes(c: Context<ServerEnv>) {
    return { path: '/', httpOnly: true, sameSite: 'Strict', secure: isSecure(c, this.#parts) } as const;
  }
}
