import { describe, expect, it } from 'vitest';
import { driveCxone, passwordGrant } from '../../../test/twins/cxone-driver.ts';
import { DEMO_ACCESS_KEY, TENANT_ID } from './tenant.ts';

const STATES = '/incontactapi/services/v30.0/agents/states';

describe('discovery', () => {
  it('leads from the issuer to the tenant, all of it on this twin', async () => {
    const { raw } = await driveCxone();
    const openid = (await raw('GET', '/.well-known/openid-configuration')).body;
    expect(openid).toMatchObject({
      issuer: 'http://cxone.twin',
      token_endpoint: 'http://cxone.twin/auth/token',
      scopes_supported: ['openid'],
    });
    expect((await raw('GET', `/.well-known/cxone-configuration?tenantId=${TENANT_ID}`)).body).toMatchObject({
      api_endpoint: 'http://cxone.twin',
      auth_endpoint: 'http://cxone.twin/auth',
      domain: 'cxone.twin',
      tenantId: TENANT_ID,
    });
    expect((await raw('GET', '/auth/jwks')).body).toEqual({ keys: [] });
  });

  it('knows one tenant', async () => {
    const { raw } = await driveCxone();
    expect((await raw('GET', '/.well-known/cxone-configuration?tenantId=other')).status).toBe(404);
  });
});

describe('a token', () => {
  it('is granted for an access key, by Basic or in the form, and says tenant and issuer in its id_token', async () => {
    const { raw, acd } = await driveCxone();
    const { headers, form } = passwordGrant();
    const granted = await raw('POST', '/auth/token', form, headers);
    expect(granted).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 3_600 } });
    const claims = JSON.parse(Buffer.from(granted.body.id_token.split('.')[1], 'base64url').toString());
    expect(claims).toMatchObject({ iss: 'http://cxone.twin', tenantId: TENANT_ID });
    expect((await acd('GET', '/agents/states', undefined, granted.body.access_token)).status).toBe(200);
    const inForm = new URLSearchParams(form);
    inForm.set('client_id', 'twin-client');
    inForm.set('client_secret', 'twin-secret');
    expect((await raw('POST', '/auth/token', inForm)).status).toBe(200);
  });

  it('is refreshed once per refresh token, at either place', async () => {
    const { raw } = await driveCxone();
    const { headers, form } = passwordGrant();
    const first = (await raw('POST', '/auth/token', form, headers)).body;
    const refresh = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
    const second = await raw('POST', '/auth/token', refresh, headers);
    expect(second).toMatchObject({ status: 200, body: { access_token: expect.any(String) } });
    expect(await raw('POST', '/auth/token', refresh, headers)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    const third = await raw('POST', '/public/user/refresh', { token: second.body.refresh_token });
    expect(third).toMatchObject({ status: 200, body: { token: expect.any(String), tokenExpirationTimeSec: 3_600 } });
    expect((await raw('POST', '/public/user/refresh', { token: 'nothing' })).status).toBe(401);
    expect((await raw('POST', '/public/user/refresh')).status).toBe(401);
  });

  it.each([
    ['another grant', { grant_type: 'client_credentials' }, 400, 'unsupported_grant_type'],
    ['a wrong key', { username: 'nobody' }, 400, 'invalid_grant'],
    ['a wrong client', { client_id: 'nobody', client_secret: 'x' }, 401, 'invalid_client'],
  ])('is not granted for %s', async (_what, change, status, error) => {
    const { raw } = await driveCxone();
    const { headers, form } = passwordGrant();
    for (const [name, value] of Object.entries(change)) form.set(name, value);
    const sent = 'client_id' in change ? {} : headers;
    expect(await raw('POST', '/auth/token', form, sent)).toMatchObject({ status, body: { error } });
  });

  it('is granted at the user hub for the key alone, and not for a wrong one', async () => {
    const { raw } = await driveCxone();
    const path = '/authentication/v1/token/access-key';
    expect(await raw('POST', path, DEMO_ACCESS_KEY)).toMatchObject({ status: 200, body: { expires_in: 3_600 } });
    expect((await raw('POST', path, { ...DEMO_ACCESS_KEY, accessKeySecret: 'x' })).status).toBe(401);
    expect((await raw('POST', path)).status).toBe(401);
  });

  it('is refused when it is missing, unknown, expired or revoked, in the words of each world', async () => {
    const { acd, dfo, raw, clock, control } = await driveCxone({ tokenTtlSec: 60 });
    const missing = await acd('GET', '/agents/states', undefined, '');
    expect(missing).toMatchObject({
      status: 401,
      body: { error: 'invalid_token', error_description: expect.any(String) },
    });
    expect(missing.headers.get('icStatusDescription')).toContain('token');
    expect((await raw('GET', STATES, undefined, { Authorization: 'Bearer x' })).status).toBe(401);
    await control('POST', '/faults', { fault: 'expire-token', times: 1 });
    expect((await acd('GET', '/agents/states')).status).toBe(401);
    expect((await acd('GET', '/agents/states')).status).toBe(401);
    await clock.advance(61_000);
    expect(await dfo('GET', '/channels')).toMatchObject({
      status: 401,
      body: { errors: [{ message: expect.any(String) }], uid: expect.any(String) },
    });
  });
});

describe('the front door', () => {
  it.each(['/inContactAPI/Services/v23.0/Agents/States', '/InContactAPI/services/v34.0/agents/states'])(
    'opens for %s',
    async (path) => {
      const { raw, twin } = await driveCxone();
      void twin;
      const token = (await raw('POST', '/authentication/v1/token/access-key', DEMO_ACCESS_KEY)).body.access_token;
      expect((await raw('GET', path, undefined, { Authorization: `bearer ${token}` })).status).toBe(200);
    },
  );

  it.each(['/incontactapi/services/v22.0/agents/states', '/incontactapi/services/v35.0/agents/states', '/nothing'])(
    'stays shut for %s',
    async (path) => {
      const { raw } = await driveCxone();
      expect(await raw('GET', path)).toMatchObject({ status: 404, body: { error: 'not_found' } });
    },
  );

  it('has no path that is not served', async () => {
    const { acd, dfo } = await driveCxone();
    expect((await acd('POST', '/interactions/reserve')).status).toBe(404);
    expect((await dfo('GET', '/customers/%E0%A4%A')).status).toBe(404);
    expect(await dfo('GET', '/nothing')).toMatchObject({ status: 404, body: { errors: [{ errorCode: 'not_found' }] } });
  });

  it('gives a correlation id back', async () => {
    const { raw } = await driveCxone();
    const answer = await raw('GET', STATES, undefined, { CorrelationId: 'abc' });
    expect(answer.headers.get('CorrelationId')).toBe('abc');
  });

  it('says 429 beyond the limit and on command, without a word of when', async () => {
    const { acd, dfo, control } = await driveCxone({ rateLimitPerMinute: 2 });
    await acd('GET', '/agents/states');
    await acd('GET', '/agents/states');
    const third = await acd('GET', '/agents/states');
    expect(third).toMatchObject({ status: 429, body: { error: 'too_many_requests' } });
    expect(third.headers.get('Retry-After')).toBeNull();
    await control('POST', '/faults', { fault: '500', times: 1 });
    expect(await acd('GET', '/agents/states')).toMatchObject({ status: 500, body: { error: 'internal_server_error' } });
    await control('POST', '/faults', { fault: '429', times: 1 });
    expect(await dfo('GET', '/channels')).toMatchObject({ status: 429, body: { errors: [{}] } });
    await control('POST', '/reset');
    expect((await acd('GET', '/agents/states')).status).toBe(200);
  });
});
