import { expect, it } from 'vitest';
import { paragraph, sentence } from './sentence.ts';

it('a known fact is a sentence', () => {
  expect(sentence('Intent', 'billing_dispute')).toBe('Intent: billing_dispute.');
});

it('an unknown or empty fact is not told', () => {
  expect(sentence('Intent', undefined)).toBe('');
  expect(sentence('Intent', ' \n')).toBe('');
});

it('a value that ends a sentence gets no second stop', () => {
  expect(sentence('Last words', '"Is this a joke?"')).toBe('Last words: "Is this a joke?"');
  expect(sentence('Note', 'Call back.')).toBe('Note: Call back.');
});

it('line breaks and control signs cannot break the line', () => {
  expect(sentence('Note', 'one\r\n\ttwo\u0000three\u2028four')).toBe('Note: one two three four.');
});

it('a paragraph holds the sentences that say something', () => {
  expect(paragraph(['', 'One.', '', 'Two.'])).toBe('One. Two.');
  expect(paragraph(['', ''])).toBe('');
});
