import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideKeyword, keywordIn } from './opt-out.ts';

describe('single words', () => {
  it.each([
    'STOP',
    'stop',
    ' Stop. ',
    'STOPALL',
    'stop all',
    'Unsubscribe',
    'CANCEL',
    'end',
    'Quit',
    'REVOKE',
    'opt-out',
    '"STOP"',
    'STOP!!',
  ])('%s ends our messages', (text) => {
    expect(keywordIn(text)).toBe('stop');
  });
  it.each(['START', 'unstop', 'Start '])('%s allows them again', (text) => {
    expect(keywordIn(text)).toBe('start');
  });
  it.each(['HELP', 'info', 'Help?'.replace('?', '.')])('%s asks for help', (text) => {
    expect(keywordIn(text)).toBe('help');
  });
  it.each([
    '',
    'please stop calling',
    "don't stop",
    'YES',
    'the end',
    'toString',
    '__proto__',
    'STOP 1',
    '.'.repeat(39),
    `STOP${' '.repeat(60)}`,
  ])('%j is talk', (text) => {
    expect(keywordIn(text)).toBeNull();
  });
  it('never throw', () => {
    fc.assert(fc.property(fc.string(), (text) => [null, 'stop', 'start', 'help'].includes(keywordIn(text))));
  });
});

describe('what a customer’s message does', () => {
  it('is nothing when it is talk', () => {
    const talk = { suppression: 'keep', reply: null, isTalk: true };
    expect(decideKeyword('hello', { answersKeywords: false })).toEqual(talk);
    expect(decideKeyword('hello', { answersKeywords: true, vendorSaid: null })).toEqual(talk);
  });
  it.each([
    ['STOP', 'add', 'opted-out'],
    ['START', 'lift', 'opted-in'],
    ['HELP', 'keep', 'help'],
  ] as const)('%s: %s, and we answer only where the vendor does not', (text, suppression, reply) => {
    expect(decideKeyword(text, { answersKeywords: false })).toEqual({ suppression, reply, isTalk: false });
    expect(decideKeyword(text, { answersKeywords: true })).toEqual({ suppression, reply: null, isTalk: false });
  });
  it('is what the vendor found, whose words may be others', () => {
    expect(decideKeyword('ARRET', { answersKeywords: true, vendorSaid: 'stop' }).suppression).toBe('add');
    expect(decideKeyword('STOP', { answersKeywords: true, vendorSaid: 'help' }).suppression).toBe('keep');
  });
});
