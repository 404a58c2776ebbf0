// Owns what an agent's card reads and tells: the briefing of its conversation's newest handoff, and the receipt of what was shown.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { customer, interactionContext } from '../context/interaction-context.ts';
import type { ManifestRef } from '../ids.ts';
import { type Found, handoffsIn, handoffWithin } from './briefing-watch.ts';
import type { CardSessions } from './card-sessions.ts';
import { json, jsonBody, problems } from './describing.ts';
import { lossEntry, resolvedQueue } from './handoff-view.ts';
import { JOURNEY_ACTORS, JOURNEY_WORDS, journeyOf } from './journey.ts';
import { readKept } from './kept-manifest.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { preferredWaitSeconds } from './prefer.ts';
import { Problem } from './problems.ts';
import { receiptInput, recordReceipt } from './receipts.ts';
import { requireSameOrigin } from './request-site.ts';
import { rfc3339, time } from './rfc3339.ts';
import { conversationFields } from './served-cards.ts';

const tags = ['Card'];
const security = [{ card: [] }];

const briefingView = z
  .object({
    ref: z.string(),
    interactionId: z.string(),
    manifest: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'Verbatim; empty where the handoff came without one.' }),
    whole: z.object({ context: interactionContext, customer: customer.optional() }),
    handoff: z.object({
      id: z.string(),
      queue: z.string().openapi({ description: 'Its name.' }),
      requestedAt: time,
      reason: z
        .string()
        .openapi({ description: 'Why this queue: `requested`, `rule:{name}`, `recommended-by-bot` or `default`.' }),
    }),
    journey: z.array(z.object({ at: time, what: z.enum(JOURNEY_WORDS), by: z.enum(JOURNEY_ACTORS) })),
    loss: z.array(lossEntry),
    expiresAt: time,
  })
  .openapi('Briefing');

const briefingRoute = createRoute({
  method: 'get',
  path: '/card/briefing',
  summary: 'What the agent should know',
  description:
    'Before the bot hands over there is none: `no-briefing-yet`. `Prefer: wait=N` holds the answer until there is, for N seconds, 30 at most.',
  tags,
  security,
  request: {
    headers: z.object({ prefer: z.string().optional() }),
    query: z.strictObject({
      ...conversationFields,
      ref: z.string().optional().openapi({ description: 'Of an earlier handoff; else the newest is read.' }),
    }),
  },
  responses: { 200: json('The briefing', briefingView), ...problems },
});

const receiptRoute = createRoute({
  method: 'post',
  path: '/card/receipt',
  summary: 'Say which fields the agent was shown',
  description: 'As `POST /v1/manifests/{ref}/receipt`: the first one counts.',
  tags,
  security,
  request: { body: jsonBody(receiptInput.extend({ ref: z.string().max(64) })) },
  responses: { 204: { description: 'Recorded' }, ...problems },
});

export function cardBriefingRoutes(parts: ServerParts, sessions: CardSessions): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();

  app.openapi(briefingRoute, async (c) => {
    const { ref, ...asked } = c.req.valid('query');
    const session = sessions.for(c, asked);
    const withinMs = preferredWaitSeconds(c.req.valid('header').prefer) * 1_000;
    const found = await handoffWithin(parts, session, { ref, withinMs, gone: c.req.raw.signal });
    if (!found) throw new Problem('no-briefing-yet');
    return c.json(await briefing(parts, found), 200);
  });

  app.openapi(receiptRoute, async (c) => {
    requireSameOrigin(c, parts);
    const { ref, ...receipt } = c.req.valid('json');
    const live = sessions.all(c);
    if (live.length === 0) throw new Problem('no-session');
    const shown = await Promise.all(live.map((session) => handoffsIn(parts, session)));
    if (!shown.flat().some(({ handoff }) => handoff.manifestRef === ref)) throw new Problem('not-your-conversation');
    await unlessExpired(recordReceipt(parts, ref as ManifestRef, receipt));
    return c.body(null, 204);
  });
  return app;
}

async function briefing(parts: ServerParts, { interaction, handoff }: Found): Promise<z.infer<typeof briefingView>> {
  const { id, manifestRef: ref, wish, requestedAt, loss } = handoff;
  if (ref === undefined) throw new Problem('manifest-expired');
  const [{ whole, expiresAt }, history] = await Promise.all([
    unlessExpired(readKept(parts, ref)),
    parts.journal.history(interaction.id),
  ]);
  return {
    ref,
    interactionId: interaction.id,
    manifest: { ...whole.manifest },
    whole: { context: whole.context, ...(whole.customer && { customer: whole.customer }) },
    handoff: {
      id,
      queue: resolvedQueue(handoff)?.name || wish.name,
      requestedAt: rfc3339(requestedAt),
      reason: wish.because,
    },
    journey: journeyOf(history ?? []).map(({ at, what, by }) => ({ at: rfc3339(at), what, by })),
    loss: [...loss],
    expiresAt: rfc3339(expiresAt),
  };
}

/** The handoff is known, so a manifest that is not there any more has had its time. */
async function unlessExpired<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Problem && error.code === 'manifest-not-found')
      throw new Problem('manifest-expired', { cause: error });
    throw error;
  }
}
