// Owns what is changed about an interaction after it began: its context by merge patch, and how it ended, once each.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { contextPatch } from '../context/interaction-context.ts';
import { mask } from '../context/masking.ts';
import type { InteractionId } from '../ids.ts';
import type { Input } from '../protocols/input.ts';
import { actorOf, needs } from './auth.ts';
import { idParam, json, jsonBody, problems } from './describing.ts';
import { interactionView, viewOfInteraction } from './interaction-view.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { standing, taken } from './taking.ts';

const tags = ['Interactions'];
const middleware = [needs('interactions')];
const responses = { 200: json('The interaction', interactionView), ...problems };

const patchRoute = createRoute({
  method: 'patch',
  path: '/v1/interactions/{id}/context',
  summary: 'Change the context',
  description: 'A merge patch (RFC 7396): null removes a field, objects merge, everything else replaces.',
  tags,
  middleware,
  request: {
    params: idParam,
    body: {
      required: true,
      content: {
        'application/merge-patch+json': { schema: contextPatch },
        'application/json': { schema: contextPatch },
      },
    },
  },
  responses,
});

const wrapupRoute = createRoute({
  method: 'post',
  path: '/v1/interactions/{id}/wrapup',
  summary: 'Record the wrap-up, once',
  description: 'What the interaction’s compliance flags forbid in `notes` is masked.',
  tags,
  middleware,
  request: {
    params: idParam,
    body: jsonBody(z.strictObject({ code: z.string().min(1).max(256), notes: z.string().max(10_000).optional() })),
  },
  responses,
});

const surveyRoute = createRoute({
  method: 'post',
  path: '/v1/interactions/{id}/survey',
  summary: 'Record the survey, once',
  description: 'What the interaction’s compliance flags forbid in `comment` is masked.',
  tags,
  middleware,
  request: {
    params: idParam,
    body: jsonBody(z.strictObject({ score: z.number().min(0).max(100), comment: z.string().max(10_000).optional() })),
  },
  responses,
});

export function interactionChangeRoutes({ runner, clock }: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  const change = async (id: string, input: Input) =>
    viewOfInteraction(await taken(runner.submit(id as InteractionId, input)), clock.now());
  /** What people write freely may hold a card number too (PCI DSS 3.3). */
  const masked = async <Text>(id: string, text: Text): Promise<Text> => {
    const { state } = await standing(runner, id as InteractionId);
    return mask(text, state.context.complianceFlags ?? []).value;
  };

  app.openapi(patchRoute, async (c) => {
    const input = { kind: 'change-context', actor: actorOf(c), context: c.req.valid('json') } as const;
    return c.json(await change(c.req.valid('param').id, input), 200);
  });

  app.openapi(wrapupRoute, async (c) => {
    const { id } = c.req.valid('param');
    const { code, notes } = c.req.valid('json');
    const free = notes === undefined ? {} : await masked(id, { notes });
    return c.json(await change(id, { kind: 'record-wrapup', actor: actorOf(c), code, ...free }), 200);
  });

  app.openapi(surveyRoute, async (c) => {
    const { id } = c.req.valid('param');
    const { score, comment } = c.req.valid('json');
    const free = comment === undefined ? {} : await masked(id, { comment });
    return c.json(await change(id, { kind: 'record-survey', actor: actorOf(c), score, ...free }), 200);
  });
  return app;
}
