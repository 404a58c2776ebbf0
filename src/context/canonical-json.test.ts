import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

/** The same value, its members written in the opposite order at every level. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [name, reversed(inner)]);
  return Object.fromEntries(entries.reverse());
}

describe('canonicalJson', () => {
  it('writes members in order of their names, at every level', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'x', B: true })).toBe(
      '{"B":true,"a":"x","b":[{"c":null,"d":1}]}',
    );
  });

  it('says the same of the same content in whatever order, and loses nothing of it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('tells apart what differs, the order of a list included', () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: '1' }));
    expect(canonicalJson([])).not.toBe(canonicalJson({}));
  });

  it('keeps a member named like a prototype', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"z":1,"a":2}}'))).toBe('{"__proto__":{"a":2,"z":1},"b":1}');
  });

  it('has a text for what JSON cannot say', () => {
    expect(canonicalJson(undefined)).toBe('null');
  });
});
