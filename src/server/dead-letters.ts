// Owns what waits for a person, over HTTP: the list, going on with an interaction that was set aside or with a transfer, and saying that a
// matter is settled. A transfer whose fate is unknown is gone on with by a new one, which looks first; nothing is repeated (H5).

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { HandoffId, InteractionId } from '../ids.ts';
import { type DeadLetter, deadLetter, deadLetters } from '../journal/dead-letters.ts';
import { unavailable } from '../journal/journal-unavailable.ts';
import type { Reply } from '../journal/mailbox.ts';
import { type Interaction, isErased } from '../protocols/interaction.ts';
import { type Handoff, isSettled } from '../protocols/move.ts';
import { retryOf } from '../protocols/transfer-retry.ts';
import { actorOf, needs } from './auth.ts';
import { idParam, json, problems } from './describing.ts';
import { handoffView, viewOfHandoff } from './handoff-view.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { rfc3339, time } from './rfc3339.ts';
import { taken } from './taking.ts';
import { newToken } from './transferring.ts';

const tags = ['Operations'];
const middleware = [needs('handoffs')];
const LARGEST_PAGE = 200;

const sideView = z.object({
  platform: z.string(),
  externalId: z
    .string()
    .optional()
    .openapi({ description: 'The conversation, unless there is none or its id is personal.' }),
  state: z.string(),
  agentId: z.string().optional(),
});

const letterView = z
  .object({
    id: z.string(),
    interactionId: z.string(),
    handoffId: z.string().optional(),
    kind: z.enum(['quarantine', 'handoff']),
    reason: z.string().openapi({ description: 'A stable code; see the page of errors.' }),
    at: time,
    platform: z.string().optional(),
    transfer: z
      .object({
        transferType: z.string().optional(),
        cycle: z.number().int().optional().openapi({ description: 'The pass of reconciliation that was the last.' }),
        source: sideView,
        destination: sideView,
      })
      .optional()
      .openapi({ description: 'Of a transfer: how both sides were last seen to stand.' }),
  })
  .openapi('DeadLetter', { description: 'Without anything personal.' });

const listRoute = createRoute({
  method: 'get',
  path: '/v1/dead-letters',
  summary: 'What waits for a person',
  description:
    'Interactions that were set aside and handoffs whose fate is unknown, those of the newest interactions first.',
  tags,
  middleware,
  request: {
    query: z.strictObject({
      cursor: z.uuid().optional().openapi({ description: '`nextCursor` of the page before.' }),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(LARGEST_PAGE)
        .default(50)
        .openapi({ description: 'Interactions a page.' }),
    }),
  },
  responses: {
    200: json('A page', z.object({ entities: z.array(letterView), nextCursor: z.string().optional() })),
    ...problems,
  },
});

const readRoute = createRoute({
  method: 'get',
  path: '/v1/dead-letters/{id}',
  summary: 'One thing that waits for a person',
  description: 'With what to look at on the platforms, and how it stood there when it was last looked at.',
  tags,
  middleware,
  request: { params: idParam },
  responses: { 200: json('What waits', letterView), ...problems },
});

const noteBody = {
  required: false,
  content: {
    'application/json': {
      schema: z.strictObject({
        note: z
          .string()
          .max(2_000)
          .optional()
          .openapi({ description: 'What was found and done; kept sealed in the journal.' }),
      }),
    },
  },
} as const;
const doneView = z.object({ id: z.string(), done: z.enum(['retried', 'resolved']) });

const retryRoute = createRoute({
  method: 'post',
  path: '/v1/dead-letters/{id}/retry',
  summary: 'Go on with an interaction that was set aside, or with a transfer',
  description:
    'A transfer is gone on with by a new one on the same terms, which looks at both platforms first and moves nobody whom the first may have moved. Once that has let go, it stands for the matter; where it was refused, the first still waits and may be retried. The same retry again answers with the same handoff. Other handoffs are not retried: look at the platform, then resolve them.',
  tags,
  middleware,
  request: { params: idParam, body: noteBody },
  responses: {
    200: json('Released; or the transfer that this has led to, which has settled', z.union([doneView, handoffView])),
    202: json('Of a transfer: the new one, under way', handoffView),
    ...problems,
  },
});

