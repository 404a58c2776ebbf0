// Tests the console's session: who gets one, what it may do, what it must say when it changes something, and when it ends.

import { describe, expect, it } from 'vitest';
import { GENESYS, type Served, serve, sha256 } from '../../test/contract/served.ts';
import { buildServer } from './app.ts';

const PATH = '/console/session';
const NOBODY = { authorization: '' };
const interaction = { platform: GENESYS, externalId: 'conv-1', channel: 'voice' };

function cookieIn(headers: Headers): string {
  return (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

/** Signs in; the headers with which a browser comes back. */
async function signedIn(served: Served, key = 'the-admin-key') {
  const { status, headers, body } = await served.post(PATH, { key }, NOBODY);
  expect(status).toBe(201);
  return { headers: { ...NOBODY, cookie: cookieIn(headers) }, body };
}

describe('POST /console/session', () => {
  it('exchanges a key for a cookie that scripts and other sites do not get', async () => {
    await using served = await serve();
    const { status, body, headers } = await served.post(PATH, { key: 'the-handoffs-key' }, NOBODY);
    expect([status, body]).toEqual([
      201,
      { name: 'handoffs-key', scopes: ['handoffs'], expiresAt: '2026-11-20T12:00:00.000Z' },
    ]);
    expect(headers.get('set-cookie')).toMatch(
      /^throughline-console=v1\.[\w-]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
  });

  it('keeps the cookie to encrypted connections where a proxy that is believed says that it is one', async () => {
    const https = { ...NOBODY, 'x-forwarded-proto': 'http, https' };
    await using proxied = await serve({ behindProxy: true });
    const { headers } = await proxied.post(PATH, { key: 'the-admin-key' }, https);
    expect(headers.get('set-cookie')).toMatch(/^__Host-throughline-console=.*; Secure; SameSite=Strict$/);
    expect((await proxied.get(PATH, { ...https, cookie: cookieIn(headers) })).status).toBe(200);
    await using direct = await serve();
    const plain = await direct.post(PATH, { key: 'the-admin-key' }, https);
    expect(plain.headers.get('set-cookie')).not.toContain('Secure');
  });

  it('refuses a wrong key, and tells nobody what it was', async () => {
    await using served = await serve();
    const { status, body, headers, text } = await served.post(PATH, { key: 'a-wrong-key' }, NOBODY);
    expect([status, body.code]).toEqual([401, 'console-sign-in-refused']);
    expect(headers.get('set-cookie')).toBeNull();
    expect(served.log).toEqual([{ level: 'warn', code: 'console-sign-in-refused' }]);
    expect(text + JSON.stringify([served.log, served.errors])).not.toContain('a-wrong-key');
  });

  it('lets an address that was wrong twenty times wait for the rest of the minute, even with the right key', async () => {
    await using served = await serve({ behindProxy: true });
    const from = (address: string) => ({ ...NOBODY, 'x-forwarded-for': `6.6.6.6, ${address}` });
    const wrong = (address: string) => served.post(PATH, { key: 'wrong' }, from(address));
    for (let n = 0; n < 20; n += 1) expect((await wrong('2001:db8:1:2::1')).status).toBe(401);
    const refused = await served.post(PATH, { key: 'the-admin-key' }, from('2001:db8:1:2:ffff::9'));
    expect([refused.status, refused.body.code]).toEqual([429, 'too-many-attempts']);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect((await wrong('192.0.2.7')).status).toBe(401);
    await served.clock.advance(60_000);
    expect((await served.post(PATH, { key: 'the-admin-key' }, from('2001:db8:1:2::1'))).status).toBe(201);
  });

  it('goes by the connection’s own address where no proxy is believed, whatever the caller says of itself', async () => {
    await using served = await serve();
    const from = async (remoteAddress: string, forwarded: string, key = 'wrong') => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': forwarded };
      const init = { method: 'POST', headers, body: JSON.stringify({ key }) };
      return (await served.app.request(PATH, init, { incoming: { socket: { remoteAddress } } })).status;
    };
    for (let n = 0; n < 20; n += 1) expect(await from('::ffff:192.0.2.7', `198.51.100.${n}`)).toBe(401);
    expect(await from('192.0.2.7', '198.51.100.99', 'the-admin-key')).toBe(429);
    expect(await from('192.0.2.8', '192.0.2.7', 'the-admin-key')).toBe(201);
  });

  it('does not count keys that were right', async () => {
    await using served = await serve();
    for (let n = 0; n < 25; n += 1) await signedIn(served);
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ])('is not for another site’s page: %j', async (headers) => {
    await using served = await serve();
    const { status, body } = await served.post(PATH, { key: 'the-admin-key' }, { ...NOBODY, ...headers });
    expect([status, body.code]).toEqual([403, 'cross-origin-refused']);
  });

  it('is for our own page', async () => {
    await using served = await serve();
    const own = { ...NOBODY, 'sec-fetch-site': 'same-origin', origin: 'http://localhost' };
    expect((await served.post(PATH, { key: 'the-admin-key' }, own)).status).toBe(201);
  });
});

describe('a session', () => {
  it('is read and ended', async () => {
    await using served = await serve();
    const { headers, body } = await signedIn(served);
    expect((await served.get(PATH, headers)).body).toEqual(body);
    const out = await served.call('DELETE', PATH, undefined, headers);
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      204,
      'throughline-console=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict',
    ]);
    const none = await served.get(PATH, NOBODY);
    expect([none.status, none.body.code]).toEqual([401, 'no-session']);
  });

  it('may do what its key may, and no more', async () => {
    await using served = await serve();
    const { headers } = await signedIn(served, 'the-interactions-key');
    expect((await served.get('/v1/interactions', headers)).status).toBe(200);
    const { status, body } = await served.get('/v1/manifests/x', headers);
    expect([status, body.code]).toEqual([403, 'missing-scope']);
  });

  it('changes something only when it says that this is meant', async () => {
    await using served = await serve();
    const { headers } = await signedIn(served);
    const bare = await served.post('/v1/interactions', interaction, headers);
    expect([bare.status, bare.body.code]).toEqual([403, 'csrf-header-missing']);
    const meant = { ...headers, 'throughline-console': '1' };
    const foreign = await served.post('/v1/interactions', interaction, { ...meant, 'sec-fetch-site': 'cross-site' });
    expect([foreign.status, foreign.body.code]).toEqual([403, 'cross-origin-refused']);
    expect((await served.get('/v1/interactions', headers)).body.entities).toEqual([]);
    const made = await served.post('/v1/interactions', interaction, meant);
    expect(made.status).toBe(201);
    const journal = await served.get(`/v1/interactions/${made.body.id}/journal`, headers);
    expect(journal.body.events).toMatchObject([{ actor: 'console:admin-key' }, { actor: 'console:admin-key' }]);
  });

  it('does not stand in for a key that came along and is wrong', async () => {
    await using served = await serve();
    const { headers } = await signedIn(served);
    const both = { ...headers, authorization: 'Bearer wrong' };
    expect((await served.get('/v1/interactions', both)).status).toBe(401);
  });

  it('ends after twelve hours, however it was used', async () => {
    await using served = await serve();
    const { headers } = await signedIn(served);
    await served.clock.advance(12 * 3_600_000 - 1);
    expect((await served.get('/v1/interactions', headers)).status).toBe(200);
    await served.clock.advance(1);
    expect((await served.get('/v1/interactions', headers)).status).toBe(401);
    expect((await served.get(PATH, headers)).body.code).toBe('no-session');
  });

  it('takes its stream along when it ends', async () => {
    await using served = await serve();
    const { headers } = await signedIn(served);
    await served.clock.advance(12 * 3_600_000 - 1_000);
    const answer = await served.app.request('/v1/stream', { headers });
    const read = answer.text();
    await served.clock.whenSleeping(1);
    await served.clock.advance(20_000);
    expect(await read).toContain(': open');
  });

  it('is over when it was tampered with', async () => {
    await using served = await serve();
    const { headers } = await signedIn(served);
    const cookie = `${headers.cookie.slice(0, 40)}${headers.cookie[40] === 'A' ? 'B' : 'A'}${headers.cookie.slice(41)}`;
    expect((await served.get(PATH, { ...headers, cookie })).status).toBe(401);
    expect((await served.get('/v1/interactions', { ...headers, cookie })).status).toBe(401);
  });

  it('is good at every node, and ends when its key leaves the configuration or is another one', async () => {
    await using served = await serve();
    const { headers } = await signedIn(served, 'the-handoffs-key');
    const at = async (keys: typeof served.parts.keys) =>
      (await buildServer({ ...served.parts, keys }).request(PATH, { headers })).status;
    expect(await at(served.parts.keys)).toBe(200);
    expect(await at(served.parts.keys.filter(({ name }) => name !== 'handoffs-key'))).toBe(401);
    const renewed = { name: 'handoffs-key', sha256: sha256('a-new-key'), scopes: ['handoffs'] as const };
    expect(await at([renewed])).toBe(401);
  });

  it('has the scopes that its key has now', async () => {
    await using served = await serve();
    const { headers } = await signedIn(served, 'the-handoffs-key');
    const keys = [{ name: 'handoffs-key', sha256: sha256('the-handoffs-key'), scopes: ['audit'] as const }];
    const answer = await buildServer({ ...served.parts, keys }).request(PATH, { headers });
    expect(await answer.json()).toMatchObject({ scopes: ['audit'] });
  });
});
