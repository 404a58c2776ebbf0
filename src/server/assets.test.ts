// Tests how built pages are served: policy, caching, compression, and what is said when nothing was built.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assetRoutes } from './assets.ts';
import { Problem } from './problems.ts';

const NEIGHBOURS = { signIn: ['https://login.example.com'], desktops: ['https://apps.example.com'] };
const SCRIPT = 'export const answer = 42;\n'.repeat(40);
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-pages-'));
  for (const name of ['console', 'card', 'assets']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'console/index.html'), '<title>console</title>');
  await writeFile(join(folder, 'card/index.html'), '<title>card</title>');
  await writeFile(join(folder, 'assets/card-AbC1.js'), SCRIPT);
  await writeFile(join(folder, 'assets/card-AbC1.js.br'), brotliCompressSync(SCRIPT));
  await writeFile(join(folder, 'assets/card-AbC1.js.gz'), gzipSync(SCRIPT));
  await writeFile(join(folder, '.made-from'), 'not a page');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function get(path: string, headers: Record<string, string> = {}) {
  const app = assetRoutes(NEIGHBOURS, folder);
  app.onError((error) => new Response(error instanceof Problem ? error.code : 'bug', { status: 500 }));
  return app.request(path, { headers });
}

describe('documents', () => {
  it.each([
    ['/', 'console'],
    ['/card', 'card'],
    ['/card?platform=genesys_cloud&conversationId=1', 'card'],
    ['/card/signed-in?code=1&state=2', 'card'],
  ])('%s is the shell of the %s, asked for anew each time', async (path, title) => {
    const answer = await get(path);
    expect([answer.status, await answer.text()]).toEqual([200, `<title>${title}</title>`]);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it.each(['/', '/card', '/card/signed-in'])('%s runs no script but its own and makes none from text', async (path) => {
    const policy = (await get(path)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe');
  });

  it('nobody frames the console; the platforms’ desktops frame the card, but not the page that brings a code back', async () => {
    const ancestors = async (path: string) => {
      const { headers } = await get(path);
      const named = /frame-ancestors ([^;]+)/.exec(headers.get('content-security-policy') ?? '')?.[1];
      return [named, headers.get('x-frame-options')];
    };
    expect(await ancestors('/')).toEqual(["'none'", 'DENY']);
    expect(await ancestors('/card')).toEqual(["'self' https://apps.example.com", null]);
    expect(await ancestors('/card/signed-in')).toEqual(["'self'", null]);
  });

  it('only the card may call the platforms’ login', async () => {
    const connect = async (path: string) =>
      /connect-src ([^;]+)/.exec((await get(path)).headers.get('content-security-policy') ?? '')?.[1];
    expect(await connect('/')).toBe("'self'");
    expect(await connect('/card')).toBe("'self' https://login.example.com");
  });

  it('the window that comes back from the login still finds the card that opened it', async () => {
    const opener = async (path: string) => (await get(path)).headers.get('cross-origin-opener-policy');
    expect([await opener('/card'), await opener('/card/signed-in')]).toEqual([
      'same-origin-allow-popups',
      'unsafe-none',
    ]);
  });
});

describe('what pages are made of', () => {
  it('is kept for good, since its name changes with its content', async () => {
    const answer = await get('/assets/card-AbC1.js');
    expect([answer.status, await answer.text()]).toEqual([200, SCRIPT]);
    expect(answer.headers.get('content-type')).toContain('text/javascript');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('comes in the best form that is asked for', async () => {
    const best = await get('/assets/card-AbC1.js', { 'accept-encoding': 'gzip, deflate, br' });
    expect([best.headers.get('content-encoding'), best.headers.get('vary')]).toEqual(['br', 'accept-encoding']);
    expect(brotliDecompressSync(await best.arrayBuffer()).toString()).toBe(SCRIPT);
    const other = await get('/assets/card-AbC1.js', { 'accept-encoding': 'gzip' });
    expect(other.headers.get('content-encoding')).toBe('gzip');
  });

  it.each(['/assets/nothing.js', '/assets/..%2f.made-from', '/assets/.made-from', '/assets/card-AbC1.js.br'])(
    '%s is nothing that is served',
    async (path) => {
      expect(await (await get(path)).text()).toBe('not-found');
    },
  );
});

it('says what to do where nothing was built', async () => {
  await rm(folder, { recursive: true });
  expect(await (await get('/')).text()).toBe('pages-not-built');
});
