// Owns the card's sessions: a sealed cookie for one agent in one conversation of one platform. An agent's desktop shows several
// cards at once, each in a frame of its own, so every conversation has a cookie of its own.

import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { ExternalId, Instant, PlatformName } from '../ids.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { isSecure } from './request-site.ts';
import { type AskedCard, cardOf } from './served-cards.ts';
import { SessionSeal } from './session-seal.ts';

/** The vendor does not tell when a person's token ends, so a session is shorter than most conversations are long. */
const LIFE_MS = 30 * 60_000;
const COOKIE = 'throughline-card';

const sealedSession = z.object({
  platform: z.string(),
  conversationId: z.string(),
  agentId: z.string(),
  expiresAt: z.number(),
});

/** One conversation of a platform. */
type CardConversation = { readonly platform: string; readonly conversationId: string };

export type CardSession = {
  readonly platform: PlatformName;
  readonly conversationId: ExternalId;
  readonly agentId: string;
  readonly expiresAt: Instant;
};

type Parts = Pick<ServerParts, 'clock' | 'sessionSecret' | 'behindProxy' | 'platforms'>;

export class CardSessions {
  readonly #seal: SessionSeal;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#seal = new SessionSeal(parts.sessionSecret, 'card');
    this.#parts = parts;
  }

  /** Sets the cookie of a new session and answers when it ends. */
  begin(c: Context<ServerEnv>, who: CardConversation & { readonly agentId: string }): Instant {
    const { platform, conversationId, agentId } = who;
    const expiresAt = this.#parts.clock.now() + LIFE_MS;
    const sealed = this.#seal.seal({ platform, conversationId, agentId, expiresAt });
    setCookie(c, `${this.#prefix(c)}${suffix(who)}`, sealed, this.#attributes(c));
    return expiresAt;
  }

  /**
   * The session for this conversation, of whichever platform where none is named. Without it `card-reference-needed`, or where agents sign in
   * `not-your-conversation` beside a session for another one and `no-session` without any.
   */
  for(c: Context<ServerEnv>, { platform, conversationId }: AskedCard): CardSession {
    const live = this.all(c);
    const here = live.filter((one) => one.conversationId === conversationId);
    const session = here.find((one) => platform === undefined || one.platform === platform);
    if (session) return session;
    if (cardOf(this.#parts, { platform }).card.kind === 'reference') throw new Problem('card-reference-needed');
    throw new Problem(live.length > 0 ? 'not-your-conversation' : 'no-session');
  }

  /** Every live session that came with the call; one of a platform that has no card any more is over. */
  all(c: Context<ServerEnv>): readonly CardSession[] {
    const prefix = this.#prefix(c);
    const now = this.#parts.clock.now();
    return Object.entries(getCookie(c)).flatMap(([name, text]) => {
      if (!name.startsWith(prefix)) return [];
      const read = sealedSession.safeParse(this.#seal.open(text));
      if (!read.success || read.data.expiresAt <= now) return [];
      const served = this.#parts.platforms.some((one) => one.name === read.data.platform && one.card);
      return served ? [read.data as CardSession] : [];
    });
  }

  #prefix(c: Context<ServerEnv>): string {
    return isSecure(c, this.#parts) ? `__Host-${COOKIE}-` : `${COOKIE}-`;
  }

  /** In a vendor's frame the cookie is a third party's: it must say so, and is kept apart for that desktop (CHIPS). */
  #attributes(c: Context<ServerEnv>) {
    const common = { path: '/', httpOnly: true, maxAge: LIFE_MS / 1_000 } as const;
    if (!isSecure(c, this.#parts)) return { ...common, sameSite: 'Lax' } as const;
    return { ...common, sameSite: 'None', secure: true, partitioned: true } as const;
  }
}

/** No conversation's id is in a cookie's name: one that is a phone number would be readable there. */
function suffix({ platform, conversationId }: CardConversation): string {
  return createHash('sha256').update(`${platform}\0${conversationId}`).digest('hex').slice(0, 16);
}
