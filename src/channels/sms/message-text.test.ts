import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeText, DEFAULT_TEMPLATE, templateFaults } from './message-text.ts';

const LINK = 'https://care.example.com/c/h7Jk2LmN8pQr4sTu6vWx';

describe('the words that are texted', () => {
  it('are the brand and the link, in one or two parts', () => {
    expect(templateFaults(DEFAULT_TEMPLATE)).toEqual([]);
    expect(composeText(DEFAULT_TEMPLATE, { brand: 'Example Bank', link: LINK })).toEqual({
      kind: 'composed',
      text: `Example Bank: continue here, no need to hold: ${LINK} Reply STOP to opt out.`,
      segments: { alphabet: 'gsm-7', count: 1, units: 116 },
    });
  });

  it.each([
    ['hello', 2, ['needs {link}, once']],
    ['{link} {link}', 1, ['needs {link}, once']],
    ['Hello {name}: {link}', 2, ['knows {brand} and {link}, not {name}']],
    ['{link}', 3, ['takes one or two segments']],
    [
      '{accountNumber}',
      0,
      ['needs {link}, once', 'knows {brand} and {link}, not {accountNumber}', 'takes one or two segments'],
    ],
  ])('refuse the template %j of %i segments: %j', (text, maxSegments, faults) => {
    expect(templateFaults({ text, maxSegments })).toEqual(faults);
  });

  it('are not sent when they take more parts than are paid for', () => {
    const template = { text: `{brand} ${'x'.repeat(140)} {link}`, maxSegments: 1 };
    expect(composeText(template, { brand: 'B', link: LINK })).toEqual({ kind: 'refused', because: 'too-long' });
  });

  it.each(['http://care.example.com/c/1', 'javascript:alert(1)', '/c/1', '', 'https://a.example/c/1 2'])(
    'are not sent with the link %j',
    (link) => {
      expect(composeText(DEFAULT_TEMPLATE, { brand: 'B', link })).toEqual({
        kind: 'refused',
        because: 'link-not-https',
      });
    },
  );

  it('may lead to this machine, where nothing is at stake', () => {
    expect(composeText(DEFAULT_TEMPLATE, { brand: 'B', link: 'http://127.0.0.1:4400/c/1' }).kind).toBe('composed');
  });

  it('take nothing from brand or link but their letters', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (brand) => {
        const composed = composeText({ text: '{brand}|{link}', maxSegments: 2 }, { brand, link: LINK });
        expect(composed).toMatchObject({ kind: 'composed', text: `${brand}|${LINK}` });
      }),
    );
  });
});
