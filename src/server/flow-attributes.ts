// Owns the flat call that passes session attributes on (seed 001 §4, `SetExternalSessionAttributes`): they become attributes of the
// interaction's context and travel with its next handoff.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { actorOf, needs } from './auth.ts';
import { json, jsonBody, problems } from './describing.ts';
import { flowCaller, openForFlow, toldContext } from './flow-caller.ts';
import type { FlowReason } from './flow-reasons.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { taken } from './taking.ts';

const UNREADABLE: FlowReason = 'attributes-unreadable';
const KEPT: FlowReason = 'kept-for-the-next-handoff';

const answerView = z
  .object({ ok: z.boolean(), interactionId: z.string(), reason: z.string().optional() })
  .openapi('FlowAttributes');
type Answer = z.infer<typeof answerView>;

const attributesInput = z
  .object({
    ...flowCaller,
    attributes: z
      .union([z.string(), z.record(z.string(), z.string())])
      .optional()
      .openapi({ description: 'An object of strings, or the same as a JSON string.' }),
  })
  .catchall(z.string())
  .openapi({ description: 'Every field that is not named here is an attribute.' });
type Attributes = z.infer<typeof attributesInput>;

const attributesRoute = createRoute({
  method: 'post',
  path: '/v1/flows/attributes',
  summary: 'Set session attributes',
  tags: ['Flows'],
  middleware: [needs('handoffs')],
  request: { body: jsonBody(attributesInput) },
  responses: { 200: json('For the flow to branch on', answerView), ...problems },
});

export function flowAttributeRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(attributesRoute, async (c) => c.json(await set(parts, c.req.valid('json'), actorOf(c)), 200));
  return app;
}

async function set(parts: ServerParts, asked: Attributes, actor: string): Promise<Answer> {
  const { state } = await openForFlow(parts, asked, actor);
  const attributes = attributesIn(asked);
  if (!attributes) return { ok: false, interactionId: state.id, reason: UNREADABLE };
  const context = { ...toldContext(asked), attributes };
  const after = await taken(parts.runner.submit(state.id, { kind: 'change-context', actor, context }));
  // A handoff takes along what the context was when it was asked for.
  const missed = after.state.move !== null || after.state.holder.kind !== 'bot';
  return { ok: true, interactionId: state.id, ...(missed && { reason: KEPT }) };
}

/** A merge patch of the attributes, or undefined when the JSON string cannot be read. */
function attributesIn({ attributes, ...asked }: Attributes): Record<string, string | null> | undefined {
  const further = Object.entries(asked).flatMap(([name, value]) =>
    Object.hasOwn(flowCaller, name) || typeof value !== 'string' ? [] : [[name, value] as const],
  );
  const given = typeof attributes === 'string' ? parsed(attributes) : (attributes ?? {});
  return given && { ...given, ...Object.fromEntries(further) };
}

/** Values that are not text become text; null removes an attribute. */
function parsed(json: string): Record<string, string | null> | undefined {
  if (json === '') return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asText(inner)]));
  } catch {
    return undefined;
  }
}

function asText(value: unknown): string | null {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}
