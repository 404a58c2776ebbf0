// Tests the login of an OAuth client, and that its secret appears nowhere.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../test/contract/manual-clock.ts';
import { type Script, scriptedServer } from '../../../test/contract/scripted-server.ts';
import { clientCredentialsLogin } from './client-credentials.ts';

async function login(script: Script, signal = new AbortController().signal) {
  await using server = await scriptedServer(script);
  const options = {
    loginUrl: server.url,
    clientId: 'id',
    clientSecret: 's:ecret-é',
    fetch,
    clock: manualClock(),
    signal,
  };
  return { outcome: await clientCredentialsLogin(options)(), asked: server.asked };
}

describe('clientCredentialsLogin', () => {
  it('asks as Genesys documents it: Basic credentials and a form', async () => {
    const { outcome, asked } = await login(() => ({
      status: 200,
      json: { access_token: 'T', token_type: 'bearer', expires_in: 86_399 },
    }));
    expect(outcome).toEqual({ kind: 'done', value: { accessToken: 'T', expiresInSec: 86_399 } });
    expect(asked[0]).toMatchObject({
      method: 'POST',
      path: '/oauth/token',
      body: 'grant_type=client_credentials',
      headers: {
        authorization: `Basic ${Buffer.from('id:s:ecret-é').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
  });

  it.each([400, 401])('takes %i as refused credentials and says so without the secret', async (status) => {
    const { outcome } = await login(() => ({ status, json: { error: 'invalid_client', description: 's:ecret-é' } }));
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'unauthorized' });
    expect(JSON.stringify(outcome)).not.toContain('s:ecret');
  });

  it.each([403, 404, 409])('never says of the conversation what %i says of the login', async (status) => {
    expect((await login(() => ({ status }))).outcome).toEqual({
      kind: 'transient',
      code: 'unexpected-answer',
      detail: `login answered ${status}`,
    });
  });

  it('passes on what else goes wrong', async () => {
    expect((await login(() => ({ status: 429, headers: { 'retry-after': '5' } }))).outcome).toEqual({
      kind: 'transient',
      code: 'rate-limited',
      retryAfterMs: 5_000,
    });
    expect((await login(() => ({ status: 500 }))).outcome).toMatchObject({ code: 'vendor-error' });
    expect((await login(() => (response) => void response.destroy())).outcome).toMatchObject({
      code: 'connection-lost',
    });
    expect((await login(() => ({ status: 200, text: '<html>' }))).outcome).toMatchObject({ code: 'unexpected-answer' });
    expect((await login(() => ({ status: 200 }), AbortSignal.abort())).outcome).toMatchObject({ code: 'not-sent' });
  });
});
