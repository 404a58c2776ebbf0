// Owns what every route's description has in common: the problem document, a body of JSON, an answer of JSON.

import { z } from '@hono/zod-openapi';

const problemView = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem', { description: 'RFC 9457. `code` is stable; the page of errors lists every one.' });

/** Every route's other answers. */
export const problems = {
  default: {
    description: 'A problem',
    content: { 'application/problem+json': { schema: problemView } },
  },
} as const;

export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } } as const;
}

export const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
