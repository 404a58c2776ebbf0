// Owns the gateway twin's front door: the token endpoint, authentication, the rate limit, and problem documents (RFC 9457) for every
// refusal. What a route does is in api-routes.ts.

import type { TwinRequest, TwinResponse } from '../exchange.ts';
import type { Vendor } from '../front.ts';
import type { Access } from './access.ts';
import type { WireProblem } from './gateway-schema.ts';

export type Refusal = { readonly refused: number; readonly code: string; readonly detail?: string };
export type RouteResult = TwinResponse | Refusal;
export type Route = {
  readonly method: string;
  /** With `:name` for a word that is taken as a parameter. */
  readonly path: string;
  readonly handle: (request: TwinRequest, param: (name: string) => string) => RouteResult;
};

const TITLES: Readonly<Record<string, string>> = {
  'invalid-request': 'The request has not the contract’s shape',
  unauthorized: 'No token that is accepted here came with the call',
  'not-found': 'There is no such thing, or these credentials cannot see it',
  'rate-limited': 'Too many calls in this minute',
  'agent-busy': 'The agent has something already',
  'agent-away': 'The agent is not there',
  'queue-unstaffed': 'Nobody is there who serves this queue',
  'idempotency-key-reused': 'This key came before with another body',
  'participant-has-left': 'Who is to leave is not in the interaction',
  'transfer-under-way': 'A transfer of this interaction is under way',
  'interaction-has-ended': 'The interaction has ended',
  'not-answered': 'The other side has not answered yet',
  'consultation-is-over': 'No consultation is open',
  'internal-error': 'The platform behind the gateway failed',
};

export function refuse(status: number, code: string, detail?: string): Refusal {
  return { refused: status, code, ...(detail !== undefined && { detail }) };
}

export const notFound = (what: string) => refuse(404, 'not-found', what);

export function createApi(access: Access, routes: readonly Route[]): Vendor {
  const parsed = routes.map((route) => ({ ...route, words: route.path.split('/') }));

  function routed(request: TwinRequest): RouteResult {
    const parts = request.path.split('/').map(decoded);
    for (const { method, words, handle } of parsed) {
      if (method !== request.method || words.length !== parts.length) continue;
      if (!words.every((word, index) => word.startsWith(':') || word === parts[index])) continue;
      return handle(request, (name) => parts[words.indexOf(`:${name}`)] ?? '');
    }
    return notFound(`${request.method} ${request.path}`);
  }

  return {
    answer(request) {
      if (request.path === '/oauth/token') return access.token(request);
      const admitted = access.admit(request);
      if (admitted.kind === 'unauthorized') return problem(refuse(401, 'unauthorized'));
      if (admitted.kind === 'rate-limited') return problem(refuse(429, 'rate-limited'), admitted.retryAfterSec);
      const result = routed(request);
      return 'refused' in result ? problem(result) : result;
    },
    fail(request, fault) {
      if (fault === '429') return problem(refuse(429, 'rate-limited'), 1);
      if (fault === '500') return problem(refuse(500, 'internal-error'));
      access.revoke(request);
      return problem(refuse(401, 'unauthorized'));
    },
    conversationOf: (path) => /^\/v1\/interactions\/(?!reserve(?:\/|$))([^/]+)/.exec(path)?.[1] ?? null,
  };
}

function problem({ refused, code, detail }: Refusal, retryAfterSec?: number): TwinResponse {
  const body: WireProblem = {
    type: `urn:gateway-twin:problem:${code}`,
    title: TITLES[code] ?? code,
    status: refused,
    code,
    ...(detail !== undefined && { detail }),
  };
  const retry = retryAfterSec === undefined ? {} : { 'retry-after': String(retryAfterSec) };
  return { status: refused, headers: { 'content-type': 'application/problem+json', ...retry }, body };
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
