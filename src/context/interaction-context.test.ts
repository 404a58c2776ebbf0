import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEED_INTERACTION as seed } from '../../test/seed-examples.ts';
import {
  canonicalInteraction,
  contextInput,
  contextPatch,
  customer,
  customerInput,
  interactionContext,
  mergePatch,
} from './interaction-context.ts';

describe('the canonical schemas', () => {
  it("take seed 002 §1's payload and change nothing in it", () => {
    expect(canonicalInteraction.parse(seed)).toEqual(seed);
  });

  it('keep fields that they do not know (H4)', () => {
    const strange = { intent: 'x', loyalty: { tier: 3 } };
    expect(interactionContext.parse(strange)).toEqual(strange);
    expect(customer.parse({ vip: true })).toEqual({ vip: true });
  });

  it.each([
    { dtmfSequence: [1, 3] },
    { holdDurationSec: -1 },
    { attributes: { a: 1 } },
    { complianceFlags: 'pci_dss' },
  ])('refuse a known field of another shape: %j', (bad) => {
    expect(interactionContext.safeParse(bad).success).toBe(false);
  });
});

describe('customerInput', () => {
  it.each(['+14155551234', '+15055551234', '+4915112345678', '+15005550006'])('takes %s', (phone) => {
    expect(customerInput.safeParse({ phone }).success).toBe(true);
  });

  it.each(['4155551234', '+1 415 555 1234', 'anonymous', '', '+0123456789', '+1415555123', '+99912345678'])(
    'refuses %j as a phone',
    (phone) => {
      const checked = customerInput.safeParse({ phone });
      expect(checked.error?.issues[0]?.path).toEqual(['phone']);
    },
  );

  it('takes an address of any script and refuses what is none', () => {
    expect(customerInput.safeParse({ email: 'jürgen@example.de' }).success).toBe(true);
    expect(customerInput.safeParse({ email: 'nobody' }).success).toBe(false);
  });

  it('refuses a field that it does not know', () => {
    expect(customerInput.safeParse({ shoeSize: '42' }).success).toBe(false);
  });
});

describe('contextInput', () => {
  it('takes every field of the contract', () => {
    const whole = {
      ...seed.context,
      intent: 'i',
      authenticationStatus: 'verified',
      sentiment: 's',
      attributes: { A: 'b' },
    };
    expect(contextInput.parse(whole)).toEqual(whole);
  });

  it('refuses unknown fields except inside attributes', () => {
    expect(contextInput.safeParse({ attributes: { Product_Type: 'card' } }).success).toBe(true);
    expect(contextInput.safeParse({ Product_Type: 'card' }).success).toBe(false);
  });
});

describe('contextPatch', () => {
  it('lets null remove any field or attribute, and knows the same fields as contextInput', () => {
    expect(Object.keys(contextPatch.shape).sort()).toEqual(Object.keys(contextInput.shape).sort());
    for (const field of Object.keys(contextPatch.shape)) {
      expect(contextPatch.safeParse({ [field]: null }).success).toBe(true);
    }
    expect(contextPatch.safeParse({ attributes: { a: null } }).success).toBe(true);
  });

  it('refuses unknown fields', () => {
    expect(contextPatch.safeParse({ other: null }).success).toBe(false);
  });
});

describe('mergePatch', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('RFC 7396 Appendix A: %j with %j is %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  it('changes neither argument', () => {
    const target = Object.freeze({ a: Object.freeze({ b: 1 }) });
    const patch = Object.freeze({ a: Object.freeze({ b: null, c: 2 }) });
    expect(mergePatch(target, patch)).toEqual({ a: { c: 2 } });
    expect(target).toEqual({ a: { b: 1 } });
  });

  it('an empty patch changes nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (target) => {
        expect(mergePatch(target, {})).toEqual(target);
      }),
    );
  });

  it('pollutes no prototype', () => {
    const patch = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    const merged = mergePatch({}, patch) as object;
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(Object.hasOwn(merged, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
