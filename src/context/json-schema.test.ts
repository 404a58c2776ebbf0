import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEED_MANIFEST, SEED_INTERACTION as seedContext } from '../../test/seed-examples.ts';
import { canonicalInteraction } from './interaction-context.ts';
import { interactionContextJsonSchema, manifestJsonSchema } from './json-schema.ts';
import { parseManifest } from './manifest.ts';

// Formats are checked by the patterns beside them; ajv alone knows none.
const ajv = new Ajv2020({ strict: true, validateFormats: false });
const manifestIsValid = ajv.compile(manifestJsonSchema);
const contextIsValid = ajv.compile(interactionContextJsonSchema);

/** As seed 004 §1 prints it. */
const seedManifest = { handoff_manifest: SEED_MANIFEST };

/** The value with one random field, at any depth, replaced by random JSON or removed. */
function spoiled(value: unknown): fc.Arbitrary<unknown> {
  const json = fc.jsonValue({ maxDepth: 1 });
  if (typeof value !== 'object' || value === null) return fc.oneof(json, fc.constant(value));
  const entries = Object.entries(value);
  if (entries.length === 0) return json;
  return fc.constantFrom(...entries).chain(([name, inner]) =>
    fc.oneof(
      { weight: 4, arbitrary: spoiled(inner).map((by) => replaced(value, name, by)) },
      fc.string().map((other) => replaced(value, other, 1)),
      fc.constant(Array.isArray(value) ? value : Object.fromEntries(entries.filter(([key]) => key !== name))),
    ),
  );
}
function replaced(value: object, name: string, by: unknown): unknown {
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === name ? by : item));
  return { ...value, [name]: by };
}

describe('manifestJsonSchema', () => {
  it("takes seed 004 §1's example, wrapped and bare, and one with nothing in it", () => {
    expect(manifestIsValid(seedManifest)).toBe(true);
    expect(manifestIsValid(seedManifest.handoff_manifest)).toBe(true);
    expect(manifestIsValid({})).toBe(true);
  });

  it.each([
    { bot_confidence_at_exit: 2 },
    { handoff_manifest: { bot_confidence_at_exit: 2 } },
    { handoff_manifest: {}, trigger: 'x' },
    { intents_detected: [{}] },
    [],
  ])('refuses %j', (bad) => {
    expect(manifestIsValid(bad)).toBe(false);
  });

  it('gives the same verdict as the parser', () => {
    const sample = fc.oneof(spoiled(seedManifest), spoiled(seedManifest.handoff_manifest), fc.jsonValue());
    fc.assert(
      fc.property(sample, (input) => {
        expect(manifestIsValid(input)).toBe(parseManifest(input).ok);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('interactionContextJsonSchema', () => {
  it("takes seed 002 §1's example", () => {
    expect(contextIsValid(seedContext)).toBe(true);
  });

  it.each([
    { ...seedContext, customer: { phone: '4155551234' } },
    { ...seedContext, timestamp: 'yesterday' },
    { ...seedContext, transfer: { transferType: 'cold' } },
    { customer: {} },
  ])('refuses %j', (bad) => {
    expect(contextIsValid(bad)).toBe(false);
  });

  it('gives the same verdict as the schema that validates', () => {
    const phone = fc.oneof(fc.stringMatching(/^\+?\d{0,17}$/), fc.string());
    const sample = fc.oneof(
      spoiled(seedContext),
      phone.map((any) => replaced(seedContext, 'customer', { phone: any })),
      fc.string().map((any) => replaced(seedContext, 'customer', { email: `${any}@x` })),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(sample, (input) => {
        expect(contextIsValid(input)).toBe(canonicalInteraction.safeParse(input).success);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('both', () => {
  it.each([manifestJsonSchema, interactionContextJsonSchema])(
    'say their dialect, their name and what they are for: $title',
    (schema) => {
      expect(schema).toMatchObject({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: expect.stringMatching(/^urn:throughline:schema:/),
        description: expect.any(String),
      });
      expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    },
  );
});
