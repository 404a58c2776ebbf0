// Owns how a customer comes to their conversation: a link's token is exchanged for a session by POST, so that whoever only looks at a link
// (a preview, a scanner of mail) uses nothing up. One link, one conversation, one device at a time (H7; seed 000, edge case 1).

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ExternalId, InteractionId } from '../ids.ts';
import type { Interaction } from '../protocols/interaction.ts';
import { findHandoff } from '../protocols/interaction.ts';
import type { Leg } from '../protocols/move.ts';
import type { ServedChat } from './chat-parts.ts';
import type { ChatSession } from './chat-sessions.ts';
import { ChatSessions } from './chat-sessions.ts';
import { json, jsonBody, problems } from './describing.ts';
import { firstOf } from './opening.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { clientAddress, requireSameOrigin } from './request-site.ts';
import { rfc3339, time } from './rfc3339.ts';
import { durable, taken } from './taking.ts';
import { WrongAttempts } from './wrong-attempts.ts';

const tags = ['Conversations'];
const TOKEN = /^[\w-]{16,256}$/;

const asked = z.union([
  z.strictObject({
    token: z.string().max(256).openapi({ description: 'Of the link, as it stands in its path.' }),
    device: z.string().regex(/^[\w-]{16,64}$/, 'is not a device’s own name'),
    move: z.boolean().default(false).openapi({ description: 'Here, although it is open on another device.' }),
  }),
  z.strictObject({ fresh: z.literal(true), device: z.string().regex(/^[\w-]{16,64}$/) }),
]);

const sessionView = z
  .object({
    expiresAt: time,
    files: z.object({ largestBytes: z.number().int(), types: z.array(z.string()) }).nullable(),
  })
  .openapi('ChatSession');

const postRoute = createRoute({
  method: 'post',
  path: '/c/session',
  summary: 'Exchange a link for a session',
  description:
    'The first device wins; the same one comes back to the same conversation; another is told `claim-already-active`, and takes it with `move`. With `fresh` a conversation begins without a link.',
  tags,
  security: [],
  request: { body: jsonBody(asked) },
  responses: { 201: json('The session, in a cookie', sessionView), ...problems },
});

const getRoute = createRoute({
  method: 'get',
  path: '/c/session',
  summary: 'Whether there is a session',
  tags,
  security: [],
  responses: { 200: json('There is', sessionView), ...problems },
});

export function chatRoutes(parts: ServerParts, chat: ServedChat, wrong: WrongAttempts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  const sessions = new ChatSessions(parts);
  const begun = new WrongAttempts(parts.clock, { code: 'too-many-conversations' });

  app.openapi(postRoute, async (c) => {
    requireSameOrigin(c, parts);
    const input = c.req.valid('json');
    const address = clientAddress(c, parts);
    // The name by which `POST /v1/claims/{token}` keeps it too: claimed there, it is the same device here.
    const device = parts.claims.device(input.device);
    const session =
      'fresh' in input
        ? await fresh(parts, chat, { device, address, begun })
        : await claimed(parts, chat, { ...input, device, address, wrong });
    const expiresAt = sessions.begin(c, session);
    return c.json(viewOf(chat, expiresAt), 201);
  });

  app.openapi(getRoute, (c) => {
    const { expiresAt } = requireSession(c, sessions);
    return c.json(viewOf(chat, expiresAt), 200);
  });
  return app;
}

export function requireSession(c: Context<ServerEnv>, sessions: ChatSessions): ChatSession {
  const session = sessions.of(c);
  if (!session) throw new Problem('no-session');
  return session;
}

function viewOf({ files }: ServedChat, expiresAt: number): z.infer<typeof sessionView> {
  const limits = files && { largestBytes: files.limits.largestBytes, types: [...files.limits.types] };
  return { expiresAt: rfc3339(expiresAt), files: limits ?? null };
}

type Claiming = {
  readonly token: string;
  /** Its keyed hash; what it calls itself is kept nowhere. */
  readonly device: string;
  readonly move: boolean;
  readonly address: string;
  readonly wrong: WrongAttempts;
};

type Begun = Omit<ChatSession, 'expiresAt'>;

/** The conversation of a link, on this device. */
async function claimed(parts: ServerParts, chat: ServedChat, asked: Claiming): Promise<Begun> {
  const { token, device, move, address, wrong } = asked;
  wrong.mayTry(address);
  const found = TOKEN.test(token) ? await chat.findClaim(token) : null;
  if (!found) {
    wrong.note(address);
    throw helped(chat, new Problem('claim-unknown'));
  }
  const { interactionId, handoffId } = found;
  const leg = legOf(parts, chat);
  const offer = { kind: 'claim-offer', actor: 'customer', handoffId, device, leg, move, anchor: chat.anchor } as const;
  const { state } = await taken(parts.runner.submit(interactionId, offer)).catch((error) => {
    throw helped(chat, error);
  });
  const there = claimedLegOf(state, handoffId);
  if (there?.platform !== chat.anchor) throw helped(chat, new Problem('claim-already-active'));
  await taken(parts.runner.submit(interactionId, opening(chat, there, { device, move }))).catch((error) => {
    throw helped(chat, error);
  });
  return { interactionId, externalId: there.externalId, device };
}

function claimedLegOf(state: Interaction, handoffId: Parameters<typeof findHandoff>[1]): Leg | undefined {
  const handoff = findHandoff(state, handoffId);
  return handoff?.kind === 'deflection' ? handoff.claimed?.leg : undefined;
}

type Fresh = { readonly device: string; readonly address: string; readonly begun: WrongAttempts };

/** A conversation of its own, with nothing known of whoever begins it. */
async function fresh(parts: ServerParts, chat: ServedChat, { device, address, begun }: Fresh): Promise<Begun> {
  if (!chat.fresh) throw helped(chat, new Problem('claim-unknown'));
  begun.mayTry(address);
  begun.note(address);
  const id = parts.newId() as InteractionId;
  const leg = legOf(parts, chat);
  const opens = {
    kind: 'open-interaction',
    actor: 'customer',
    id,
    channel: 'webchat',
    direction: 'inbound',
    customer: {},
    context: {},
    leg,
    retention: parts.retention,
  } as const;
  const inputs = [{ input: opens }, { input: opening(chat, leg, { device, move: false }) }];
  await taken(durable(firstOf(parts.runner.submitAll(id, inputs))));
  return { interactionId: id, externalId: leg.externalId, device };
}

function legOf({ newId }: ServerParts, { anchor }: ServedChat): Leg {
  return { platform: anchor, externalId: newId() as ExternalId, channel: 'webchat' };
}

function opening(chat: ServedChat, leg: Leg, { device, move }: { readonly device: string; readonly move: boolean }) {
  const terms = chat.bots[chat.bot];
  if (!terms) throw new Error(`The page's bot ${chat.bot} is not among those that are configured.`);
  return { kind: 'open-chat', actor: 'customer', leg, device, terms, move, greet: true } as const;
}

/** What went wrong, with what the customer can do instead. */
function helped({ phone, fresh: mayBegin }: ServedChat, error: unknown): unknown {
  if (!(error instanceof Problem)) return error;
  const help = { fresh: mayBegin, ...(phone !== undefined && { phone }) };
  return new Problem(error.code, { ...error.says, help, cause: error.cause });
}
