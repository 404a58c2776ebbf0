import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutToBytes, fitsBytes, utf8Bytes } from './utf8.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 120 });

describe('utf8Bytes', () => {
  it('counts what an encoder writes, not characters', () => {
    expect(utf8Bytes('abc')).toBe(3);
    expect(utf8Bytes('é€😀')).toBe(2 + 3 + 4);
    expect(utf8Bytes('\ud800')).toBe(3);
  });

  it('agrees with an encoder for any text', () => {
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }), (any) => {
        expect(utf8Bytes(any)).toBe(encoder.encode(any).length);
      }),
    );
  });
});

describe('fitsBytes', () => {
  it('agrees with the count for any text and limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(60), (any, limit) => {
        expect(fitsBytes(any, limit)).toBe(utf8Bytes(any) <= limit);
      }),
    );
  });
});

describe('cutToBytes', () => {
  it('leaves alone what fits', () => {
    expect(cutToBytes('x'.repeat(256), 256)).toBe('x'.repeat(256));
  });

  it('gives a start of the text within the limit, never half a character, and no shorter than need be', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 80 }), (any, limit) => {
        const cut = cutToBytes(any, limit);
        expect(any.startsWith(cut)).toBe(true);
        expect(utf8Bytes(cut)).toBeLessThanOrEqual(limit);
        expect(cut.isWellFormed()).toBe(true);
        const next = Array.from(new Intl.Segmenter('en').segment(any.slice(cut.length)))[0];
        if (next) expect(utf8Bytes(cut + next.segment)).toBeGreaterThan(limit);
      }),
    );
  });

  it('keeps an emoji of several code points in one piece', () => {
    expect(cutToBytes('ab👩‍👩‍👧', 10)).toBe('ab');
    expect(cutToBytes('ab👩‍👩‍👧', 20)).toBe('ab👩‍👩‍👧');
  });

  it('cuts a single character that is longer than the limit between code points', () => {
    const stacked = `e${'\u0301'.repeat(400)}`;
    expect(cutToBytes(stacked, 256)).toBe(`e${'\u0301'.repeat(127)}`);
    expect(cutToBytes('😀', 3)).toBe('');
  });
});
