// Owns where the pages that the server writes itself are served. They hold no data, so they need no key.

import { Hono } from 'hono';
import { interactionContextJsonSchema, manifestJsonSchema } from '../context/json-schema.ts';
import { docsPage } from './docs-page.ts';
import type { ApiDescription } from './openapi.ts';
import { STYLE } from './page.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { pageHeaders } from './security-headers.ts';

/** JSON Schema 2020-12, by name: `/schemas/handoff-manifest.json`. */
const SCHEMAS = {
  'handoff-manifest': manifestJsonSchema,
  'interaction-context': interactionContextJsonSchema,
};
const PUBLIC = { 'cache-control': 'public, max-age=300' };

export function pageRoutes(
  api: ApiDescription,
  { gatewayContract }: Pick<ServerParts, 'gatewayContract'>,
): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  const description = JSON.stringify(api);
  app.use('/docs', pageHeaders());
  app.get('/docs', (c) => c.html(docsPage(api), 200, PUBLIC));
  app.get('/style.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8', ...PUBLIC }));
  app.get('/openapi.json', (c) => c.body(description, 200, { 'content-type': 'application/json', ...PUBLIC }));
  if (gatewayContract) {
    const contract = JSON.stringify(gatewayContract);
    const type = { 'content-type': 'application/json', ...PUBLIC };
    app.get('/openapi/gateway.json', (c) => c.body(contract, 200, type));
  }
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    const body = JSON.stringify(schema);
    const type = { 'content-type': 'application/schema+json', ...PUBLIC };
    app.get(`/schemas/${name}.json`, (c) => c.body(body, 200, type));
  }
  return app;
}
