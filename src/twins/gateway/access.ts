// Owns who may call the gateway twin: one token that never changes, others by client credentials that expire, and a quota per token
// in fixed windows of a minute.

import type { Clock } from '../../clock.ts';
import { isRecord, type TwinRequest, type TwinResponse } from '../exchange.ts';
import { drawUuid } from '../seeded-random.ts';

export const DEMO_TOKEN = 'twin-gateway-token';
export const DEMO_CLIENT = { clientId: 'twin-client', clientSecret: 'twin-secret' } as const;
const WINDOW_MS = 60_000;

type Session = { readonly expiresAt: number; window: { startedAt: number; count: number } };

export type Access = {
  /** `ok`, or what is wrong with the call. */
  admit(
    request: TwinRequest,
  ): { readonly kind: 'ok' | 'unauthorized' } | { readonly kind: 'rate-limited'; readonly retryAfterSec: number };
  /** RFC 6749 §4.4, in its own error format (§5.2). */
  token(request: TwinRequest): TwinResponse;
  /** The token of this call serves no more; the one that never changes does. */
  revoke(request: TwinRequest): void;
  clearQuotas(): void;
};

export type AccessSettings = { readonly tokenTtlSec: number; readonly rateLimitPerMinute: number };

export function createAccess(clock: Clock, random: () => number, settings: () => AccessSettings): Access {
  const fresh = () => ({ startedAt: clock.now(), count: 0 });
  const sessions = new Map<string, Session>([[DEMO_TOKEN, { expiresAt: Number.POSITIVE_INFINITY, window: fresh() }]]);
  return {
    admit(request) {
      const session = sessions.get(bearerOf(request) ?? '');
      if (session === undefined || session.expiresAt <= clock.now()) return { kind: 'unauthorized' };
      if (clock.now() - session.window.startedAt >= WINDOW_MS) session.window = fresh();
      session.window.count += 1;
      if (session.window.count <= settings().rateLimitPerMinute) return { kind: 'ok' };
      const leftMs = session.window.startedAt + WINDOW_MS - clock.now();
      return { kind: 'rate-limited', retryAfterSec: Math.max(1, Math.ceil(leftMs / 1_000)) };
    },
    token(request) {
      const grant = isRecord(request.body) ? request.body.grant_type : undefined;
      if (request.method !== 'POST' || grant !== 'client_credentials') return refused(400, 'unsupported_grant_type');
      const { clientId, clientSecret } = DEMO_CLIENT;
      if (basicOf(request) !== `${clientId}:${clientSecret}`) return refused(401, 'invalid_client');
      const token = `${drawUuid(random)}${drawUuid(random)}`.replaceAll('-', '');
      const expiresInSec = settings().tokenTtlSec;
      sessions.set(token, { expiresAt: clock.now() + expiresInSec * 1_000, window: fresh() });
      return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: expiresInSec } };
    },
    revoke(request) {
      const token = bearerOf(request) ?? '';
      if (token !== DEMO_TOKEN) sessions.delete(token);
    },
    clearQuotas() {
      for (const session of sessions.values()) session.window = fresh();
    },
  };
}

function refused(status: number, error: string): TwinResponse {
  return { status, body: { error } };
}

function bearerOf({ headers }: TwinRequest): string | undefined {
  return /^bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** Both parts are form-encoded before they are joined (RFC 6749 §2.3.1). */
function basicOf({ headers }: TwinRequest): string {
  const encoded = /^basic (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
