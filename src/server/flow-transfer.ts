// Owns the flat calls of a flow or script that transfers its caller to another platform by itself (DESIGN: `commitBy` `flow`): it asks where to,
// is told so only while that is right (H3), and asks again where that takes longer than a flow waits. The same question gets the same transfer.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { HandoffId, Instant, InteractionId } from '../ids.ts';
import { toldNow } from '../protocols/flow-departure.ts';
import { findHandoff, type Interaction } from '../protocols/interaction.ts';
import { type Handoff, isSameLeg, isSettled, type Leg, phaseOf } from '../protocols/move.ts';
import { actorOf, needs } from './auth.ts';
import { json, jsonBody, problems } from './describing.ts';
import { handoffIn } from './escalating.ts';
import { flowCaller, openForFlow, toldContext } from './flow-caller.ts';
import type { FlowReason } from './flow-reasons.ts';
import { type ReadManifest, readManifest } from './kept-manifest.ts';
import { brandedLeg, type Opened } from './opening.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem, type ProblemCode } from './problems.ts';
import { rfc3339 } from './rfc3339.ts';
import { taken } from './taking.ts';
import { transferOf } from './transferring.ts';

/** Flow builders give up after 3 s; the rest is for the way there and back. */
const PATIENCE_MS = 2_500;
const IN_PROGRESS: ProblemCode = 'handoff-in-progress';
const NO_LEG: ProblemCode = 'no-platform-leg';
const STILL_PREPARING: FlowReason = 'still-preparing';
const NO_TARGET: FlowReason = 'no-target';
const ON_THE_WAY: FlowReason = 'already-on-the-way';

export type Transfer = Extract<Handoff, { kind: 'transfer' }>;

const text = z.string().optional();

/** What a flow is told of its transfer, beside `ok` and `phase`. */
export const whereToView = {
  handoffId: text,
  interactionId: text,
  outcome: z.string().nullable().optional(),
  transferTo: text.openapi({ description: 'The number to transfer to now, and at no later time.' }),
  token: text.openapi({ description: 'To be sent along as User-to-User, where the trunk can.' }),
  expiresAt: text.openapi({ description: 'The call must have been let go by then.' }),
  fallbackQueueId: text.openapi({ description: 'Of this platform: where the caller goes when the transfer fails.' }),
  fallbackQueueName: text,
  reason: text.openapi({ description: 'A stable code; `still-preparing` asks to ask again. See the page of errors.' }),
  detail: text,
};

const answerView = z
  .object({
    ok: z.boolean().openapi({ description: 'True: transfer to `transferTo` now. False: see `reason`.' }),
    phase: text,
    ...whereToView,
  })
  .openapi('FlowTransfer');
export type WhereTo = z.infer<typeof answerView>;

const transferInput = z.strictObject({
  ...flowCaller,
  toPlatform: z
    .string()
    .max(64)
    .optional()
    .openapi({ description: 'Empty where the transfer has been asked for already.' }),
  toQueue: z.string().max(256).optional().openapi({ description: 'The exact name of a queue or skill there.' }),
  toAgentId: z.string().max(256).optional().openapi({ description: 'Or that platform’s own id of an agent.' }),
  manifest: z.string().optional().openapi({ description: 'Seed 004 §1 as a JSON string.' }),
});
type Ask = z.infer<typeof transferInput>;

const transferRoute = createRoute({
  method: 'post',
  path: '/v1/flows/transfer',
  summary: 'Say where this flow is to transfer its caller to',
  description:
    'For a flow or script that transfers to another platform by itself. Both sides are checked and a place is held; `transferTo` is answered only while that is so, and its check is younger than two seconds: use it at once. Where it takes longer than 2.5 seconds the answer is `still-preparing`: ask `/v1/flows/status`, or this again.',
  tags: ['Flows'],
  middleware: [needs('handoffs')],
  request: { body: jsonBody(transferInput) },
  responses: { 200: json('For the flow to branch on', answerView), ...problems },
});

export function flowTransferRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(transferRoute, async (c) => c.json(await transfer(parts, c.req.valid('json'), actorOf(c)), 200));
  return app;
}

async function transfer(parts: ServerParts, asked: Ask, actor: string): Promise<WhereTo> {
  try {
    const opened = await openForFlow(parts, asked, actor);
    const { platform, conversationId: externalId } = asked;
    const leg = brandedLeg({ platform, externalId, channel: asked.channel || 'voice' });
    const open = opened.state.move;
    if (open) return await ofOpen(parts, opened.state, leg, actor);
    if (!asked.toPlatform || !asked.toQueue === !asked.toAgentId) return { ok: false, reason: NO_TARGET };
    if (!leaves(parts, opened.state, leg)) return { ok: false, reason: NO_LEG };
    const handoffId = await requested(parts, opened, asked, actor);
    return await whereTo(parts, { id: opened.state.id, handoffId, actor });
  } catch (problem) {
    // What the conversation's own state forbids is a branch for the flow, not an error.
    if (!(problem instanceof Problem) || (problem.status !== 409 && problem.status !== 410)) throw problem;
    const { handoffId } = problem.says;
    return { ok: false, reason: problem.code, ...(typeof handoffId === 'string' && { handoffId }) };
  }
}

