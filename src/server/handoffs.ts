// Owns the handoffs as resources: asked for (once per idempotency key), waited for, read, cancelled and, where an agent has the last
// word, completed. Keeps H1's answer (a second is refused with the first one's id).

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { HandoffId, InteractionId } from '../ids.ts';
import type { PlainBlob } from '../journal/draft.ts';
import type { RequestCallback, RequestDeflection, RequestEscalation, RequestTransfer } from '../protocols/input.ts';
import { findHandoff, type Interaction } from '../protocols/interaction.ts';
import { type Handoff, isSettled } from '../protocols/move.ts';
import { actorOf, needs } from './auth.ts';
import { type CallbackInput, callbackInput, callbackOf } from './calling-back.ts';
import { type DeflectionInput, deflectionAsked, deflectionInput, deflectionOf } from './deflecting.ts';
import { idParam, json, jsonBody, problems } from './describing.ts';
import { escalationOf, handoffIn } from './escalating.ts';
import { handoffNamed, handoffView, viewOfHandoff } from './handoff-view.ts';
import { inspectedWithinPatience, settledWithin } from './handoff-watch.ts';
import { type RequestKey, requestKey } from './idempotency.ts';
import { readManifest } from './kept-manifest.ts';
import { manifestInput } from './manifests.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { preferredWaitSeconds } from './prefer.ts';
import { Problem } from './problems.ts';
import { withReceipt } from './receipts.ts';
import { standing, taken } from './taking.ts';
import { type TransferInput, transferInput, transferOf } from './transferring.ts';

const tags = ['Handoffs'];
const middleware = [needs('handoffs')];
const params = idParam.extend({ n: z.string().openapi({ description: 'The number, or the full id.' }) });

const escalation = z.strictObject({
  kind: z.literal('escalation'),
  queue: z.string().min(1).max(256).optional().openapi({ description: 'The exact name of a queue.' }),
  resumeBot: z.boolean().optional().openapi({ description: 'The bot takes over again when the agent ends the talk.' }),
  manifest: manifestInput.optional(),
});
const elsewhere = z.looseObject({ kind: z.literal('upgrade') });
const SUPPORTED = ['escalation', 'transfer', 'deflection', 'callback'];

const requestRoute = createRoute({
  method: 'post',
  path: '/v1/interactions/{id}/handoffs',
  summary: 'Ask for a handoff',
  description:
    'Of an escalation the queue is, in this order: the request’s, the first matching rule’s, the manifest’s `recommended_queue`, the default. A transfer names who it is for on the other platform.',
  tags,
  middleware,
  request: {
    params: idParam,
    headers: z.object({
      'idempotency-key': z.string().min(1).max(255).optional(),
      prefer: z.string().optional().openapi({ description: '`wait=N`: answer when settled, after N seconds at most.' }),
    }),
    body: jsonBody(
      z.discriminatedUnion('kind', [escalation, transferInput, deflectionInput, callbackInput, elsewhere]),
    ),
  },
  responses: { 202: json('Under way', handoffView), 200: json('Settled', handoffView), ...problems },
});

const getRoute = createRoute({
  method: 'get',
  path: '/v1/interactions/{id}/handoffs/{n}',
  summary: 'Read a handoff',
  tags,
  middleware,
  request: { params },
  responses: { 200: json('The handoff', handoffView), ...problems },
});

const cancelRoute = createRoute({
  method: 'post',
  path: '/v1/interactions/{id}/handoffs/{n}/cancel',
  summary: 'Cancel a handoff, while nothing has been moved',
  tags,
  middleware,
  request: { params },
  responses: { 200: json('Cancelled', handoffView), ...problems },
});

const completeRoute = createRoute({
  method: 'post',
  path: '/v1/interactions/{id}/handoffs/{n}/complete',
  summary: 'Say whether a consultation ends with the transfer',
  description:
    'The verdict of the agent who consults: the customer goes over, or stays. Of a `warm` transfer it comes by itself when somebody has answered. The same verdict again changes nothing.',
  tags,
  middleware,
  request: { params, body: jsonBody(z.strictObject({ accept: z.boolean() })) },
  responses: { 200: json('Settled', handoffView), 202: json('Under way', handoffView), ...problems },
});

