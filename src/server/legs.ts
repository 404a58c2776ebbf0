// Owns how a conversation becomes part of an interaction. It belongs to one at a time: it is taken from another that has no open
// move, and never from one that has. Who is on it and who has left it comes with it (H2).

import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { InteractionId } from '../ids.ts';
import type { Reply } from '../journal/mailbox.ts';
import type { Input } from '../protocols/input.ts';
import type { Leg } from '../protocols/move.ts';
import type { KnownOfLeg } from '../protocols/ownership.ts';
import { actorOf, needs } from './auth.ts';
import { idParam, json, jsonBody, problems } from './describing.ts';
import { interactionView, viewOfInteraction } from './interaction-view.ts';
import { legInput } from './interactions.ts';
import { brandedLeg, firstOf, requirePlatform, toldBefore } from './opening.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { durable, standing, taken } from './taking.ts';

/** Two interactions that want the same conversation take turns; more than this in one request is a quarrel between callers. */
const MOST_TURNS = 5;

const attachRoute = createRoute({
  method: 'post',
  path: '/v1/interactions/{id}/legs',
  summary: 'Attach a conversation',
  description:
    'It is moved here, with whoever is on it, unless it belongs to an interaction with an open handoff (`leg-busy`). One that is over stays over.',
  tags: ['Interactions'],
  middleware: [needs('interactions')],
  request: { params: idParam, body: jsonBody(legInput) },
  responses: {
    200: json('The interaction, which had it already', interactionView),
    201: json('The interaction', interactionView),
    ...problems,
  },
});

export function legRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(attachRoute, async (c) => {
    const id = c.req.valid('param').id as InteractionId;
    const input = c.req.valid('json');
    requirePlatform(parts, input.platform);
    await standing(parts.runner, id);
    const { events, ...stands } = await attachLeg(parts, id, brandedLeg(input), actorOf(c));
    const view = viewOfInteraction(stands, parts.clock.now());
    return events.length > 0 ? c.json(view, 201) : c.json(view, 200);
  });
  return app;
}

async function attachLeg(parts: ServerParts, id: InteractionId, leg: Leg, actor: string) {
  let known: KnownOfLeg | undefined;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const reply = await attachOnce(parts, id, { kind: 'attach-leg', actor, leg, ...(known && { known }) });
    if (reply.kind !== 'leg-taken') return await taken(Promise.resolve(reply));
    const { events } = await taken(parts.runner.submit(reply.interactionId, { kind: 'detach-leg', actor, leg }));
    const detached = events.find((event) => event.type === 'LegDetached');
    known = detached?.type === 'LegDetached' ? detached.known : known;
  }
  throw new Problem('leg-busy', { detail: 'Others keep taking this conversation.' });
}

/** With what its platform told before anybody knew it, in one append. */
async function attachOnce(
  { journal, runner }: ServerParts,
  id: InteractionId,
  input: Extract<Input, { kind: 'attach-leg' }>,
): Promise<Reply> {
  const told = toldBefore(await journal.parkedFor(input.leg));
  return await durable(firstOf(runner.submitAll(id, [{ input }, ...told])));
}
