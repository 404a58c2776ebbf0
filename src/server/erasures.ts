// Owns the erasures as resources: asked for by phone, e-mail address or customer id, and answered with a certificate that tells what
// was erased and when, and what remains to be done at the platforms.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { customerInput } from '../context/interaction-context.ts';
import { eraseSubject, type Subject } from '../journal/erasures.ts';
import { actorOf, needs } from './auth.ts';
import { idParam, json, jsonBody, problems } from './describing.ts';
import { certificateOf, certificateView } from './erasure-certificate.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { durable } from './taking.ts';

/** How long the answer waits for open moves. They settle by themselves, and the certificate tells when they have. */
const PATIENCE_MS = 2_500;

const tags = ['Operations'];
const middleware = [needs('erasures')];

const subject = z
  .strictObject({
    phone: customerInput.shape.phone,
    email: customerInput.shape.email,
    customerId: z.string().min(1).optional(),
  })
  .refine((by) => Object.values(by).filter((value) => value !== undefined).length === 1, {
    message: 'needs exactly one of phone, email and customerId',
  });

const postRoute = createRoute({
  method: 'post',
  path: '/v1/erasures',
  summary: 'Erase everything personal of a customer',
  description:
    'All interactions that were ever theirs: what is open is cancelled, or settles first where a transfer is under way; then their keys are destroyed, and what was written at platforms is overwritten. The same `Idempotency-Key` again does the same again and answers with the same certificate, grown by what has come since.',
  tags,
  middleware,
  request: {
    headers: z.object({ 'idempotency-key': z.string().min(1).max(255).optional() }),
    body: jsonBody(subject),
  },
  responses: {
    200: json(
      'Done, or under way: the certificate says',
      z.object({ id: z.string(), interactions: z.number().int(), certificate: certificateView }).openapi('Erasure'),
    ),
    ...problems,
  },
});

const getRoute = createRoute({
  method: 'get',
  path: '/v1/erasures/{id}',
  summary: 'Read an erasure’s certificate as it stands now',
  tags,
  middleware,
  request: { params: idParam },
  responses: { 200: json('The certificate', certificateView), ...problems },
});

export function erasureRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();

  app.openapi(postRoute, async (c) => {
    const actor = actorOf(c);
    const key = c.req.valid('header')['idempotency-key'];
    // The body is not compared: a digest of it would be one of the subject. Whoever it names is erased all the same.
    const id = key === undefined ? parts.newId() : parts.journal.keyedName(`erasure:${actor}`, key);
    const erasing = { id, actor, subject: subjectIn(c.req.valid('json')), patienceMs: PATIENCE_MS };
    await durable(eraseSubject(parts, erasing));
    const certificate = await certificateOf(parts, id);
    return c.json({ id, interactions: certificate.interactions.length, certificate }, 200);
  });

  app.openapi(getRoute, async (c) => c.json(await certificateOf(parts, c.req.valid('param').id), 200));
  return app;
}

function subjectIn(by: z.infer<typeof subject>): Subject {
  const kind = (['phone', 'email', 'customerId'] as const).find((one) => by[one] !== undefined) ?? 'phone';
  return { kind, value: by[kind] ?? '' };
}
