// Tests what a raw caller number is worth.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { customerInput } from '../context/interaction-context.ts';
import { phoneIn } from './ani.ts';

it.each([
  ['+14155551234', '+14155551234'],
  ['tel:+14155551234', '+14155551234'],
  ['tel:+1-415-555-1234;ext=7', '+14155551234'],
  ['sip:+14155551234@example.org;user=phone', '+14155551234'],
  ['SIPS:+441632960000@example.org', '+441632960000'],
  [' +44 1632 960000 ', '+441632960000'],
])('%j names %s', (ani, phone) => {
  expect(phoneIn(ani)).toBe(phone);
});

it.each([
  '',
  'anonymous',
  '4155551234',
  '14155551234',
  '+',
  '+0',
  '+1415',
  'sip:ada@example.org',
  'tel:911',
  '+999999999999999',
])('%j names nobody', (ani) => {
  expect(phoneIn(ani)).toBeUndefined();
});

it('never throws, and what it gives is a phone that requests may carry', () => {
  const ani = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('+', '0', '1', '4', '9', ' ', '-', ';', '@', ':') }),
  );
  fc.assert(
    fc.property(ani, (text) => {
      const phone = phoneIn(text);
      return phone === undefined || customerInput.safeParse({ phone }).success;
    }),
  );
});
