// Owns the interactions as resources: made once per conversation, read by id or by conversation, listed without anything
// personal, and found by the customer's phone, address or id.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { CHANNELS } from '../context/conversation.ts';
import { contextInput, customerInput } from '../context/interaction-context.ts';
import type { ExternalId, InteractionId, PlatformName } from '../ids.ts';
import { summaryOf } from '../journal/clear-columns.ts';
import { isErased } from '../protocols/interaction.ts';
import { actorOf, needs } from './auth.ts';
import { idParam, json, jsonBody, problems } from './describing.ts';
import {
  erasedInteractionView,
  HOLDERS,
  interactionSummary,
  interactionView,
  PHASES,
  viewOfErased,
  viewOfInteraction,
  viewOfSummary,
} from './interaction-view.ts';
import { brandedLeg, openInteraction, requirePlatform } from './opening.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem, problemResponse } from './problems.ts';
import { withReceipt } from './receipts.ts';
import { time } from './rfc3339.ts';
import { known } from './taking.ts';

const DEFAULT_PAGE = 50;
const LARGEST_PAGE = 200;
const MOST_FOUND = 100;
/** The fields of a search that belong together, in alphabetical order. */
const WAYS_TO_SEARCH: readonly string[] = ['phone', 'email', 'customerId', 'externalId,platform'];

const tags = ['Interactions'];
const middleware = [needs('interactions')];

const legFields = {
  platform: z.string().min(1).openapi({ example: 'genesys_cloud' }),
  externalId: z.string().min(1).max(256).openapi({ description: 'The platform’s id of the conversation.' }),
  channel: z.enum(CHANNELS),
};
export const legInput = z.strictObject(legFields);

/** A phone number with its country code, or an address, as an id. Digits alone are some platforms' ids, not only phone numbers. */
const PERSONAL_ID = /@|^(tel|sips?):|^[+ ]\s*\d[\d\s().-]{5,}$/i;

const postRoute = createRoute({
  method: 'post',
  path: '/v1/interactions',
  summary: 'Create an interaction, or find the one that has this conversation',
  tags,
  middleware,
  request: {
    body: jsonBody(
      z.strictObject({
        ...legFields,
        direction: z.enum(['inbound', 'outbound']).default('inbound'),
        customer: customerInput.default({}),
        context: contextInput.default({}),
      }),
    ),
  },
  responses: { 201: json('Created', interactionView), 200: json('It was known', interactionView), ...problems },
});

const oneView = z.union([interactionView, erasedInteractionView]);

const getRoute = createRoute({
  method: 'get',
  path: '/v1/interactions/{id}',
  summary: 'Read an interaction',
  tags,
  middleware,
  request: { params: idParam },
  responses: { 200: json('The interaction, or what is left of it', oneView), ...problems },
});

const listQuery = z
  .strictObject({
    platform: z
      .string()
      .optional()
      .openapi({ description: 'With `externalId`: the one interaction of this conversation.' }),
    externalId: z
      .string()
      .refine((id) => !PERSONAL_ID.test(id), {
        message: 'is a phone number or an address, which no URL may hold: POST it to /v1/interactions/search',
      })
      .optional(),
    phase: z
      .enum(PHASES)
      .optional()
      .openapi({ description: 'Of the open handoff; `settled`: there was one, and none is open.' }),
    holder: z.enum(HOLDERS).optional(),
    channel: z.enum(CHANNELS).optional(),
    since: time.optional().openapi({ description: 'Created at this time or later.' }),
    cursor: z.uuid().optional().openapi({ description: 'From the page before.' }),
    limit: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(DEFAULT_PAGE),
  })
  .refine(({ platform, externalId }) => (platform === undefined) === (externalId === undefined), {
    message: 'platform and externalId come together',
  });

const page = z
  .object({ entities: z.array(interactionSummary), cursor: z.string().nullable() })
  .openapi('InteractionPage');

const listRoute = createRoute({
  method: 'get',
  path: '/v1/interactions',
  summary: 'Find an interaction by its conversation, or list interactions, newest first',
  description: 'With `platform` and `externalId` the answer is that interaction (or 404); otherwise a page of a list.',
  tags,
  middleware,
  request: { query: listQuery },
  responses: {
    200: json('One interaction, or a page', z.union([interactionView, erasedInteractionView, page])),
    ...problems,
  },
});

