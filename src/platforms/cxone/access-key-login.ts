// Owns the login with an access key (NICE Developer Portal, FAQ and UserHubGettingStarted): back-end applications have no other way.
// Neither a secret nor a token appears in any outcome.

import type { Clock } from '../../clock.ts';
import type { Outcome } from '../../outcome.ts';
import { exchange, type Fetch, type HttpAnswer, type HttpRequest } from '../http.ts';
import { httpFailure } from '../http-failure.ts';
import { readAs } from '../read-as.ts';
import type { Grant } from '../token-source.ts';
import { wireClaims, wireGrant } from './cxone-wire.ts';
import { discovery, type Hosts } from './discovery.ts';

/** How an access key becomes a token. `central`: the password grant of a registered application; `userhub`: without one. */
export type AccessKeyLogin =
  | { readonly kind: 'central'; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: 'userhub'; readonly url: string };

export type AccessKeyLoginOptions = {
  /** Where the discovery documents are, such as `https://cxone.niceincontact.com`. */
  readonly issuerUrl: string;
  readonly login: AccessKeyLogin;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Where a token does not say it. */
  readonly tenantId?: string;
  /** Given, the tenant's document is not read for them. */
  readonly apiUrl?: string;
  readonly digitalUrl?: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Ends a login under way. */
  readonly signal: AbortSignal;
};

export type Tenancy = {
  /**
   * Logs in once. Repeatable. Refused credentials (400, 401 or 403) are rejected `unauthorized`, and nothing else is rejected: what
   * another refusal says is said of the login, never of the contact whose call waits for it.
   */
  login(): Promise<Outcome<Grant>>;
  /** Where the tenant is. A token that another node has logged in for says it only where it names the tenant: else we log in once. */
  locate(accessToken: string): Promise<Outcome<Hosts>>;
};

const LIMITS = { timeoutMs: 5_000, maxBytes: 64 * 1024 };
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403]);
const USERHUB_PATH = '/authentication/v1/token/access-key';

export function accessKeyLogin(options: AccessKeyLoginOptions): Tenancy {
  const { clock, login } = options;

  const send = async (request: HttpRequest): Promise<Outcome<HttpAnswer>> => {
    const call = { signal: options.signal, mayStart: () => true };
    const answer = await exchange(request, call, { fetch: options.fetch, clock, ...LIMITS });
    if (answer.kind !== 'answer') return answer;
    const failure = httpFailure(request, answer, clock.now());
    if (failure === undefined) return { kind: 'done', value: answer };
    if (request.method === 'POST' && REFUSALS.has(answer.status))
      return { kind: 'rejected', code: 'unauthorized', detail: 'the access key or the client was refused at login' };
    if (failure.kind !== 'rejected' && answer.status !== 401) return failure;
    return { kind: 'transient', code: 'unexpected-answer', detail: `login answered ${answer.status}` };
  };

  const where = discovery({
    ...options,
    read: (url) => send({ method: 'GET', url, headers: { accept: 'application/json' } }),
  });

  const logIn = async (): Promise<Outcome<{ readonly grant: Grant; readonly hosts: Hosts }>> => {
    const endpoint =
      login.kind === 'central'
        ? await where.tokenEndpoint()
        : ({ kind: 'done', value: `${login.url}${USERHUB_PATH}` } as const);
    if (endpoint.kind !== 'done') return endpoint;
    const granted = readAs(wireGrant, await send(tokenRequest(endpoint.value, options)));
    if (granted.kind !== 'done') return granted;
    const { access_token, expires_in, id_token } = granted.value;
    const hosts = await where.find(options.tenantId ?? tenantIn(id_token) ?? tenantIn(access_token));
    if (hosts.kind !== 'done') return hosts;
    return {
      kind: 'done',
      value: { grant: { accessToken: access_token, expiresInSec: expires_in }, hosts: hosts.value },
    };
  };

  return {
    async login() {
      const entered = await logIn();
      return entered.kind === 'done' ? { kind: 'done', value: entered.value.grant } : entered;
    },
    async locate(accessToken) {
      const known = where.hosts();
      if (known !== undefined) return { kind: 'done', value: known };
      const tenantId = options.tenantId ?? tenantIn(accessToken);
      if (tenantId !== undefined) return where.find(tenantId);
      const entered = await logIn();
      return entered.kind === 'done' ? { kind: 'done', value: entered.value.hosts } : entered;
    },
  };
}

function tokenRequest(url: string, { login, accessKeyId, accessKeySecret }: AccessKeyLoginOptions): HttpRequest {
  const accept = 'application/json';
  if (login.kind === 'userhub') {
    const headers = { accept, 'content-type': 'application/json' };
    return { method: 'POST', url, headers, body: JSON.stringify({ accessKeyId, accessKeySecret }) };
  }
  const basic = Buffer.from(`${login.clientId}:${login.clientSecret}`).toString('base64');
  return {
    method: 'POST',
    url,
    headers: { accept, authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'password',
      username: accessKeyId,
      password: accessKeySecret,
    }).toString(),
  };
}

/** The claim of a token that the vendor itself has just given us over TLS: its signature proves nothing more. */
function tenantIn(token: string | null | undefined): string | undefined {
  const payload = token?.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const claims = wireClaims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    return claims.success ? (claims.data.tenantId ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}
