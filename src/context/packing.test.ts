import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ToPack } from './packing.ts';
import { misleadingIn, pack, packAgain, wholeOf } from './packing.ts';
import { unpack } from './unpacking.ts';
import { utf8Bytes } from './utf8.ts';

const base = {
  interactionId: '0190a1b2-0000-7000-8000-000000000001',
  channel: 'voice',
  ref: '5e6f7a8b-0000-4000-8000-000000000002',
  limits: { attributeValueBytes: 256, attributeCount: 50 },
  context: {},
} as const satisfies ToPack;
const summary = 'Escalated by bot from voice.';
const small = { trigger: 'NoMatch', recommended_queue: 'General_Support', agent_briefing: 'Lost.' };
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, `${n}`]));

describe('pack', () => {
  it('seed 004 §2: a manifest whose compact JSON fits is attached inline', () => {
    expect(pack({ ...base, manifest: small })).toEqual({
      attributes: {
        handoff_manifest: JSON.stringify(small),
        agent_briefing: 'Lost.',
        recommended_queue: 'General_Support',
        agentContextSummary: `${summary} Trigger: NoMatch. Recommended queue: General_Support.`,
        interactionId: base.interactionId,
      },
      loss: [],
      needsReference: false,
    });
  });

  it('seed 004, edge case 1: one byte over the limit and it travels by reference, named as loss', () => {
    const fitting = { agent_briefing: 'é'.repeat((256 - JSON.stringify({ agent_briefing: '' }).length) / 2) };
    const spare = 256 - utf8Bytes(JSON.stringify(fitting));
    const exact = { agent_briefing: fitting.agent_briefing + 'x'.repeat(spare) };
    expect(utf8Bytes(JSON.stringify(exact))).toBe(256);
    expect(pack({ ...base, manifest: exact })).toMatchObject({ needsReference: false });

    const over = { agent_briefing: `${exact.agent_briefing}x` };
    const { attributes, loss, needsReference } = pack({ ...base, manifest: over });
    expect(attributes).toMatchObject({ handoff_manifest_ref: base.ref, agent_briefing: over.agent_briefing });
    expect(attributes).not.toHaveProperty('handoff_manifest');
    expect(loss).toEqual([{ field: 'manifest', limit: '256 bytes', carriedBy: 'reference' }]);
    expect(needsReference).toBe(true);
  });

  it('seed 004 §2: the briefing is cut at the limit between characters, and the cut is named (H4)', () => {
    const manifest = { agent_briefing: `${'x'.repeat(254)}😀 and more` };
    const { attributes, loss } = pack({ ...base, manifest });
    expect(attributes.agent_briefing).toBe('x'.repeat(254));
    expect(loss).toContainEqual({ field: 'agent_briefing', limit: '256 bytes', carriedBy: 'reference' });
  });

  it('without a manifest the context still travels', () => {
    expect(pack({ ...base, context: { intent: 'billing' } }).attributes).toEqual({
      agent_briefing: 'Intent: Billing.',
      agentContextSummary: `${summary} Intent: billing.`,
      interactionId: base.interactionId,
      intent: 'billing',
    });
  });

  it('writes every context field flat, lists and numbers as JSON, most valuable first', () => {
    const context = {
      extra: { a: 1 },
      attributes: { Product_Type: 'card' },
      holdDurationSec: 42,
      dtmfSequence: ['1', '3', '0'],
      complianceFlags: ['pci_dss'],
      previousQueue: 'billing_specialists',
      sentiment: 'frustrated',
      accountNumber: 'ACC-1',
      authenticationStatus: 'verified',
      intent: 'billing_dispute',
    };
    const manifest = { slots_collected: { amount: '$47.99', lines: 2 } };
    const customer = { phone: '+14155551234', name: 'Ada', segment: 'enterprise', customerId: 'C-9' };
    const { attributes, loss } = pack({ ...base, context, manifest, customer });
    expect(Object.entries(attributes).slice(4)).toEqual([
      ['dtmfSequence', '["1","3","0"]'],
      ['intent', 'billing_dispute'],
      ['authenticationStatus', 'verified'],
      ['accountNumber', 'ACC-1'],
      ['sentiment', 'frustrated'],
      ['previousQueue', 'billing_specialists'],
      ['complianceFlags', '["pci_dss"]'],
      ['holdDurationSec', '42'],
      ['segment', 'enterprise'],
      ['customerId', 'C-9'],
      ['amount', '$47.99'],
      ['lines', '2'],
      ['Product_Type', 'card'],
      ['context.extra', '{"a":1}'],
    ]);
    expect(loss).toEqual([]);
  });

  it('seed 002, edge case 2: keys of a call have a place where few fit, also beside a manifest, and our id takes none where it has its own', () => {
    const context = {
      intent: 'billing_dispute',
      authenticationStatus: 'verified',
      accountNumber: 'ACC-1',
      sentiment: 'frustrated',
      dtmfSequence: ['1', '3', '0'],
      attributes: { story: 'x'.repeat(300) },
    };
    const limits = { attributeValueBytes: 256, attributeCount: 7, idApart: true } as const;
    const manifest = { recommended_queue: 'Billing', agent_briefing: 'x'.repeat(300) };
    for (const more of [{}, { manifest }]) {
      const { attributes } = pack({ ...base, context, limits, ...more });
      expect(Object.keys(attributes).slice(1)).toEqual([
        'agent_briefing',
        'agentContextSummary',
        'dtmfSequence',
        'intent',
        'authenticationStatus',
        'accountNumber',
      ]);
    }
    const renamed = pack({ ...base, context: {}, limits, mapping: { interactionId: 'tl_id' } });
    expect(renamed.attributes.tl_id).toBe(base.interactionId);
  });

  it('seed 002 §1: says that something is masked, by itself where there is room and in the summary wherever there is none', () => {
    const customer = { piiMasked: true };
    const context = { intent: 'x', authenticationStatus: 'v', accountNumber: 'n', dtmfSequence: ['1'], sentiment: 's' };
    expect(pack({ ...base, context, customer }).attributes).toMatchObject({ piiMasked: 'true' });
    expect(pack({ ...base, context, customer: { piiMasked: false } }).attributes).not.toHaveProperty('piiMasked');
    expect(pack({ ...base, customer, mapping: { intent: 'P' } }).attributes).toMatchObject({ piiMasked: 'true' });
    const few = pack({
      ...base,
      context,
      customer,
      limits: { attributeValueBytes: 256, attributeCount: 7, idApart: true },
    });
    expect(few.attributes).not.toHaveProperty('piiMasked');
    expect(few.attributes.agentContextSummary).toContain('Some data is masked.');
    expect(few.loss).toContainEqual({ field: 'customer.piiMasked', limit: '7 attributes', carriedBy: 'reference' });
    expect(unpack({ piiMasked: 'true' }, null)).toMatchObject({ customer: { piiMasked: true } });
  });

  it("writes the customer's address and name into no attribute", () => {
    const { attributes } = pack({
      ...base,
      customer: { phone: '+14155551234', email: 'ada@example.com', name: 'Ada Byron' },
    });
    expect(JSON.stringify(attributes)).not.toMatch(/4155551234|ada@example|Byron/);
  });

  it('a small manifest stays inline while an overflowing context goes by a reference of its own', () => {
    const context = { intent: 'x', attributes: { story: 'é'.repeat(129), note: 'kept' } };
    const { attributes, loss, needsReference } = pack({ ...base, manifest: small, context });
    expect(attributes).toMatchObject({
      handoff_manifest: JSON.stringify(small),
      handoff_context_ref: base.ref,
      note: 'kept',
    });
    expect(attributes).not.toHaveProperty('handoff_manifest_ref');
    expect(attributes).not.toHaveProperty('story');
    expect(loss).toEqual([{ field: 'context.attributes.story', limit: '256 bytes', carriedBy: 'reference' }]);
    expect(needsReference).toBe(true);
  });

  it('never writes more attributes than fit; what is over the count is named', () => {
    const context = { intent: 'x', attributes: many(60) };
    const { attributes, loss } = pack({ ...base, context });
    expect(Object.keys(attributes)).toHaveLength(50);
    expect(Object.keys(attributes)[0]).toBe('handoff_context_ref');
    expect(loss).toHaveLength(60 - (50 - 5));
    expect(loss.at(-1)).toEqual({ field: 'context.attributes.key59', limit: '50 attributes', carriedBy: 'reference' });
  });

  it('exactly as many attributes as fit need no reference', () => {
    const { attributes, needsReference } = pack({ ...base, context: { attributes: many(48) } });
    expect(Object.keys(attributes)).toHaveLength(50);
    expect(needsReference).toBe(false);
  });

  it.each(['handoff_manifest', 'handoff_context_ref', 'intent', 'segment', 'context.x', 'amount', '', 'n'.repeat(257)])(
    'a custom attribute cannot pass for another field by its name: %j',
    (name) => {
      const manifest = { slots_collected: { amount: '1' } };
      const { attributes, loss } = pack({ ...base, manifest, context: { attributes: { [name]: 'forged' } } });
      expect(Object.values(attributes)).not.toContain('forged');
      expect(loss).toMatchObject([{ field: `context.attributes.${name}`, carriedBy: 'reference' }]);
    },
  );

  it('a slot that does not fit or takes a reserved name is no loss: the manifest carries it', () => {
    const manifest = { slots_collected: { intent: 'slot', note: 'x'.repeat(60) } };
    const limits = { attributeValueBytes: 200, attributeCount: 4 };
    const { attributes, loss } = pack({ ...base, manifest, limits, context: {} });
    expect(Object.keys(attributes)).toEqual([
      'handoff_manifest',
      'agent_briefing',
      'agentContextSummary',
      'interactionId',
    ]);
    expect(loss).toEqual([]);
  });

  it('without a reference it still says that one is needed', () => {
    const { ref: _, ...noRef } = base;
    const long = pack({ ...noRef, manifest: { agent_briefing: 'x'.repeat(300) } });
    expect(long.needsReference).toBe(true);
    expect(Object.keys(long.attributes)).not.toContain('handoff_manifest_ref');
    const wide = pack({ ...noRef, context: { attributes: many(60) } });
    expect(wide.needsReference).toBe(true);
    expect(wide.attributes).not.toHaveProperty('handoff_context_ref');
  });

  it('H4: every field is an attribute or is named in the loss report, and no attribute breaks a limit', () => {
    const short = fc.string({ unit: 'grapheme', maxLength: 60 });
    const context = fc.record(
      {
        intent: short,
        sentiment: short,
        previousQueue: short,
        dtmfSequence: fc.array(short),
        attributes: fc.dictionary(short, short),
      },
      { requiredKeys: [] },
    );
    const limits = fc.record({
      attributeValueBytes: fc.integer({ min: 36, max: 120 }),
      attributeCount: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(context, limits, (given, within) => {
        const { attributes, loss, needsReference } = pack({ ...base, context: given, limits: within });
        const lost = loss.map(({ field }) => field);
        for (const field of ['intent', 'sentiment', 'previousQueue', 'dtmfSequence'] as const) {
          if (given[field] !== undefined) expect(field in attributes || lost.includes(`context.${field}`)).toBe(true);
        }
        for (const [name, value] of Object.entries(given.attributes ?? {})) {
          expect(attributes[name] === value || lost.includes(`context.attributes.${name}`)).toBe(true);
        }
        expect(needsReference).toBe(loss.length > 0);
        expect(Object.keys(attributes).length).toBeLessThanOrEqual(within.attributeCount);
        for (const value of Object.values(attributes))
          expect(utf8Bytes(value)).toBeLessThanOrEqual(within.attributeValueBytes);
      }),
    );
  });
});

describe('pack with a mapping', () => {
  const context = {
    intent: 'billing',
    accountNumber: 'ACC-1',
    dtmfSequence: ['1', '3', '0'],
    attributes: { Product_Type: 'card' },
  };

  it('writes what the table names under the platform’s names, and tells of what it does not (H4)', () => {
    const { attributes, loss } = pack({ ...base, context, mapping: { accountNumber: 'acct', dtmfSequence: 'Digits' } });
    expect(attributes).toMatchObject({
      interactionId: base.interactionId,
      acct: 'ACC-1',
      Digits: '["1","3","0"]',
      handoff_context_ref: base.ref,
    });
    expect(attributes).not.toHaveProperty('intent');
    expect(loss).toEqual([
      { field: 'context.intent', limit: 'no mapping', carriedBy: 'reference' },
      { field: 'context.attributes.Product_Type', limit: 'no mapping', carriedBy: 'reference' },
    ]);
  });

  it('gives no place to what has no name: where few fit, the named ones do', () => {
    const limits = { ...base.limits, attributeCount: 5 };
    const { attributes } = pack({ ...base, limits, context, mapping: { 'attributes.Product_Type': 'P_Product' } });
    expect(attributes).toMatchObject({ P_Product: 'card', handoff_context_ref: base.ref });
  });

  it('does not let two fields share a name', () => {
    const { attributes, loss } = pack({ ...base, context, mapping: { intent: 'x', accountNumber: 'x' } });
    expect(attributes.x).toBe('billing');
    expect(loss).toContainEqual({ field: 'context.accountNumber', limit: 'no mapping', carriedBy: 'reference' });
  });

  it('H4: every field is written or named, whatever the table', () => {
    const names = fc.constantFrom(
      'intent',
      'accountNumber',
      'sentiment',
      'interactionId',
      'agent_briefing',
      'constructor',
    );
    const table = fc.dictionary(names, fc.option(fc.constantFrom('a', 'b', 'c', 'intent')));
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 9 }), (mapping, attributeCount) => {
        const given = { intent: 'i', accountNumber: 'n', sentiment: 's' };
        const limits = { ...base.limits, attributeCount };
        const { attributes, loss } = pack({ ...base, context: given, limits, mapping });
        const lost = loss.map(({ field }) => field);
        for (const [name, value] of Object.entries(given)) {
          const written = Object.hasOwn(mapping, name) && attributes[mapping[name] ?? ''] === value;
          expect(written || lost.includes(`context.${name}`)).toBe(true);
        }
        expect(Object.keys(attributes).length).toBeLessThanOrEqual(attributeCount);
      }),
    );
  });
});

