// Owns the flat call by which a flow claims a link for its own conversation: the conversation becomes part of the caller's interaction, and is
// told what was known at the call. 200 whatever comes of it; the same answer when asked again. The number that the flow presents is not believed.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { JournalUnavailable } from '../journal/journal-unavailable.ts';
import { actorOf, needs } from './auth.ts';
import { carriedContext, claimWith, deflectionIn, type Link } from './claiming.ts';
import { json, jsonBody, problems } from './describing.ts';
import { flowCaller } from './flow-caller.ts';
import type { FlowReason } from './flow-reasons.ts';
import { brandedLeg, requirePlatform } from './opening.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem, type ProblemCode } from './problems.ts';

const NOT_NOW: FlowReason = 'journal-unavailable';

const claimInput = z.strictObject({ ...flowCaller, token: z.string().max(256) });
type Asked = z.infer<typeof claimInput>;

const answerView = z
  .object({
    found: z.boolean(),
    state: z.enum(['claimed', 'already_active', 'expired', 'unknown']),
    activeConversationId: z.string().optional(),
    reason: z.string().optional(),
  })
  .catchall(z.union([z.string(), z.number(), z.boolean()]))
  .openapi('FlowClaim', {
    description:
      'When claimed: `originalAni`, `voiceConversationId`, `intentAtDeflection`, `authenticationStatus`, `accountId`, …',
  });
type Answer = z.infer<typeof answerView>;

const flowClaimRoute = createRoute({
  method: 'post',
  path: '/v1/flows/claim',
  summary: 'Claim a link for this conversation',
  description:
    '`already_active`: another conversation has it, and goes on. What the flow says of the caller is not used: a link is bound to the number that it was sent to.',
  tags: ['Flows'],
  middleware: [needs('handoffs', 'claims')],
  request: { body: jsonBody(claimInput) },
  responses: { 200: json('For the flow to branch on', answerView), ...problems },
});

type LookUp = (c: Context<ServerEnv>, token: string) => Promise<Link | null>;

export function flowClaimRoutes(parts: ServerParts, lookUp: LookUp): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(flowClaimRoute, async (c) => {
    const asked = c.req.valid('json');
    requirePlatform(parts, asked.platform);
    try {
      const link = await lookUp(c, asked.token);
      if (!link) return c.json({ found: false, state: 'unknown' as const }, 200);
      return c.json(await claimed(parts, link, asked, actorOf(c)), 200);
    } catch (error) {
      return c.json(refused(error), 200);
    }
  });
  return app;
}

async function claimed(parts: ServerParts, link: Link, asked: Asked, actor: string): Promise<Answer> {
  const { platform, conversationId: externalId } = asked;
  const leg = brandedLeg({ platform, externalId, channel: asked.channel || 'webchat' });
  try {
    const { state } = await claimWith(parts, link, { leg, device: `${platform} ${externalId}`, move: false, actor });
    const handoff = deflectionIn(state, link.handoffId) ?? link.handoff;
    return { found: true, state: 'claimed', ...carriedContext({ state, handoff }) };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'claim-already-active') throw error;
    const after = await parts.runner.read(link.interactionId);
    const active = after && 'offers' in after.state ? deflectionIn(after.state, link.handoffId)?.claimed : undefined;
    return { found: true, state: 'already_active', ...(active && { activeConversationId: active.leg.externalId }) };
  }
}

const EXPIRED: ReadonlySet<ProblemCode> = new Set(['claim-expired', 'interaction-ended']);
const UNKNOWN: ReadonlySet<ProblemCode> = new Set(['claim-unknown', 'interaction-erased', 'interaction-being-erased']);

/** What a customer cannot be helped with is an answer as well: the flow must go on. */
function refused(error: unknown): Answer {
  if (error instanceof JournalUnavailable) return { found: false, state: 'unknown', reason: NOT_NOW };
  if (!(error instanceof Problem) || error.code === 'internal-error') throw error;
  if (EXPIRED.has(error.code)) return { found: false, state: 'expired', reason: error.code };
  return { found: false, state: 'unknown', ...(!UNKNOWN.has(error.code) && { reason: error.code }) };
}