export function handoffRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const { runner, clock } = parts;
  const app = new OpenAPIHono<ServerEnv>();

  app.openapi(requestRoute, async (c) => {
    const body = c.req.valid('json');
    if (body.kind === 'upgrade') throw new Problem('kind-not-supported', { supported: SUPPORTED });
    const { 'idempotency-key': key, prefer } = c.req.valid('header');
    const request = key === undefined ? undefined : requestKey(key, body);

    const id = c.req.valid('param').id as InteractionId;
    const { state } = await standing(runner, id);
    const { input, ...along } = await requestOf(parts, state, body, request);
    const asked = await taken(runner.submit(id, { ...input, actor: actorOf(c) }, along));
    const { id: handoffId } = handoffIn(asked, request);
    const waitSeconds = preferredWaitSeconds(prefer);
    const interaction = await awaited(parts, { before: state, after: asked.state, handoffId, waitSeconds });
    const handoff = found(findHandoff(interaction, handoffId));
    refuseWhenWithAgent(handoff);
    const view = viewOfHandoff(handoff, interaction, clock.now());
    if (waitSeconds > 0) c.header('preference-applied', `wait=${waitSeconds}`);
    c.header('location', `/v1/interactions/${id}/handoffs/${handoff.n}`);
    return isSettled(handoff) ? c.json(view, 200) : c.json(view, 202);
  });

  app.openapi(getRoute, async (c) => {
    const { id, n } = c.req.valid('param');
    const { state } = await standing(runner, id as InteractionId);
    const view = viewOfHandoff(found(handoffNamed(state, n)), state, clock.now());
    return c.json(await withReceipt(parts, c, view), 200);
  });

  app.openapi(cancelRoute, async (c) => {
    const { id, n } = c.req.valid('param');
    const { state } = await standing(runner, id as InteractionId);
    const { id: handoffId } = found(handoffNamed(state, n));
    const input = { kind: 'cancel-handoff', actor: actorOf(c), handoffId } as const;
    const after = await taken(runner.submit(id as InteractionId, input));
    return c.json(viewOfHandoff(found(handoffNamed(after.state, n)), after.state, clock.now()), 200);
  });

  app.openapi(completeRoute, async (c) => {
    const { id, n } = c.req.valid('param');
    const { accept } = c.req.valid('json');
    const { state } = await standing(runner, id as InteractionId);
    const { id: handoffId } = found(handoffNamed(state, n));
    const input = { kind: 'complete-transfer', actor: actorOf(c), handoffId, accept } as const;
    const after = await taken(runner.submit(id as InteractionId, input));
    const handoff = found(handoffNamed(after.state, n));
    const view = viewOfHandoff(handoff, after.state, clock.now());
    return isSettled(handoff) ? c.json(view, 200) : c.json(view, 202);
  });
  return app;
}

type Asked = z.infer<typeof escalation> | TransferInput | DeflectionInput | CallbackInput;
/** What is asked of the interaction, and the blob that goes with it. */
type Requested = {
  readonly input: RequestEscalation | RequestTransfer | RequestDeflection | RequestCallback;
  readonly blob?: PlainBlob;
};

async function requestOf(
  parts: ServerParts,
  state: Interaction,
  body: Asked,
  request: RequestKey | undefined,
): Promise<Requested> {
  if (body.kind === 'callback') return { input: await callbackOf(parts, state, { asked: body, request }) };
  if (body.kind === 'deflection') {
    return { input: await deflectionOf(parts, state, { ...deflectionAsked(body, state), request }) };
  }
  const manifest = body.manifest === undefined ? undefined : readManifest(body.manifest, 'manifest');
  if (body.kind === 'transfer') return transferOf(parts, state, { asked: body, manifest, request });
  const { kind: _, ...wishes } = body;
  return escalationOf(parts, state, { ...wishes, manifest, commitBy: 'us', request });
}

function found(handoff: Handoff | undefined): Handoff {
  if (!handoff) throw new Problem('handoff-not-found');
  return handoff;
}

type Awaited = {
  readonly before: Interaction;
  readonly after: Interaction;
  readonly handoffId: HandoffId;
  readonly waitSeconds: number;
};

/** Waits as long as the caller wishes; where an agent was last seen, until a look has shown whether they are still there. */
async function awaited(parts: ServerParts, { before, after, handoffId, waitSeconds }: Awaited): Promise<Interaction> {
  if (waitSeconds > 0) return await settledWithin(parts, after.id, handoffId, waitSeconds * 1000);
  return before.holder.kind === 'agent' ? await inspectedWithinPatience(parts, after.id, handoffId) : after;
}

/** Seed 004, edge case 3, where the look at the conversation showed the agent. */
function refuseWhenWithAgent(handoff: Handoff): void {
  if (isSettled(handoff) && handoff.outcome === 'refused' && handoff.reason === 'already-with-agent') {
    throw new Problem('already-with-agent', { handoffId: handoff.id });
  }
}