/** A transfer that this flow is to make goes on, whoever asked for it; anything else is in its way. */
async function ofOpen(parts: ServerParts, state: Interaction, leg: Leg, actor: string): Promise<WhereTo> {
  const open = state.move;
  if (open?.kind !== 'transfer' || open.commitBy !== 'flow' || !isSameLeg(open.leg, leg))
    return { ok: false, reason: IN_PROGRESS, ...(open && { handoffId: open.id }) };
  return await whereTo(parts, { id: state.id, handoffId: open.id, actor });
}

/** Whether it is this conversation that a transfer would be of. */
function leaves({ transfers }: ServerParts, { legs }: Interaction, leg: Leg): boolean {
  const source = legs.findLast(({ state, platform }) => state === 'live' && transfers.policy.sites[platform]);
  return source === undefined || isSameLeg(source, leg);
}

/** Asks for the transfer; when somebody else has just done so, theirs is the handoff. */
async function requested(parts: ServerParts, opened: Opened, asked: Ask, actor: string): Promise<HandoffId> {
  const { runner } = parts;
  const { id } = opened.state;
  const context = opened.kind === 'known' ? toldContext(asked) : {};
  if (Object.keys(context).length > 0) await taken(runner.submit(id, { kind: 'change-context', actor, context }));
  const { toPlatform: platform = '', toQueue: queue, toAgentId: agentId } = asked;
  const { input, blob } = transferOf(parts, opened.state, {
    asked: {
      kind: 'transfer',
      to: { platform, ...(queue && { queue }), ...(agentId && { agentId }) },
      transferType: 'blind',
      initiatedBy: 'bot',
      commitBy: 'flow',
    },
    manifest: manifestIn(asked.manifest),
  });
  return handoffIn(await taken(runner.submit(id, { ...input, actor }, { blob }))).id;
}

/** The customer matters more than the manifest. */
function manifestIn(given: string | undefined): ReadManifest | undefined {
  if (!given) return undefined;
  try {
    return readManifest(JSON.parse(given));
  } catch {
    return undefined;
  }
}

export type Asking = { readonly id: InteractionId; readonly handoffId: HandoffId; readonly actor: string };

/** Where the flow is to transfer to, as soon as that is known, within a flow's patience. A place that is no longer right is sought anew. */
export async function whereTo(parts: ServerParts, { id, handoffId, actor }: Asking): Promise<WhereTo> {
  const { runner, clock } = parts;
  const endsAt = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const { state } = await taken(runner.submit(id, { kind: 'tell-flow', actor, handoffId }));
    const handoff = findHandoff(state, handoffId);
    if (handoff?.kind !== 'transfer') throw new Error(`The transfer ${handoffId} is not in the state.`);
    const leftMs = endsAt - clock.monotonic();
    const answer = answerOf(state.id, handoff, clock.now());
    if (answer.reason !== STILL_PREPARING || leftMs <= 0) return answer;
    await runner.watch(id, (now) => isPrepared(now, handoffId), leftMs);
  }
}

function isPrepared(state: Interaction, handoffId: HandoffId): boolean {
  const handoff = findHandoff(state, handoffId);
  return handoff === undefined || isSettled(handoff) || phaseOf(handoff) !== 'preparing';
}

function answerOf(interactionId: InteractionId, handoff: Transfer, now: Instant): WhereTo {
  const told = isSettled(handoff) ? undefined : toldNow(handoff, now);
  return {
    ok: told !== undefined,
    handoffId: handoff.id,
    interactionId,
    phase: phaseOf(handoff),
    outcome: isSettled(handoff) ? handoff.outcome : null,
    ...(told && {
      transferTo: told.reservation.address,
      token: handoff.terms.token,
      expiresAt: rfc3339(told.until),
    }),
    ...fallbackOf(handoff),
    ...(!told && whyNot(handoff)),
  };
}

function fallbackOf(handoff: Transfer): Pick<WhereTo, 'fallbackQueueId' | 'fallbackQueueName'> {
  const route = !isSettled(handoff) && 'route' in handoff.progress ? handoff.progress.route : undefined;
  const queue = route?.fallback.source;
  return {
    fallbackQueueName: queue?.name ?? handoff.terms.fallback.source,
    ...(queue && { fallbackQueueId: queue.id }),
  };
}

function whyNot(handoff: Transfer): Pick<WhereTo, 'reason' | 'detail'> {
  if (isSettled(handoff)) {
    const { outcome, reason = outcome, detail } = handoff;
    return { reason, ...(detail !== undefined && { detail }) };
  }
  const { progress } = handoff;
  if (progress.step === 'awaiting-flow') return { reason: progress.recalled ?? STILL_PREPARING };
  return { reason: phaseOf(handoff) === 'preparing' ? STILL_PREPARING : ON_THE_WAY };
}
