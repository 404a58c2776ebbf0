// Owns the login of an OAuth client: grant type client_credentials (Genesys dev-center, `POST /oauth/token` at the login host).
// Neither the secret nor the token appears in any outcome.

import type { Clock } from '../../clock.ts';
import type { Outcome } from '../../outcome.ts';
import { exchange, type Fetch, type HttpRequest, readJson } from '../http.ts';
import { httpFailure } from '../http-failure.ts';
import type { Grant } from '../token-source.ts';
import { wireGrant } from './genesys-wire.ts';

export type ClientCredentials = {
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Ends a login under way. */
  readonly signal: AbortSignal;
};

const LIMITS = { timeoutMs: 5_000, maxBytes: 64 * 1024 };

/**
 * A function that logs in once. Repeatable. Refused credentials (400 or 401) are rejected `unauthorized`, and nothing else is
 * rejected: what another refusal says is said of the login, never of the conversation whose call waits for it.
 */
export function clientCredentialsLogin(options: ClientCredentials): () => Promise<Outcome<Grant>> {
  const request: HttpRequest = {
    method: 'POST',
    url: `${options.loginUrl}/oauth/token`,
    headers: {
      authorization: `Basic ${Buffer.from(`${options.clientId}:${options.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: 'grant_type=client_credentials',
  };
  return async () => {
    const call = { signal: options.signal, mayStart: () => true };
    const answer = await exchange(request, call, { fetch: options.fetch, clock: options.clock, ...LIMITS });
    if (answer.kind !== 'answer') return answer;
    if (answer.status === 400 || answer.status === 401) {
      return { kind: 'rejected', code: 'unauthorized', detail: 'the OAuth client id or secret was refused at login' };
    }
    const failure = httpFailure(request, answer, options.clock.now());
    if (failure?.kind === 'rejected') {
      return { kind: 'transient', code: 'unexpected-answer', detail: `login answered ${answer.status}` };
    }
    if (failure !== undefined) return failure;
    const grant = wireGrant.safeParse(readJson(answer.body));
    if (!grant.success)
      return { kind: 'transient', code: 'unexpected-answer', detail: 'login answered without a token' };
    return { kind: 'done', value: { accessToken: grant.data.access_token, expiresInSec: grant.data.expires_in } };
  };
}
