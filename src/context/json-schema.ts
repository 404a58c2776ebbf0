// Owns the published form of the manifest and the interaction context: JSON Schema 2020-12, made from the schemas that validate.

import { z } from 'zod';
import { canonicalInteraction } from './interaction-context.ts';
import { manifest } from './manifest.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** Seed 002 §1's payload. */
export const interactionContextJsonSchema: JsonSchema = {
  $schema: DIALECT,
  $id: 'urn:throughline:schema:interaction-context',
  title: 'Interaction context',
  description:
    'What is known of one customer and one matter, free of any platform’s own words, as it crosses from one platform to another. Unknown fields are kept.',
  ...definition(canonicalInteraction),
};

/** Seed 004 §1's manifest, bare or alone under `handoff_manifest`. */
export const manifestJsonSchema: JsonSchema = {
  $schema: DIALECT,
  $id: 'urn:throughline:schema:handoff-manifest',
  title: 'Handoff manifest',
  description:
    'What the holder who leaves a conversation tells the one who comes, bare or under handoff_manifest. Every field may be absent; unknown fields are kept and travel verbatim.',
  if: { type: 'object', properties: { handoff_manifest: true }, required: ['handoff_manifest'] },
  // biome-ignore lint/suspicious/noThenProperty: `then` is JSON Schema's keyword; nothing awaits a schema.
  then: {
    type: 'object',
    properties: { handoff_manifest: { $ref: '#/$defs/manifest' } },
    additionalProperties: false,
  },
  else: { $ref: '#/$defs/manifest' },
  $defs: { manifest: definition(manifest) },
};

/** The schema without its dialect, which is said once at the top. */
function definition(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12' });
  return rest;
}
