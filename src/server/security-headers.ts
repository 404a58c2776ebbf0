// Owns the headers that keep a browser from doing what nobody asked for. Pages are shells without scripts; answers are never kept
// by a cache, since most are personal.

import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { ServerEnv } from './parts.ts';

/** A page that needs more sets its own policy; what a handler has set stays. */
export function securityHeaders(): MiddlewareHandler<ServerEnv> {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    overwrite: false,
  });
}

export function neverCached(): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  };
}
