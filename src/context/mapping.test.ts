// Tests the mapping of canonical fields to a platform's own names: nothing is left out without being named (H4).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapTo } from './mapping.ts';

const ATTRIBUTES = {
  interactionId: 'i-1',
  accountNumber: 'ACC-1',
  dtmfSequence: '["1","3","0"]',
  Product_Type: 'card',
};

describe('mapTo', () => {
  it('leaves everything as it is without a table', () => {
    expect(mapTo(ATTRIBUTES, undefined)).toEqual({ attributes: ATTRIBUTES, loss: [] });
  });

  it('H4: renames what the table names, and tells of what it does not', () => {
    const { attributes, loss } = mapTo(ATTRIBUTES, { accountNumber: 'acct', dtmfSequence: 'Digits' });
    expect(attributes).toEqual({ interactionId: 'i-1', acct: 'ACC-1', Digits: '["1","3","0"]' });
    expect(loss).toEqual([{ field: 'Product_Type', limit: 'no mapping', carriedBy: 'reference' }]);
  });

  it('writes our own id under its own name unless the table has another, or keeps it back', () => {
    expect(mapTo({ interactionId: 'i-1' }, { interactionId: 'tl_id' }).attributes).toEqual({ tl_id: 'i-1' });
    expect(mapTo({ interactionId: 'i-1' }, { interactionId: null }).attributes).toEqual({});
  });

  it('does not let two fields share a name', () => {
    const { attributes, loss } = mapTo({ a: '1', b: '2' }, { a: 'x', b: 'x' });
    expect(attributes).toEqual({ x: '1' });
    expect(loss.map(({ field }) => field)).toEqual(['b']);
  });

  it('H4: every field is written or named, whatever the table', () => {
    const names = fc.constantFrom('a', 'b', 'interactionId', 'handoff_context_ref', '__proto__');
    fc.assert(
      fc.property(fc.uniqueArray(names), fc.array(fc.tuple(names, fc.option(names))), (fields, entries) => {
        const given = Object.fromEntries(fields.map((name) => [name, name]));
        const { attributes, loss } = mapTo(given, Object.fromEntries(entries));
        expect(Object.keys(attributes).length + loss.length).toBe(Object.keys(given).length);
      }),
    );
  });
});
