// Owns what the providers of text messages tell: verified on the raw bytes with the query, read only then, and journaled before it is answered. A
// status finds its message by our reference; repeated, late and contradictory ones change nothing. A customer's STOP is kept before it is answered.

import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isErased } from '../protocols/interaction.ts';
import { deflectionIn } from './claiming.ts';
import type { ServedSmsHook, SmsHookRequest, SmsSaid } from './deflection-parts.ts';
import { json, problems } from './describing.ts';
import { headersOf } from './node-wire.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { bodyAtMost } from './request-bodies.ts';
import { smsRefIn } from './sms-ref.ts';
import { durable } from './taking.ts';

const LARGEST_BODY_BYTES = 64 * 1024;
const PATHS: readonly ServedSmsHook['path'][] = ['twilio/status', 'twilio/reply', 'vonage/status', 'vonage/reply'];
/** Twilio takes what comes back for instructions: none. */
const NO_INSTRUCTIONS = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

export function smsHookRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  for (const path of PATHS) {
    app.post(`/hooks/${path}`, bodyAtMost(LARGEST_BODY_BYTES), async (c) => {
      await receive(parts, path, await requestIn(c));
      if (path === 'twilio/reply') return c.body(NO_INSTRUCTIONS, 200, { 'content-type': 'text/xml' });
      return c.json({ received: 1 });
    });
    // Described only: the body is verified as bytes before anything looks at its shape.
    app.openAPIRegistry.registerPath({
      method: 'post',
      path: `/hooks/${path}`,
      summary: path.endsWith('status') ? 'What became of a text message' : 'What a customer wrote',
      description: 'Signed as its provider signs. 200 means kept, or that there is nothing to keep.',
      tags: ['Operations'],
      security: [],
      responses: { 200: json('Kept', z.object({ received: z.number().int() })), ...problems },
    });
  }
  return app;
}

async function requestIn(c: Context<ServerEnv>): Promise<SmsHookRequest> {
  const { url } = c.req;
  const mark = url.indexOf('?');
  return {
    headers: headersOf(c),
    rawBody: new Uint8Array(await c.req.arrayBuffer()),
    query: mark < 0 ? '' : url.slice(mark + 1),
  };
}

async function receive(parts: ServerParts, path: ServedSmsHook['path'], request: SmsHookRequest): Promise<void> {
  const hook = parts.smsHooks.find((one) => one.path === path && one.verify(request));
  if (!hook) {
    parts.log({ level: 'warn', code: 'hook-refused', detail: path });
    throw new Problem('unauthorized');
  }
  const said = hook.read(request);
  switch (said.kind) {
    case 'unreadable':
      parts.log({ level: 'warn', code: 'hook-unreadable', detail: `${path}: ${said.problem}` });
      throw new Problem('unreadable-event');
    case 'reply':
      return await durable(said.take());
    case 'status':
      return await report(parts, path, said);
  }
}

/** One of a message that is none of ours, or of one whose interaction is gone, is no fault of the sender's. */
async function report(parts: ServerParts, path: string, said: Extract<SmsSaid, { kind: 'status' }>): Promise<void> {
  const found = smsRefIn(said.ref);
  if (!found) return;
  const { interactionId: id, handoffId, route } = found;
  const known = await durable(parts.runner.read(id));
  const handoff = known && !isErased(known.state) ? deflectionIn(known.state, handoffId) : undefined;
  if (!handoff) return;
  await durable(said.noteFor(handoff.terms.to));
  if (said.status === null) return;
  const { status, reason, dedupeId } = said;
  const vendor = path.split('/')[0] ?? path;
  const input = { kind: 'sms-status', actor: `platform:${vendor}`, handoffId, route, status } as const;
  const message = { sender: `sms:${vendor}`, messageId: dedupeId };
  const told = { ...input, ...(reason !== undefined && { reason }) };
  const { kind } = await durable(parts.runner.submit(id, told, { message }));
  if (kind === 'quarantined') parts.log({ level: 'warn', code: 'hook-quarantined', detail: path });
}
