// Owns the reading of one interaction's journal: every event with its place in the hash chain (H8), whole or in clear columns only.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { InteractionId } from '../ids.ts';
import type { HistoryEntry } from '../journal/journal.ts';
import { needs } from './auth.ts';
import { idParam, json, problems } from './describing.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { rfc3339, time } from './rfc3339.ts';

const historyView = z
  .object({
    events: z.array(
      z.object({
        version: z.number().int(),
        type: z.string(),
        at: time,
        actor: z.string(),
        body: z
          .record(z.string(), z.unknown())
          .nullable()
          .openapi({ description: 'Null where it was erased: only its clear columns are left (`masked=true`).' }),
        hash: z.string().openapi({ description: 'SHA-256 of the previous hash and this row, hexadecimal.' }),
        prevHash: z.string(),
      }),
    ),
  })
  .openapi('Journal');
type EventView = z.infer<typeof historyView>['events'][number];

const historyRoute = createRoute({
  method: 'get',
  path: '/v1/interactions/{id}/journal',
  summary: 'Every event, oldest first',
  tags: ['Interactions'],
  middleware: [needs('interactions')],
  request: {
    params: idParam,
    query: z.strictObject({
      masked: z.enum(['true', 'false']).default('false').openapi({ description: '`true`: without personal data.' }),
    }),
  },
  responses: { 200: json('The journal', historyView), ...problems },
});

export function historyRoutes({ journal }: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(historyRoute, async (c) => {
    const entries = await journal.history(c.req.valid('param').id as InteractionId);
    if (!entries) throw new Problem('interaction-not-found');
    const body = c.req.valid('query').masked === 'true' ? clearBody : wholeBody;
    return c.json({ events: entries.map((entry) => viewOf(entry, body)) }, 200);
  });
  return app;
}

function viewOf(entry: HistoryEntry, body: (entry: HistoryEntry) => EventView['body']): EventView {
  const { version, type, at, actor, hash, prevHash } = entry;
  return { version, type, at: rfc3339(at), actor, body: body(entry), hash: hex(hash), prevHash: hex(prevHash) };
}

function wholeBody({ event }: HistoryEntry): EventView['body'] {
  if (!event) return null;
  const { type: _type, at: _at, actor: _actor, ...body } = event;
  if (event.type === 'TransferRequested') return { ...body, handoff: withoutToken(event.handoff) };
  return event.type === 'DeflectionRequested' ? { ...body, handoff: withoutLink(event.handoff) } : body;
}

/** What a destination's entry redeems opens a caller's context to whoever says it: it is in no answer. */
function withoutToken<Handoff extends { readonly terms: { readonly token: string } }>({ terms, ...handoff }: Handoff) {
  const { token: _, ...told } = terms;
  return { ...handoff, terms: told };
}

/** Whoever has the link has the conversation: it is in the message alone. */
function withoutLink<Handoff extends { readonly terms: { readonly text: string } }>({ terms, ...handoff }: Handoff) {
  const { text: _, ...told } = terms;
  return { ...handoff, terms: told };
}

function clearBody({ clear }: HistoryEntry): EventView['body'] {
  return JSON.parse(clear);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
