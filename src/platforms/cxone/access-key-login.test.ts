// Tests the login with an access key and the discovery of the tenant, over the wire.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../test/contract/manual-clock.ts';
import { type Asked, type Script, scriptedServer } from '../../../test/contract/scripted-server.ts';
import { type AccessKeyLoginOptions, accessKeyLogin, type Tenancy } from './access-key-login.ts';

const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
const TOKENS = { access_token: 'TOKEN', expires_in: 3_600, id_token: jwt({ tenantId: 'tenant 1', iss: 'x' }) };

type Over = Partial<Omit<AccessKeyLoginOptions, 'clock' | 'fetch' | 'signal'>>;

/** Answers discovery and logins as CXone does, unless `script` says otherwise. */
async function setUp(
  over: Over = {},
  script: (asked: Asked, url: string) => ReturnType<Script> | undefined = () => undefined,
) {
  let url = '';
  const server = await scriptedServer((asked) => {
    const special = script(asked, url);
    if (special !== undefined) return special;
    const [path] = asked.path.split('?');
    if (path === '/.well-known/openid-configuration')
      return { status: 200, json: { token_endpoint: `${url}/auth/token` } };
    if (path === '/.well-known/cxone-configuration')
      return { status: 200, json: { api_endpoint: `${url}/`, area: 'na1', domain: 'nice.example' } };
    return { status: 200, json: TOKENS };
  });
  url = server.url;
  const clock = manualClock();
  const closing = new AbortController();
  const tenancy = accessKeyLogin({
    issuerUrl: url,
    login: { kind: 'central', clientId: 'app', clientSecret: 'app-secret' },
    accessKeyId: 'KEY',
    accessKeySecret: 'key secret&',
    fetch: globalThis.fetch,
    clock,
    signal: closing.signal,
    ...over,
  });
  const paths = () => server.asked.map(({ method, path }) => `${method} ${path}`);
  return { server, url, clock, closing, tenancy, paths, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const hostsOf = async (tenancy: Tenancy) => {
  const located = await tenancy.locate('TOKEN');
  return located.kind === 'done' ? located.value : located;
};

describe('accessKeyLogin', () => {
  it('finds the tenant for a token that another node has got: by its claim, else by a login of our own', async () => {
    await using world = await setUp();
    const place = { acd: world.url, digital: 'https://api-de-na1.nice.example' };
    expect(await world.tenancy.locate(jwt({ tenantId: 'tenant 1' }))).toEqual({ kind: 'done', value: place });
    expect(world.paths()).toEqual(['GET /.well-known/cxone-configuration?tenantId=tenant%201']);
    await using other = await setUp();
    expect(await other.tenancy.locate('opaque')).toMatchObject({ kind: 'done' });
    await other.tenancy.locate('opaque');
    expect(other.paths().filter((path) => path === 'POST /auth/token')).toHaveLength(1);
    await using refused = await setUp({}, ({ method }) => (method === 'POST' ? { status: 401 } : undefined));
    expect(await refused.tenancy.locate('opaque')).toMatchObject({ kind: 'rejected', code: 'unauthorized' });
  });

  it('finds the token endpoint, logs in with the password grant, and finds the APIs of the tenant that the token names', async () => {
    await using world = await setUp();
    expect(await world.tenancy.login()).toEqual({ kind: 'done', value: { accessToken: 'TOKEN', expiresInSec: 3_600 } });
    expect(world.paths()).toEqual([
      'GET /.well-known/openid-configuration',
      'POST /auth/token',
      'GET /.well-known/cxone-configuration?tenantId=tenant%201',
    ]);
    const login = world.server.asked[1]!;
    expect(login.headers.authorization).toBe(`Basic ${Buffer.from('app:app-secret').toString('base64')}`);
    expect(login.body).toBe('grant_type=password&username=KEY&password=key+secret%26');
    expect(await hostsOf(world.tenancy)).toEqual({ acd: world.url, digital: 'https://api-de-na1.nice.example' });
  });

  it('logs in at UserHub without an application, in JSON', async () => {
    await using world = await setUp();
    const hub = accessKeyLogin({
      issuerUrl: world.url,
      login: { kind: 'userhub', url: world.url },
      accessKeyId: 'KEY',
      accessKeySecret: 'secret',
      digitalUrl: 'https://digital.example',
      fetch: globalThis.fetch,
      clock: world.clock,
      signal: world.closing.signal,
    });
    expect(await hub.login()).toMatchObject({ kind: 'done' });
    expect(world.paths()[0]).toBe('POST /authentication/v1/token/access-key');
    expect(JSON.parse(world.server.asked[0]!.body)).toEqual({ accessKeyId: 'KEY', accessKeySecret: 'secret' });
    expect(await hostsOf(hub)).toEqual({ acd: world.url, digital: 'https://digital.example' });
  });

  it('reads the discovery documents once in six hours, and keeps what they said when they cannot be read again', async () => {
    let down = false;
    await using world = await setUp({}, ({ path }) =>
      down && path.startsWith('/.well-known') ? { status: 503 } : undefined,
    );
    await world.tenancy.login();
    await world.tenancy.login();
    expect(world.paths().filter((path) => path.includes('well-known'))).toHaveLength(2);
    await world.clock.advance(6 * 60 * 60 * 1_000);
    down = true;
    expect(await world.tenancy.login()).toMatchObject({ kind: 'done' });
    expect(world.paths().filter((path) => path.includes('well-known'))).toHaveLength(4);
    expect(await hostsOf(world.tenancy)).toMatchObject({ acd: world.url });
  });

  it('asks for no document that the configuration makes needless', async () => {
    await using world = await setUp({ apiUrl: 'https://acd.example', digitalUrl: 'https://digital.example' });
    expect(await hostsOf(world.tenancy)).toEqual({ acd: 'https://acd.example', digital: 'https://digital.example' });
    await world.tenancy.login();
    expect(world.paths()).toEqual(['GET /.well-known/openid-configuration', 'POST /auth/token']);
  });

  it('takes the tenant from the configuration, the id token or the access token, and says so when none names it', async () => {
    const login = async (over: Over, tokens: object) => {
      await using world = await setUp(over, ({ method }) =>
        method === 'POST' ? { status: 200, json: { ...TOKENS, ...tokens } } : undefined,
      );
      const outcome = await world.tenancy.login();
      return { outcome, path: world.paths().at(-1) };
    };
    expect((await login({ tenantId: 'mine' }, {})).path).toContain('tenantId=mine');
    expect((await login({}, { id_token: null, access_token: jwt({ tenantId: 't2' }) })).path).toContain('tenantId=t2');
    for (const id_token of ['no token', 'a.!!.c', jwt({}), null]) {
      const { outcome } = await login({}, { id_token });
      expect(outcome).toMatchObject({
        kind: 'transient',
        code: 'unexpected-answer',
        detail: expect.stringContaining('tenantId'),
      });
    }
  });

  it.each([400, 401, 403])('takes %i at login for refused credentials', async (status) => {
    await using world = await setUp({}, ({ method }) => (method === 'POST' ? { status } : undefined));
    expect(await world.tenancy.login()).toMatchObject({ kind: 'rejected', code: 'unauthorized' });
  });

  it('rejects for nothing else: what fails may pass', async () => {
    for (const [path, status] of [
      ['/.well-known/openid', 404],
      ['/.well-known/openid', 401],
      ['/.well-known/cxone', 403],
      ['/auth/token', 404],
      ['/auth/token', 500],
    ] as const) {
      await using world = await setUp({}, (asked) => (asked.path.startsWith(path) ? { status } : undefined));
      const outcome = await world.tenancy.login();
      expect(outcome.kind, `${path} ${status}`).not.toBe('done');
      expect(outcome.kind, `${path} ${status}`).not.toBe('rejected');
    }
  });

  it('sends nothing to a host without TLS that discovery names', async () => {
    const answers = [
      { token_endpoint: 'http://elsewhere.example/auth/token', api_endpoint: 'https://acd.example' },
      { token_endpoint: 'https://cxone.example/auth/token', api_endpoint: 'http://elsewhere.example' },
    ];
    for (const document of answers) {
      const asked: string[] = [];
      const tenancy = accessKeyLogin({
        issuerUrl: 'https://cxone.example',
        login: { kind: 'central', clientId: 'app', clientSecret: 'app-secret' },
        accessKeyId: 'KEY',
        accessKeySecret: 'secret',
        fetch: async (url, init) => {
          asked.push(url);
          return Response.json(init.method === 'POST' ? TOKENS : document);
        },
        clock: manualClock(),
        signal: new AbortController().signal,
      });
      expect(await tenancy.login()).toMatchObject({ kind: 'transient', detail: expect.stringContaining('not https') });
      expect(asked.filter((url) => url.includes('elsewhere'))).toEqual([]);
    }
  });

  it('tells neither secret nor token in what went wrong', async () => {
    await using world = await setUp({}, ({ method }) =>
      method === 'POST' ? { status: 400, json: { error: 'key secret&' } } : undefined,
    );
    expect(JSON.stringify(await world.tenancy.login())).not.toMatch(/secret&|TOKEN|KEY/);
  });
});
