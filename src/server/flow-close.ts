// Owns the flat call by which a flow tells that its conversation is over, and hears whether the customer is to be asked: one wrap-up and one survey
// per interaction, by whoever closes last, however many conversations it had (seed 000).

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ConversationEvent } from '../context/conversation.ts';
import type { ParticipantId } from '../ids.ts';
import type { Interaction } from '../protocols/interaction.ts';
import { isSameLeg, type Leg } from '../protocols/move.ts';
import { actorOf, needs } from './auth.ts';
import { json, jsonBody, problems } from './describing.ts';
import { flowCaller, openForFlow } from './flow-caller.ts';
import { brandedLeg } from './opening.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { durable, standing } from './taking.ts';

const closeView = z
  .object({
    ok: z.boolean(),
    interactionId: z.string(),
    last: z.boolean().openapi({ description: 'Whether the whole is over with it.' }),
    askSurvey: z.boolean().openapi({ description: 'Only then the customer is asked, and not by each conversation.' }),
    askWrapup: z.boolean(),
  })
  .openapi('FlowClose');

const closeRoute = createRoute({
  method: 'post',
  path: '/v1/flows/close',
  summary: 'Tell that this conversation is over',
  description:
    'Told again, it changes nothing. Where the agent closes and the bot was to take over again, the conversation goes on with the bot.',
  tags: ['Flows'],
  middleware: [needs('handoffs')],
  request: {
    body: jsonBody(z.strictObject({ ...flowCaller, by: z.enum(['agent', 'flow', 'timeout']) })),
  },
  responses: { 200: json('For the flow to branch on', closeView), ...problems },
});

export function flowCloseRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const { runner, clock } = parts;
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(closeRoute, async (c) => {
    const { by, ...asked } = c.req.valid('json');
    const { state } = await openForFlow(parts, asked, actorOf(c));
    const leg = brandedLeg({
      platform: asked.platform,
      externalId: asked.conversationId,
      channel: asked.channel || 'voice',
    });
    const events = by === 'agent' ? agentsLeave(state, leg, clock.now()) : [];
    for (const event of events.length > 0 ? events : [over(leg, clock.now())]) {
      await durable(runner.submit(state.id, { kind: 'conversation-event', actor: actorOf(c), event }));
    }
    const { state: after } = await standing(runner, state.id);
    const last = after.endedAt !== undefined;
    return c.json(
      { ok: true, interactionId: after.id, last, askSurvey: last && !after.survey, askWrapup: last && !after.wrapup },
      200,
    );
  });
  return app;
}

/** The flow does not know its customer's party, and none is needed for the end of the whole. */
const WHOEVER = '' as ParticipantId;

function over({ platform, externalId }: Leg, at: number): ConversationEvent {
  return { kind: 'customer-left', platform, externalId, messageId: `closed-${externalId}`, at, participantId: WHOEVER };
}

/** Seed 001: the agent's end of the talk is not the customer's, where the bot takes over again. */
function agentsLeave({ resumeBot, attendance }: Interaction, leg: Leg, at: number): readonly ConversationEvent[] {
  if (!resumeBot) return [];
  const { platform, externalId } = leg;
  const agents = attendance.present.filter((party) => party.holds.kind === 'agent' && isSameLeg(party.leg, leg));
  return agents.map(({ participantId }) => ({
    kind: 'agent-left',
    platform,
    externalId,
    messageId: `closed-${participantId}`,
    at,
    participantId,
    talked: true,
    transferred: false,
  }));
}