describe('wholeOf', () => {
  it('holds manifest, context and customer, as far as given', () => {
    expect(wholeOf({ ...base, manifest: small, customer: { name: 'Ada' } })).toEqual({
      manifest: small,
      context: {},
      customer: { name: 'Ada' },
    });
    expect(wholeOf(base)).toEqual({ context: {} });
  });
});

describe('misleadingIn', () => {
  const left = { handoff_manifest_ref: 'ref-1', handoff_manifest: '', recommended_queue: 'Tier2', intent: 'refund' };

  it('names what an earlier handoff has left and would mislead', () => {
    expect(misleadingIn({ ...left, interactionId: 'i-1' })).toEqual(['handoff_manifest_ref', 'recommended_queue']);
  });

  it('leaves alone what no handoff has marked as its own', () => {
    expect([misleadingIn(left), misleadingIn({ ...left, interactionId: '' }), misleadingIn({})]).toEqual([[], [], []]);
  });
});

describe('packAgain', () => {
  it('empties what an earlier handoff may have left, so that no old reference is taken for the new manifest', () => {
    const { attributes } = packAgain({ ...base, manifest: small });
    expect(attributes).toMatchObject({
      handoff_manifest: JSON.stringify(small),
      handoff_manifest_ref: '',
      handoff_context_ref: '',
    });
    expect(unpack(attributes, null)).toMatchObject({ manifest: small, complete: true });
  });

  it('keeps to the limits, the emptied names included', () => {
    const { attributes, loss } = packAgain({ ...base, ref: 'ref-2', context: { attributes: many(80) } });
    expect(Object.keys(attributes).length).toBeLessThanOrEqual(base.limits.attributeCount);
    expect(loss.length).toBeGreaterThan(0);
    expect(attributes.handoff_context_ref).toBe('ref-2');
  });
});
