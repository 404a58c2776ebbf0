// Owns the vendor's front door: the token endpoint, authentication, the rate limit with its headers, and the vendor's error
// format around the routes. What a route does is in the `api-*` files.

import type { Quota } from '../access.ts';
import type { TwinRequest, TwinResponse } from '../exchange.ts';
import { isRecord } from '../exchange.ts';
import type { Vendor, WordedFault } from '../front.ts';
import { tabulate } from '../route-table.ts';
import type { WireErrorBody } from './genesys-schema.ts';
import type { Login } from './login.ts';
import type { Agent, GenesysAccess, GenesysSession, Organisation, TokenClient } from './organisation.ts';

export type ApiCall = {
  readonly request: TwinRequest;
  /** The value of the path's `:name`. */
  param(name: string): string;
  readonly client: TokenClient;
  /** Whose token it is; undefined for an application's own. */
  readonly user: Agent | undefined;
};

/** A refusal; it becomes the vendor's ErrorBody. */
export type Refusal = { readonly refused: number; readonly code: string; readonly message: string };
export type ApiResult = TwinResponse | Refusal;

export type Route = {
  readonly method: string;
  readonly path: string;
  readonly handle: (call: ApiCall) => ApiResult;
};

export function refuse(status: number, code: string, message: string): Refusal {
  return { refused: status, code, message };
}

export function notFound(what: string): Refusal {
  return refuse(404, 'not.found', `The requested resource was not found: ${what}`);
}

export type ApiParts = {
  readonly organisation: Organisation;
  readonly access: GenesysAccess;
  readonly login: Login;
  readonly routes: readonly Route[];
  readonly uuid: () => string;
};

/** A browser exchanges its code itself, so the token endpoint answers any origin. */
const CORS = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' };

export function createApi({ organisation, access, login, routes, uuid }: ApiParts): Vendor {
  const table = tabulate(routes);

  function toResponse(result: ApiResult, correlationId: string, quota?: Quota): TwinResponse {
    const headers = { 'ININ-Correlation-Id': correlationId, ...quotaHeaders(quota) };
    if (!('refused' in result)) return { ...result, headers: { ...headers, ...result.headers } };
    const retry = result.refused === 429 ? { 'Retry-After': String(quota?.resetSec ?? 1) } : {};
    return { status: result.refused, headers: { ...headers, ...retry }, body: errorBody(result, correlationId) };
  }

  function api(request: TwinRequest, correlationId: string): TwinResponse {
    const session = authenticate(access, request);
    if ('refused' in session) return toResponse(session, correlationId);
    const quota = access.spend(session);
    if (quota.exceeded) return toResponse(tooMany(quota.resetSec), correlationId, quota);
    const found = table(request.method, request.path);
    if (found === undefined) return toResponse(notFound(`${request.method} ${request.path}`), correlationId, quota);
    const { route, params } = found;
    const call = {
      request,
      client: session.client,
      user: session.user,
      param: (name: string) => params.get(name) ?? '',
    };
    return toResponse(route.handle(call), correlationId, quota);
  }

  function token(request: TwinRequest, correlationId: string): TwinResponse {
    const { headers, ...rest } = login.exchange(request) ?? grantToken(organisation, access, request, correlationId);
    return { ...rest, headers: { ...CORS, 'ININ-Correlation-Id': correlationId, ...headers } };
  }

  return {
    answer(request) {
      const correlationId = uuid();
      if (request.path === '/oauth/authorize') return login.authorize(request);
      if (request.path === '/oauth/token') return token(request, correlationId);
      if (request.path.startsWith('/api/v2/')) return api(request, correlationId);
      return toResponse(notFound(request.path), correlationId);
    },
    fail: (request, fault) => toResponse(failure(access, request, fault), uuid()),
    conversationOf: (path) =>
      /^\/api\/v2\/conversations\/(?:(?:calls|messages|emails|callbacks)\/)?([0-9a-f-]{36})(?!\/inbound\/)(?:\/|$)/.exec(
        path,
      )?.[1] ?? null,
  };
}

function errorBody({ refused, code, message }: Refusal, contextId: string): WireErrorBody {
  return { message, code, status: refused, messageParams: {}, contextId, details: [], errors: [] };
}

function quotaHeaders(quota: Quota | undefined): Record<string, string> {
  if (quota === undefined) return {};
  return {
    'inin-ratelimit-count': String(quota.count),
    'inin-ratelimit-allowed': String(quota.allowed),
    'inin-ratelimit-reset': String(quota.resetSec),
  };
}

function tooMany(seconds: number): Refusal {
  return refuse(429, 'too.many.requests', `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`);
}

function failure(access: GenesysAccess, request: TwinRequest, fault: WordedFault): Refusal {
  switch (fault) {
    case '429':
      return tooMany(1);
    case '500':
      return refuse(500, 'internal.server.error', 'The server encountered an unexpected condition');
    case 'expire-token':
      access.revoke(bearerOf(request) ?? '');
      return badCredentials();
  }
}

function bearerOf(request: TwinRequest): string | undefined {
  return /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

function badCredentials(): Refusal {
  return refuse(401, 'bad.credentials', 'Invalid login credentials.');
}

function authenticate(access: GenesysAccess, request: TwinRequest): GenesysSession | Refusal {
  const token = bearerOf(request);
  if (token === undefined) {
    return refuse(401, 'authentication.required', 'No authentication bearer token specified in authorization header.');
  }
  return access.session(token) ?? badCredentials();
}

/** RFC 6749 §4.4 with the vendor's own error body. */
function grantToken(
  organisation: Organisation,
  access: GenesysAccess,
  request: TwinRequest,
  correlationId: string,
): TwinResponse {
  const headers = { 'ININ-Correlation-Id': correlationId };
  if (request.method !== 'POST') return { status: 405, headers, body: { error: 'invalid_request' } };
  const grant = isRecord(request.body) ? request.body.grant_type : undefined;
  if (grant !== 'client_credentials') {
    const body = {
      error: 'unsupported_grant_type',
      description: 'unsupported grant type',
      error_description: 'unsupported grant type',
    };
    return { status: 400, headers, body };
  }
  const client = organisation.client(...basicCredentials(request));
  if (client === undefined) {
    const body = {
      error: 'invalid_client',
      description: 'authentication failed',
      error_description: 'authentication failed',
    };
    return { status: 401, headers, body };
  }
  const { token, expiresInSec } = access.issue(client);
  return { status: 200, headers, body: { access_token: token, token_type: 'bearer', expires_in: expiresInSec } };
}

function basicCredentials(request: TwinRequest): [string, string] {
  const encoded = /^basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return [id, secret.join(':')];
}
