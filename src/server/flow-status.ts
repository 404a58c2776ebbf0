// Owns the flat call with which a flow asks, in its waiting loop, how what it asked for fares: the message to its caller (seed 000 §2), or
// where to transfer them to. Answers in under 3 seconds; a transfer's number is told only while that is right (H3).

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { HandoffId } from '../ids.ts';
import { findHandoff } from '../protocols/interaction.ts';
import { isSameLeg, isSettled, phaseOf } from '../protocols/move.ts';
import { actorOf, needs } from './auth.ts';
import { type Deflection, deflectionIn } from './claiming.ts';
import { json, jsonBody, problems } from './describing.ts';
import { flowCaller } from './flow-caller.ts';
import { whereTo, whereToView } from './flow-transfer.ts';
import { SMS_STATUSES } from './offer-view.ts';
import { brandedLeg, requirePlatform } from './opening.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import type { ProblemCode } from './problems.ts';
import { durable, standing } from './taking.ts';

const NOT_FOUND: ProblemCode = 'handoff-not-found';

const statusView = z
  .object({
    ok: z.boolean().openapi({ description: 'Of a transfer: whether to transfer to `transferTo` now.' }),
    phase: z.string().optional(),
    ...whereToView,
    smsStatus: z.enum(SMS_STATUSES).optional(),
    mayRelease: z.boolean().optional().openapi({
      description: 'Whether the call may end: the customer has the message, or has used its link already.',
    }),
    claimed: z.boolean().optional(),
  })
  .openapi('FlowStatus');
type Status = z.infer<typeof statusView>;

const statusInput = z.strictObject({ ...flowCaller, handoffId: z.string().max(256) });

const statusRoute = createRoute({
  method: 'post',
  path: '/v1/flows/status',
  summary: 'How the message to this caller fares, or where to transfer them to',
  description:
    'Of a message: `unconfirmed` when no receipt came in its time; the caller stays parked. Of a transfer that this flow is to make: as `/v1/flows/transfer` answers.',
  tags: ['Flows'],
  middleware: [needs('handoffs')],
  request: { body: jsonBody(statusInput) },
  responses: { 200: json('For the flow to branch on', statusView), ...problems },
});

export function flowStatusRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(statusRoute, async (c) => c.json(await statusOf(parts, c.req.valid('json'), actorOf(c)), 200));
  return app;
}

async function statusOf(parts: ServerParts, asked: z.infer<typeof statusInput>, actor: string): Promise<Status> {
  const { platform, conversationId: externalId } = asked;
  const handoffId = asked.handoffId as HandoffId;
  requirePlatform(parts, platform);
  const leg = brandedLeg({ platform, externalId, channel: 'voice' });
  const owner = await durable(parts.journal.ownerOf(leg));
  const state = owner && (await standing(parts.runner, owner)).state;
  const deflection = state && deflectionIn(state, handoffId);
  if (deflection) return ofMessage(deflection);
  const handoff = state && findHandoff(state, handoffId);
  if (!state || handoff?.kind !== 'transfer' || handoff.commitBy !== 'flow' || !isSameLeg(handoff.leg, leg))
    return { ok: false, reason: NOT_FOUND };
  return await whereTo(parts, { id: state.id, handoffId, actor });
}

function ofMessage(handoff: Deflection): Status {
  const claimed = handoff.claimed !== undefined;
  return {
    ok: true,
    phase: phaseOf(handoff),
    outcome: isSettled(handoff) ? handoff.outcome : null,
    smsStatus: handoff.sms,
    mayRelease: handoff.sms === 'delivered' || claimed,
    claimed,
    ...(isSettled(handoff) && handoff.reason !== undefined && { reason: handoff.reason }),
  };
}
