import { expect, it } from 'vitest';
import { nameWords } from './name-words.ts';

it.each([
  ['DisputeCharge', ['dispute', 'charge']],
  ['dispute_charge', ['dispute', 'charge']],
  ['dispute-charge', ['dispute', 'charge']],
  ['Product Type', ['product', 'type']],
  ['NEGATIVE_ESCALATING', ['negative', 'escalating']],
  ['cardCVV2', ['card', 'cvv2']],
  ['CVVCode', ['cvv', 'code']],
  ['größeÄndern', ['größe', 'ändern']],
  ['__proto__', ['proto']],
  ['!?', []],
  ['', []],
])('%s reads as its words', (name, words) => {
  expect(nameWords(name)).toEqual(words);
});
