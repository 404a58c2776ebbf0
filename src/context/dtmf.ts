// Owns the masking of card data that a caller keyed in (PCI DSS 3.3, 3.4). Menu choices are kept: seed 002 §1's ["1","3","0"].

import { isLuhnValid, SHOWN_DIGITS } from './card-numbers.ts';

type Issuer = readonly [prefix: RegExp, lengths: readonly number[]];
/** The schemes that most cards belong to, and how long their numbers are (ISO/IEC 7812 ranges as the schemes publish them). */
const COMMON_ISSUERS: readonly Issuer[] = [
  [/^4/, [13, 16, 19]],
  [/^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^35/, [16, 17, 18, 19]],
  [/^6/, [16, 17, 18, 19]],
];
const OTHER_ISSUERS: readonly Issuer[] = [
  [/^3(0[0-5]|6|8|9)/, [14, 16, 19]],
  [/^5(0|6|7|8)/, [13, 14, 15, 16, 17, 18, 19]],
];
/** The commonest first, so that a number with a code keyed behind it is not taken for a longer number. */
const CARD_LENGTHS = [16, 15, 19, 18, 17, 14, 13] as const;
/** MMYY, as callers key in the expiry. */
const EXPIRY = /^(0[1-9]|1[0-2])\d\d$/;
const CODE = /^\d{3,4}$/;

/** One keyed digit: where it is in the sequence, and the unit it was keyed in (an entry of several digits, or single keys in a row). */
type Key = {
  readonly entry: number;
  readonly at: number;
  readonly digit: string;
  readonly unit: number;
  readonly part: number;
};

/**
 * The sequence with card numbers as stars and their last four digits, and the expiry and security code keyed directly behind
 * one as stars; the very same array when there is nothing to mask. Entries may be single keys or whole numbers; `#` and `*` end
 * a number. Repeated until nothing changes, so that masking what is masked changes nothing.
 */
export function maskDtmf(sequence: readonly string[]): readonly string[] {
  let masked = sequence;
  for (let starred = starredIn(masked); starred.size > 0; starred = starredIn(masked)) {
    const stars = starred;
    masked = masked.map((text, entry) =>
      Array.from(text, (key, at) => (stars.has(`${entry}.${at}`) ? '*' : key)).join(''),
    );
  }
  return masked;
}

/**
 * What one look finds to hide, as `entry.at`. A row of single keys holds many windows, and one in ten has a right check digit: so
 * the likeliest cards are looked for first, and a number that no scheme issues must stand alone.
 */
function starredIn(sequence: readonly string[]): ReadonlySet<string> {
  const keys = keysOf(sequence);
  const likeliestFirst: readonly LooksLikeCard[] = [
    (number) => isIssuedBy(COMMON_ISSUERS, number),
    (number) => isIssuedBy(OTHER_ISSUERS, number),
    (_, start, length) => isAlone(keys, start, length),
  ];
  for (const looksLikeCard of likeliestFirst) {
    const starred = cardKeys(keys, looksLikeCard);
    if (starred.length > 0) return new Set(starred.map(({ entry, at }) => `${entry}.${at}`));
  }
  return new Set();
}

type LooksLikeCard = (number: string, start: number, length: number) => boolean;

function cardKeys(keys: readonly Key[], looksLikeCard: LooksLikeCard): readonly Key[] {
  const starred: Key[] = [];
  for (let at = 0; at < keys.length; ) {
    const length = cardAt(keys, at, looksLikeCard);
    if (length > 0) starred.push(...keys.slice(at, at + length - SHOWN_DIGITS), ...secretsAfter(keys, at + length));
    at += length || 1;
  }
  return starred;
}

/** Digits only. A part ends at `#`, `*` or any other sign; spaces and dashes are passed over. */
function keysOf(sequence: readonly string[]): readonly Key[] {
  const keys: Key[] = [];
  let part = 0;
  let unit = 0;
  let wasSingle = false;
  for (const [entry, text] of sequence.entries()) {
    const isSingle = text.length === 1;
    if (!(isSingle && wasSingle)) unit += 1;
    wasSingle = isSingle;
    for (const [at, char] of Array.from(text).entries()) {
      if (/\d/.test(char)) keys.push({ entry, at, digit: char, unit, part });
      else if (!/[\s-]/.test(char)) {
        part += 1;
        unit += 1;
      }
    }
  }
  return keys;
}

/** The length of the card number that starts here, or 0. It starts and ends where an entry, or a part of one, does. */
function cardAt(keys: readonly Key[], start: number, looksLikeCard: LooksLikeCard): number {
  if (!isBorder(keys[start - 1], keys[start])) return 0;
  const isCard = (length: number): boolean => {
    const [first, last] = [keys[start], keys[start + length - 1]];
    if (!first || !last || first.part !== last.part || !isBorder(last, keys[start + length])) return false;
    const number = digitsOf(keys.slice(start, start + length));
    return isLuhnValid(number) && looksLikeCard(number, start, length);
  };
  return CARD_LENGTHS.find(isCard) ?? 0;
}

function isIssuedBy(issuers: readonly Issuer[], number: string): boolean {
  return issuers.some(([prefix, lengths]) => prefix.test(number) && lengths.includes(number.length));
}

/** The window is all of its part, or all of its unit. */
function isAlone(keys: readonly Key[], start: number, length: number): boolean {
  const [before, first] = [keys[start - 1], keys[start]];
  const [last, after] = [keys[start + length - 1], keys[start + length]];
  const isWhole = (of: 'part' | 'unit'): boolean =>
    first?.[of] === last?.[of] && before?.[of] !== first?.[of] && after?.[of] !== last?.[of];
  return isWhole('part') || isWhole('unit');
}

/** The expiry and the security code behind a card number: keyed in one go or one after the other, the expiry first. */
function secretsAfter(keys: readonly Key[], start: number): readonly Key[] {
  const first = unitFrom(keys, start);
  const digits = digitsOf(first);
  if (EXPIRY.test(digits)) {
    const second = unitFrom(keys, start + first.length);
    return CODE.test(digitsOf(second)) ? [...first, ...second] : first;
  }
  const both = EXPIRY.test(digits.slice(0, 4)) && CODE.test(digits.slice(4));
  return both || CODE.test(digits) ? first : [];
}

function unitFrom(keys: readonly Key[], start: number): readonly Key[] {
  const unit = keys[start]?.unit;
  return keys.slice(start, start + 20).filter((key) => key.unit === unit);
}

function isBorder(before: Key | undefined, after: Key | undefined): boolean {
  return before?.entry !== after?.entry || before?.unit !== after?.unit;
}

function digitsOf(keys: readonly Key[]): string {
  return keys.map(({ digit }) => digit).join('');
}
