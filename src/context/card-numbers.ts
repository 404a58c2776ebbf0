// Owns the finding and masking of payment card data in text (PCI DSS 3.3: the code is never kept; 3.4: of the number the last
// four digits may be shown).

/** The longest first: where two readings are possible, the one that hides more. */
export const CARD_LENGTHS = [19, 18, 17, 16, 15, 14, 13] as const;
export const SHOWN_DIGITS = 4;

/** What the schemes issue (ISO/IEC 7812 ranges as they publish them). Visa's 13 digits are left out: they are out of use. */
const ISSUERS: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [16, 19]],
  [/^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^35/, [16, 17, 18, 19]],
  [/^6/, [16, 17, 18, 19]],
  [/^3(0[0-5]|6|8|9)/, [14, 16, 19]],
  [/^5(0|6|7|8)/, [13, 14, 15, 16, 17, 18, 19]],
];

/** ASCII or full-width. */
const DIGIT = '[0-9\\uff10-\\uff19]';
const LOOSE = '[ \\u00a0\\u3000\\u2010-\\u2015\\u2212\\uff0d-]';
/** These also part prices, versions and lists, so a number grouped by them must look like a card in every other way. */
const STRICT = ' ?[._/,\\uff0c\\uff0e\\uff0f] ?';
const BETWEEN = `(?:${LOOSE}{0,3}|${STRICT})`;
const UUID = '(?<![0-9a-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])';
const DATE = `(?<!${DIGIT}-?)(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?!-?${DIGIT})`;
/** A UUID or an ISO date, which are let be, or a run of digits with separators, which may start with E.164's plus. */
const KEPT_OR_RUN = new RegExp(`(?<kept>${UUID}|${DATE})|\\+?${DIGIT}(?:${BETWEEN}(?!${UUID}|${DATE})${DIGIT})+`, 'gi');
const ONLY_LOOSE = new RegExp(`^${LOOSE}*$`);
const E164 = /^\+[1-9]\d{1,14}$/;
const E164_DIGITS = 15;
/** How many digits may stand directly behind a number, without a separator: a code, an expiry, or both. */
const TAIL_LENGTHS: readonly number[] = [3, 4, 7, 8];

const LABELLED_CODE = new RegExp(
  `(?<!\\p{L})(cvv2?|cvc2?|security code|card code|pin)([\\s:=#-]{0,5}(?:(?:is|number|code)[\\s:=#-]{1,5}){0,2})${DIGIT}{3,4}(?!${DIGIT})`,
  'giu',
);
const MASKED_CARD = `(?:\\*${BETWEEN}){9}(?:${DIGIT}${BETWEEN}){0,4}\\**(?!${DIGIT})`;
const CODE_WORD = '(?<!\\p{L})(?:cvv2?|cvc2?|cvn2?|csc|\\p{L}{0,16}code|security|pin)(?!\\p{L})';
/** Shortly behind a masked card a looser word is enough; an amount, an id, a time or a part of a longer number is no code. */
const CODE_NEAR_CARD = new RegExp(
  `(?=${DIGIT}{3,4}(?!${DIGIT}|[.,:/-]${DIGIT}))(?<!\\p{Sc} ?|[\\p{L}_][_-]|${DIGIT}[.,:/-]?)` +
    `(?<=${MASKED_CARD}.{0,60}${CODE_WORD}[^0-9\\uff10-\\uff19]{0,24})${DIGIT}{3,4}`,
  'gisu',
);

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

/** Whether a scheme issues numbers of this beginning and length. `digits` holds digits only; the check digit is not looked at. */
export function isIssued(digits: string): boolean {
  return ISSUERS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length));
}

/**
 * The text with every card number (13 to 19 digits, alone or in groups, with a right check digit) as stars and its last four
 * digits, and every security code that is named as one as stars. Where it is unclear which digits are the last, none stays. A
 * text that is one E.164 number is a phone and stays. Repeated until nothing changes, so that masking what is masked changes
 * nothing.
 */
export function maskCardText(text: string): string {
  if (E164.test(text)) return text;
  let masked = text;
  for (let next = maskOnce(masked); next !== masked; next = maskOnce(masked)) masked = next;
  return masked;
}

function maskOnce(text: string): string {
  return text
    .replace(KEPT_OR_RUN, (found, kept: string | undefined) => (kept === undefined ? maskRun(found) : found))
    .replace(LABELLED_CODE, '$1$2***')
    .replace(CODE_NEAR_CARD, '***');
}

