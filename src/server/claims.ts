// Owns the links of deflections over HTTP: claimed by whoever serves the customer's device, read by flow builders, claimed by a flow for its own
// conversation. Whoever is wrong about tokens too often waits; a token is in no log. Keeps H7.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { interactionContext } from '../context/interaction-context.ts';
import type { ExternalId } from '../ids.ts';
import { actorOf, needs } from './auth.ts';
import { ANCHOR, carriedContext, claimWith, deflectionIn, isOver, type Link, linkOf } from './claiming.ts';
import { json, jsonBody, problems } from './describing.ts';
import { flowClaimRoutes } from './flow-claim.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { clientAddress } from './request-site.ts';
import type { WrongAttempts } from './wrong-attempts.ts';

const tags = ['Claims'];
const middleware = [needs('claims')];
const params = z.object({
  token: z
    .string()
    .max(256)
    .openapi({ param: { name: 'token', in: 'path' } }),
});

const claimedView = z
  .object({
    state: z.literal('active'),
    interactionId: z.string(),
    context: interactionContext,
    resume: z.object({
      channel: z.string(),
      url: z
        .string()
        .nullable()
        .openapi({ description: 'Where the conversation goes on; null where it is a platform’s.' }),
    }),
  })
  .openapi('Claimed');

const claimRoute = createRoute({
  method: 'post',
  path: '/v1/claims/{token}',
  summary: 'Claim a link for a device',
  description:
    'The first device wins, and gets the same answer again. Another is told `claim-already-active` with `moveUrl`; with `move` the conversation comes to it.',
  tags,
  middleware,
  request: {
    params,
    body: jsonBody(
      z.strictObject({
        device: z.string().min(1).max(256).openapi({ description: 'Opaque; only a keyed hash of it is kept.' }),
        move: z.boolean().default(false),
      }),
    ),
  },
  responses: { 200: json('Claimed', claimedView), ...problems },
});

const flatContext = z
  .object({ found: z.boolean(), reason: z.string().optional(), ttlSeconds: z.number().optional() })
  .catchall(z.union([z.string(), z.number(), z.boolean()]))
  .openapi('ClaimContext', {
    description:
      '`interactionId`, `originalAni`, `voiceConversationId`, `intentAtDeflection`, `authenticationStatus`, `accountId`, `createdAt`, `ttlSeconds`, …; what is unknown is absent.',
  });

const contextRoute = createRoute({
  method: 'get',
  path: '/v1/claims/{token}/context',
  summary: 'What a link carries, for flow builders',
  description: 'Always 200. Reading uses nothing up.',
  tags,
  middleware,
  request: { params },
  responses: { 200: json('For the flow to branch on', flatContext), ...problems },
});

/** `attempts`: whoever guesses links, wherever they bring them. */
export function claimRoutes(parts: ServerParts, attempts: WrongAttempts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();

  app.openapi(claimRoute, async (c) => {
    const { token } = c.req.valid('param');
    const link = await lookUp(parts, attempts, c, token);
    if (!link) throw new Problem('claim-unknown');
    const { device, move } = c.req.valid('json');
    return c.json(await claimed(parts, link, { token, device, move, actor: actorOf(c) }), 200);
  });

  app.openapi(contextRoute, async (c) => {
    const { token } = c.req.valid('param');
    try {
      const link = await lookUp(parts, attempts, c, token);
      if (!link) return c.json({ found: false, reason: 'claim-unknown' }, 200);
      if (isOver(link, parts.clock.now())) return c.json({ found: false, reason: 'claim-expired' }, 200);
      return c.json({ found: true, ...carriedContext(link) }, 200);
    } catch (error) {
      if (error instanceof Problem) return c.json({ found: false, reason: error.code }, 200);
      throw error;
    }
  });

  app.route(
    '/',
    flowClaimRoutes(parts, (c, token) => lookUp(parts, attempts, c, token)),
  );
  return app;
}

/** Throws `too-many-attempts` where the address has to wait. */
async function lookUp(
  parts: ServerParts,
  attempts: WrongAttempts,
  c: Context<ServerEnv>,
  token: string,
): Promise<Link | null> {
  const address = clientAddress(c, parts);
  attempts.mayTry(address);
  const link = await linkOf(parts, token);
  if (!link) attempts.note(address);
  return link;
}

type Asked = { readonly token: string; readonly device: string; readonly move: boolean; readonly actor: string };

async function claimed(
  parts: ServerParts,
  link: Link,
  { token, ...claiming }: Asked,
): Promise<z.infer<typeof claimedView>> {
  const leg = { platform: ANCHOR, externalId: parts.newId() as ExternalId, channel: 'webchat' } as const;
  const url = parts.deflections.linkTo(token);
  try {
    const { state } = await claimWith(parts, link, { ...claiming, leg });
    const there = deflectionIn(state, link.handoffId)?.claimed?.leg;
    const isOurs = there?.platform === ANCHOR;
    return {
      state: 'active',
      interactionId: state.id,
      context: state.context,
      resume: { channel: there?.channel ?? 'webchat', url: isOurs ? url : null },
    };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'claim-already-active') throw error;
    throw new Problem('claim-already-active', { ...error.says, moveUrl: `${url}?move=1`, cause: error });
  }
}
