import { expect, it } from 'vitest';
import { numberDialed } from './dialed-number.ts';

const POOL = ['+14155550101', '+14155550102', '+442079460101'];

it.each([
  ['+14155550101', '+14155550101'],
  ['tel:+1-415-555-0102', '+14155550102'],
  ['sip:+14155550101@entry.example;user=phone', '+14155550101'],
  ['14155550102', '+14155550102'],
  ['(415) 555-0101', '+14155550101'],
  ['0014155550101', '+14155550101'],
  ['02079460101', '+442079460101'],
])('%s is %s of the pool', (dnis, number) => {
  expect(numberDialed(dnis, POOL)).toBe(number);
});

it.each(['+14155550199', '50101', '5550101x', '', 'anonymous', 'sip:entry@there.example', '+1'])(
  '%j is none of the pool, or not one alone',
  (dnis) => expect(numberDialed(dnis, [...POOL, '+12125550101'])).toBeUndefined(),
);
