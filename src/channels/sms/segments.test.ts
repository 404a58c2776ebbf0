import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentsOf } from './segments.ts';

describe('segments of a text (3GPP TS 23.038, TS 23.040)', () => {
  it.each([
    ['', 'gsm-7', 1, 0],
    ['x'.repeat(160), 'gsm-7', 1, 160],
    ['x'.repeat(161), 'gsm-7', 2, 161],
    ['x'.repeat(306), 'gsm-7', 2, 306],
    ['x'.repeat(307), 'gsm-7', 3, 307],
    ['€'.repeat(80), 'gsm-7', 1, 160],
    // Not split over two parts: 153 is odd, so a part holds 76 of them.
    ['€'.repeat(153), 'gsm-7', 3, 306],
    ['@£$¥èéùìòÇØøÅå ÄÖÑÜ§äöñüà', 'gsm-7', 1, 25],
    ['ñ{}', 'gsm-7', 1, 5],
    // A back-tick and a typographic quote are in no GSM alphabet.
    ['`', 'ucs-2', 1, 1],
    ['’'.repeat(70), 'ucs-2', 1, 70],
    ['’'.repeat(71), 'ucs-2', 2, 71],
    ['😀'.repeat(35), 'ucs-2', 1, 70],
    // A pair is not split: a part of 67 holds 33 of them.
    ['😀'.repeat(67), 'ucs-2', 3, 134],
  ] as const)('%#: %s', (text, alphabet, count, units) => {
    expect(segmentsOf(text)).toEqual({ alphabet, count, units });
  });

  it('never counts fewer parts than its units need, and at most one more per part', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), (text) => {
        const { alphabet, count, units } = segmentsOf(text);
        const [alone, perPart] = alphabet === 'gsm-7' ? [160, 153] : [70, 67];
        expect(count).toBeGreaterThanOrEqual(units <= alone ? 1 : Math.ceil(units / perPart));
        expect(count).toBeLessThanOrEqual(units <= alone ? 1 : Math.ceil(units / (perPart - 1)));
      }),
    );
  });
});
