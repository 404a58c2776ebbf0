import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { driveTwin, type TwinDriver } from '../../../test/twins/twin-driver.ts';

const VERIFIER = 'a-verifier-that-is-long-enough-for-rfc-7636-to-be-happy';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const REDIRECT = 'http://127.0.0.1:4400/card';
const GOOD = {
  response_type: 'code',
  client_id: 'twin-card',
  redirect_uri: REDIRECT,
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
  state: 'opaque',
};

/** A twin with an agent, and a person in front of its login. */
async function drive() {
  const driver = await driveTwin();
  await driver.control('POST', '/agents', { name: 'Sam <b>', queues: ['General_Support'] });
  return { ...driver, ...personAt(driver) };
}

function personAt({ twin }: TwinDriver) {
  const page = async (query: Record<string, string>) =>
    twin.fetch(`http://x.test/oauth/authorize?${new URLSearchParams(query)}`, { redirect: 'manual' });
  const choose = async (fields: Record<string, string>) => {
    const body = new URLSearchParams(fields);
    const answer = await twin.fetch('http://x.test/oauth/authorize', { method: 'POST', body, redirect: 'manual' });
    return new URL(answer.headers.get('location') ?? 'http://nowhere.test');
  };
  const exchange = async (fields: Record<string, string>) => {
    const grant = { grant_type: 'authorization_code', client_id: 'twin-card', redirect_uri: REDIRECT };
    const body = new URLSearchParams({ ...grant, code_verifier: VERIFIER, ...fields });
    const answer = await twin.fetch('http://x.test/oauth/token', { method: 'POST', body });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
  };
  const code = async () => (await choose({ ...GOOD, agent: 'Sam <b>' })).searchParams.get('code') ?? '';
  return { page, choose, exchange, code };
}

describe('the login for people', () => {
  it('asks who one is, and hands out a code for the answer (RFC 6749 §4.1.2)', async () => {
    const { page, choose } = await drive();
    const shown = await page(GOOD);
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const html = await shown.text();
    expect(html).toContain('Sam &#60;b&#62;</button>');
    expect(html).toContain(`value="${CHALLENGE}"`);
    const back = await choose({ ...GOOD, agent: 'Sam <b>' });
    expect(back.href.startsWith(REDIRECT)).toBe(true);
    expect(Object.fromEntries(back.searchParams)).toEqual({ code: expect.any(String), state: 'opaque' });
  });

  it('gives a token that speaks for that person, and says for which client it was minted', async () => {
    const { exchange, code, api } = await drive();
    const granted = await exchange({ code: await code() });
    expect(granted.status).toBe(200);
    expect(granted.body).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 86_400 });
    expect(granted.headers.get('access-control-allow-origin')).toBe('*');
    const token = String(granted.body.access_token);
    expect((await api('GET', '/api/v2/users/me', undefined, token)).body).toMatchObject({ name: 'Sam <b>' });
    const info = await api('GET', '/api/v2/tokens/me', undefined, token);
    expect(info.body).toMatchObject({ OAuthClient: { id: 'twin-card', authorizedGrantType: 'CODE' } });
  });

  it('tells an application’s own token that it is nobody', async () => {
    const { api } = await drive();
    expect(await api('GET', '/api/v2/users/me')).toMatchObject({ status: 400, body: { code: 'bad.request' } });
    const info = await api('GET', '/api/v2/tokens/me');
    expect(info.body).toMatchObject({ OAuthClient: { id: 'twin-client', authorizedGrantType: 'CLIENT-CREDENTIALS' } });
  });

  it('takes a code once (RFC 6749 §4.1.2)', async () => {
    const { exchange, code } = await drive();
    const once = await code();
    expect((await exchange({ code: once })).status).toBe(200);
    expect(await exchange({ code: once })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('takes a code for a minute', async () => {
    const { exchange, code, clock } = await drive();
    const late = await code();
    await clock.advance(60_000);
    expect(await exchange({ code: late })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it.each([
    ['verifier (RFC 7636 §4.6)', { code_verifier: 'another-verifier' }, 400, 'invalid_grant'],
    ['redirect address (RFC 6749 §4.1.3)', { redirect_uri: 'http://127.0.0.1:1/card' }, 400, 'invalid_grant'],
    ['client', { client_id: 'nobody' }, 401, 'invalid_client'],
    ['code', { code: 'made-up' }, 400, 'invalid_grant'],
  ])('refuses another %s, and burns the code', async (_, wrong, status, error) => {
    const { exchange, code } = await drive();
    const given = await code();
    expect(await exchange({ code: given, ...wrong })).toMatchObject({ status, body: { error } });
    if (!('code' in wrong)) expect((await exchange({ code: given })).status).toBe(400);
  });

  it.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['an address elsewhere', { redirect_uri: 'https://evil.example.com/card' }],
    ['no address', { redirect_uri: '' }],
  ])('never redirects %s (RFC 6749 §4.1.2.1)', async (_, wrong) => {
    const { page } = await drive();
    const answer = await page({ ...GOOD, ...wrong });
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  });

  it.each([
    ['without a challenge', { code_challenge: '' }, 'invalid_request'],
    ['with a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['for a token', { response_type: 'token' }, 'unsupported_response_type'],
  ])('sends back an error when asked %s', async (_, wrong, error) => {
    const { page } = await drive();
    const answer = await page({ ...GOOD, ...wrong });
    const back = new URL(answer.headers.get('location') ?? 'http://nowhere.test');
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ error, state: 'opaque' });
  });

  it('denies whoever is nobody', async () => {
    const { choose } = await drive();
    expect((await choose({ ...GOOD, agent: 'Mallory' })).searchParams.get('error')).toBe('access_denied');
  });

  it('lets a browser ask first (CORS)', async () => {
    const { twin } = await drive();
    const answer = await twin.fetch('http://x.test/oauth/token', { method: 'OPTIONS' });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  });
});
