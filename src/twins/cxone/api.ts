// Owns the vendor's front door: which of its three worlds a path belongs to (identity, ACD, digital), authentication, the rate
// limit, and that each world words its errors in its own way. What a route does is in the `api-*` files.

import type { Access } from '../access.ts';
import type { TwinRequest, TwinResponse } from '../exchange.ts';
import type { Vendor, WordedFault } from '../front.ts';
import { tabulate } from '../route-table.ts';
import type { Identity } from './identity.ts';
import type { AccessKey } from './tenant.ts';

export type CxoneAccess = Access<AccessKey, never>;

export type ApiCall = {
  readonly request: TwinRequest;
  /** The value of the path's `:name`. */
  param(name: string): string;
};

/** A refusal; it becomes the error of the world it happens in. */
export type Refusal = {
  readonly refused: number;
  readonly code: string;
  readonly message: string;
  readonly field?: string;
};
export type ApiResult = TwinResponse | Refusal;

export type Route = {
  readonly method: string;
  /** Without the world's prefix: `/contacts/:id`. */
  readonly path: string;
  readonly handle: (call: ApiCall) => ApiResult;
};

export function refuse(status: number, code: string, message: string, field?: string): Refusal {
  return { refused: status, code, message, ...(field === undefined ? {} : { field }) };
}

export function notFound(what: string): Refusal {
  return refuse(404, 'not_found', `${what} was not found`);
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value && 'code' in value;
}

export type ApiParts = {
  readonly access: CxoneAccess;
  readonly identity: Identity;
  readonly acd: readonly Route[];
  readonly digital: readonly Route[];
  readonly uuid: () => string;
  /** The contact that a number on either side names. */
  readonly contactOf: (number: string) => string | null;
};

type World = 'acd' | 'digital';

/** Spelling and version vary between the vendor's own clients; all of these are in use. */
const ACD = /^\/incontactapi\/services\/v(2[3-9]|3[0-4])\.0(\/.*)$/i;
const DIGITAL = /^\/dfo\/3\.0(\/.*)$/i;

export function createApi(parts: ApiParts): Vendor {
  const { access, identity, uuid } = parts;
  const tables = { acd: tabulate(parts.acd, { anyCase: true }), digital: tabulate(parts.digital, { anyCase: true }) };

  function authenticated(world: World, path: string, request: TwinRequest): ApiResult {
    const token = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const session = token === undefined ? undefined : access.session(token);
    if (session === undefined) return refuse(401, 'invalid_token', 'The access token is missing, invalid or expired');
    if (access.spend(session).exceeded) return tooMany();
    const found = tables[world](request.method, path);
    if (found === undefined) return notFound(`${request.method} ${path}`);
    return found.route.handle({ request, param: (name) => decoded(found.params.get(name) ?? '') });
  }

  return {
    answer(request) {
      const named = worldOf(request.path);
      if (named === undefined) return identity.answer(request) ?? word('acd', notFound(request.path), request, uuid);
      return word(named.world, authenticated(named.world, named.path, request), request, uuid);
    },
    fail(request, fault) {
      const world = worldOf(request.path)?.world ?? 'acd';
      return word(world, failure(access, request, fault), request, uuid);
    },
    conversationOf(path) {
      const number = /\/(?:contacts|interactions)\/(\d+)(?:\/|$)/i.exec(path)?.[1];
      return number === undefined ? null : parts.contactOf(number);
    },
  };
}

/** As it stands where it cannot be decoded. */
function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

function worldOf(path: string): { readonly world: World; readonly path: string } | undefined {
  const acd = ACD.exec(path)?.[2];
  if (acd !== undefined) return { world: 'acd', path: acd };
  const digital = DIGITAL.exec(path)?.[1];
  return digital === undefined ? undefined : { world: 'digital', path: digital };
}

/** A CorrelationId comes back; it is for tracing and makes nothing repeatable. */
function word(world: World, result: ApiResult, request: TwinRequest, uuid: () => string): TwinResponse {
  const correlationId = request.headers.correlationid;
  const headers = correlationId === undefined ? {} : { CorrelationId: correlationId };
  if (!('refused' in result)) return { ...result, headers: { ...headers, ...result.headers } };
  const { refused, code, message, field } = result;
  if (world === 'acd') {
    const described = { ...headers, icStatusDescription: message };
    return { status: refused, headers: described, body: { error: code, error_description: message } };
  }
  const error = { ...(field === undefined ? {} : { field }), message, errorCode: code };
  return { status: refused, headers, body: { errors: [error], uid: uuid() } };
}

/** No page says how long to wait, and no header does. */
function tooMany(): Refusal {
  return refuse(429, 'too_many_requests', 'The request rate limit was exceeded');
}

function failure(access: CxoneAccess, request: TwinRequest, fault: WordedFault): Refusal {
  switch (fault) {
    case '429':
      return tooMany();
    case '500':
      return refuse(500, 'internal_server_error', 'An unexpected error occurred');
    case 'expire-token':
      access.revoke(/^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
      return refuse(401, 'invalid_token', 'The access token is missing, invalid or expired');
  }
}
