// Owns the audit over HTTP: every hash chain is walked from its beginning (H8).

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { needs } from './auth.ts';
import { json, problems } from './describing.ts';
import type { ServerEnv, ServerParts } from './parts.ts';

const verdictView = z
  .object({
    ok: z.boolean(),
    interactions: z.number().int(),
    events: z.number().int(),
    seals: z.number().int(),
    firstBad: z.object({ interactionId: z.string(), version: z.number().int() }).nullable(),
  })
  .openapi('AuditVerdict');

const verifyRoute = createRoute({
  method: 'get',
  path: '/v1/audit/verify',
  summary: 'Verify the journal’s hash chains',
  tags: ['Operations'],
  middleware: [needs('audit')],
  responses: { 200: json('What was walked, and where it broke first', verdictView), ...problems },
});

export function auditRoutes({ journal }: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(verifyRoute, async (c) => c.json({ ...(await journal.verify()), seals: 0 }, 200));
  return app;
}
