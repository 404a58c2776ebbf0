import { describe, expect, it } from 'vitest';
import { driveTwin } from '../../../test/twins/twin-driver.ts';

type Listing = { entities: { id: string; name: string }[]; total: number; pageCount: number; nextUri?: string };
type Failure = { code: string; status: number; message: string; contextId: string };

describe('tokens', () => {
  it('are opaque and live as long as they say', async () => {
    const { api, login, clock } = await driveTwin({ tokenTtlSec: 600 });
    const token = await login();
    await clock.advance(599_000);
    expect((await api('GET', '/api/v2/routing/queues', undefined, token)).status).toBe(200);
    await clock.advance(1_000);
    const stale = await api<Failure>('GET', '/api/v2/routing/queues', undefined, token);
    expect(stale).toMatchObject({ status: 401, body: { code: 'bad.credentials', status: 401 } });
  });

  it('are given for the grant the vendor knows, with expires_in and without a refresh token', async () => {
    const { twin } = await driveTwin();
    const ask = (grant: string, authorization: string) =>
      twin.fetch('http://x.test/oauth/token', {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams({ grant_type: grant }),
      });
    const good = `Basic ${btoa('twin-client:twin-secret')}`;
    const answer = await ask('client_credentials', good);
    expect(await answer.json()).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 86_400 });
    const wrong = await ask('client_credentials', `Basic ${btoa('twin-client:no')}`);
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toEqual({
      error: 'invalid_client',
      description: 'authentication failed',
      error_description: 'authentication failed',
    });
    expect((await ask('client_credentials', 'Basic %%%')).status).toBe(401);
    expect((await ask('password', good)).status).toBe(400);
    expect((await twin.fetch('http://x.test/oauth/token')).status).toBe(405);
  });

  it('are required', async () => {
    const { api } = await driveTwin();
    const none = await api<Failure>('GET', '/api/v2/routing/queues', undefined, '');
    expect(none).toMatchObject({ status: 401, body: { code: 'authentication.required' } });
    expect(none.body.contextId).toBe(none.headers.get('inin-correlation-id'));
    expect((await api<Failure>('GET', '/api/v2/routing/queues', undefined, 'made-up')).body.code).toBe(
      'bad.credentials',
    );
  });
});

describe('the quota', () => {
  it('counts each call in windows of a minute, and refuses beyond it until the window ends', async () => {
    const { api, clock } = await driveTwin({ rateLimitPerMinute: 3 });
    const ask = () => api<Failure>('GET', '/api/v2/authorization/divisions');
    const quota = ({ headers }: { headers: Headers }) =>
      ['count', 'allowed', 'reset'].map((each) => Number(headers.get(`inin-ratelimit-${each}`)));
    expect(quota(await ask())).toEqual([1, 3, 60]);
    await clock.advance(15_000);
    await ask();
    expect(quota(await ask())).toEqual([3, 3, 45]);
    const refused = await ask();
    expect(refused).toMatchObject({ status: 429, body: { code: 'too.many.requests' } });
    expect(refused.headers.get('retry-after')).toBe('45');
    expect(refused.body.message).toBe('Rate limit exceeded the maximum. Retry the request in [45] seconds');
    await clock.advance(45_000);
    expect(quota(await ask())).toEqual([1, 3, 60]);
  });

  it('is each token’s own', async () => {
    const { api, login } = await driveTwin({ rateLimitPerMinute: 1 });
    const other = await login();
    expect((await api('GET', '/api/v2/authorization/divisions')).status).toBe(200);
    expect((await api('GET', '/api/v2/authorization/divisions')).status).toBe(429);
    expect((await api('GET', '/api/v2/authorization/divisions', undefined, other)).status).toBe(200);
  });
});