/** A card number given as a JSON number. Judged more narrowly than text, because a time in milliseconds is a number too. */
export function maskCardNumber(value: number): string | undefined {
  const digits = String(value);
  return /^[2-6]\d{13,18}$/.test(digits) && Number.isSafeInteger(value) && isLuhnValid(digits)
    ? '*'.repeat(digits.length - SHOWN_DIGITS) + digits.slice(-SHOWN_DIGITS)
    : undefined;
}

/** The digits of a run, where each stands in it, and where its groups begin and end. */
type Run = {
  readonly text: string;
  readonly digits: string;
  readonly places: readonly number[];
  readonly startsGroup: (at: number) => boolean;
};

function maskRun(text: string): string {
  const run = runOf(text);
  const starred = new Set<number>();
  // The digits that stay readable of one number are looked at again with what follows them, as a second masking would.
  let shownFrom = 0;
  for (let at = 0; at < run.digits.length; ) {
    const mayStart = at === shownFrom || run.startsGroup(at);
    const lengths = mayStart ? CARD_LENGTHS.filter((length) => isCard(run, at, length)) : [];
    const [longest, ...others] = lengths;
    if (longest === undefined) {
      at += 1;
      continue;
    }
    const isUnclear = others.some((length) => isIssued(run.digits.slice(at, at + length)));
    shownFrom = at + longest - (isUnclear ? 0 : SHOWN_DIGITS);
    for (const place of run.places.slice(at, shownFrom)) starred.add(place);
    const ends = lengths.map((length) => at + length);
    for (const end of ends) for (const place of run.places.slice(end, end + tailAt(run, end))) starred.add(place);
    at = shownFrom;
  }
  return starred.size === 0 ? text : Array.from(text, (char, place) => (starred.has(place) ? '*' : char)).join('');
}

function runOf(text: string): Run {
  const found = [...text.matchAll(new RegExp(DIGIT, 'g'))];
  const places = found.map(({ index }) => index);
  // The low four bits of a digit's code are its value, in ASCII as in full width.
  const digits = found.map(([char]) => char.charCodeAt(0) & 15).join('');
  return { text, digits, places, startsGroup: (at) => at === 0 || places[at - 1] !== (places[at] ?? 0) - 1 };
}

function isCard(run: Run, at: number, length: number): boolean {
  const end = at + length;
  if (end > run.digits.length) return false;
  const number = run.digits.slice(at, end);
  const isPhone = run.text.startsWith('+') && at === 0 && length <= E164_DIGITS;
  if (isPhone || !isLuhnValid(number)) return false;
  if (!run.startsGroup(end) && !(isIssued(number) && tailAt(run, end) > 0)) return false;
  return hasCardGroups(run.text.slice(run.places[at], (run.places[end - 1] ?? 0) + 1), number);
}

/** How many digits stand directly behind a number that ends here, if as many as a code or an expiry has; else 0. */
function tailAt(run: Run, end: number): number {
  const length = [0, 1, 2, 3, 4, 5, 6, 7, 8].find((one) => run.startsGroup(end + one)) ?? 0;
  return TAIL_LENGTHS.includes(length) ? length : 0;
}

/** Spaces and dashes may stand anywhere. Other separators must be the same throughout, between groups as cards are printed. */
function hasCardGroups(text: string, number: string): boolean {
  const groups = text.split(new RegExp(`(${DIGIT}+)`));
  const [separator = '', ...others] = groups.filter((_, place) => place % 2 === 0).slice(1, -1);
  if ([separator, ...others].every((one) => ONLY_LOOSE.test(one))) return true;
  const sizes = groups.filter((_, place) => place % 2 === 1).map(({ length }) => length);
  return (
    isIssued(number) && others.every((one) => one === separator) && areCardSizes(sizes, /[,\uff0c]/.test(separator))
  );
}

/** Groups of four, or 4-6-4 and 4-6-5; of another even size only where no comma makes them a list of amounts. */
function areCardSizes(sizes: readonly number[], isList: boolean): boolean {
  const [size = 0, second] = sizes;
  if (size === 4 && second === 6) return sizes.length === 3;
  const isEven = sizes.every((one, place) => one === size || (place === sizes.length - 1 && one < size));
  return isEven && (size === 4 || (!isList && [2, 5, 6].includes(size)));
}
