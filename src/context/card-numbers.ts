// Owns the finding and masking of payment card data in text (PCI DSS 3.3: the code is never kept; 3.4: of the number the last
// four digits may be shown).

/** The longest first: where two readings are possible, the one that hides more. */
const CARD_LENGTHS = [19, 18, 17, 16, 15, 14, 13] as const;
export const SHOWN_DIGITS = 4;

const SEPARATORS = '[ \\u00a0\\u2010-\\u2015-]{0,3}';
/** A UUID, which is let be, or a run of digits with separators, which may start with E.164's plus. */
const UUID_OR_RUN = new RegExp(
  `(?<uuid>\\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\\b)|\\+?\\d(?:${SEPARATORS}\\d)+`,
  'gi',
);
const E164 = /^\+[1-9]\d{1,14}$/;
const E164_DIGITS = 15;
const LABELLED_CODE =
  /(?<!\p{L})(cvv2?|cvc2?|security code|card code|pin)([\s:=#-]{0,5}(?:(?:is|number|code)[\s:=#-]{1,5}){0,2})\d{3,4}(?!\d)/giu;

/** The check digit of ISO/IEC 7812-1, Annex B. `digits` holds digits only. */
export function isLuhnValid(digits: string): boolean {
  let sum = 0;
  for (let fromRight = 0; fromRight < digits.length; fromRight += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - fromRight));
    const doubled = fromRight % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/**
 * The text with every card number (13 to 19 digits, alone or in groups, with a right check digit) as stars and its last four
 * digits, and every security code that is named as one as stars. A text that is one E.164 number is a phone and stays. Masking
 * what is masked changes nothing.
 */
export function maskCardText(text: string): string {
  if (E164.test(text)) return text;
  return text
    .replace(UUID_OR_RUN, (found, uuid: string | undefined) => (uuid === undefined ? maskRun(found) : found))
    .replace(LABELLED_CODE, '$1$2***');
}

/** A card number given as a JSON number. Judged more narrowly than text, because a time in milliseconds is a number too. */
export function maskCardNumber(value: number): string | undefined {
  const digits = String(value);
  return /^[2-6]\d{13,18}$/.test(digits) && Number.isSafeInteger(value) && isLuhnValid(digits)
    ? '*'.repeat(digits.length - SHOWN_DIGITS) + digits.slice(-SHOWN_DIGITS)
    : undefined;
}

function maskRun(run: string): string {
  const places = [...run.matchAll(/\d/g)].map(({ index }) => index);
  const digits = places.map((place) => run.charAt(place)).join('');
  const startsGroup = (at: number): boolean => at === 0 || places[at - 1] !== (places[at] ?? 0) - 1;
  const endsGroup = (at: number): boolean => startsGroup(at + 1);
  const isPhone = (at: number, length: number): boolean => run.startsWith('+') && at === 0 && length <= E164_DIGITS;
  const isCard = (at: number, length: number): boolean =>
    at + length <= digits.length &&
    endsGroup(at + length - 1) &&
    !isPhone(at, length) &&
    isLuhnValid(digits.slice(at, at + length));

  const starred = new Set<number>();
  // The digits that stay readable of one number are looked at again with what follows them, as a second masking would.
  let shownFrom = 0;
  for (let at = 0; at < digits.length; ) {
    const mayStart = at === shownFrom || startsGroup(at);
    const length = mayStart ? CARD_LENGTHS.find((one) => isCard(at, one)) : undefined;
    if (length === undefined) {
      at += 1;
      continue;
    }
    shownFrom = at + length - SHOWN_DIGITS;
    for (const place of places.slice(at, shownFrom)) starred.add(place);
    at = shownFrom;
  }
  return starred.size === 0 ? run : Array.from(run, (char, place) => (starred.has(place) ? '*' : char)).join('');
}