const search = z
  .strictObject({
    phone: customerInput.shape.phone,
    email: customerInput.shape.email,
    customerId: z.string().min(1).optional(),
    platform: legFields.platform.optional(),
    externalId: legFields.externalId.optional(),
  })
  .refine((by) => WAYS_TO_SEARCH.includes(Object.keys(by).sort().join()), {
    message: 'needs exactly one of phone, email, customerId, or platform with externalId',
  });

const searchRoute = createRoute({
  method: 'post',
  path: '/v1/interactions/search',
  summary: 'Find interactions by the customer’s phone, e-mail address or id, or by a conversation',
  description:
    'Exactly one of `phone`, `email` and `customerId`, or `platform` with `externalId`. A POST, so that nothing personal is in a URL.',
  tags,
  middleware,
  request: { body: jsonBody(search) },
  responses: { 200: json('Newest first', page), ...problems },
});

export function interactionRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const { runner, clock } = parts;
  const app = new OpenAPIHono<ServerEnv>();
  const read = async (c: Context<ServerEnv>, id: InteractionId): Promise<z.infer<typeof oneView>> => {
    const { state, version } = await known(runner, id);
    if (isErased(state)) return viewOfErased(state, version);
    const view = viewOfInteraction({ state, version }, clock.now());
    return view.handoff ? { ...view, handoff: await withReceipt(parts, c, view.handoff) } : view;
  };

  app.openapi(postRoute, async (c) => {
    const { direction, customer, context, ...leg } = c.req.valid('json');
    requirePlatform(parts, leg.platform);
    const opening = { channel: leg.channel, direction, customer, context, leg: brandedLeg(leg) };
    const opened = await openInteraction(parts, opening, actorOf(c));
    const view = viewOfInteraction(opened, clock.now());
    if (opened.kind === 'known') return c.json(view, 200);
    c.header('location', `/v1/interactions/${view.id}`);
    return c.json(view, 201);
  });

  app.openapi(listRoute, async (c) => {
    const { platform, externalId, ...query } = c.req.valid('query');
    if (platform === undefined && externalId === undefined) return c.json(await listed(parts, query), 200);
    const [owner] = await idsBy(parts, { platform, externalId });
    if (!owner) throw new Problem('interaction-not-found');
    return c.json(await read(c, owner), 200);
  });

  app.openapi(searchRoute, async (c) => {
    const ids = await idsBy(parts, c.req.valid('json'));
    const found = await Promise.all(ids.map((id) => runner.read(id)));
    const entities = found.flatMap((one) =>
      one ? [viewOfSummary({ ...summaryOf(one.state), id: one.state.id, version: one.version })] : [],
    );
    return c.json({ entities, cursor: null }, 200);
  });
  // Otherwise it would be the interaction named `search`.
  app.all(searchRoute.path, () => problemResponse(new Problem('method-not-allowed'), { allow: 'POST' }));

  app.openapi(getRoute, async (c) => {
    return c.json(await read(c, c.req.valid('param').id as InteractionId), 200);
  });
  return app;
}

type Search = z.infer<typeof search>;

async function idsBy({ journal }: ServerParts, { platform, externalId, ...by }: Search) {
  if (platform !== undefined && externalId !== undefined) {
    const leg = { platform: platform as PlatformName, externalId: externalId as ExternalId };
    const owner = await journal.ownerOf(leg);
    return owner ? [owner] : [];
  }
  const kind = (['phone', 'email', 'customerId'] as const).find((one) => by[one] !== undefined) ?? 'phone';
  return await journal.findSubject(kind, by[kind] ?? '', MOST_FOUND);
}

type Query = Omit<z.infer<typeof listQuery>, 'platform' | 'externalId'>;

async function listed({ journal }: ServerParts, { cursor, since, limit, phase, holder, channel }: Query) {
  const found = await journal.list({
    limit,
    ...(phase && { phase }),
    ...(holder && { holder }),
    ...(channel && { channel }),
    ...(since && { since: Date.parse(since) }),
    ...(cursor && { before: cursor }),
  });
  return { entities: found.map(viewOfSummary), cursor: found.length < limit ? null : (found.at(-1)?.id ?? null) };
}
