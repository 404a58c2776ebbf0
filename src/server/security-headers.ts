// Owns the headers that keep a browser from doing what nobody asked for. Answers are never kept by a cache, since most are
// personal; pages are shells that run no script but their own.

import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { CardNeighbours } from './card-neighbours.ts';
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

/** What a page with scripts may load: its own files, and nothing made from text. */
const SHELL = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  requireTrustedTypesFor: ["'script'"],
  trustedTypes: ["'none'"],
};

export function consoleHeaders(): MiddlewareHandler<ServerEnv> {
  return secureHeaders({
    contentSecurityPolicy: { ...SHELL, connectSrc: ["'self'"], frameAncestors: ["'none'"] },
    xFrameOptions: 'DENY',
  });
}

/** The customer's page: nobody's frame, and it talks to us alone. Its address holds a link's token, so no address is told to anybody. */
export function claimHeaders(): MiddlewareHandler<ServerEnv> {
  return secureHeaders({
    contentSecurityPolicy: { ...SHELL, connectSrc: ["'self'"], frameAncestors: ["'none'"] },
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
  });
}

/** The policy says who may frame it; `X-Frame-Options` could not name several, so it is not sent. */
export function cardHeaders({ signIn, desktops }: CardNeighbours): MiddlewareHandler<ServerEnv> {
  return cardPage({ connect: signIn, frame: desktops, opener: 'same-origin-allow-popups' });
}

/** The page to which a login returns: nobody's frame, and still known to the card whose window it is. */
export function signedInHeaders({ signIn }: CardNeighbours): MiddlewareHandler<ServerEnv> {
  return cardPage({ connect: signIn, frame: [], opener: 'unsafe-none' });
}

type CardPage = {
  readonly connect: readonly string[];
  readonly frame: readonly string[];
  readonly opener: 'same-origin-allow-popups' | 'unsafe-none';
};

function cardPage({ connect, frame, opener }: CardPage): MiddlewareHandler<ServerEnv> {
  return secureHeaders({
    contentSecurityPolicy: {
      ...SHELL,
      connectSrc: ["'self'", ...connect],
      frameAncestors: ["'self'", ...frame],
    },
    xFrameOptions: false,
    crossOriginOpenerPolicy: opener,
  });
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
