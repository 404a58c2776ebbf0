// Owns how we come to a gateway's bearer token: one that is configured and never changes, or one by client credentials (RFC 6749
// §4.4). Neither a secret nor a token appears in any outcome.

import type { Clock } from '../../clock.ts';
import type { Outcome } from '../../outcome.ts';
import { exchange, type Fetch, type HttpRequest, readJson } from '../http.ts';
import { httpFailure } from '../http-failure.ts';
import type { Grant } from '../token-source.ts';
import { grant } from './gateway-contract.ts';

export type GatewayAuth =
  | { readonly kind: 'token'; readonly token: string }
  | {
      readonly kind: 'client-credentials';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope?: string;
    };

export type GatewayLoginParts = {
  readonly auth: GatewayAuth;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Ends a login under way. */
  readonly signal: AbortSignal;
};

const LIMITS = { timeoutMs: 5_000, maxBytes: 64 * 1024 };
/** A configured token does not expire: it is asked for again only when the gateway refuses it. */
const FOR_EVER_SEC = 10 * 365 * 86_400;

/** A function that logs in once. Repeatable. Only refused credentials (400 or 401) are rejected, `unauthorized`. */
export function gatewayLogin({ auth, fetch, clock, signal }: GatewayLoginParts): () => Promise<Outcome<Grant>> {
  if (auth.kind === 'token') {
    const value = { accessToken: auth.token, expiresInSec: FOR_EVER_SEC };
    return async () => ({ kind: 'done', value });
  }
  const request = tokenRequest(auth);
  return async () => {
    const answer = await exchange(request, { signal, mayStart: () => true }, { fetch, clock, ...LIMITS });
    if (answer.kind !== 'answer') return answer;
    if (answer.status === 400 || answer.status === 401) {
      return { kind: 'rejected', code: 'unauthorized', detail: 'the client id or secret was refused at login' };
    }
    const failure = httpFailure(request, answer, clock.now());
    if (failure?.kind === 'rejected') {
      // Said of the login, never of the conversation whose call waits for it.
      return { kind: 'transient', code: 'unexpected-answer', detail: `login answered ${answer.status}` };
    }
    if (failure !== undefined) return failure;
    const read = grant.safeParse(readJson(answer.body));
    if (!read.success)
      return { kind: 'transient', code: 'unexpected-answer', detail: 'login answered without a token' };
    return { kind: 'done', value: { accessToken: read.data.access_token, expiresInSec: read.data.expires_in } };
  };
}

function tokenRequest(auth: Extract<GatewayAuth, { kind: 'client-credentials' }>): HttpRequest {
  const { clientId, clientSecret, scope } = auth;
  // RFC 6749 §2.3.1: both are form-encoded before they are joined.
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64');
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) });
  return {
    method: 'POST',
    url: auth.tokenUrl,
    headers: {
      authorization: `Basic ${basic}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: form.toString(),
  };
}
