import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLuhnValid } from './card-numbers.ts';
import { maskDtmf } from './dtmf.ts';

const keys = (text: string): string[] => Array.from(text);
const VISA = '4111111111111111';
const HIDDEN = '************1111';

describe('maskDtmf', () => {
  it.each([
    ['a whole number', [VISA], [HIDDEN]],
    ['single keys', keys(VISA), keys(HIDDEN)],
    ['groups of four', ['4111', '1111', '1111', '1111'], ['****', '****', '****', '1111']],
    ['a number with dashes', ['4111-1111-1111-1111'], ['****-****-****-1111']],
    ['menu choices before single keys', keys(`110${VISA}`), keys(`110${HIDDEN}`)],
    ['both cards that the keys may be, down to the last digit', keys(`130${VISA}`), keys(`1${'*'.repeat(18)}`)],
    ['a number and its code', [VISA, '123'], [HIDDEN, '***']],
    ['a number, its code and a menu choice', [VISA, '123', '1'], [HIDDEN, '***', '1']],
    ['a number, its expiry and its code', [VISA, '1227', '123'], [HIDDEN, '****', '***']],
    ['a number and its expiry', [VISA, '1227', '1'], [HIDDEN, '****', '1']],
    ['single keys with hashes', keys(`1#${VISA}#1227#123#130`), keys(`1#${HIDDEN}#****#***#130`)],
    ['single keys in a row with the code', keys(`${VISA}123`), keys(`${HIDDEN}***`)],
    ['single keys in a row with expiry and code', keys(`${VISA}12271234`), keys(`${HIDDEN}********`)],
    ['hashes within an entry', [`${VISA}#123#`], [`${HIDDEN}#***#`]],
    ['a star before the number', keys(`*${VISA}`), keys(`*${HIDDEN}`)],
    ['a four digit code of another issuer', ['378282246310005', '9876'], ['***********0005', '****']],
    ['a number that no known issuer gives', ['9111111111111110'], ['************1110']],
    ['such a number in single keys alone', keys('9111111111111110'), keys('************1110')],
    ['such a number in groups', ['9111', '1111', '1111', '1110'], ['****', '****', '****', '1110']],
    ['such a number between other entries', ['12', '9111111111111110', '55'], ['12', '************1110', '55']],
    ['two numbers', [VISA, '5555555555554444'], [HIDDEN, '************4444']],
  ])('hides %s', (_, sequence, masked) => {
    expect(maskDtmf(sequence)).toEqual(masked);
  });

  it.each([
    ['menu choices', ['1', '3', '0']],
    ['an account number', ['4111111111111112', '123']],
    ['a code without a card', ['123', '#']],
    ['menu choices that would check only together with others', keys('7#9111111111111110'.slice(0, 12))],
    ['digits in a row that would check only without the last', keys('91111111111111101')],
    ['digits in a row that would check only without the first', keys('19111111111111110')],
    ['nothing', []],
  ])('keeps %s, as the very same array', (_, sequence) => {
    expect(maskDtmf(sequence)).toBe(sequence);
  });

  it('keeps one digit or a long number behind a card: it is no code', () => {
    expect(maskDtmf([VISA, '1'])).toEqual([HIDDEN, '1']);
    expect(maskDtmf([VISA, '98765'])).toEqual([HIDDEN, '98765']);
    expect(maskDtmf([VISA, '123456789012345678901234'])).toEqual([HIDDEN, '123456789012345678901234']);
    expect(maskDtmf([...keys(`${VISA}#123#`), '1', '3', '0'])).toEqual([...keys(`${HIDDEN}#***#`), '1', '3', '0']);
  });

  it('no keyed card number survives', () => {
    const body = fc
      .integer({ min: 12, max: 18 })
      .chain((length) => fc.array(fc.nat(9), { minLength: length, maxLength: length }));
    const card = body.map((all) => {
      const start = all.join('');
      return start + ('0123456789'.split('').find((digit) => isLuhnValid(start + digit)) ?? '');
    });
    fc.assert(
      fc.property(card, (number) => {
        expect(maskDtmf([number])).toEqual(['*'.repeat(number.length - 4) + number.slice(-4)]);
        expect(maskDtmf(keys(number)).join('')).not.toMatch(/\d{13}/);
      }),
    );
  });

  it('of a card keyed behind menu choices no more than four digits in a row stay, whatever is keyed behind it', () => {
    const digits = (minLength: number, maxLength: number) =>
      fc.array(fc.nat(9).map(String), { minLength, maxLength }).map((all) => all.join(''));
    const card = fc.tuple(fc.integer({ min: 2, max: 6 }), digits(11, 17)).map(([first, rest]) => {
      const body = `${first}${rest}`;
      return body + ('0123456789'.split('').find((digit) => isLuhnValid(body + digit)) ?? '');
    });
    const expiry = fc.constantFrom('', '1227', '0131');
    const code = fc.oneof(fc.constant(''), digits(3, 4));
    const end = fc.constantFrom('', '#', '#0');
    fc.assert(
      fc.property(digits(0, 4), card, expiry, code, end, (menu, number, when, secret, rest) => {
        const masked = maskDtmf(keys(menu + number + when + secret + rest));
        const seen = masked.slice(menu.length, menu.length + number.length).join('');
        expect(seen).not.toMatch(/\d{5}/);
        expect(seen.replaceAll('*', '').length).toBeLessThanOrEqual(4);
        expect(maskDtmf(masked)).toBe(masked);
      }),
      { numRuns: 3000 },
    );
  });

  it('menu choices that are fewer than a card has digits stay', () => {
    const few = fc.array(fc.nat(9).map(String), { maxLength: 12 });
    fc.assert(
      fc.property(few, (menu) => {
        expect(maskDtmf(menu)).toBe(menu);
      }),
    );
  });

  it('masking what is masked changes nothing, and every entry keeps its length', () => {
    const entry = fc.oneof(
      { weight: 6, arbitrary: fc.nat(9).map(String) },
      fc.constantFrom('#', '*', '', ' ', VISA, '4222222222222', '123', '1227', '4111', '1111', '😀1', '4111 1111'),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 80 }), (sequence) => {
        const once = maskDtmf(sequence);
        expect(maskDtmf(once)).toBe(once);
        expect(once.map((text) => text.length)).toEqual(sequence.map((text) => text.length));
      }),
      { numRuns: 3000 },
    );
  });
});
