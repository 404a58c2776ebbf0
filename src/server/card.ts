// Owns how an agent's card gets to read one conversation's briefing: the agent signs in at the platform, the platform says who
// that is, and the conversation's own parties say whether it is theirs. A conversation's id proves nothing. The person's token
// is asked with once, and neither kept nor logged.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ConversationView } from '../context/conversation.ts';
import type { ExternalId } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import type { CardConversation, CardSessions } from './card-sessions.ts';
import { json, jsonBody, problems } from './describing.ts';
import type { ServedCard, ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { clientAddress, ownOrigin, requireSameOrigin } from './request-site.ts';
import { rfc3339, time } from './rfc3339.ts';
import { WrongAttempts } from './wrong-attempts.ts';

const tags = ['Card'];
/** The page to which the platform's login returns. */
export const SIGNED_IN_PATH = '/card/signed-in';

export const conversationFields = {
  platform: z
    .string()
    .max(64)
    .optional()
    .openapi({ description: 'May be left out where one platform only has a card.' }),
  conversationId: z.string().min(1).max(256),
};

const signInView = z
  .object({
    authorizeUrl: z.string(),
    clientId: z.string(),
    redirectUri: z.string(),
    tokenUrl: z.string(),
    scope: z.string().openapi({ description: 'Empty: the client’s own scopes.' }),
  })
  .openapi('CardSignIn');

const signInRoute = createRoute({
  method: 'get',
  path: '/card/sign-in',
  summary: 'Where an agent signs in',
  description: 'For the platform’s Authorization Code Grant with PKCE. The page exchanges the code itself.',
  tags,
  security: [],
  request: { query: z.strictObject({ platform: conversationFields.platform }) },
  responses: { 200: json('Where, and as which client', signInView), ...problems },
});

const sessionInput = z.strictObject({
  ...conversationFields,
  ref: z.string().optional().openapi({ description: 'Changes nothing: a session is for the conversation.' }),
  userToken: z
    .string()
    .regex(/^[\x21-\x7e]{1,8192}$/, 'is not a token')
    .openapi({ description: 'The agent’s own access token of the platform. Neither kept nor logged.' }),
});

const sessionRoute = createRoute({
  method: 'post',
  path: '/card/session',
  summary: 'Exchange an agent’s own token for a session',
  description:
    'The platform is asked whom the token speaks for and for which client it was minted, then who takes part in the conversation. Whoever is or was rung or connected there may read its briefing for thirty minutes.',
  tags,
  security: [],
  request: { body: jsonBody(sessionInput) },
  responses: {
    201: json('Signed in', z.object({ agent: z.object({ id: z.string(), name: z.string() }), expiresAt: time })),
    ...problems,
  },
});

export function cardRoutes(parts: ServerParts, sessions: CardSessions): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  const attempts = new WrongAttempts(parts.clock);

  app.openapi(signInRoute, (c) => {
    const { clientId, authorizeUrl, tokenUrl, scope, redirectUri } = cardOf(parts, c.req.valid('query')).card;
    const here = redirectUri ?? `${ownOrigin(c, parts)}${SIGNED_IN_PATH}`;
    return c.json({ authorizeUrl, clientId, redirectUri: here, tokenUrl, scope }, 200);
  });

  app.openapi(sessionRoute, async (c) => {
    requireSameOrigin(c, parts);
    const { userToken, ...asked } = c.req.valid('json');
    const { platform, conversationId } = conversationOf(parts, asked);
    const { card } = cardOf(parts, { platform });
    const address = clientAddress(c, parts);
    attempts.mayTry(address);
    const refuse = (code: 'card-sign-in-refused' | 'not-your-conversation') => {
      attempts.note(address);
      parts.log({ level: 'warn', code, detail: platform });
      return new Problem(code);
    };

    const agent = await card.identify(userToken);
    if (agent.kind === 'rejected') throw refuse('card-sign-in-refused');
    if (agent.kind !== 'done') throw notAnswered(agent);
    const view = await card.look(conversationId as ExternalId);
    // Whether there is such a conversation is nobody's business who does not take part in it.
    if (view.kind === 'rejected' && view.code === 'not-found') throw refuse('not-your-conversation');
    if (view.kind !== 'done') throw notAnswered(view);
    if (!takesPart(view.value, agent.value.id)) throw refuse('not-your-conversation');

    const expiresAt = sessions.begin(c, { platform, conversationId, agentId: agent.value.id });
    const { id, name } = agent.value;
    return c.json({ agent: { id, name }, expiresAt: rfc3339(expiresAt) }, 201);
  });
  return app;
}

type Asked = { readonly platform?: string | undefined; readonly conversationId: string };

/** The conversation that is meant, its platform named. */
export function conversationOf(parts: ServerParts, { platform, conversationId }: Asked): CardConversation {
  return { platform: cardOf(parts, { platform }).name, conversationId };
}

/** The platform's card; unnamed, the only one there is. */
function cardOf({ platforms }: ServerParts, { platform }: Pick<Asked, 'platform'>): { name: string; card: ServedCard } {
  const found = platforms.flatMap(({ name, card }) =>
    card && (platform === undefined || name === platform) ? [{ name, card }] : [],
  );
  const [only] = found;
  if (!only || found.length > 1) throw new Problem('card-not-configured');
  return only;
}

/**
 * An agent who is being rung must be able to read before they accept, and one who has wrapped up may read again; who was rung and
 * did not take it was offered the customer all the same.
 */
function takesPart({ parties }: ConversationView, agentId: string): boolean {
  return parties.some((party) => party.role === 'agent' && party.agentId === agentId);
}

/** What the platform did not say is never taken for a yes. */
function notAnswered({ code }: Failure): Problem {
  return new Problem(code === 'timed-out' ? 'platform-timeout' : 'platform-unavailable', { failure: code });
}
