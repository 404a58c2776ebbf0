// Owns the console's sign-in: a key is exchanged for a session, so that no page has to keep the key.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ConsoleSession, ConsoleSessions } from './console-sessions.ts';
import { json, jsonBody, problems } from './describing.ts';
import type { Keys } from './keys.ts';
import { SCOPES, type ServerEnv, type ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { clientAddress } from './request-site.ts';
import { rfc3339, time } from './rfc3339.ts';
import { WrongAttempts } from './wrong-attempts.ts';

const tags = ['Console'];
const path = '/console/session';

const sessionView = z
  .object({ name: z.string(), scopes: z.array(z.enum(SCOPES)), expiresAt: time })
  .openapi('ConsoleSession', { description: 'The key’s name and scopes, never the key.' });

const signInRoute = createRoute({
  method: 'post',
  path,
  summary: 'Exchange a key for a session',
  description:
    'Sets a cookie (HttpOnly, SameSite=Strict) that is good for twelve hours and that `/v1` takes instead of a key; calls that change something then need the header `Throughline-Console: 1`. Twenty wrong keys a minute from one address are answered 429.',
  tags,
  security: [],
  request: { body: jsonBody(z.strictObject({ key: z.string().min(1).max(512) })) },
  responses: { 201: json('Signed in', sessionView), ...problems },
});

const readRoute = createRoute({
  method: 'get',
  path,
  summary: 'Who is signed in',
  tags,
  security: [{ console: [] }],
  responses: { 200: json('The session', sessionView), ...problems },
});

const signOutRoute = createRoute({
  method: 'delete',
  path,
  summary: 'Sign out',
  tags,
  security: [{ console: [] }],
  responses: { 204: { description: 'Signed out' }, ...problems },
});

export type ConsoleParts = { readonly keys: Keys; readonly sessions: ConsoleSessions };

export function consoleRoutes(parts: ServerParts, { keys, sessions }: ConsoleParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  const attempts = new WrongAttempts(parts.clock);

  app.openapi(signInRoute, (c) => {
    sessions.requireSameOrigin(c);
    const address = clientAddress(c, parts);
    attempts.mayTry(address);
    const key = keys.offered(c.req.valid('json').key);
    if (!key) {
      attempts.note(address);
      parts.log({ level: 'warn', code: 'console-sign-in-refused' });
      throw new Problem('console-sign-in-refused');
    }
    return c.json(viewOf(sessions.begin(c, key)), 201);
  });

  app.openapi(readRoute, (c) => {
    const session = sessions.of(c);
    if (!session) throw new Problem('no-session');
    return c.json(viewOf(session), 200);
  });

  app.openapi(signOutRoute, (c) => {
    sessions.requireSameOrigin(c);
    sessions.end(c);
    return c.body(null, 204);
  });
  return app;
}

function viewOf({ name, scopes, expiresAt }: ConsoleSession): z.infer<typeof sessionView> {
  return { name, scopes: [...scopes], expiresAt: rfc3339(expiresAt) };
}
