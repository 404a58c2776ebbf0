// Owns what a supervisor asks: is the process alive, and is it ready to be given work.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { json } from './describing.ts';
import type { ServerEnv, ServerParts } from './parts.ts';

const tags = ['Operations'];
const readiness = z.object({ ok: z.boolean(), reasons: z.array(z.string()) });

const aliveRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Alive',
  tags,
  security: [],
  responses: { 200: json('Alive', z.object({ ok: z.literal(true), version: z.string() })) },
});

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Ready',
  tags,
  security: [],
  responses: { 200: json('Ready', readiness), 503: json('Not ready, and why', readiness) },
});

export function healthRoutes({ ready, version }: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(aliveRoute, (c) => c.json({ ok: true as const, version }, 200));
  app.openapi(readyRoute, async (c) => {
    const { ok, reasons } = await ready();
    return ok ? c.json({ ok, reasons: [...reasons] }, 200) : c.json({ ok, reasons: [...reasons] }, 503);
  });
  return app;
}
