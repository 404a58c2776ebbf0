// Tests that what is kept of time zones has an end, whoever names however many.

import { expect, it } from 'vitest';
import { ZoneFormatters } from './zone-formatters.ts';

it('keeps so many and no more, those used last', () => {
  const formatters = new ZoneFormatters(2);
  const berlin = formatters.of('Europe/Berlin');
  formatters.of('Asia/Tokyo');
  expect(formatters.of('Europe/Berlin')).toBe(berlin);
  formatters.of('America/New_York');
  expect(formatters.size).toBe(2);
  expect(formatters.of('Europe/Berlin')).toBe(berlin);
  for (let n = 0; n < 500; n += 1) formatters.of(spelled('Europe/Berlin', n));
  expect(formatters.size).toBe(2);
  expect(formatters.of('Europe/Berlin')).not.toBe(berlin);
  expect(formatters.of('Europe/Berlin').format(0)).toBe('01');
});

it('keeps nothing for a zone that does not exist', () => {
  const formatters = new ZoneFormatters(2);
  expect(() => formatters.of('Europe/Atlantis')).toThrow(RangeError);
  expect(formatters.size).toBe(0);
});

/** The same zone in other letters: names are compared without regard to case. */
function spelled(zone: string, n: number): string {
  return [...zone].map((letter, at) => ((n >> at) & 1 ? letter.toUpperCase() : letter.toLowerCase())).join('');
}
