// Owns the vendor's login for people: Authorization Code Grant with PKCE (RFC 6749 §4.1, RFC 7636), as the vendor's own SDK uses
// it (`loginPKCEGrant`). The page asks which virtual agent one is instead of a password; everything else is as it should be:
// registered redirect addresses, codes that live a minute and serve once, and a verifier that must match.

import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { isRecord, type TwinRequest, type TwinResponse } from '../exchange.ts';
import { loginPage, refusedPage } from './login-page.ts';
import type { Agent, GenesysAccess, Organisation, PublicClient } from './organisation.ts';

const CODE_TTL_MS = 60_000;

export type LoginParts = {
  readonly clock: Clock;
  readonly organisation: Organisation;
  readonly access: GenesysAccess;
  readonly uuid: () => string;
};

export type Login = {
  /** `/oauth/authorize`: the page by GET, the choice of an agent by POST. */
  authorize(request: TwinRequest): TwinResponse;
  /** `/oauth/token` for a code; undefined where something else is asked. */
  exchange(request: TwinRequest): TwinResponse | undefined;
};

type Code = {
  readonly client: PublicClient;
  readonly user: Agent;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly expiresAt: number;
};

export function createLogin({ clock, organisation, access, uuid }: LoginParts): Login {
  const codes = new Map<string, Code>();

  function mint(code: Omit<Code, 'expiresAt'>): string {
    for (const [text, { expiresAt }] of codes) if (expiresAt <= clock.now()) codes.delete(text);
    const text = uuid().replaceAll('-', '');
    codes.set(text, { ...code, expiresAt: clock.now() + CODE_TTL_MS });
    return text;
  }

  return {
    authorize(request) {
      const asked = fieldsOf(request);
      const client = organisation.publicClient(asked.client_id ?? '');
      // Neither an unknown client nor an unregistered address is ever redirected to (RFC 6749 §4.1.2.1).
      if (client === undefined) return refusedPage('This application is not known.');
      const redirectUri = asked.redirect_uri ?? '';
      if (!isRegistered(client, redirectUri)) return refusedPage('This address is not registered for the application.');
      const back = (answer: Record<string, string>) => redirect(redirectUri, answer, asked.state);
      if (asked.response_type !== 'code') return back({ error: 'unsupported_response_type' });
      const challenge = asked.code_challenge ?? '';
      if (asked.code_challenge_method !== 'S256' || !/^[\w-]{43}$/.test(challenge)) {
        return back({ error: 'invalid_request', error_description: 'code challenge required' });
      }
      if (request.method === 'GET') return loginPage(client, asked, organisation.agents());
      const user = organisation.agent(asked.agent ?? '') ?? organisation.agentByName(asked.agent ?? '');
      if (user === undefined) return back({ error: 'access_denied' });
      return back({ code: mint({ client, user, redirectUri, challenge }) });
    },

    exchange(request) {
      if (request.method === 'OPTIONS') return { status: 204, headers: { 'Access-Control-Allow-Methods': 'POST' } };
      const asked = fieldsOf(request);
      if (request.method !== 'POST' || asked.grant_type !== 'authorization_code') return undefined;
      const code = codes.get(asked.code ?? '');
      // Whatever becomes of it, a code serves once.
      codes.delete(asked.code ?? '');
      if (organisation.publicClient(asked.client_id ?? '') === undefined) return wrong(401, 'invalid_client');
      if (code === undefined || code.expiresAt <= clock.now() || !fits(code, asked)) return wrong(400, 'invalid_grant');
      const { token, expiresInSec } = access.issue(code.client, code.user);
      return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: expiresInSec } };
    },
  };
}

/** Of a form or of the query. */
function fieldsOf({ method, query, body }: TwinRequest): Readonly<Record<string, string | undefined>> {
  if (method === 'GET') return Object.fromEntries(query);
  const given = isRecord(body) ? body : {};
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
}

function fits(code: Code, asked: Readonly<Record<string, string | undefined>>): boolean {
  const challenge = createHash('sha256')
    .update(asked.code_verifier ?? '')
    .digest('base64url');
  return (
    code.client.clientId === asked.client_id && code.redirectUri === asked.redirect_uri && code.challenge === challenge
  );
}

function isRegistered({ redirectUris }: PublicClient, given: string): boolean {
  return redirectUris.some((each) => (each === 'loopback' ? isLoopback(given) : each === given));
}

function isLoopback(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol, hostname, hash } = new URL(given);
  return protocol === 'http:' && hash === '' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

function redirect(to: string, answer: Record<string, string>, state: string | undefined): TwinResponse {
  const url = new URL(to);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  if (state !== undefined) url.searchParams.set('state', state);
  return { status: 302, headers: { Location: url.href, 'Cache-Control': 'no-store' } };
}

/** RFC 6749 §5.2, in the vendor's own words for a failed login. */
function wrong(status: number, error: string): TwinResponse {
  const description = 'authentication failed';
  return { status, body: { error, description, error_description: description } };
}
