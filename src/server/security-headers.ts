// Owns the headers that keep a browser from doing what nobody asked for. Answers are never kept by a cache, since most are
// personal; pages are shells without scripts.

import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { presetHeader } from './node-wire.ts';
import type { ServerEnv } from './parts.ts';

/** For every answer. A handler may say otherwise. */
export const ANSWER_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

const PRESET = Object.entries(ANSWER_HEADERS);

/** Set before the handler runs: an answer that is touched afterwards takes the adapter's slow road. */
export function answerHeaders(): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    for (const [name, value] of PRESET) presetHeader(c, name, value);
    await next();
  };
}

/** For pages. One that needs more sets its own policy; what a handler has set stays. */
export function pageHeaders(): MiddlewareHandler<ServerEnv> {
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
