// Tests what every request passes through: keys and scopes, sizes, types, JSON, unknown paths, errors, headers, pages.

import { describe, expect, it } from 'vitest';
import { GENESYS, type Served, serve, sha256 } from '../../test/contract/served.ts';
import { buildServer } from './app.ts';

const interaction = { platform: GENESYS, externalId: 'conv-1', channel: 'voice' };

describe('keys and scopes', () => {
  it.each([
    '',
    'Bearer',
    'Bearer wrong',
    'Bearer the-admin-key x',
    'Basic the-admin-key',
    'the-admin-key',
    `Bearer ${sha256('the-admin-key')}`,
  ])('refuses the authorization "%s"', async (authorization) => {
    await using served = await serve();
    for (const path of ['/v1/interactions', '/v1/nowhere', '/metrics']) {
      const { status, body, headers } = await served.get(path, { authorization });
      expect([status, body.code]).toEqual([401, 'unauthorized']);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  it('takes nothing from a caller without a key', async () => {
    await using served = await serve();
    await served.post('/v1/interactions', interaction, { authorization: '' });
    expect((await served.get('/v1/interactions')).body.entities).toEqual([]);
  });

  const NEEDS: readonly (readonly [string, string, string])[] = [
    ['POST', '/v1/interactions', 'interactions'],
    ['GET', '/v1/interactions', 'interactions'],
    ['GET', '/v1/interactions/x', 'interactions'],
    ['GET', '/v1/interactions/x/journal', 'interactions'],
    ['GET', '/v1/interactions/x/vcon', 'interactions'],
    ['PATCH', '/v1/interactions/x/context', 'interactions'],
    ['POST', '/v1/interactions/x/legs', 'interactions'],
    ['POST', '/v1/interactions/x/wrapup', 'interactions'],
    ['POST', '/v1/interactions/x/survey', 'interactions'],
    ['POST', '/v1/interactions/search', 'interactions'],
    ['GET', '/v1/stream', 'interactions'],
    ['POST', '/v1/interactions/x/handoffs', 'handoffs'],
    ['GET', '/v1/interactions/x/handoffs/1', 'handoffs'],
    ['POST', '/v1/interactions/x/handoffs/1/cancel', 'handoffs'],
    ['POST', '/v1/interactions/x/handoffs/1/complete', 'handoffs'],
    ['POST', '/v1/flows/redeem', 'handoffs'],
    ['POST', '/v1/flows/card', 'handoffs'],
    ['POST', '/v1/flows/escalate', 'handoffs'],
    ['POST', '/v1/flows/attributes', 'handoffs'],
    ['POST', '/v1/flows/deflect', 'handoffs'],
    ['POST', '/v1/flows/status', 'handoffs'],
    ['POST', '/v1/flows/transfer', 'handoffs'],
    ['POST', '/v1/flows/claim', 'handoffs'],
    ['POST', '/v1/flows/close', 'handoffs'],
    ['POST', '/v1/claims/x', 'claims'],
    ['GET', '/v1/claims/x/context', 'claims'],
    ['GET', '/v1/reports/journeys', 'reports'],
    ['GET', '/v1/reports/journeys/totals', 'reports'],
    ['GET', '/v1/dead-letters', 'handoffs'],
    ['GET', '/v1/dead-letters/x', 'handoffs'],
    ['POST', '/v1/dead-letters/x/retry', 'handoffs'],
    ['POST', '/v1/dead-letters/x/resolve', 'handoffs'],
    ['POST', '/v1/manifests', 'manifests'],
    ['GET', '/v1/manifests/x', 'manifests'],
    ['POST', '/v1/manifests/x/receipt', 'manifests'],
    ['GET', '/v1/manifests/x/receipt', 'manifests'],
    ['GET', '/v1/audit/verify', 'audit'],
    ['GET', '/v1/audit/key', 'audit'],
    ['POST', '/v1/erasures', 'erasures'],
    ['GET', '/v1/erasures/x', 'erasures'],
    ['GET', '/metrics', 'reports'],
  ];

  it.each(NEEDS)('%s %s needs the scope %s, and says so before it looks at anything', async (method, path, scope) => {
    await using served = await serve();
    const other = scope === 'manifests' ? 'the-handoffs-key' : 'the-manifests-key';
    const { status, body } = await served.call(method, path, undefined, { authorization: `Bearer ${other}` });
    expect([status, body.code, body.scope]).toEqual([403, 'missing-scope', scope]);
  });

  it('covers every path that is described', async () => {
    await using served = await serve();
    const { paths } = (await served.get('/openapi.json')).body as { paths: Record<string, Record<string, unknown>> };
    const open = ['/healthz', '/readyz', '/hooks/genesys', '/v1/platforms', '/v1/platforms/{platform}/queues'];
    const described = Object.entries(paths)
      // The console and the card have sessions of their own, tested beside them.
      .filter(([path]) => !open.includes(path) && !/^\/(console|card|hooks\/(twilio|vonage))\//.test(path))
      .flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
    const covered = NEEDS.map(([method, path]) =>
      `${method} ${path}`
        .replace('/x', path.includes('manifests') ? '/{ref}' : path.includes('claims') ? '/{token}' : '/{id}')
        .replace('/1', '/{n}'),
    );
    expect(described.sort()).toEqual(covered.sort());
  });

  it('names the key, never the key itself, as the actor', async () => {
    await using served = await serve();
    await served.post('/v1/interactions', interaction, { authorization: 'Bearer the-interactions-key' });
    const { body } = await served.get(`/v1/interactions?platform=${GENESYS}&externalId=conv-1`);
    const journal = await served.get(`/v1/interactions/${body.id}/journal`);
    expect(journal.text).toContain('"api:interactions-key"');
  });

  it('will not start with a digest that can match nothing', async () => {
    await using served = await serve();
    const keys = [{ name: 'broken', sha256: 'the-admin-key', scopes: ['admin' as const] }];
    expect(() => buildServer({ ...served.parts, keys })).toThrow(/"broken"/);
  });
});

describe('bodies', () => {
  it.each([
    ['broken', '{"platform":'],
    ['empty', ''],
  ])('answers 400 invalid-json to a %s body', async (_, body) => {
    await using served = await serve();
    const answer = await served.post('/v1/interactions', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-json']);
  });

  it('answers 400 invalid-request when there is no body at all', async () => {
    await using served = await serve();
    const { status, body } = await served.post('/v1/interactions');
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])('answers 415 to %s', async (type) => {
    await using served = await serve();
    const { status, body } = await served.post('/v1/interactions', interaction, { 'content-type': type });
    expect([status, body.code]).toEqual([415, 'unsupported-media-type']);
  });

  it('takes a charset beside the type', async () => {
    await using served = await serve();
    const type = { 'content-type': 'application/json; charset=utf-8' };
    expect((await served.post('/v1/interactions', interaction, type)).status).toBe(201);
  });

  it('answers 413 to more than 256 KB, whether or not the length was announced', async () => {
    await using served = await serve();
    const body = JSON.stringify({ ...interaction, customer: { name: 'x'.repeat(256 * 1024) } });
    const announced = { 'content-length': String(body.length) };
    for (const headers of [{}, announced]) {
      const answer = await served.post('/v1/interactions', body, headers);
      expect([answer.status, answer.body.code, answer.body.limitBytes]).toEqual([413, 'body-too-large', 256 * 1024]);
    }
  });

  it('does not repeat what was sent', async () => {
    await using served = await serve();
    const { text } = await served.post('/v1/interactions', { ...interaction, customer: { phone: '555-0100-secret' } });
    expect(text).not.toContain('555-0100');
  });

  it('is not led astray by a field named __proto__', async () => {
    await using served = await serve();
    const { status } = await served.post('/v1/interactions', '{"__proto__":{"platform":"x"},"channel":"voice"}');
    expect(status).toBe(400);
    expect(({} as { platform?: string }).platform).toBeUndefined();
  });
});

describe('paths and methods', () => {
  it.each(['/nowhere', '/v1/nowhere', '/hooks/nobody', '/v1/interactions/x/y'])('answers 404 to %s', async (path) => {
    await using served = await serve();
    const { status, body, headers } = await served.get(path);
    expect([status, body.code]).toEqual([404, 'not-found']);
    expect(headers.get('content-type')).toBe('application/problem+json');
  });

  it.each([
    ['DELETE', '/v1/interactions', 'GET, HEAD, POST'],
    ['PUT', '/v1/interactions/x', 'GET, HEAD'],
    ['GET', '/v1/flows/escalate', 'POST'],
    ['GET', '/hooks/genesys', 'POST'],
    ['POST', '/docs', 'GET, HEAD'],
  ])('answers 405 to %s %s and says what is taken', async (method, path, allow) => {
    await using served = await serve();
    const { status, body, headers } = await served.call(method, path);
    expect([status, body.code]).toEqual([405, 'method-not-allowed']);
    expect((headers.get('allow') ?? '').split(', ').sort().join(', ')).toBe(allow);
  });
});

describe('what goes wrong on our side', () => {
  it('tells no more than the code, and hands the error to the log', async () => {
    const secret = new Error('select * from customer where phone = +14155551234');
    const ready = () => Promise.reject(secret);
    await using served = await serve({ ready });
    const { status, text, body } = await served.get('/readyz');
    expect([status, body.code]).toEqual([500, 'internal-error']);
    expect(text).not.toContain('select');
    expect(served.errors).toEqual([secret]);
    expect(served.log).toEqual([{ level: 'error', code: 'internal-error' }]);
  });

  it('does not call a caller’s mistake an error of ours', async () => {
    await using served = await serve();
    await served.post('/v1/interactions', '{');
    await served.get('/nowhere');
    expect([served.errors, served.log]).toEqual([[], []]);
  });
});

describe('the public shells', () => {
  const page = async (served: Served, path: string) => await served.get(path, { authorization: '' });

  it('/docs needs no key, no script and nothing from elsewhere', async () => {
    await using served = await serve();
    const { status, headers, text } = await page(served, '/docs');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/html');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(text).not.toMatch(/<script|style="|https?:\/\/(?!www\.apache)/);
    expect(text).toContain('<link rel="stylesheet" href="/style.css">');
    expect((await page(served, '/style.css')).headers.get('content-type')).toContain('text/css');
  });

  it('has an anchor for every problem’s type', async () => {
    await using served = await serve();
    const { body } = await served.get('/v1/nowhere');
    const { text } = await page(served, '/docs');
    expect(text).toContain(`id="${String(body.type).split('#')[1]}"`);
  });

  it('shows words of code as code', async () => {
    await using served = await serve();
    const { text } = await page(served, '/docs');
    expect(text).toContain('With <code>platform</code> and <code>externalId</code> the answer is that interaction');
    const withoutShapes = text.replaceAll(/<pre>[\s\S]*?<\/pre>/g, '');
    expect(withoutShapes).toContain('<code>');
    expect(withoutShapes).not.toContain('`');
  });

  it('describes every path in OpenAPI 3.1, with a body where one is taken', async () => {
    await using served = await serve();
    const { body } = await page(served, '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const { paths } = body as { paths: Record<string, Record<string, { requestBody?: unknown; summary?: string }>> };
    expect(paths['/v1/interactions/{id}/handoffs']?.post?.requestBody).toBeDefined();
    for (const item of Object.values(paths))
      for (const { summary } of Object.values(item)) expect(summary).toBeTruthy();
  });

  it('lets nothing that is personal be cached', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    for (const path of [`/v1/interactions/${id}`, '/v1/interactions/nobody', '/healthz']) {
      const { headers } = await served.get(path);
      expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
    }
  });
});
