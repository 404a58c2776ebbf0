// Owns what platforms tell us: the raw bytes are verified, then parsed, then journaled, and only then answered. An event of a
// conversation that nobody knows yet waits for it. The same message again changes nothing.

import { OpenAPIHono, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import type { ConversationEvent } from '../context/conversation.ts';
import type { Reply } from '../journal/mailbox.ts';
import { json, problems } from './describing.ts';
import type { ServerEnv, ServerParts, VendorHook } from './parts.ts';
import { Problem } from './problems.ts';
import { durable } from './taking.ts';

const LARGEST_BODY_BYTES = 1024 * 1024;
/** How long an event waits for its conversation to become known. */
const PARKED_FOR_MS = 15 * 60_000;

export function hookRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  const tooLarge = () => {
    throw new Problem('body-too-large', { limitBytes: LARGEST_BODY_BYTES });
  };
  for (const [path, hooks] of Object.entries(parts.hooks)) {
    app.post(`/hooks/${path}`, bodyLimit({ maxSize: LARGEST_BODY_BYTES, onError: tooLarge }), async (c) => {
      const rawBody = new Uint8Array(await c.req.arrayBuffer());
      return c.json(await receive(parts, { path, hooks, headers: c.req.raw.headers, rawBody }), 200);
    });
    // Described only: the body is verified as bytes before anything looks at its shape.
    app.openAPIRegistry.registerPath({
      method: 'post',
      path: `/hooks/${path}`,
      summary: 'Events of a platform’s conversations',
      description: 'Verified by the secret in `x-throughline-secret` or as a bearer. 200 means journaled.',
      tags: ['Operations'],
      security: [],
      responses: { 200: json('Journaled', z.object({ received: z.number().int() })), ...problems },
    });
  }
  return app;
}

type Delivery = {
  readonly path: string;
  readonly hooks: readonly VendorHook[];
  readonly headers: Headers;
  readonly rawBody: Uint8Array;
};

async function receive(parts: ServerParts, { path, hooks, headers, rawBody }: Delivery) {
  const hook = hooks.find(({ verify }) => verify(headers, rawBody));
  if (!hook) {
    parts.log({ level: 'warn', code: 'hook-refused', detail: path });
    throw new Problem('unauthorized');
  }
  const { events, problems: unread } = hook.read(jsonIn(rawBody));
  for (const detail of unread) parts.log({ level: 'warn', code: 'hook-unreadable', detail: `${path}: ${detail}` });
  if (events.length === 0 && unread.length > 0) {
    throw new Problem('unreadable-event', { errors: unread.map((message) => ({ path: '', message })) });
  }
  // All are decided before anything is answered; what was taken stays taken, and the repeat of it changes nothing.
  const replies = await Promise.allSettled(events.map((event) => told(parts, hook, event)));
  for (const reply of replies) if (reply.status === 'rejected') throw reply.reason;
  return { received: events.length };
}

function jsonIn(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
  } catch (cause) {
    throw new Problem('invalid-json', { cause });
  }
}

/** Resolves when the event is durable, or changes nothing. */
async function told({ journal, runner, clock }: ServerParts, { sender }: VendorHook, event: ConversationEvent) {
  const parked = () => journal.park(event, sender, clock.now() + PARKED_FOR_MS);
  const owner = (await durable(journal.ownerOf(event))) ?? (await durable(parked()));
  if (!owner) return;
  const input = { kind: 'conversation-event', actor: `platform:${sender}`, event } as const;
  const reply = await durable(runner.submit(owner, input, { message: { sender, messageId: event.messageId } }));
  if (!isTaken(reply)) throw new Problem('journal-unavailable');
}

function isTaken(reply: Reply): boolean {
  return reply.kind === 'taken' || reply.kind === 'duplicate';
}
