// Owns how a schema's complaints are told: one fault per field, with its dotted path.

import type { z } from '@hono/zod-openapi';
import type { Fault } from './problems.ts';

/** Never the value itself: it may be personal. */
export function faultsIn(error: z.ZodError): readonly Fault[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path.join('.'), message: issue.message }];
    return issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'is not a known field' }));
  });
}
