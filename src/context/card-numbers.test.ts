import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLuhnValid, maskCardNumber, maskCardText } from './card-numbers.ts';

const digits = (length: number) =>
  fc.array(fc.nat(9), { minLength: length, maxLength: length }).map((all) => all.join(''));
const checkDigit = (body: string) => '0123456789'.split('').find((digit) => isLuhnValid(body + digit)) ?? '';
const card = fc
  .integer({ min: 12, max: 18 })
  .chain(digits)
  .map((body) => body + checkDigit(body));

describe('isLuhnValid', () => {
  it.each([
    '4111111111111111',
    '378282246310005',
    '5555555555554444',
    '6011111111111117',
    '4222222222222',
    '79927398713',
  ])('%s has a right check digit', (number) => expect(isLuhnValid(number)).toBe(true));

  it('one wrong digit is always noticed', () => {
    fc.assert(
      fc.property(card, fc.nat(18), fc.integer({ min: 1, max: 9 }), (number, at, by) => {
        const place = at % number.length;
        const wrong = (Number(number.charAt(place)) + by) % 10;
        expect(isLuhnValid(number.slice(0, place) + wrong + number.slice(place + 1))).toBe(false);
      }),
    );
  });
});

describe('maskCardText', () => {
  it.each([
    ['4111111111111111', '************1111'],
    ['4111 1111 1111 1111', '**** **** **** 1111'],
    ['4111-1111-1111-1111', '****-****-****-1111'],
    ['3782 822463 10005', '**** ****** *0005'],
    ['4222222222222', '*********2222'],
    ['My card is 4111 1111 1111 1111, thanks.', 'My card is **** **** **** 1111, thanks.'],
    ['card:4111111111111111;exp', 'card:************1111;exp'],
    ['Order 12345 4111 1111 1111 1111', 'Order 12345 **** **** **** 1111'],
    ['4111 1111 1111 1111 123', '**** **** **** 1111 123'],
    ['4111111111111111 5555555555554444', '************1111 ************4444'],
    ['4111 - 1111 - 1111 - 1111', '**** - **** - **** - 1111'],
    ['* 4111 1111 1111 1111', '* **** **** **** 1111'],
    ['+4111111111111111', '+************1111'],
    ['call +14155551234 4111111111111111', 'call +14155551234 ************1111'],
  ])('keeps the last four digits of %j', (text, masked) => {
    expect(maskCardText(text)).toBe(masked);
  });

  it.each([
    '4111111111111112',
    '411111111111',
    'ACC-992837',
    '+14155551234',
    '+378282246310005',
    'call +49 151 12345678 now',
    'call +378282246310005 now',
    '2024-05-14T08:32:11Z',
    '$47.99 on 2026-05-10',
    '41111111111111111111',
    '41111111-1111-4111-8111-111111111111',
    '',
  ])('leaves %j alone', (text) => {
    expect(maskCardText(text)).toBe(text);
  });

  it.each([
    ['cvv 123', 'cvv ***'],
    ['CVV2: 1234.', 'CVV2: ***.'],
    ['the security code is 987', 'the security code is ***'],
    ['my pin number is 1234', 'my pin number is ***'],
    ['cvv123 or 4pin 5678', 'cvv*** or 4pin ***'],
    ['pin code 110001', 'pin code 110001'],
    ['pinned 1234', 'pinned 1234'],
  ])('hides a code that is named as one: %j', (text, masked) => {
    expect(maskCardText(text)).toBe(masked);
  });

  it('no card number survives, however it is grouped and whatever words surround it', () => {
    const words = fc.constantFrom('', 'card ', 'no. ', 'Karte: ', '(', ', ');
    fc.assert(
      fc.property(
        words,
        card,
        fc.constantFrom('', ' ', '-'),
        fc.integer({ min: 2, max: 6 }),
        words,
        (before, number, separator, size, after) => {
          const grouped = number.match(new RegExp(`.{1,${size}}`, 'g'))?.join(separator) ?? '';
          const masked = maskCardText(before + grouped + after);
          expect(masked.replace(/\D/g, '').length).toBeLessThanOrEqual(4);
          expect(masked.replace(/[^\d*]/g, '').length).toBe(number.length);
        },
      ),
    );
  });

  it('masking what is masked changes nothing', () => {
    const piece = fc.oneof(
      card,
      digits(4),
      digits(3),
      digits(1),
      fc.constantFrom(' ', '-', '+', '*', 'pin ', 'x', '12345678-1234-4234-8234-123456789012'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.constantFrom('', ' '), (pieces, separator) => {
        const once = maskCardText(pieces.join(separator));
        expect(maskCardText(once)).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes a time that grows with the text only', () => {
    const hostile = `${'1 '.repeat(100_000)}${'4111 1111 1111 1111 '.repeat(20_000)}`;
    expect(maskCardText(hostile)).not.toMatch(/4111/);
  });
});

describe('maskCardNumber', () => {
  it('masks a card given as a JSON number', () => {
    expect(maskCardNumber(4111111111111111)).toBe('************1111');
    expect(maskCardNumber(378282246310005)).toBe('***********0005');
  });

  it.each([1715675531000, 2000000000008, 4111111111111112, 47.99, -4111111111111111, 4e20, 42, Number.NaN])(
    'leaves %d alone',
    (value) => {
      expect(maskCardNumber(value)).toBeUndefined();
    },
  );
});
