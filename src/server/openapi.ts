// Owns the API's own description: OpenAPI 3.1, from the very schemas that validate.

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ServerEnv } from './parts.ts';

export type ApiDescription = ReturnType<OpenAPIHono<ServerEnv>['getOpenAPI31Document']>;

const SESSIONS = {
  console:
    'The console’s session, from `POST /console/session`. Calls that change something also need `Throughline-Console: 1`.',
  card: 'An agent’s session for one conversation, from `POST /card/session`.',
} as const;

/** Call it when every route is registered. */
export function describeApi(app: OpenAPIHono<ServerEnv>, version: string): ApiDescription {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'A key with the scope that the call needs.',
  });
  for (const [name, description] of Object.entries(SESSIONS)) {
    // Behind TLS the name begins with `__Host-`; a card's ends with a mark of its conversation.
    const cookie = { type: 'apiKey', in: 'cookie', name: `throughline-${name}`, description } as const;
    app.openAPIRegistry.registerComponent('securitySchemes', name, cookie);
  }
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Throughline',
      version,
      description: 'The open handoff layer for contact centers.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { console: [] }],
    tags: [
      { name: 'Interactions', description: 'One customer, one matter, from first contact to wrap-up.' },
      { name: 'Handoffs', description: 'A conversation’s move from one holder to another.' },
      { name: 'Manifests', description: 'What the holder who leaves tells the one who comes.' },
      { name: 'Flows', description: 'Flat calls for flow builders.' },
      { name: 'Platforms', description: 'The contact centers that are configured.' },
      { name: 'Card', description: 'What an agent’s briefing card signs in with, reads and tells.' },
      { name: 'Console', description: 'The operators’ session.' },
      { name: 'Operations', description: 'What keeps it running and honest.' },
    ],
  });
}
