import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIssued, isLuhnValid, maskCardNumber, maskCardText } from './card-numbers.ts';

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
    ['4111.1111.1111.1111', '****.****.****.1111'],
    ['4111_1111_1111_1111', '****_****_****_1111'],
    ['4111/1111/1111/1111', '****/****/****/1111'],
    ['4111, 1111, 1111, 1111', '****, ****, ****, 1111'],
    ['3782.822463.10005', '****.******.*0005'],
    ['41/11/11/11/11/11/11/11', '**/**/**/**/**/**/11/11'],
    ['Order 1234.4111.1111.1111.1111', 'Order 1234.****.****.****.1111'],
    ['４１１１１１１１１１１１１１１１', '************１１１１'],
    ['４１１１　１１１１　１１１１　１１１１', '****　****　****　１１１１'],
    ['2026-05-10 4111 1111 1111 1111 2026-05-11', '2026-05-10 **** **** **** 1111 2026-05-11'],
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
    '91111111111111101111',
    '41111111111111112222222222',
    '5, 41111111-1111-4111-8111-111111111111',
    'id_41111111-1111-4111-8111-111111111111',
    '2024-05-14 2024-05-11',
    '$47.99, $12.50, $30.00, $20.00',
    '41.11, 11.11, 11.11, 11.11',
    '378,282,246,310,005',
    '411.111.111.111.111.1',
    '4111.1111/1111.1111',
    '9111.1111.1111.1110',
    '3782.822463.1000.5',
    '192.168.100.200',
    '4155551234, 4155559876',
    '555123456789',
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

  it.each([
    ['41111111111111111227', '************1111****'],
    ['4111 1111 1111 11111227', '**** **** **** 1111****'],
    ['4111111111111111123', '************1111***'],
    ['378282246310005' + '12271234', '***********0005********'],
  ])('hides an expiry or a code directly behind a card: %j', (text, masked) => {
    expect(maskCardText(text)).toBe(masked);
  });

  it('shows nothing of a number that may as well be a shorter one and its code', () => {
    const code = Array.from({ length: 900 }, (_, n) => `${n + 100}`).find((one) =>
      isLuhnValid(`4111111111111111${one}`),
    );
    expect(maskCardText(`4111111111111111${code}`)).toBe('*'.repeat(19));
    expect(maskCardText(`4111 1111 1111 1111 ${code}`)).toBe('**** **** **** **** ***');
  });

  it.each([
    ['now, code 123', 'now, code ***'],
    ['Code: 1234.', 'Code: ***.'],
    ['and the security number on the back is 987', 'and the security number on the back is ***'],
    ['12/27, Sicherheitscode 123, or code 456', '12/27, Sicherheitscode ***, or code ***'],
    ['code １２３', 'code ***'],
    ['code applied, $123 paid', 'code applied, $123 paid'],
    ['code for ACC-9928', 'code for ACC-9928'],
    ['code at 2026-05-10', 'code at 2026-05-10'],
    ['code 12345', 'code 12345'],
    ['decoded 123', 'decoded 123'],
    ['extension 123', 'extension 123'],
    [`${'so '.repeat(25)}code 123`, `${'so '.repeat(25)}code 123`],
  ])('shortly behind a card, a number after a word for its code is one: %j', (text, masked) => {
    expect(maskCardText(`charge 4111 1111 1111 1111 ${text}`)).toBe(`charge **** **** **** 1111 ${masked}`);
    expect(maskCardText(`charge 4111111111111111 ${text}`)).toBe(`charge ************1111 ${masked}`);
  });

  it('a number after the word code is kept where no card is near', () => {
    expect(maskCardText('error code 404')).toBe('error code 404');
    expect(maskCardText('** code 404 **')).toBe('** code 404 **');
  });

  it('no issued card survives the separators that also part prices and lists', () => {
    const issued = digits(14).map((rest) => `4${rest}${checkDigit(`4${rest}`)}`);
    fc.assert(
      fc.property(issued, fc.constantFrom('.', '_', '/', ',', ', ', '. ', ' / '), (number, separator) => {
        const masked = maskCardText(number.match(/.{4}/g)?.join(separator) ?? '');
        expect(masked.replace(/\D/g, '').length).toBeLessThanOrEqual(4);
      }),
    );
  });

  it('ids, phones, dates and times, prices and short numbers are never touched', () => {
    const day = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((one) => one.toISOString());
    const kept = fc.oneof(
      fc.uuid(),
      day,
      day.map((one) => one.slice(0, 10)),
      fc.integer({ min: 10, max: 12 }).chain(digits),
      fc.integer({ min: 1000000, max: 99999999999999 }).map((one) => `+${one}`),
      fc.integer({ min: 100, max: 9999999 }).map((cents) => `$${(cents / 100).toFixed(2)}`),
      digits(6).map((one) => `ACC-${one}`),
    );
    fc.assert(
      fc.property(fc.array(kept, { minLength: 1, maxLength: 4 }), (all) => {
        const text = all.join(' and ');
        expect(maskCardText(text)).toBe(text);
      }),
      { numRuns: 1000 },
    );
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
      fc.constantFrom(
        ' ',
        '-',
        '+',
        '*',
        'pin ',
        'code ',
        '.',
        ', ',
        '4111',
        '１',
        'x',
        '2026-05-10',
        '12345678-1234-4234-8234-123456789012',
      ),
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

describe('isIssued', () => {
  it.each([
    '4111111111111111',
    '2221000000000009',
    '378282246310005',
    '6011111111111117',
    '30569309025904',
    '3530111333300000',
  ])('knows %s', (number) => expect(isIssued(number)).toBe(true));
  it.each(['4222222222222', '2019202020212022', '9111111111111110', '37828224631000'])('does not know %s', (number) =>
    expect(isIssued(number)).toBe(false),
  );
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
