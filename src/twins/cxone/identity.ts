// Owns the vendor's identity paths: the two discovery documents, and the token endpoints that trade an access key for a token.
// There is no client-credentials grant at this vendor.

import { isRecord, type TwinRequest, type TwinResponse } from '../exchange.ts';
import { drawUuid } from '../seeded-random.ts';
import type { CxoneAccess } from './api.ts';
import type { AccessKey, Tenant } from './tenant.ts';

export type Identity = {
  /** Undefined for a path that is none of these. */
  answer(request: TwinRequest): TwinResponse | undefined;
};

export type IdentityParts = {
  readonly tenant: Tenant;
  readonly access: CxoneAccess;
  readonly random: () => number;
  /** Where the twin is reached; every host of the documents is this one. */
  readonly url: () => string;
  /** Epoch ms. */
  readonly now: () => number;
};

/** Access tokens with their refresh tokens, each of which is good once. */
function createGrants({ tenant, access, random, url, now }: IdentityParts) {
  const refreshable = new Map<string, AccessKey>();
  function grant(key: AccessKey) {
    const { token, expiresInSec } = access.issue(key);
    const refreshToken = drawUuid(random).replaceAll('-', '');
    refreshable.set(refreshToken, key);
    return { token, refreshToken, expiresInSec };
  }
  return {
    grant,
    granted(key: AccessKey): TwinResponse {
      const { token, refreshToken, expiresInSec } = grant(key);
      const body = {
        access_token: token,
        token_type: 'Bearer',
        refresh_token: refreshToken,
        expires_in: expiresInSec,
        id_token: idToken({ iss: url(), tenantId: tenant.id, sub: key.accessKeyId, now: now(), expiresInSec }),
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      };
      return { status: 200, body };
    },
    redeem(token: unknown): AccessKey | undefined {
      if (typeof token !== 'string') return undefined;
      const key = refreshable.get(token);
      refreshable.delete(token);
      return key;
    },
  };
}

export function createIdentity(parts: IdentityParts): Identity {
  const { tenant, url } = parts;
  const { grant, granted, redeem } = createGrants(parts);

  function token(request: TwinRequest): TwinResponse {
    const form = isRecord(request.body) ? request.body : {};
    const [id, secret] = clientOf(request, form);
    if (tenant.client(id, secret) === undefined) return refused(401, 'invalid_client', 'Client authentication failed');
    switch (form.grant_type) {
      case 'password': {
        const key = tenant.accessKey(String(form.username ?? ''), String(form.password ?? ''));
        return key === undefined ? refused(400, 'invalid_grant', 'The access key is not valid') : granted(key);
      }
      case 'refresh_token': {
        const key = redeem(form.refresh_token);
        return key === undefined ? refused(400, 'invalid_grant', 'The refresh token is not valid') : granted(key);
      }
      default:
        return refused(400, 'unsupported_grant_type', 'The grant type is not supported');
    }
  }

  function accessKeyToken(request: TwinRequest): TwinResponse {
    const body = isRecord(request.body) ? request.body : {};
    const key = tenant.accessKey(String(body.accessKeyId ?? ''), String(body.accessKeySecret ?? ''));
    return key === undefined ? refused(401, 'invalid_grant', 'The access key is not valid') : granted(key);
  }

  function userRefresh(request: TwinRequest): TwinResponse {
    const key = redeem(isRecord(request.body) ? request.body.token : undefined);
    if (key === undefined) return refused(401, 'invalid_grant', 'The refresh token is not valid');
    const { token: fresh, refreshToken, expiresInSec } = grant(key);
    const body = {
      token: fresh,
      refreshToken,
      tokenExpirationTimeSec: expiresInSec,
      refreshTokenExpirationTimeSec: expiresInSec * 2,
    };
    return { status: 200, body };
  }

  return {
    answer(request) {
      switch (`${request.method} ${request.path}`) {
        case 'GET /.well-known/openid-configuration':
          return { status: 200, body: openidConfiguration(url()) };
        case 'GET /.well-known/cxone-configuration':
          return request.query.get('tenantId') === tenant.id
            ? { status: 200, body: tenantConfiguration(url(), tenant.id) }
            : refused(404, 'tenant_not_found', 'No tenant has this id');
        // The id_token is not signed, so there is nothing to check it with.
        case 'GET /auth/jwks':
          return { status: 200, body: { keys: [] } };
        case 'POST /auth/token':
          return token(request);
        case 'POST /authentication/v1/token/access-key':
          return accessKeyToken(request);
        case 'POST /public/user/refresh':
          return userRefresh(request);
        default:
          return undefined;
      }
    },
  };
}

function refused(status: number, error: string, errorDescription: string): TwinResponse {
  return { status, body: { error, errorDescription } };
}

/** Either by Basic or in the form, as the client was registered. */
function clientOf(request: TwinRequest, form: Readonly<Record<string, unknown>>): [string, string] {
  const encoded = /^basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return [String(form.client_id ?? ''), String(form.client_secret ?? '')];
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return [id, secret.join(':')];
}

function openidConfiguration(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth/authorize`,
    token_endpoint: `${issuer}/auth/token`,
    jwks_uri: `${issuer}/auth/jwks`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    scopes_supported: ['openid'],
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
  };
}

function tenantConfiguration(url: string, tenantId: string) {
  const domain = new URL(url).host;
  return {
    api_endpoint: url,
    auth_endpoint: `${url}/auth`,
    ui_endpoint: url,
    area: 'twin',
    cluster: 't1',
    domain,
    acdDomain: domain,
    uhDomain: domain,
    globaldomain: domain,
    tenantId,
    private: false,
  };
}

type Claims = { iss: string; tenantId: string; sub: string; now: number; expiresInSec: number };

/** Unsigned (RFC 7519 §6): clients of this vendor read it for `iss` and `tenantId`. */
function idToken({ now, expiresInSec, ...claims }: Claims): string {
  const iat = Math.floor(now / 1_000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part({ ...claims, iat, exp: iat + expiresInSec })}.`;
}
