// Owns the audit over HTTP: every hash chain is walked from its beginning, every seal is checked against it (H8), and the public
// half of the key that signs seals is given away, so that others can do the same with a copy.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Anchor } from '../journal/audit.ts';
import { pemOf } from '../journal/seal-key.ts';
import { needs } from './auth.ts';
import { json, problems } from './describing.ts';
import type { ServerEnv, ServerParts } from './parts.ts';

const tags = ['Operations'];
const ANCHOR = /^([1-9]\d{0,14}):([0-9a-f]{64})$/i;

const faultView = z
  .object({
    kind: z.string(),
    interactionId: z.string().nullable(),
    version: z.number().int().nullable(),
    seal: z.number().int().nullable(),
  })
  .openapi('AuditFault');

const verdictView = z
  .object({
    ok: z.boolean(),
    interactions: z.number().int(),
    events: z.number().int(),
    seals: z.number().int(),
    unsealed: z.number().int(),
    newestSeal: z.object({ number: z.number().int(), digest: z.string(), at: z.string() }).nullable(),
    keyId: z.string().nullable(),
    firstBad: faultView.nullable(),
    faults: z.array(faultView),
    truncated: z.boolean(),
  })
  .openapi('AuditVerdict');

const keyView = z
  .object({
    id: z.string(),
    algorithm: z.literal('Ed25519'),
    pem: z.string(),
    jwk: z.object({ kty: z.string(), crv: z.string(), x: z.string() }),
  })
  .openapi('SealPublicKey');

const verifyRoute = createRoute({
  method: 'get',
  path: '/v1/audit/verify',
  summary: 'Verify the journal’s hash chains and seals',
  tags,
  middleware: [needs('audit')],
  request: {
    query: z.object({
      atLeastSeal: z
        .string()
        .regex(ANCHOR, 'must be a seal’s number and digest: 12:ab01…')
        .optional()
        .openapi({ description: 'A seal kept elsewhere, as `number:digest`: the journal must still have it.' }),
    }),
  },
  responses: { 200: json('What was walked, and what is wrong with it', verdictView), ...problems },
});

const keyRoute = createRoute({
  method: 'get',
  path: '/v1/audit/key',
  summary: 'The public key that seals are signed with',
  tags,
  middleware: [needs('audit')],
  responses: { 200: json('The key: keep it where the journal is not', keyView), ...problems },
});

export function auditRoutes({ journal }: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(verifyRoute, async (c) => {
    const verdict = await journal.verify(anchorOf(c.req.valid('query').atLeastSeal));
    return c.json({ ...verdict, faults: [...verdict.faults] }, 200);
  });
  app.openapi(keyRoute, (c) => {
    const key = journal.sealKey.public;
    const { kty = '', crv = '', x = '' } = key.key.export({ format: 'jwk' });
    return c.json({ id: key.id, algorithm: 'Ed25519' as const, pem: pemOf(key), jwk: { kty, crv, x } }, 200);
  });
  return app;
}

function anchorOf(text: string | undefined): Anchor | undefined {
  const [, number, digest] = ANCHOR.exec(text ?? '') ?? [];
  return number && digest ? { number: Number(number), digest: digest.toLowerCase() } : undefined;
}