describe('queues', () => {
  const names = async (query: string) => {
    const { api } = await driveTwin();
    return (await api<Listing>('GET', `/api/v2/routing/queues${query}`)).body.entities.map(({ name }) => name);
  };

  it('are those of the client’s divisions', async () => {
    expect(await names('')).toEqual([
      'Bank_Services',
      'BillingDisputes_Priority',
      'BillingDisputes_Tier2',
      'General_Escalation',
      'General_Support',
      'Restaurant_Bookings',
      'Travel_Flights',
    ]);
  });

  it.each([
    ['?name=billing', ['BillingDisputes_Priority', 'BillingDisputes_Tier2']],
    ['?name=General*', ['General_Escalation', 'General_Support']],
    ['?name=*support', ['General_Support']],
    ['?name=*dis*', ['BillingDisputes_Priority', 'BillingDisputes_Tier2']],
    ['?name=support*', []],
    ['?name=nothing', []],
    ['?id=5f1c0a10-0004-4a00-8a00-000000000004', ['General_Support']],
    ['?divisionId=elsewhere', []],
  ])('filtered by %s are not an exact match', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it('come in pages', async () => {
    const queues = Array.from({ length: 60 }, (_each, n) => ({
      id: `q${n}`,
      name: `Queue_${String(n).padStart(2, '0')}`,
      division: 'Home',
    }));
    const { api } = await driveTwin({ queues });
    const first = (await api<Listing>('GET', '/api/v2/routing/queues')).body;
    expect(first).toMatchObject({ total: 60, pageCount: 3, pageSize: 25, pageNumber: 1 });
    expect(first.entities).toHaveLength(25);
    const seen = [...first.entities];
    for (let next = first.nextUri; next !== undefined; ) {
      const page: Listing = (await api<Listing>('GET', next)).body;
      seen.push(...page.entities);
      next = page.nextUri;
    }
    expect(seen.map(({ name }) => name)).toEqual(queues.map(({ name }) => name));
    expect((await api<Listing>('GET', '/api/v2/routing/queues?pageSize=500')).body.entities).toHaveLength(60);
  });

  it.each(['pageSize=0', 'pageSize=501', 'pageSize=x', 'pageNumber=0'])('refuse %s', async (query) => {
    const { api } = await driveTwin();
    expect((await api('GET', `/api/v2/routing/queues?${query}`)).status).toBe(400);
  });

  it('of a division the client has not are 403 when read directly, and unknown ones 404', async () => {
    const { api, twin } = await driveTwin();
    const hidden = twin.organisation.queueByName('Collections_Private')?.id;
    const refused = await api<Failure>('GET', `/api/v2/routing/queues/${hidden}`);
    expect(refused).toMatchObject({ status: 403, body: { code: 'missing.division.permission' } });
    expect((await api<Failure>('GET', '/api/v2/routing/queues/none')).body.code).toBe('not.found');
    const own = twin.organisation.queueByName('General_Support')?.id;
    expect((await api('GET', `/api/v2/routing/queues/${own}`)).body).toMatchObject({
      name: 'General_Support',
      memberCount: 0,
    });
  });

  it('have division views, and divisions say what a client may see', async () => {
    const { api } = await driveTwin();
    expect((await api<Listing>('GET', '/api/v2/routing/queues/divisionviews/all')).body.total).toBe(7);
    const permitted = await api<{ name: string }[]>(
      'GET',
      '/api/v2/authorization/divisionspermitted/me?permission=routing:queue:view',
    );
    expect(permitted.body).toMatchObject([{ name: 'Home', homeDivision: true }]);
    expect((await api('GET', '/api/v2/authorization/divisionspermitted/me')).status).toBe(400);
    expect((await api<Listing>('GET', '/api/v2/authorization/divisions')).body.total).toBe(2);
  });

  it('must differ in id and name', async () => {
    const twice = { id: 'a', name: 'A', division: 'Home' };
    await expect(driveTwin({ queues: [twice, { ...twice, id: 'b' }] })).rejects.toThrow('must differ');
  });
});

it('says 404 in the vendor’s words for what it does not serve', async () => {
  const { api } = await driveTwin();
  expect(await api<Failure>('GET', '/api/v2/nonsense')).toMatchObject({ status: 404, body: { code: 'not.found' } });
  expect((await api('GET', '/elsewhere')).status).toBe(404);
});