const resolveRoute = createRoute({
  method: 'post',
  path: '/v1/dead-letters/{id}/resolve',
  summary: 'Say that a person has settled it',
  tags,
  middleware,
  request: { params: idParam, body: noteBody },
  responses: { 200: json('Recorded', doneView), ...problems },
});

export function deadLetterRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const { journal, runner } = parts;
  const app = new OpenAPIHono<ServerEnv>();

  app.openapi(listRoute, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const { letters, next } = await deadLetters(journal.store, cursor, limit);
    return c.json({ entities: letters.map(viewOf), ...(next !== null && { nextCursor: next }) }, 200);
  });

  app.openapi(readRoute, async (c) => c.json(viewOf(await open(parts, c.req.valid('param').id)), 200));

  app.openapi(retryRoute, async (c) => {
    const { id } = c.req.valid('param');
    const letter = await deadLetter(journal.store, id);
    if (letter?.kind !== 'quarantine') {
      const { handoff, state } = await goneOnWith(parts, id, said(c, c.req.valid('json')));
      const view = viewOfHandoff(handoff, state, parts.clock.now());
      c.header('location', `/v1/interactions/${state.id}/handoffs/${handoff.n}`);
      return isSettled(handoff) ? c.json(view, 200) : c.json(view, 202);
    }
    const input = { kind: 'retry-dead-letter', ...said(c, c.req.valid('json')) } as const;
    await released(parts, letter, () => runner.submit(letter.interactionId, input));
    return c.json({ id: letter.id, done: 'retried' as const }, 200);
  });

  app.openapi(resolveRoute, async (c) => {
    const letter = await open(parts, c.req.valid('param').id);
    const { id, interactionId, handoffId } = letter;
    const input = { kind: 'resolve-dead-letter', ...said(c, c.req.valid('json')) } as const;
    const submit = () => runner.submit(interactionId, handoffId === undefined ? input : { ...input, handoffId });
    await released(parts, letter, submit);
    return c.json({ id, done: 'resolved' as const }, 200);
  });
  return app;
}

function viewOf({ at, ...letter }: DeadLetter): z.infer<typeof letterView> {
  return { ...letter, at: rfc3339(at) };
}

async function open({ journal }: ServerParts, id: string): Promise<DeadLetter> {
  const letter = await deadLetter(journal.store, id);
  if (!letter) throw new Problem('dead-letter-not-found');
  return letter;
}

/** The transfer by which this one is gone on with; asked for again, the same. What is no handoff's id, or no open letter's, is none. */
async function goneOnWith(
  parts: ServerParts,
  id: string,
  by: ReturnType<typeof said>,
): Promise<{ readonly handoff: Handoff; readonly state: Interaction }> {
  const interactionId = id.replace(/\.\d+$/, '') as InteractionId;
  const found = await parts.runner.read(interactionId);
  if (!found || isErased(found.state)) throw new Problem('dead-letter-not-found');
  const handoffId = id as HandoffId;
  const input = { kind: 'retry-transfer', handoffId, token: newToken(parts), ...by } as const;
  const { state } = await taken(parts.runner.submit(interactionId, input));
  const handoff = retryOf(state, handoffId);
  if (!handoff) throw new Problem('dead-letter-not-found');
  return { handoff, state };
}

function said(c: Context<ServerEnv>, { note }: { readonly note?: string | undefined }) {
  return { actor: actorOf(c), ...(note !== undefined && { note }) };
}

/** The journal takes nothing for what is set aside, so it is released first; where that came to nothing it is set aside again. */
async function released(parts: ServerParts, letter: DeadLetter, submit: () => Promise<Reply>): Promise<void> {
  const { journal, clock } = parts;
  const { kind, interactionId: id } = letter;
  if (kind === 'handoff') {
    // Its interaction may be set aside as well, and then comes first.
    await taken(submit());
    return;
  }
  await journal.store.release(id, clock.now()).catch(unavailable);
  try {
    await taken(submit());
  } catch (error) {
    await journal.store.quarantine(id, clock.now()).catch(unavailable);
    throw error;
  }
}
