// Owns the manifests that travel by reference (seed 004 §2 and edge case 1), and where their receipts are left.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ManifestRef } from '../ids.ts';
import { needs } from './auth.ts';
import { json, jsonBody, problems } from './describing.ts';
import { lossEntry } from './handoff-view.ts';
import { type KeptManifest, keptBlob, maskedManifest, readKept, readManifest } from './kept-manifest.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { readReceipt, receiptInput, receiptView, recordReceipt } from './receipts.ts';
import { rfc3339, time } from './rfc3339.ts';
import { durable } from './taking.ts';

const tags = ['Manifests'];
const middleware = [needs('manifests')];
const refParam = z.object({ ref: z.string() });
const encoder = new TextEncoder();

/** Checked by `readManifest`, which keeps the very object, unknown fields and their order included. */
export const manifestInput = z.unknown().openapi('HandoffManifest', {
  type: 'object',
  description: 'Seed 004 §1, bare or under `handoff_manifest`. Unknown fields are kept.',
  example: { trigger: 'CustomerRequested', recommended_queue: 'BillingDisputes_Tier2', agent_briefing: 'Be kind.' },
});

const postRoute = createRoute({
  method: 'post',
  path: '/v1/manifests',
  summary: 'Keep a manifest by reference',
  description:
    'Verbatim; only where it names `complianceFlags` itself (`pci_dss`, `hipaa`) it is masked as they ask, and `loss` says what was.',
  tags,
  middleware,
  request: { body: jsonBody(manifestInput) },
  responses: {
    201: json(
      'Kept',
      z.object({ ref: z.string(), bytes: z.number().int(), expiresAt: time, loss: z.array(lossEntry) }),
    ),
    ...problems,
  },
});

const getRoute = createRoute({
  method: 'get',
  path: '/v1/manifests/{ref}',
  summary: 'Read a manifest',
  description: 'Verbatim, in the shape it was given; `whole=true` answers it with the context and the customer.',
  tags,
  middleware,
  request: {
    params: refParam,
    query: z.strictObject({ whole: z.enum(['true', 'false']).default('false') }),
  },
  responses: { 200: json('The manifest', z.record(z.string(), z.unknown())), ...problems },
});

const receiptRoute = createRoute({
  method: 'post',
  path: '/v1/manifests/{ref}/receipt',
  summary: 'Say which fields the agent was shown',
  description: 'The first receipt is kept for as long as the manifest; later ones are answered with it.',
  tags,
  middleware,
  request: { params: refParam, body: jsonBody(receiptInput) },
  responses: { 201: json('Recorded', receiptView), 200: json('The receipt recorded first', receiptView), ...problems },
});

const readReceiptRoute = createRoute({
  method: 'get',
  path: '/v1/manifests/{ref}/receipt',
  summary: 'Read which fields the agent was shown',
  tags,
  middleware,
  request: { params: refParam },
  responses: { 200: json('The receipt', receiptView), ...problems },
});

export function manifestRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const { journal, clock } = parts;
  const app = new OpenAPIHono<ServerEnv>();

  app.openapi(postRoute, async (c) => {
    const { manifest: given, shape } = readManifest(c.req.valid('json'));
    const { manifest, loss } = maskedManifest(given);
    const ref = parts.newId() as ManifestRef;
    const blob = keptBlob(parts, ref, { shape, manifest }, clock.now());
    await durable(journal.putBlob(blob));
    c.header('location', `/v1/manifests/${ref}`);
    const bytes = encoder.encode(JSON.stringify(manifest)).length;
    return c.json({ ref, bytes, expiresAt: rfc3339(blob.expiresAt), loss: [...loss] }, 201);
  });

  app.openapi(getRoute, async (c) => {
    const kept = await readKept(parts, c.req.valid('param').ref as ManifestRef);
    return c.json(c.req.valid('query').whole === 'true' ? { ...kept.whole } : asGiven(kept), 200);
  });

  app.openapi(receiptRoute, async (c) => {
    const ref = c.req.valid('param').ref as ManifestRef;
    const { isFirst, receipt } = await recordReceipt(parts, ref, c.req.valid('json'));
    return isFirst ? c.json(receipt, 201) : c.json(receipt, 200);
  });

  app.openapi(readReceiptRoute, async (c) => {
    const ref = c.req.valid('param').ref as ManifestRef;
    const receipt = await readReceipt(parts, ref);
    if (receipt) return c.json(receipt, 200);
    await readKept(parts, ref);
    throw new Problem('receipt-not-found');
  });
  return app;
}

function asGiven({ shape, whole: { manifest } }: KeptManifest): Record<string, unknown> {
  if (!manifest) throw new Problem('manifest-not-found', { detail: 'Only context is kept: ask with `whole=true`.' });
  return shape === 'bare' ? manifest : { handoff_manifest: manifest };
}
