// Owns the masking of card data that a caller keyed in (PCI DSS 3.3, 3.4). Menu choices are kept: seed 002 §1's ["1","3","0"].

import { CARD_LENGTHS, isIssued, isLuhnValid, SHOWN_DIGITS } from './card-numbers.ts';

/** Banks' and shops' cards (ISO/IEC 7812-1); a number that starts otherwise must stand alone. */
const CARD_START = /^[2-6]/;
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

/** What may be a card: the keys from `start` up to `end`. `isLikely`: a scheme issues such numbers, or it stands alone. */
type Window = { readonly start: number; readonly end: number; readonly isLikely: boolean };

/**
 * What one look finds to hide, as `entry.at`. A row of single keys holds many windows, and one in ten has a right check digit:
 * which of them is the card cannot be known, so all are hidden. Last digits stay only where the likely ones agree on them.
 */
function starredIn(sequence: readonly string[]): ReadonlySet<string> {
  const keys = keysOf(sequence);
  const starred = new Set<Key>();
  for (const windows of overlapping(windowsIn(keys))) {
    const shown = shownOf(keys, windows);
    for (const { start, end } of windows) {
      for (const key of [...keys.slice(start, end), ...secretsAfter(keys, end)]) if (!shown.has(key)) starred.add(key);
    }
  }
  return new Set([...starred].map(({ entry, at }) => `${entry}.${at}`));
}

function windowsIn(keys: readonly Key[]): readonly Window[] {
  return keys.flatMap((_, start) => CARD_LENGTHS.flatMap((length) => windowAt(keys, start, start + length) ?? []));
}

/** Windows that share keys, together; `windows` in the order of their starts. */
function overlapping(windows: readonly Window[]): readonly (readonly Window[])[] {
  const clusters: Window[][] = [];
  let end = 0;
  for (const window of windows) {
    const cluster = window.start < end ? clusters.at(-1) : undefined;
    if (cluster) cluster.push(window);
    else clusters.push([window]);
    end = Math.max(end, window.end);
  }
  return clusters;
}

function shownOf(keys: readonly Key[], windows: readonly Window[]): ReadonlySet<Key> {
  const [end, ...others] = new Set(windows.filter(({ isLikely }) => isLikely).map((likely) => likely.end));
  return new Set(end === undefined || others.length > 0 ? [] : keys.slice(end - SHOWN_DIGITS, end));
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

/** The window, where it may be a card. It starts and ends where an entry, or a part of one, does. */
function windowAt(keys: readonly Key[], start: number, end: number): Window | undefined {
  const [first, last] = [keys[start], keys[end - 1]];
  if (!first || !last || first.part !== last.part) return undefined;
  if (!isBorder(keys[start - 1], first) || !isBorder(last, keys[end])) return undefined;
  const number = digitsOf(keys.slice(start, end));
  if (!isLuhnValid(number)) return undefined;
  const isLikely = isIssued(number) || isAlone(keys, start, end);
  return isLikely || CARD_START.test(number) ? { start, end, isLikely } : undefined;
}

/** The window is all of its part, or all of its unit. */
function isAlone(keys: readonly Key[], start: number, end: number): boolean {
  const [before, first] = [keys[start - 1], keys[start]];
  const [last, after] = [keys[end - 1], keys[end]];
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
