import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InteractionContext } from './interaction-context.ts';
import type { Manifest } from './manifest.ts';
import type { Whole } from './packing.ts';
import { pack, wholeOf } from './packing.ts';
import { unpack } from './unpacking.ts';

const interactionId = '0190a1b2-0000-7000-8000-000000000001';
const ref = '5e6f7a8b-0000-4000-8000-000000000002';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'grapheme', minLength: 200, maxLength: 300 }),
  fc.string(),
);
const name = fc.oneof(
  text,
  fc.constantFrom(
    'handoff_manifest',
    'intent',
    'segment',
    'interactionId',
    'context.x',
    '__proto__',
    'constructor',
    'amount',
    'toString',
  ),
);
const json = fc
  .jsonValue({ maxDepth: 3, stringUnit: 'grapheme' })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
/** Through JSON, as everything comes: no undefined, no minus zero, own properties only. */
const overJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

const manifest = fc
  .record(
    {
      trigger: text,
      bot_confidence_at_exit: fc.double({ min: 0, max: 1, noNaN: true }),
      intents_detected: fc.array(
        fc.record({ intent: text, resolved: fc.boolean(), why: json }, { requiredKeys: ['intent'] }),
        { maxLength: 3 },
      ),
      slots_collected: fc.dictionary(name, json),
      recommended_queue: text,
      agent_briefing: text,
      handoff_manifest: json,
      'x-odd': json,
    },
    { requiredKeys: [] },
  )
  .map((any) => overJson(any) as Manifest);

const context = fc
  .record(
    {
      intent: text,
      authenticationStatus: text,
      accountNumber: text,
      sentiment: text,
      previousQueue: text,
      holdDurationSec: fc.nat(),
      dtmfSequence: fc.array(text, { maxLength: 4 }),
      complianceFlags: fc.array(text, { maxLength: 4 }),
      attributes: fc.dictionary(name, text, { minKeys: 1, maxKeys: 70 }),
      'x-odd': json,
      '': json,
    },
    { requiredKeys: [] },
  )
  .map((any) => overJson(any) as InteractionContext);

const limits = fc.record({
  attributeValueBytes: fc.constantFrom(64, 256, 4096, 100_000),
  attributeCount: fc.constantFrom(3, 10, 50, 500),
});

function thereAndBack(whole: Whole, within: { attributeValueBytes: number; attributeCount: number }) {
  const { attributes, needsReference } = pack({ ...whole, interactionId, channel: 'message', ref, limits: within });
  return unpack(overJson(attributes), needsReference ? overJson(wholeOf(whole)) : null);
}

describe('unpack', () => {
  it('gives back what was packed, with the whole behind the reference where one is needed', () => {
    fc.assert(
      fc.property(fc.option(manifest, { nil: undefined }), context, limits, (given, known, within) => {
        const back = thereAndBack({ ...(given && { manifest: given }), context: known }, within);
        expect(back.manifest).toEqual(given);
        expect(back.context).toEqual(known);
        expect(back.complete).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('an inline manifest comes back verbatim, to the byte', () => {
    const given = { zeta: 1, trigger: 'x', alpha: { b: null }, handoff_manifest: { a: 1 } };
    const back = thereAndBack({ manifest: given, context: {} }, { attributeValueBytes: 256, attributeCount: 50 });
    expect(JSON.stringify(back.manifest)).toBe(JSON.stringify(given));
    expect(back).not.toHaveProperty('ref');
  });

  it('reads segment and customer id from attributes, the rest of the customer from the whole', () => {
    const customer = { segment: 'enterprise', customerId: 'C-9', phone: '+14155551234' };
    const wide = { attributeValueBytes: 256, attributeCount: 50 };
    expect(thereAndBack({ context: {}, customer }, wide).customer).toEqual({
      segment: 'enterprise',
      customerId: 'C-9',
    });
    const long = { manifest: { trigger: 'x'.repeat(300) }, context: {}, customer };
    expect(thereAndBack(long, wide)).toEqual({ ...long, interactionId, ref, complete: true });
  });

  it('an empty list of custom attributes comes back as none', () => {
    expect(
      thereAndBack({ context: { attributes: {} } }, { attributeValueBytes: 256, attributeCount: 50 }).context,
    ).toEqual({});
  });

  it('says when the rest is behind a reference that was not fetched', () => {
    const attributes = { handoff_manifest_ref: ref, agent_briefing: 'b', intent: 'billing', note: 'n' };
    expect(unpack(attributes, null)).toEqual({
      context: { intent: 'billing', attributes: { note: 'n' } },
      ref,
      complete: false,
    });
    expect(unpack({ handoff_context_ref: ref }, null)).toEqual({ context: {}, ref, complete: false });
  });

  it.each([
    { handoff_manifest: 'not JSON' },
    { handoff_manifest: '{"trigger":7}' },
    { holdDurationSec: '"long"' },
    { dtmfSequence: '[1' },
    { 'context.x': '{' },
  ])('what cannot be read is left out and said so: %j', (attributes) => {
    expect(unpack(attributes, null)).toEqual({ context: {}, complete: false });
  });

  it('never throws, whatever the vendor says', () => {
    const names = fc.oneof(fc.string(), fc.constantFrom('handoff_manifest', 'dtmfSequence', 'context.a', '__proto__'));
    fc.assert(
      fc.property(fc.dictionary(names, fc.oneof(fc.string(), fc.json())), (attributes) => {
        expect(unpack(attributes, null).context).toBeTypeOf('object');
      }),
    );
  });
});
