// Owns what one set of credentials does at a vendor: a passage of the breaker, a token, a turn of the quota, the wire, and one fresh
// token when the first is refused (Genesys facts: 401 means drop the token, fetch once more, retry once). Every vendor call passes here.

import type { Clock } from '../clock.ts';
import type { Instant } from '../ids.ts';
import type { Failure, Outcome } from '../outcome.ts';
import { type BreakerState, breaker, type Passage } from './breaker.ts';
import { type ClockOffset, farClock } from './far-clock.ts';
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
  /** Has a token, or tries to get one: for who looks after it, not for calls. */
  signIn(signal: AbortSignal): Promise<Outcome<null>>;
  /** What its answers say of our clock. */
  clockOffset(): ClockOffset | undefined;
  /** How its token, its quota and its breakers are, for people who look after it. */
  standing(): CredentialStanding;
  /** Lets go of what is shared with other nodes. */
  close(): Promise<void>;
};

export type CredentialStanding = {
  readonly token: TokenStanding;
  readonly governor: GovernorLoad;
  /** Whether calls, and logins, are held back. */
  readonly breaker: { readonly calls: BreakerState; readonly logins: BreakerState };
  /** Since the process began: logins tried, and how often the breaker of the calls opened. */
  readonly counts: { readonly logins: number; readonly openings: number };
};

export type CredentialOptions = HttpLimits & {
  readonly baseUrl: string;
  readonly tokens: TokenKeeper;
  readonly governor: Governor;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** What the vendor's error body says, without anything personal. */
  readonly explain: (answer: HttpAnswer) => string | undefined;
};

/** So many calls in a row without an answer, or with a 5xx: the platform is down, and not one conversation of it broken. */
const OPENS_AT = 8;

export function credential(options: CredentialOptions): Credential {
  const { baseUrl, tokens, clock, explain } = options;
  const quota = options.governor;
  const gate = breaker({ clock, random: options.random, opensAt: OPENS_AT });
  const theirs = farClock();
  let lastAnswerAt: Instant | undefined;

  const attempt = async (request: CredentialRequest, token: string, call: Call): Promise<Attempt> => {
    const turn = await quota.turn(call);
    if (turn.kind !== 'done') return { result: turn, shows: (passage) => passage.unused() };
    const [sentAt, began] = [clock.now(), clock.monotonic()];
    const result = await exchange(toHttp(baseUrl, request, token), call, options);
    if (result.kind === 'answer') {
      lastAnswerAt = clock.now();
      theirs.saw(result.headers.get('date'), sentAt, lastAnswerAt);
      turn.value.spent(result);
    } else if (result.code === 'not-sent' || result.code === 'unreachable') turn.value.unused();
    else turn.value.spent();
    const tookMs = clock.monotonic() - began;
    return { result, shows: (passage) => show(passage, result, tookMs >= options.timeoutMs / 2) };
  };

  /** One request under one token, as far as the breaker lets it. */
  const pass = async (request: CredentialRequest, call: Call): Promise<Sent> => {
    const entered = gate.enter();
    if (entered.kind !== 'done') return { result: entered };
    const token = await tokens.current(call.signal);
    if (token.kind !== 'done') {
      entered.value.unused();
      return { result: token };
    }
    const { result, shows } = await attempt(request, token.value, call);
    shows(entered.value);
    return { result, token: token.value };
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
        const { result, token } = await pass(request, call);
        if (result.kind !== 'answer') return result;
        if (result.status === 401 && token !== undefined) tokens.invalidate(token);
        if (result.status === 401 && tokensUsed === 1) continue;
        return judged(request, result);
      }
    },
    async signIn(signal) {
      const token = await tokens.current(signal);
      return token.kind === 'done' ? { kind: 'done', value: null } : token;
    },
    clockOffset: () => theirs.offset(clock.now()),
    lastAnswerAt: () => lastAnswerAt,
    trouble: () => gate.trouble() ?? tokens.trouble(),
    budget: () => quota.budget(),
    standing: () => ({
      token: tokens.standing(),
      governor: quota.load(),
      breaker: { calls: gate.state(), logins: tokens.breaker() },
      counts: { logins: tokens.logins(), openings: gate.openings() },
    }),
    close: () => quota.close(),
  };
}

type Sent = { readonly result: HttpAnswer | Failure; readonly token?: string };
type Attempt = { readonly result: HttpAnswer | Failure; readonly shows: (passage: Passage) => void };

/** A caller who gave up soon says nothing of the platform; one who waited long does. */
function show(passage: Passage, result: HttpAnswer | Failure, waitedLong: boolean): void {
  if (result.kind === 'answer') {
    if (result.status >= 500) passage.failed(`the platform answered ${result.status}`);
    else passage.served();
  } else if (result.code === 'not-sent' || (result.code === 'timed-out' && !waitedLong)) passage.unused();
  else passage.failed(`calls: ${result.code}${result.detail === undefined ? '' : ` (${result.detail})`}`);
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
