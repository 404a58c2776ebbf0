// Owns where a request came from: by which scheme, from which address and from whose page. What a proxy says of it counts only
// where the configuration says that there is one; anybody else could say it too.

import type { Context } from 'hono';
import type { ServerEnv } from './parts.ts';
import { Problem } from './problems.ts';

type Site = { readonly behindProxy: boolean };

/** Whether the browser's connection is encrypted, so that a cookie can be for such connections only. */
export function isSecure(c: Context<ServerEnv>, { behindProxy }: Site): boolean {
  const forwarded = behindProxy ? lastOf(c.req.header('x-forwarded-proto')) : undefined;
  return (forwarded ?? new URL(c.req.url).protocol.replace(':', '')) === 'https';
}

/** The origin under which the browser knows us. */
export function ownOrigin(c: Context<ServerEnv>, site: Site): string {
  const host = (site.behindProxy ? lastOf(c.req.header('x-forwarded-host')) : undefined) ?? new URL(c.req.url).host;
  const origin = `${isSecure(c, site) ? 'https' : 'http'}://${host}`;
  return URL.canParse(origin) ? new URL(origin).origin : origin;
}

/** The caller's address; of IPv6 the network, since one caller has a whole one. */
export function clientAddress(c: Context<ServerEnv>, { behindProxy }: Site): string {
  const forwarded = behindProxy ? lastOf(c.req.header('x-forwarded-for')) : undefined;
  const address = forwarded ?? socketOf(c.env)?.remoteAddress ?? 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  return `${address.split(':').slice(0, 4).join(':')}::/64`;
}

/** Refuses what another site's page asks for. Callers that are no browsers say neither header. */
export function requireSameOrigin(c: Context<ServerEnv>, site: Site): void {
  const fetchSite = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  const foreign =
    (fetchSite ?? 'same-origin') !== 'same-origin' || (origin !== undefined && origin !== ownOrigin(c, site));
  if (foreign) throw new Problem('cross-origin-refused');
}

/** The nearest proxy's word: what stands before it, the caller may have written. */
function lastOf(header: string | undefined): string | undefined {
  const last = header?.split(',').at(-1)?.trim();
  return last === '' ? undefined : last;
}

/** As `@hono/node-server` gives it; absent where there is no socket. */
function socketOf(bindings: unknown): { readonly remoteAddress?: string } | undefined {
  const incoming = (bindings as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming;
  return incoming?.socket;
}
