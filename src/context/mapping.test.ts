import { describe, expect, it } from 'vitest';
import { ownName } from './mapping.ts';

const ALWAYS = new Set(['interactionId']);

describe('ownName', () => {
  it('leaves everything as it is without a table', () => {
    expect(ownName({ name: 'intent' }, undefined, ALWAYS)).toBe('intent');
  });

  it('gives what the table says, by the name or by where the field is', () => {
    const table = { intent: 'P_Intent', 'attributes.Product_Type': 'P_Product' };
    expect(ownName({ name: 'intent', field: 'context.intent' }, table, ALWAYS)).toBe('P_Intent');
    const product = { name: 'Product_Type', field: 'context.attributes.Product_Type' };
    expect(ownName(product, table, ALWAYS)).toBe('P_Product');
  });

  it('gives none for what the table does not name, keeps back, or would name by inheritance', () => {
    expect(ownName({ name: 'sentiment' }, { intent: 'P_Intent' }, ALWAYS)).toBeUndefined();
    expect(ownName({ name: 'intent' }, { intent: null }, ALWAYS)).toBeUndefined();
    expect(ownName({ name: 'constructor' }, { intent: 'P_Intent' }, ALWAYS)).toBeUndefined();
  });

  it('keeps what is always needed unless the table renames it, or keeps it back', () => {
    expect(ownName({ name: 'interactionId' }, { intent: 'P_Intent' }, ALWAYS)).toBe('interactionId');
    expect(ownName({ name: 'interactionId' }, { interactionId: 'tl_id' }, ALWAYS)).toBe('tl_id');
    expect(ownName({ name: 'interactionId' }, { interactionId: null }, ALWAYS)).toBeUndefined();
  });
});
