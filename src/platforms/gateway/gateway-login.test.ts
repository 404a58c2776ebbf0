import { afterEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../../test/contract/manual-clock.ts';
import { type Answer, type ScriptedServer, scriptedServer } from '../../../test/contract/scripted-server.ts';
import { gatewayLogin } from './gateway-login.ts';

let server: ScriptedServer;
const login = async (answer: Answer, change: { scope?: string } = {}) => {
  server = await scriptedServer(() => answer);
  const auth = {
    kind: 'client-credentials',
    tokenUrl: `${server.url}/any/token`,
    clientId: 'a:b',
    clientSecret: 'c/d é',
    ...change,
  } as const;
  return gatewayLogin({ auth, fetch, clock: manualClock(), signal: new AbortController().signal })();
};
afterEach(() => server?.[Symbol.asyncDispose]());

describe('the gateway login', () => {
  it('asks by client credentials at the URL that is configured (RFC 6749 §4.4, §2.3.1)', async () => {
    const grant = await login({ status: 200, json: { access_token: 't', expires_in: 60 } }, { scope: 'all' });
    expect(grant).toEqual({ kind: 'done', value: { accessToken: 't', expiresInSec: 60 } });
    const [asked] = server.asked;
    expect(asked).toMatchObject({
      method: 'POST',
      path: '/any/token',
      body: 'grant_type=client_credentials&scope=all',
    });
    const basic = Buffer.from(String(asked?.headers.authorization).slice('Basic '.length), 'base64').toString();
    expect(basic).toBe('a%3Ab:c%2Fd%20%C3%A9');
  });

  it('takes an hour where the answer does not say how long (RFC 6749 §5.1)', async () => {
    expect(await login({ status: 200, json: { access_token: 't' } })).toMatchObject({ value: { expiresInSec: 3_600 } });
  });

  it.each([
    [
      { status: 401, json: { error: 'invalid_client' } },
      { kind: 'rejected', code: 'unauthorized' },
    ],
    [
      { status: 400, json: { error: 'invalid_grant' } },
      { kind: 'rejected', code: 'unauthorized' },
    ],
    [{ status: 404 }, { kind: 'transient', code: 'unexpected-answer' }],
    [{ status: 429 }, { kind: 'transient', code: 'rate-limited' }],
    [{ status: 500 }, { kind: 'ambiguous', code: 'vendor-error' }],
    [
      { status: 200, json: {} },
      { kind: 'transient', code: 'unexpected-answer' },
    ],
  ] as const)('rejects only refused credentials: %o', async (answer, outcome) => {
    const failed = await login(answer);
    expect(failed).toMatchObject(outcome);
    expect(JSON.stringify(failed)).not.toContain('c/d');
  });

  it('says when nobody is there', async () => {
    server = await scriptedServer(() => ({ status: 200 }));
    await server[Symbol.asyncDispose]();
    const auth = { kind: 'client-credentials', tokenUrl: server.url, clientId: 'a', clientSecret: 'b' } as const;
    const failed = await gatewayLogin({ auth, fetch, clock: manualClock(), signal: new AbortController().signal })();
    expect(failed).toMatchObject({ kind: 'transient', code: 'unreachable' });
    server = await scriptedServer(() => ({ status: 200 }));
  });

  it('hands out a token that is configured, without asking anybody', async () => {
    const auth = { kind: 'token', token: 'fixed' } as const;
    const nobody = () => Promise.reject(new Error('Nobody is asked.'));
    const grant = await gatewayLogin({
      auth,
      fetch: nobody,
      clock: manualClock(),
      signal: new AbortController().signal,
    })();
    expect(grant).toMatchObject({ kind: 'done', value: { accessToken: 'fixed' } });
  });
});
