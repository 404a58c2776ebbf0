// Owns how the built pages (`dist/web`, made by scripts/ensure-built.mjs) are served: the console at `/`, the agent's card at
// `/card`, the customer's page at `/c/{token}`, and what they are made of. Public shells without data; each says what it may load, whom it may call and who may frame
// it. Files named by their content are kept by browsers for good, the documents that name them are asked for anew.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Context, Hono } from 'hono';
import { SIGNED_IN_PATH } from './card.ts';
import type { CardNeighbours } from './card-neighbours.ts';
import type { ServerEnv } from './parts.ts';
import { Problem } from './problems.ts';
import { cardHeaders, claimHeaders, consoleHeaders, signedInHeaders } from './security-headers.ts';

type Encoding = 'br' | 'gzip' | 'identity';
type Built = { readonly type: string; readonly bodies: Readonly<Partial<Record<Encoding, Uint8Array<ArrayBuffer>>>> };

const BUILT = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** `folder` is read once, here: a page that is built later is served after the next start. */
export function assetRoutes(neighbours: CardNeighbours, folder = BUILT): Hono<ServerEnv> {
  const files = builtIn(folder);
  const app = new Hono<ServerEnv>();
  app.use('/', consoleHeaders());
  app.get('/', (c) => document(c, files.get('console/index.html')));
  app.use('/card', cardHeaders(neighbours));
  app.use(SIGNED_IN_PATH, signedInHeaders(neighbours));
  for (const path of ['/card', SIGNED_IN_PATH]) app.get(path, (c) => document(c, files.get('card/index.html')));
  // Whatever its last part is: a link's token is the page's to read, and looking at a link uses nothing up.
  app.use('/c/:token', claimHeaders());
  app.get('/c/:token', (c) => document(c, files.get('claim/index.html')));
  app.get('/assets/:name', (c) => {
    const file = files.get(`assets/${c.req.param('name')}`);
    if (!file) throw new Problem('not-found');
    return send(c, file, 'public, max-age=31536000, immutable');
  });
  return app;
}

function document(c: Context<ServerEnv>, file: Built | undefined): Response {
  if (!file) throw new Problem('pages-not-built');
  return send(c, file, 'no-cache');
}

function send(c: Context<ServerEnv>, { type, bodies }: Built, kept: string): Response {
  const accepted = c.req.header('accept-encoding') ?? '';
  const encoding = (['br', 'gzip'] as const).find((one) => bodies[one] && new RegExp(`\\b${one}\\b`).test(accepted));
  const headers = { 'content-type': type, 'cache-control': kept, vary: 'accept-encoding' };
  if (!encoding) return c.body(bodies.identity ?? new Uint8Array(), 200, headers);
  return c.body(bodies[encoding] ?? new Uint8Array(), 200, { ...headers, 'content-encoding': encoding });
}

/** Every file by its path below the folder, with its compressed forms; none where nothing was built. */
function builtIn(folder: string): ReadonlyMap<string, Built> {
  const files = new Map<string, Built>();
  for (const path of pathsIn(folder)) {
    const encoding = encodingOf(path);
    const name = encoding === 'identity' ? path : path.slice(0, -3);
    const type = TYPES[name.split('.').at(-1) ?? ''];
    if (type === undefined) continue;
    const bodies = { ...files.get(name)?.bodies, [encoding]: new Uint8Array(readFileSync(`${folder}/${path}`)) };
    files.set(name, { type, bodies });
  }
  return files;
}

function encodingOf(path: string): Encoding {
  if (path.endsWith('.br')) return 'br';
  return path.endsWith('.gz') ? 'gzip' : 'identity';
}

function pathsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  } catch {
    return [];
  }
}
