// Owns the export of one interaction as a vCon. All of it is personal: it is answered to a key with the scope, and nothing of it
// is logged.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { vconOf } from '../context/vcon.ts';
import type { VconManifest } from '../context/vcon-facts.ts';
import type { InteractionId, ManifestRef } from '../ids.ts';
import { needs } from './auth.ts';
import { idParam, problems } from './describing.ts';
import { readKept } from './kept-manifest.ts';
import type { Caller, ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { time } from './rfc3339.ts';
import { factsOf } from './vcon-facts.ts';

const MEDIA_TYPE = 'application/vcon';
const entries = z.array(z.record(z.string(), z.unknown()));

const vconView = z
  .object({
    vcon: z.literal('0.4.0'),
    uuid: z.string().openapi({ description: 'The interaction’s id.' }),
    extensions: z.array(z.string()),
    created_at: time,
    updated_at: time,
    subject: z.string().optional(),
    parties: entries,
    dialog: entries,
    attachments: entries,
    analysis: entries,
  })
  .openapi('Vcon', { description: 'draft-ietf-vcon-vcon-core, unsigned form, with the contact center extension.' });

const vconRoute = createRoute({
  method: 'get',
  path: '/v1/interactions/{id}/vcon',
  summary: 'The interaction as a vCon',
  description:
    'What is known, and nothing else: legs as dialogs without content, completed handoffs as transfers, context, manifests and loss reports as attachments, briefings and summaries as analysis. A manifest that has expired, or that the key may not read (scope `manifests`), is there by its reference only.',
  tags: ['Interactions'],
  middleware: [needs('interactions')],
  request: { params: idParam },
  responses: { 200: { description: 'The vCon', content: { [MEDIA_TYPE]: { schema: vconView } } }, ...problems },
});

export function vconRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(vconRoute, async (c) => {
    const history = await parts.journal.history(c.req.valid('param').id as InteractionId);
    if (!history) throw new Problem('interaction-not-found');
    const events = history.flatMap(({ event }) => event ?? []);
    if (events.length < history.length) throw new Problem('interaction-erased');
    const facts = await factsOf(events, (ref) => lookUp(parts, ref, c.get('caller')));
    return c.body(JSON.stringify(vconOf(facts)), 200, { 'content-type': MEDIA_TYPE });
  });
  return app;
}

/** What the reference still leads to for a caller who may read manifests; nobody else is told what is behind it. */
async function lookUp(parts: ServerParts, ref: ManifestRef, { scopes }: Caller): Promise<VconManifest> {
  if (!scopes.includes('manifests') && !scopes.includes('admin')) return { state: 'withheld', ref };
  try {
    const { manifest } = (await readKept(parts, ref)).whole;
    return { state: 'kept', ref, ...(manifest && { manifest }) };
  } catch (error) {
    if (error instanceof Problem && error.code === 'manifest-not-found') return { state: 'expired', ref };
    throw error;
  }
}
