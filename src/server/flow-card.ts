// Owns the flat call by which a platform's script gets the address of the card for the agent who has just answered. 200 whatever comes of it,
// strings only. Where the platform signs no people in, the address carries a reference that opens the card once, in its fragment: the
// script asks right before it shows the page, and again for every agent to whom the conversation is passed.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ExternalId, PlatformName } from '../ids.ts';
import { JournalUnavailable } from '../journal/journal-unavailable.ts';
import { needs } from './auth.ts';
import { handoffsIn } from './briefing-watch.ts';
import { cardAddress } from './card-address.ts';
import { CardReferences } from './card-references.ts';
import { json, jsonBody, problems } from './describing.ts';
import { inTime } from './flow-patience.ts';
import type { FlowReason } from './flow-reasons.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { ownOrigin } from './request-site.ts';
import { cardOf } from './served-cards.ts';

const STILL_LOOKING: FlowReason = 'still-looking';
const NOT_NOW: FlowReason = 'journal-unavailable';

/** A script that does not know a value leaves it out or empty. */
const cardInput = z.strictObject({
  platform: z.string().min(1).openapi({ example: 'nice_cxone' }),
  conversationId: z.string().min(1).max(256),
  masterId: z.string().max(256).optional().openapi({
    description:
      'Of the conversation that this one is a part of, where an agent has passed it on: it is looked for second.',
  }),
  agentId: z.string().max(256).optional().openapi({ description: 'Who has answered, as the platform names agents.' }),
});
type Asked = z.infer<typeof cardInput>;

const cardView = z
  .object({
    found: z.enum(['true', 'false']),
    reason: z.string().optional().openapi({ description: 'Why there is none: a stable code.' }),
    cardUrl: z.string().optional().openapi({ description: 'For this agent, to be opened at once. It opens one card.' }),
    interactionId: z.string().optional(),
  })
  .openapi('FlowCard');
type Answer = z.infer<typeof cardView>;

const flowCardRoute = createRoute({
  method: 'post',
  path: '/v1/flows/card',
  summary: 'Get the address of the agent’s card',
  description:
    'For the script of a platform, when an agent has answered and right before it shows the page. Where agents sign in at the platform the address is a plain one; otherwise its fragment opens the card once, within two minutes. `found` is `false` where nothing was handed over in the conversation (`no-briefing-yet`) or the platform has no card (`card-not-configured`).',
  tags: ['Flows'],
  middleware: [needs('handoffs', 'claims')],
  request: { body: jsonBody(cardInput) },
  responses: { 200: json('For the script to branch on', cardView), ...problems },
});

export function flowCardRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  const references = new CardReferences(parts);
  app.openapi(flowCardRoute, async (c) => {
    const answer = addressed(parts, references, { ...c.req.valid('json'), origin: ownOrigin(c, parts) });
    return c.json(await inTime(parts.clock, answer.catch(refused), { found: 'false', reason: STILL_LOOKING }), 200);
  });
  return app;
}

async function addressed(
  parts: ServerParts,
  references: CardReferences,
  { platform, conversationId, masterId, agentId = '', origin }: Asked & { readonly origin: string },
): Promise<Answer> {
  if (!parts.platforms.some(({ name }) => name === platform)) throw new Problem('unknown-platform');
  const { card } = cardOf(parts, { platform });
  for (const externalId of new Set([conversationId, ...(masterId ? [masterId] : [])])) {
    const known = await interactionOf(parts, platform, externalId);
    if (known === undefined) continue;
    const conversation = { platform, conversationId: externalId };
    const reference = card.kind === 'reference' ? references.mint({ ...conversation, agentId }) : undefined;
    return { found: 'true', cardUrl: cardAddress(origin, conversation, reference), interactionId: known };
  }
  throw new Problem('no-briefing-yet');
}

/** Of a conversation that has a handoff to read of. */
async function interactionOf(parts: ServerParts, platform: string, externalId: string): Promise<string | undefined> {
  const named = { platform: platform as PlatformName, conversationId: externalId as ExternalId };
  return (await handoffsIn(parts, named)).at(-1)?.interaction.id;
}

/** What a script cannot be given is an answer as well: the agent talks to the customer meanwhile. */
function refused(error: unknown): Answer {
  if (error instanceof JournalUnavailable) return { found: 'false', reason: NOT_NOW };
  if (error instanceof Problem && error.code !== 'internal-error') return { found: 'false', reason: error.code };
  throw error;
}
