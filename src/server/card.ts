// Owns how an agent's card gets to read one conversation's briefing. Where the platform signs people in, the agent does so there, the platform
// says who that is, and the conversation's own parties say whether it is theirs; the person's token is asked with once, and neither kept
// nor logged. Where it does not, the platform's script has vouched for the page by a reference that opens once. A conversation's id proves nothing.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ConversationView } from '../context/conversation.ts';
import type { ExternalId } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import { CardReferences } from './card-references.ts';
import type { CardSessions } from './card-sessions.ts';
import { json, jsonBody, problems } from './describing.ts';
import type { ServerEnv, ServerParts, SignInCard } from './parts.ts';
import { Problem } from './problems.ts';
import { clientAddress, ownOrigin, requireSameOrigin } from './request-site.ts';
import { rfc3339, time } from './rfc3339.ts';
import { type AskedCard, cardOf, conversationFields } from './served-cards.ts';
import { WrongAttempts } from './wrong-attempts.ts';

const tags = ['Card'];
/** The page to which the platform's login returns. */
export const SIGNED_IN_PATH = '/card/signed-in';
/** How an agent is called whom nobody has named to us. */
const UNNAMED = 'opened by reference';
/** A sealed text of ours; longer than any. */
const LONGEST_REFERENCE = 2_048;

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

const sessionInput = z
  .strictObject({
    ...conversationFields,
    ref: z.string().optional().openapi({ description: 'Changes nothing: a session is for the conversation.' }),
    userToken: z
      .string()
      .regex(/^[\x21-\x7e]{1,8192}$/, 'is not a token')
      .optional()
      .openapi({ description: 'The agent’s own access token of the platform. Neither kept nor logged.' }),
    reference: z
      .string()
      .min(1)
      .max(LONGEST_REFERENCE)
      .optional()
      .openapi({ description: 'From the fragment of an address that `POST /v1/flows/card` gave. It opens once.' }),
  })
  .refine(
    ({ userToken, reference }) => (userToken === undefined) !== (reference === undefined),
    'give exactly one of userToken and reference',
  );
type SessionInput = z.infer<typeof sessionInput>;

const sessionRoute = createRoute({
  method: 'post',
  path: '/card/session',
  summary: 'Exchange an agent’s own token, or a reference, for a session',
  description:
    'The platform is asked whom the token speaks for and for which client it was minted, then who takes part in the conversation. Whoever is or was rung or connected there may read its briefing for thirty minutes. Where the platform signs no people in, the reference says for whom it was given; it opens once.',
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
  const entrance = new Entrance(parts);

  app.openapi(signInRoute, (c) => {
    const { card } = cardOf(parts, c.req.valid('query'));
    if (card.kind === 'reference') throw new Problem('card-reference-needed');
    const { clientId, authorizeUrl, tokenUrl, scope, redirectUri } = card;
    const here = redirectUri ?? `${ownOrigin(c, parts)}${SIGNED_IN_PATH}`;
    return c.json({ authorizeUrl, clientId, redirectUri: here, tokenUrl, scope }, 200);
  });

  app.openapi(sessionRoute, async (c) => {
    requireSameOrigin(c, parts);
    const { agent, ...conversation } = await entrance.admit(c, c.req.valid('json'));
    const expiresAt = sessions.begin(c, { ...conversation, agentId: agent.id });
    return c.json({ agent, expiresAt: rfc3339(expiresAt) }, 201);
  });
  return app;
}

/** Who was let in, and to which conversation's briefing. */
type Admitted = {
  readonly platform: string;
  readonly conversationId: string;
  readonly agent: { readonly id: string; readonly name: string };
};

/** Refusals that tell of a guess. A reference that was ours and is spent is none: a desktop that shows its page again brings it again. */
type Wrong = 'card-sign-in-refused' | 'not-your-conversation' | 'card-reference-refused';

class Entrance {
  readonly #parts: ServerParts;
  readonly #references: CardReferences;
  readonly #attempts: WrongAttempts;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#references = new CardReferences(parts);
    this.#attempts = new WrongAttempts(parts.clock);
  }

  async admit(c: Context<ServerEnv>, { userToken, reference, ...asked }: SessionInput): Promise<Admitted> {
    const address = clientAddress(c, this.#parts);
    this.#attempts.mayTry(address);
    const refuse = (code: Wrong, detail: string) => {
      this.#attempts.note(address);
      this.#parts.log({ level: 'warn', code, detail });
      return new Problem(code);
    };
    if (reference !== undefined) return await this.#byReference(asked, reference, refuse);
    const { name, card } = cardOf(this.#parts, asked);
    if (card.kind === 'reference') throw new Problem('card-reference-needed');
    const { conversationId } = asked;
    const agent = await signedIn(card, { conversationId, userToken: userToken ?? '' }, (code) => refuse(code, name));
    return { platform: name, conversationId, agent };
  }

  /** A platform at which agents sign in takes none, whoever made it. */
  async #byReference(
    asked: AskedCard,
    text: string,
    refuse: (code: Wrong, detail: string) => Problem,
  ): Promise<Admitted> {
    try {
      const { platform, conversationId, agentId } = await this.#references.use(text, asked);
      if (cardOf(this.#parts, { platform }).card.kind !== 'reference') throw new Problem('card-reference-refused');
      return { platform, conversationId, agent: { id: agentId, name: UNNAMED } };
    } catch (error) {
      const isWrong = error instanceof Problem && error.code === 'card-reference-refused';
      throw isWrong ? refuse('card-reference-refused', 'by a card’s page') : error;
    }
  }
}

/** The agent for whom the platform vouches, as one of the conversation's parties. */
async function signedIn(
  card: SignInCard,
  { conversationId, userToken }: { readonly conversationId: string; readonly userToken: string },
  refuse: (code: Wrong) => Problem,
): Promise<Admitted['agent']> {
  const agent = await card.identify(userToken);
  if (agent.kind === 'rejected') throw refuse('card-sign-in-refused');
  if (agent.kind !== 'done') throw notAnswered(agent);
  const view = await card.look(conversationId as ExternalId);
  // Whether there is such a conversation is nobody's business who does not take part in it.
  if (view.kind === 'rejected' && view.code === 'not-found') throw refuse('not-your-conversation');
  if (view.kind !== 'done') throw notAnswered(view);
  const { id, name } = agent.value;
  if (!takesPart(view.value, id)) throw refuse('not-your-conversation');
  return { id, name };
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
