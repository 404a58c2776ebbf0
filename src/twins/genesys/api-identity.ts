// Owns the vendor's paths that say whose token a call carries: the person, and the application it was minted for.

import { type ApiCall, type ApiResult, type Route, refuse } from './api.ts';
import type { WireTokenInfo, WireUserMe } from './genesys-schema.ts';
import { ORGANISATION_NAME, type Organisation } from './organisation.ts';

export function identityRoutes(organisation: Organisation): readonly Route[] {
  return [
    { method: 'GET', path: '/api/v2/users/me', handle: me },
    { method: 'GET', path: '/api/v2/tokens/me', handle: (call) => tokenInfo(organisation, call) },
  ];
}

/** Documented as not usable with client credentials. */
function me({ user }: ApiCall): ApiResult {
  if (user === undefined) {
    const why = 'Client credentials cannot be used for requests that require a user context.';
    return refuse(400, 'bad.request', `This request requires a user context. ${why}`);
  }
  const body: WireUserMe = { id: user.id, name: user.name, selfUri: `/api/v2/users/${user.id}` };
  return { status: 200, body };
}

function tokenInfo({ id }: Organisation, { client, user }: ApiCall): ApiResult {
  const organization = { id, name: ORGANISATION_NAME };
  const name = 'name' in client ? client.name : client.clientId;
  const authorizedGrantType = user === undefined ? 'CLIENT-CREDENTIALS' : 'CODE';
  const body: WireTokenInfo = {
    organization,
    homeOrganization: organization,
    authorizedScope: [],
    OAuthClient: { id: client.clientId, name, authorizedGrantType },
  };
  return { status: 200, body };
}
