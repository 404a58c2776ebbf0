// Owns a bot's turn as whoever carries the talk asks for it (a flow, a voice gateway): what is said goes in with the epoch that they know, and
// the bot's answer comes back. The same turn again gets the same answer; an older epoch is refused (H2).

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { InteractionId } from '../ids.ts';
import { type Chat, chatOn } from '../protocols/chat.ts';
import { type Interaction, underWay } from '../protocols/interaction.ts';
import { isSameLeg, type Leg } from '../protocols/move.ts';
import { actorOf, needs } from './auth.ts';
import type { ServedChat } from './chat-parts.ts';
import { json, jsonBody, problems } from './describing.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { standing, taken } from './taking.ts';

/** Flow builders give up after 3 s; a bot that is slow is relieved in its own time, and the answer is there for who asks again. */
const PATIENCE_MS = 2_500;
const LONGEST_UTTERANCE = 4_000;

const asked = z
  .strictObject({
    interactionId: z.string(),
    epoch: z.int().min(0),
    id: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .optional()
      .openapi({ description: 'The turn’s own name: the same again is the same turn.' }),
    utterance: z.string().max(LONGEST_UTTERANCE).optional(),
    event: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .optional(),
  })
  .refine(({ utterance, event }) => (utterance === undefined) !== (event === undefined), {
    message: 'needs an utterance or an event, and not both',
    path: ['utterance'],
  });

const holderView = z.object({ kind: z.string(), epoch: z.number().int() });
const answered = z.object({
  messages: z.array(z.string()),
  epoch: z.number().int(),
  holder: holderView,
  handoff: z.object({ id: z.string(), kind: z.string() }).optional(),
});

const turnRoute = createRoute({
  method: 'post',
  path: '/v1/bots/{bot}/turns',
  summary: 'One turn of a bot',
  description:
    'For a talk that a platform carries. `stale-holder` when the bot no longer holds it; `bot-timeout` when it has not answered within 2.5 s, after which the same `id` asks again.',
  tags: ['Bots'],
  middleware: [needs('handoffs')],
  request: { params: z.object({ bot: z.string() }), body: jsonBody(asked) },
  responses: { 200: json('What the bot says', answered), ...problems },
});

export function botTurnRoutes(parts: ServerParts, { bots }: ServedChat): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(turnRoute, async (c) => {
    const { bot } = c.req.valid('param');
    const terms = Object.hasOwn(bots, bot) ? bots[bot] : undefined;
    if (!terms) throw new Problem('bot-not-found', { bots: Object.keys(bots) });
    const { interactionId, epoch, id = parts.newId(), utterance, event } = c.req.valid('json');
    const interaction = interactionId as InteractionId;
    const leg = newestLeg((await standing(parts.runner, interaction)).state);
    const prompt =
      utterance === undefined
        ? ({ kind: 'event', name: event ?? '' } as const)
        : ({ kind: 'text', text: utterance } as const);
    const said = { kind: 'customer-says', actor: actorOf(c), leg, id, prompt, epoch, terms } as const;
    await taken(parts.runner.submit(interaction, said));
    const isAnswered = (state: Interaction) => isOver(chatOn(state, leg), id);
    const state = await parts.runner.watch(interaction, isAnswered, PATIENCE_MS);
    const chat = state && chatOn(state, leg);
    if (!state || !chat) throw new Problem('bot-timeout');
    return c.json(viewOf(state, chat, id), 200);
  });
  return app;
}

function newestLeg(state: Interaction): Leg {
  const leg = state.legs.findLast((held) => held.state === 'live');
  if (!leg) throw new Problem('chat-over');
  return leg;
}

/** It was answered, or will not be: somebody else has the talk. */
function isOver(chat: Chat | undefined, id: string): boolean {
  return (
    chat === undefined || chat.answer?.to === id || !chat.waiting.some((one) => one.id === id) || chat.wants !== null
  );
}

function viewOf(state: Interaction, chat: Chat, id: string): z.infer<typeof answered> {
  const { kind, epoch } = state.holder;
  const open = underWay(state);
  return {
    messages: chat.answer?.to === id ? [...chat.answer.messages] : [],
    epoch,
    holder: { kind, epoch },
    ...(open && isSameLeg(open.leg, chat.leg) && { handoff: { id: open.id, kind: open.kind } }),
  };
}
