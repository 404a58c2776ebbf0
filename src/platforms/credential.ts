// Owns what one set of credentials does at a vendor: a token, a turn of the quota, the wire, and one fresh token when the first
// is refused (Genesys facts: 401 means drop the token, fetch once more, retry once). Every vendor call passes here.

import type { Clock } from '../clock.ts';
import type { Instant } from '../ids.ts';
import type { Failure, Outcome } from '../outcome.ts';
import type { Governor, GovernorLoad } from './governor.ts';
import { exchange, type Fetch, type HttpAnswer, type HttpLimits, type HttpRequest } from './http.ts';
import { httpFailure } from './http-failure.ts';
import type { Call } from './platform.ts';
import type { TokenKeeper, TokenStanding } from './token.ts';

export type CredentialRequest = {
  readonly method: HttpRequest['method'];
  /** Path and query, joined to the base URL. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
};

export type Credential = {
  /**
   * Sends one request, at most twice (the second time only after a 401). `done` is a 2xx, its body unread by us. A second 401 is
   * transient `unauthorized`, its `retryAfterMs` the time until the next login.
   */
  send(request: CredentialRequest, call: Call): Promise<Outcome<HttpAnswer>>;
  lastAnswerAt(): Instant | undefined;
  trouble(): Failure | undefined;
  budget(): ReturnType<Governor['budget']>;
  /** How its token and its quota are, for people who look after it. */
  standing(): { readonly token: TokenStanding; readonly governor: GovernorLoad };
};

export type CredentialOptions = HttpLimits & {
  readonly baseUrl: string;
  readonly tokens: TokenKeeper;
  readonly governor: Governor;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** What the vendor's error body says, without anything personal. */
  readonly explain: (answer: HttpAnswer) => string | undefined;
};

export function credential(options: CredentialOptions): Credential {
  const { baseUrl, tokens, clock, explain } = options;
  const quota = options.governor;
  let lastAnswerAt: Instant | undefined;

  const attempt = async (request: CredentialRequest, token: string, call: Call): Promise<HttpAnswer | Failure> => {
    const turn = await quota.turn(call);
    if (turn.kind !== 'done') return turn;
    const answer = await exchange(toHttp(baseUrl, request, token), call, options);
    if (answer.kind === 'answer') {
      lastAnswerAt = clock.now();
      turn.value.spent(answer);
    } else if (answer.code === 'not-sent' || answer.code === 'unreachable') turn.value.unused();
    else turn.value.spent();
    return answer;
  };

  const judged = (request: CredentialRequest, answer: HttpAnswer): Outcome<HttpAnswer> => {
    const failure = httpFailure(request, answer, clock.now(), explain(answer));
    if (failure !== undefined) return answer.status === 401 ? untilLogin(failure, tokens.trouble()) : failure;
    tokens.served();
    return { kind: 'done', value: answer };
  };

  return {
    async send(request, call) {
      for (let tokensUsed = 1; ; tokensUsed += 1) {
        const token = await tokens.current(call.signal);
        if (token.kind !== 'done') return token;
        const answer = await attempt(request, token.value, call);
        if (answer.kind !== 'answer') return answer;
        if (answer.status === 401) tokens.invalidate(token.value);
        if (answer.status === 401 && tokensUsed === 1) continue;
        return judged(request, answer);
      }
    },
    lastAnswerAt: () => lastAnswerAt,
    trouble: () => tokens.trouble(),
    budget: () => quota.budget(),
    standing: () => ({ token: tokens.standing(), governor: quota.load() }),
  };
}

/** A refused token is not worth another try before a new one can be had. */
function untilLogin(refused: Failure, trouble: Failure | undefined): Failure {
  if (trouble?.kind !== 'transient' || trouble.retryAfterMs === undefined) return refused;
  return { ...refused, kind: 'transient', retryAfterMs: trouble.retryAfterMs };
}

function toHttp(baseUrl: string, request: CredentialRequest, token: string): HttpRequest {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  if (request.body === undefined) return { method: request.method, url: `${baseUrl}${request.path}`, headers };
  return {
    method: request.method,
    url: `${baseUrl}${request.path}`,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(request.body),
  };
}
