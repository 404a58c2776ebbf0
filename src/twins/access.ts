// Owns who may call a twin: opaque tokens, of an application's own or a person's, and their expiry, and the quota per token in
// fixed windows of a minute. What an application and a person are is the vendor's.

import type { Clock } from '../clock.ts';
import { drawUuid } from './seeded-random.ts';

const WINDOW_MS = 60_000;

export type Quota = {
  readonly count: number;
  readonly allowed: number;
  /** Seconds until the window ends. */
  readonly resetSec: number;
  readonly exceeded: boolean;
};

export type Session<Client, User> = {
  readonly client: Client;
  /** Who signed in; absent where the application speaks for itself. */
  readonly user?: User | undefined;
  readonly expiresAt: number;
  window: { startedAt: number; count: number };
};

export type Access<Client, User> = {
  issue(client: Client, user?: User): { readonly token: string; readonly expiresInSec: number };
  /** Undefined when the token is unknown, expired or revoked. */
  session(token: string): Session<Client, User> | undefined;
  revoke(token: string): void;
  /** Counts one request against the session's window. */
  spend(session: Session<Client, User>): Quota;
  clearQuotas(): void;
};

export type AccessSettings = { readonly tokenTtlSec: number; readonly rateLimitPerMinute: number };

export function createAccess<Client, User>(
  clock: Clock,
  random: () => number,
  settings: () => AccessSettings,
): Access<Client, User> {
  const sessions = new Map<string, Session<Client, User>>();
  return {
    issue(client, user) {
      const expiresInSec = settings().tokenTtlSec;
      const token = `${drawUuid(random)}${drawUuid(random)}`.replaceAll('-', '');
      const now = clock.now();
      sessions.set(token, {
        client,
        user,
        expiresAt: now + expiresInSec * 1_000,
        window: { startedAt: now, count: 0 },
      });
      return { token, expiresInSec };
    },
    session(token) {
      const found = sessions.get(token);
      if (found === undefined || found.expiresAt > clock.now()) return found;
      sessions.delete(token);
      return undefined;
    },
    revoke: (token) => void sessions.delete(token),
    spend(session) {
      const now = clock.now();
      if (now - session.window.startedAt >= WINDOW_MS) session.window = { startedAt: now, count: 0 };
      session.window.count += 1;
      const allowed = settings().rateLimitPerMinute;
      const resetSec = Math.max(1, Math.ceil((session.window.startedAt + WINDOW_MS - now) / 1_000));
      return { count: session.window.count, allowed, resetSec, exceeded: session.window.count > allowed };
    },
    clearQuotas() {
      for (const session of sessions.values()) session.window = { startedAt: clock.now(), count: 0 };
    },
  };
}
