// Owns the flat call that escalates: one level of JSON in and out, an answer in under 3 seconds, 200 with `ok` so that a flow can
// branch. A flow repeats calls, so the same question gets the same handoff's answer (H1).

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { HandoffId, InteractionId } from '../ids.ts';
import { findHandoff } from '../protocols/interaction.ts';
import { type CommitBy, isSettled } from '../protocols/move.ts';
import { actorOf, needs } from './auth.ts';
import { json, jsonBody, problems } from './describing.ts';
import { escalationOf, handoffIn } from './escalating.ts';
import { flowCaller, openForFlow, toldContext } from './flow-caller.ts';
import type { FlowReason } from './flow-reasons.ts';
import { type Handoff, resolvedQueue } from './handoff-view.ts';
import { inspectedWithinPatience } from './handoff-watch.ts';
import { type ReadManifest, readManifest } from './kept-manifest.ts';
import type { Opened } from './opening.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem, type ProblemCode } from './problems.ts';
import { taken } from './taking.ts';

const MANIFEST_UNREADABLE: FlowReason = 'manifest-unreadable';
const STILL_PREPARING: FlowReason = 'still-preparing';
/** As such a handoff settles, too. */
const ALREADY_THERE = 'already-in-queue';
const IN_PROGRESS: ProblemCode = 'handoff-in-progress';

const answerView = z
  .object({
    ok: z.boolean().openapi({ description: 'False: the flow should take its own default way.' }),
    handoffId: z.string().optional(),
    queueName: z.string().optional(),
    queueId: z.string().optional(),
    manifestRef: z.string().optional(),
    briefing: z.string().optional(),
    summary: z.string().optional(),
    reason: z.string().optional().openapi({ description: 'A stable code; see the page of errors.' }),
    detail: z.string().optional(),
  })
  .openapi('FlowEscalation');
type Answer = z.infer<typeof answerView>;

const escalateInput = z.strictObject({
  ...flowCaller,
  queue: z.string().max(256).optional(),
  manifest: z.string().optional().openapi({ description: 'Seed 004 §1 as a JSON string.' }),
  commitBy: z
    .enum(['us', 'flow', ''])
    .optional()
    .openapi({ description: '`flow`: the flow itself transfers afterwards.' }),
  resumeBot: z.enum(['true', 'false', '']).optional(),
});
type Escalate = z.infer<typeof escalateInput>;

const escalateRoute = createRoute({
  method: 'post',
  path: '/v1/flows/escalate',
  summary: 'Escalate this conversation',
  description:
    'A manifest that cannot be read does not keep the customer waiting: the escalation goes on without it and `reason` says so. With `commitBy` `flow`, `ok` means that the queue is known and may be transferred to. Where a handoff is open that somebody else commits, the answer is `handoff-in-progress`.',
  tags: ['Flows'],
  middleware: [needs('handoffs')],
  request: { body: jsonBody(escalateInput) },
  responses: { 200: json('For the flow to branch on', answerView), ...problems },
});

export function flowEscalationRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(escalateRoute, async (c) => c.json(await escalate(parts, c.req.valid('json'), actorOf(c)), 200));
  return app;
}

async function escalate(parts: ServerParts, asked: Escalate, actor: string): Promise<Answer> {
  try {
    const opened = await openForFlow(parts, asked, actor);
    const manifest = manifestIn(asked.manifest);
    const handoffId = opened.state.move?.id ?? (await requested(parts, opened, asked, manifest, actor));
    const handoff = await whenQueueKnown(parts, opened.state.id, handoffId);
    // Somebody transfers, and it is not who asks: were both told to go on, both would transfer, or neither.
    if (handoff.commitBy !== committer(asked)) return { ok: false, handoffId, reason: IN_PROGRESS };
    return answerOf(handoff, manifest === 'unreadable');
  } catch (problem) {
    // What the conversation's own state forbids is a branch for the flow, not an error.
    if (problem instanceof Problem && (problem.status === 409 || problem.status === 410))
      return { ok: false, reason: problem.code };
    throw problem;
  }
}

/** Who transfers when the flow does not say. */
function committer({ commitBy }: Escalate): CommitBy {
  return commitBy || 'us';
}

/** The customer matters more than the manifest. */
function manifestIn(text: string | undefined): ReadManifest | 'unreadable' | undefined {
  if (!text) return undefined;
  try {
    return readManifest(JSON.parse(text));
  } catch {
    return 'unreadable';
  }
}

/** Asks for the escalation; when somebody else has just done so, theirs is the handoff. */
async function requested(
  parts: ServerParts,
  opened: Opened,
  asked: Escalate,
  manifest: ReadManifest | 'unreadable' | undefined,
  actor: string,
): Promise<HandoffId> {
  const { runner } = parts;
  const { id } = opened.state;
  const told = opened.kind === 'known' ? toldContext(asked) : {};
  const { input, blob } = escalationOf(parts, opened.state, {
    queue: asked.queue || undefined,
    resumeBot: asked.resumeBot === 'true',
    commitBy: committer(asked),
    manifest: manifest === 'unreadable' ? undefined : manifest,
  });
  if (Object.keys(told).length > 0) await taken(runner.submit(id, { kind: 'change-context', actor, context: told }));
  try {
    return handoffIn(await taken(runner.submit(id, { ...input, actor }, { blob }))).id;
  } catch (problem) {
    const theirs = problem instanceof Problem && problem.code === IN_PROGRESS && problem.says.handoffId;
    if (theirs) return theirs as HandoffId;
    throw problem;
  }
}

async function whenQueueKnown(parts: ServerParts, id: InteractionId, handoffId: HandoffId): Promise<Handoff> {
  const handoff = findHandoff(await inspectedWithinPatience(parts, id, handoffId), handoffId);
  if (!handoff) throw new Error(`The handoff ${handoffId} was asked for and is not in the state.`);
  return handoff;
}

function answerOf(handoff: Handoff, manifestUnreadable: boolean): Answer {
  const { ok, reason, detail } = verdictOn(handoff);
  const why = reason ?? (manifestUnreadable ? MANIFEST_UNREADABLE : undefined);
  const queue = resolvedQueue(handoff);
  const { id, manifestRef, briefing, summary, wish } = handoff;
  return {
    ok,
    handoffId: id,
    queueName: queue?.name ?? wish.name,
    ...(queue && { queueId: queue.id }),
    ...(manifestRef && { manifestRef }),
    briefing,
    summary,
    ...(why && { reason: why }),
    ...(detail && { detail }),
  };
}

type Verdict = { readonly ok: boolean; readonly reason?: string | undefined; readonly detail?: string | undefined };

/** While the queue is not known, our own transfer will still be made, but a flow has nothing yet to transfer to. */
function verdictOn(handoff: Handoff): Verdict {
  // The customer is there by other hands: the flow's transfer would put them at the queue's end.
  if (handoff.commitBy === 'flow' && hasArrived(handoff)) return { ok: false, reason: ALREADY_THERE };
  if (isSettled(handoff)) {
    const { outcome, reason, detail } = handoff;
    return { ok: outcome === 'completed', reason: reason ?? (outcome === 'completed' ? undefined : outcome), detail };
  }
  return resolvedQueue(handoff) ? { ok: true } : { ok: handoff.commitBy === 'us', reason: STILL_PREPARING };
}

function hasArrived(handoff: Handoff): boolean {
  if (isSettled(handoff)) return handoff.outcome === 'completed';
  return handoff.progress.step === 'attaching' && handoff.progress.arrived !== undefined;
}
