// The words of a journey that the service can say, and those that the card has texts for: the same, in every language.

import { describe, expect, it } from 'vitest';
import { JOURNEY_ACTORS, JOURNEY_WORDS } from '../../src/server/journey.ts';
import { stepWords } from '../../src/web/card/readable.ts';
import { LANGUAGES } from '../../src/web/card/texts.ts';

describe.each(Object.entries(LANGUAGES))('in %s', (_language, texts) => {
  it('the card has a text for every step that the service can tell, and for no other', () => {
    expect(Object.keys(texts.steps).sort()).toEqual([...JOURNEY_WORDS].sort());
  });

  it('says by whom where it was an operator, and of nobody else', () => {
    const [operators, others] = [[...JOURNEY_ACTORS].filter((by) => by === 'operator'), JOURNEY_ACTORS.slice(0, -1)];
    expect(operators).toEqual(['operator']);
    for (const step of JOURNEY_WORDS) {
      const plain = stepWords(step, 'throughline', texts);
      expect(stepWords(step, 'operator', texts)).toBe(`${plain} (${texts.byOperator})`);
      for (const by of others) expect(stepWords(step, by, texts)).toBe(plain);
    }
  });
});
