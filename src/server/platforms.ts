// Owns what is shown of the configured platforms: what each can do, what fits there, how it is, and its queues.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { PackingLimits } from '../context/packing.ts';
import type { PlatformName } from '../ids.ts';
import { TRANSFER_TYPES } from '../protocols/crossing.ts';
import { json, problems } from './describing.ts';
import type { ServedPlatform, ServedTransfers, ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { rfc3339, time } from './rfc3339.ts';

const tags = ['Platforms'];

const breakerState = z.enum(['closed', 'open', 'half-open']);

const platformView = z
  .object({
    name: z.string(),
    capabilities: z.object({ reservation: z.string(), commit: z.array(z.string()), settleMs: z.number() }),
    limits: z.object({
      attributeValueBytes: z.number(),
      attributeCount: z.number(),
      digital: z
        .object({ attributeValueBytes: z.number(), attributeCount: z.number() })
        .optional()
        .openapi({ description: 'Where a conversation that is no call holds something else.' }),
    }),
    health: z.object({
      ok: z.boolean(),
      code: z.string().optional(),
      detail: z.string().optional(),
      lastAnswerAt: time.optional(),
      budget: z.object({ limitPerMinute: z.number(), remaining: z.number() }).optional(),
    }),
    token: z
      .object({
        state: z.enum(['valid', 'refreshing', 'none', 'failing']),
        ageSec: z.number().nullable(),
        expiresInSec: z.number().nullable(),
      })
      .optional()
      .openapi({ description: 'How this node’s access token is; never the token.' }),
    governor: z
      .object({
        limitPerMinute: z.number(),
        usedInLastMinute: z.number(),
        waiting: z.number(),
        slice: z.number().optional(),
      })
      .optional()
      .openapi({
        description:
          'What of the quota this node has used, how many calls wait for a turn, and, where other nodes share it, how much of it this one may use.',
      }),
    transfers: z
      .object({
        comesHere: z.enum(['native', 'entry-script', 'none']).openapi({
          description:
            'What a place for a transfer to it rests on. `native`: it holds one. `entry-script`: it holds none; its entry recognises the call.',
        }),
        goesFromHere: z.array(z.enum(TRANSFER_TYPES)).openapi({ description: 'The types that it may be asked for.' }),
        fallbackQueue: z.string().optional().openapi({ description: 'Where callers whose transfer failed are put.' }),
      })
      .optional()
      .openapi({ description: 'How it takes part in transfers between platforms, where it does.' }),
    breaker: z
      .object({ calls: breakerState, logins: breakerState })
      .optional()
      .openapi({ description: 'Whether this node holds calls, or logins, back because the last ones failed.' }),
  })
  .openapi('Platform');

const listRoute = createRoute({
  method: 'get',
  path: '/v1/platforms',
  summary: 'The configured platforms and how they are',
  tags,
  responses: { 200: json('By name', z.object({ entities: z.array(platformView) })), ...problems },
});

const queueView = z
  .object({
    id: z.string(),
    name: z.string(),
    division: z.object({ id: z.string(), name: z.string() }).optional(),
  })
  .openapi('Queue');

const queuesRoute = createRoute({
  method: 'get',
  path: '/v1/platforms/{platform}/queues',
  summary: 'The queues that the platform’s credentials can see',
  tags,
  request: { params: z.object({ platform: z.string() }) },
  responses: { 200: json('Queues', z.object({ entities: z.array(queueView) })), ...problems },
});

export function platformRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const { platforms } = parts;
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(listRoute, (c) => c.json({ entities: platforms.map((platform) => viewOf(platform, parts)) }, 200));
  app.openapi(queuesRoute, async (c) => {
    const platform = platforms.find(({ name }) => name === c.req.valid('param').platform);
    if (!platform) throw new Problem('platform-not-found');
    const queues = await platform.queues();
    if (queues.kind !== 'done') throw new Problem('platform-unavailable', { failure: queues.code });
    return c.json({ entities: queues.value.map((queue) => ({ ...queue })) }, 200);
  });
  return app;
}

function sizeOf({
  attributeValueBytes,
  attributeCount,
}: Pick<PackingLimits, 'attributeValueBytes' | 'attributeCount'>) {
  return { attributeValueBytes, attributeCount };
}

function viewOf(platform: ServedPlatform, { transfers }: ServerParts): z.infer<typeof platformView> {
  const { name, limits } = platform;
  const { reservation, commit, settleMs } = platform.capabilities;
  const { lastAnswerAt, token, governor, breaker, counts: _counts, ...health } = platform.health();
  return {
    name,
    capabilities: { reservation, commit: [...commit], settleMs },
    limits: { ...sizeOf(limits), ...(limits.digital && { digital: sizeOf(limits.digital) }) },
    health: { ...health, ...(lastAnswerAt !== undefined && { lastAnswerAt: rfc3339(lastAnswerAt) }) },
    ...(token && {
      token: { state: token.state, ageSec: seconds(token.ageMs), expiresInSec: seconds(token.expiresInMs) },
    }),
    ...(governor && { governor: { ...governor } }),
    ...(breaker && { breaker: { ...breaker } }),
    ...transfersOf(name, transfers),
  };
}

function transfersOf(name: PlatformName, { policy, types }: ServedTransfers) {
  const site = policy.sites[name];
  if (!site) return {};
  const { reservation, ways, fallbackQueue } = site;
  const goes = fallbackQueue === undefined || ways.length === 0 ? [] : (types[name] ?? TRANSFER_TYPES);
  const comes = fallbackQueue === undefined ? 'none' : reservation;
  return {
    transfers: { comesHere: comes, goesFromHere: [...goes], ...(fallbackQueue !== undefined && { fallbackQueue }) },
  };
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.floor(ms / 1_000);
}
