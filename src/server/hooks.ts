// Owns what platforms tell us: the raw bytes are verified, then parsed, then journaled, and only then answered. An event of a
// conversation that nobody knows yet waits for it. The same message again changes nothing.

import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { ConversationEvent } from '../context/conversation.ts';
import { takeIn } from '../journal/intake.ts';
import { findHandoff, isErased } from '../protocols/interaction.ts';
import { arrive } from './arrival.ts';
import { json, problems } from './describing.ts';
import { type HeaderReader, headersOf } from './node-wire.ts';
import type { ArrivedReservation, ServerEnv, ServerParts, VendorHook } from './parts.ts';
import { Problem } from './problems.ts';
import { bodyAtMost } from './request-bodies.ts';
import { durable } from './taking.ts';

const LARGEST_BODY_BYTES = 1024 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

export function hookRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  for (const [path, hooks] of Object.entries(parts.hooks)) {
    app.post(`/hooks/${path}`, bodyAtMost(LARGEST_BODY_BYTES), async (c) => {
      const rawBody = new Uint8Array(await c.req.arrayBuffer());
      return c.json(await receive(parts, { path, hooks, headers: headersOf(c), rawBody }));
    });
    // Described only: the body is verified as bytes before anything looks at its shape.
    app.openAPIRegistry.registerPath({
      method: 'post',
      path: `/hooks/${path}`,
      summary: 'Events of a platform’s conversations',
      description: path.startsWith('gateway/')
        ? 'Signed as Standard Webhooks 1.0.0 describes. 200 means journaled, or that there is nothing to keep.'
        : 'Verified by the secret in `x-throughline-secret` or as a bearer. 200 means journaled, or that there is nothing to keep.',
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
  readonly headers: HeaderReader;
  readonly rawBody: Uint8Array;
};

async function receive(parts: ServerParts, { path, hooks, headers, rawBody }: Delivery) {
  const hook = hooks.find(({ verify }) => verify(headers, rawBody));
  if (!hook) {
    parts.log({ level: 'warn', code: 'hook-refused', detail: path });
    throw new Problem('unauthorized');
  }
  const { events, problems: unread, arrivals = [] } = hook.read(jsonIn(rawBody));
  for (const detail of unread) parts.log({ level: 'warn', code: 'hook-unreadable', detail: `${path}: ${detail}` });
  if (events.length === 0 && unread.length > 0) {
    throw new Problem('unreadable-event', { errors: unread.map((message) => ({ path: '', message })) });
  }
  // Who has come is known before what is told of them, else nobody would have their conversation.
  for (const arrival of arrivals) await arrived(parts, arrival);
  // All are decided before anything is answered; what was taken stays taken, and the repeat of it changes nothing.
  const replies = await Promise.allSettled(events.map((event) => told(parts, event)));
  for (const reply of replies) if (reply.status === 'rejected') throw reply.reason;
  return { received: events.length };
}

function jsonIn(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(rawBody));
  } catch (cause) {
    throw new Problem('invalid-json', { cause });
  }
}

/** One that is known already, or is none of ours, changes nothing: the platform tells it with every event. */
async function arrived(parts: ServerParts, { platform, externalId, reservationId }: ArrivedReservation): Promise<void> {
  const whose = await durable(parts.entries.find({ platform, reservationId }));
  if (!whose) return;
  if ((await durable(parts.journal.ownerOf({ platform, externalId }))) === whose.interactionId) return;
  const known = await parts.runner.read(whose.interactionId);
  const handoff = known && !isErased(known.state) ? findHandoff(known.state, whose.handoffId) : undefined;
  if (!handoff) return;
  try {
    const leg = { platform, externalId, channel: handoff.leg.channel };
    await arrive(parts, whose, leg, `platform:${platform}`);
  } catch (error) {
    // What the transfer's own state forbids is no fault of the sender's, who would only send it again.
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    parts.log({ level: 'warn', code: 'arrival-refused', detail: `${platform}: ${error.code}` });
  }
}

/** Resolves when the event is durable, or changes nothing. */
async function told(parts: ServerParts, event: ConversationEvent) {
  const { kind } = await durable(takeIn(event, parts));
  if (kind === 'taken' || kind === 'duplicate' || kind === 'parked') return;
  if (kind !== 'quarantined') throw new Problem('journal-unavailable');
  // A person has to look first: a sender that is refused would repeat it for days (EventBridge: four) and change nothing.
  parts.log({ level: 'warn', code: 'hook-quarantined', detail: `${event.platform}: ${event.kind} ${event.messageId}` });
}
