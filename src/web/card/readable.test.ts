// Tests how what the bot noted is read by a person.

import { describe, expect, it } from 'vitest';
import {
  clockWords,
  durationWords,
  moodOf,
  noteParts,
  plainValue,
  triggerWords,
  valueWords,
  wordsOf,
} from './readable.ts';
import { textsFor } from './texts.ts';

const { texts: en } = textsFor(['en-GB']);
const { texts: de } = textsFor(['fr', 'de-AT', 'en']);

describe('the words of seed 004 §3', () => {
  it('shows the guide’s manifest as the guide’s card does', () => {
    expect(triggerWords('CustomerRequested', en)).toBe('Customer requested');
    expect(moodOf('NEGATIVE_ESCALATING', en).words).toBe('Negative (escalating)');
    expect(durationWords(187)).toBe('3m 7s');
    expect(wordsOf('disputed_amount')).toBe('Disputed amount');
    expect(valueWords('$47.99', 'en-US', en)).toBe('$47.99');
    expect(valueWords('2026-05-10', 'en-US', en)).toBe('May 10, 2026');
  });

  it('sets the advice off from the note, and loses no word of it', () => {
    const note = 'Bot failed to locate it. Recommend empathy-first approach.';
    expect(noteParts(note)).toEqual({ said: 'Bot failed to locate it.', advice: 'Recommend empathy-first approach.' });
    expect(noteParts('Recommended plan was refused? Call back.')).toEqual({
      said: 'Recommended plan was refused? Call back.',
      advice: '',
    });
    expect(noteParts('')).toEqual({ said: '', advice: '' });
  });
});

describe('what the guide does not foresee', () => {
  it('keeps a word that is not known as its own words', () => {
    expect(triggerWords('toString', en)).toBe('To string');
    expect(triggerWords('FraudSuspected', de)).toBe('Fraud suspected');
    expect(moodOf('sarcastic', en)).toEqual({ valence: 'unknown', trend: null, words: 'Sarcastic' });
    expect(wordsOf('???')).toBe('???');
  });

  it('shows every kind of value, and says which the bot did not get', () => {
    expect(valueWords(true, 'de', de)).toBe('ja');
    expect(valueWords(12, 'en', en)).toBe('12');
    expect(plainValue(['a', { b: 1 }])).toBe('["a",{"b":1}]');
    expect([null, undefined, '', [], {}].map(plainValue)).toEqual(['', '', '', '', '']);
    expect(valueWords('2026-13-45', 'en', en)).toBe('2026-13-45');
  });

  it('writes durations from nothing to hours', () => {
    expect([0, 59.6, 3600, 3661, -5].map(durationWords)).toEqual(['0s', '1m', '1h', '1h 1m 1s', '0s']);
  });

  it('writes a day in the agent’s language, whatever the zone', () => {
    expect(valueWords('2026-05-10', 'de-DE', de)).toBe('10. Mai 2026');
  });

  it('names the day of a moment that is not today', () => {
    const now = new Date('2026-05-10T12:00:00');
    expect(clockWords('2026-05-10T11:58:03', now, 'de-DE')).toBe('11:58');
    expect(clockWords('2026-05-09T11:58:03', now, 'de-DE')).toBe('9. Mai 11:58');
    expect(clockWords('soon', now, 'de-DE')).toBe('');
  });
});

describe('languages', () => {
  it('answers with the first that is spoken, and with English when none is', () => {
    expect(textsFor(['de-CH']).language).toBe('de-CH');
    expect(textsFor(['de-DE@posix']).language).toBe('de');
    expect(textsFor(['fr', '', 'constructor'])).toEqual({ language: 'en', texts: en });
  });

  it('has a German text for everything, that is not the English one', () => {
    const same = Object.entries(en).filter(
      ([key, text]) => typeof text === 'string' && de[key as keyof typeof de] === text,
    );
    expect(same.map(([key]) => key)).toEqual(['title', 'neutral']);
  });
});
