// Owns the flat call of a call's flow that sends its caller to a digital channel (seed 000 §2): the link is texted. How the
// message fares it asks in flow-status.ts. Answers in under 3 seconds, 200 with `ok`; the same question gets the same offer.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { HandoffId, InteractionId } from '../ids.ts';
import type { Interaction } from '../protocols/interaction.ts';
import { isSettled } from '../protocols/move.ts';
import { phoneIn } from './ani.ts';
import { actorOf, needs } from './auth.ts';
import { type Deflection, deflectionIn } from './claiming.ts';
import { deflectionOf } from './deflecting.ts';
import { json, jsonBody, problems } from './describing.ts';
import { handoffIn } from './escalating.ts';
import { flowCaller, openForFlow, toldContext } from './flow-caller.ts';
import type { Opened } from './opening.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem, type ProblemCode } from './problems.ts';
import { rfc3339 } from './rfc3339.ts';
import { standing, taken } from './taking.ts';

/** Flow builders give up after 3 s; the rest is for the way there and back. */
const PATIENCE_MS = 2_500;
const IN_PROGRESS: ProblemCode = 'handoff-in-progress';

const deflectInput = z.strictObject({
  ...flowCaller,
  to: z.string().optional().openapi({ description: 'Another number than the call’s.' }),
  source: z
    .enum(['park', 'disconnect', 'flow', ''])
    .optional()
    .openapi({ description: '`disconnect`: we end the call once the message is delivered. `flow`: the flow does.' }),
});
type Deflect = z.infer<typeof deflectInput>;

const deflectView = z
  .object({
    ok: z.boolean().openapi({ description: 'False: the flow should keep the caller and take its own way.' }),
    handoffId: z.string().optional(),
    correlationId: z.string().optional(),
    smsStatus: z.enum(['sent', 'unconfirmed', 'failed']).optional(),
    expiresAt: z.string().optional(),
    reason: z.string().optional().openapi({ description: 'A stable code; see the page of errors.' }),
  })
  .openapi('FlowDeflection');
type Answer = z.infer<typeof deflectView>;

const deflectRoute = createRoute({
  method: 'post',
  path: '/v1/flows/deflect',
  summary: 'Send this caller a link by text message',
  description:
    'Answers when the provider has the message, after 2.5 seconds at most. The call is not let go of by this: ask `/v1/flows/status` until the message is delivered.',
  tags: ['Flows'],
  middleware: [needs('handoffs')],
  request: { body: jsonBody(deflectInput) },
  responses: { 200: json('For the flow to branch on', deflectView), ...problems },
});

export function flowDeflectionRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(deflectRoute, async (c) => c.json(await deflect(parts, c.req.valid('json'), actorOf(c)), 200));
  return app;
}

async function deflect(parts: ServerParts, asked: Deflect, actor: string): Promise<Answer> {
  try {
    const opened = await openForFlow(parts, asked, actor);
    const { id, offers } = opened.state;
    const handoffId = offers[0]?.id ?? (await requested(parts, opened, asked, actor));
    return answerOf(id, await whenSent(parts, id, handoffId));
  } catch (problem) {
    // What the conversation's own state forbids is a branch for the flow, not an error.
    if (problem instanceof Problem && (problem.status === 409 || problem.status === 410))
      return { ok: false, reason: problem.code };
    throw problem;
  }
}

/** Asks for the deflection; when somebody else has just done so, theirs is the offer. */
async function requested(parts: ServerParts, opened: Opened, asked: Deflect, actor: string): Promise<HandoffId> {
  const { runner } = parts;
  const { state } = opened;
  const context = opened.kind === 'known' ? toldContext(asked) : {};
  if (Object.keys(context).length > 0) await taken(runner.submit(state.id, { kind: 'change-context', actor, context }));
  const input = await deflectionOf(parts, state, { to: numberOf(asked, state), source: asked.source || 'park' });
  try {
    return handoffIn(await taken(runner.submit(state.id, { ...input, actor }))).id;
  } catch (problem) {
    const theirs = problem instanceof Problem && problem.code === IN_PROGRESS && problem.says.handoffId;
    if (!theirs || !deflectionIn((await standing(runner, state.id)).state, theirs as HandoffId)) throw problem;
    return theirs as HandoffId;
  }
}

/** Where the message goes: another number where one was given, else the call's own. */
function numberOf({ to, ani }: Deflect, { customer }: Interaction): string | undefined {
  return (to ? phoneIn(to) : undefined) ?? customer.phone ?? (ani ? phoneIn(ani) : undefined);
}

async function whenSent({ runner }: ServerParts, id: InteractionId, handoffId: HandoffId): Promise<Deflection> {
  const isKnown = (now: Interaction) => {
    const offer = deflectionIn(now, handoffId);
    return offer !== undefined && (isSettled(offer) || offer.sms !== 'pending');
  };
  const now = (await runner.watch(id, isKnown, PATIENCE_MS)) ?? (await standing(runner, id)).state;
  const handoff = deflectionIn(now, handoffId);
  if (!handoff) throw new Error(`The handoff ${handoffId} was asked for and is not in the state.`);
  return handoff;
}

/** What was not heard of in time is not known to be on its way. */
const TOLD = {
  pending: 'unconfirmed',
  sent: 'sent',
  delivered: 'sent',
  unconfirmed: 'unconfirmed',
  failed: 'failed',
} as const;

function answerOf(correlationId: string, handoff: Deflection): Answer {
  const lost = isSettled(handoff) && handoff.outcome !== 'completed';
  return {
    ok: !lost,
    handoffId: handoff.id,
    correlationId,
    smsStatus: lost ? 'failed' : TOLD[handoff.sms],
    expiresAt: rfc3339(handoff.terms.expiresAt),
    ...(isSettled(handoff) && handoff.reason !== undefined && { reason: handoff.reason }),
  };
}
