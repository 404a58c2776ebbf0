// Tests how times, amounts and codes read on the console.

import { describe, expect, it } from 'vitest';
import { ageWords, codeWords, durationWords, eventWords, isTrouble, standingWords } from './words.ts';

describe('amounts', () => {
  it.each([
    [-5, '0 s'],
    [59_400, '59 s'],
    [61_000, '1 min'],
    [7_300_000, '2 h'],
    [200_000_000, '2 d'],
  ])('an age of %d ms is %s', (ms, words) => {
    expect(ageWords(0, ms)).toBe(words);
  });

  it.each([
    [0.42, '0.4 ms'],
    [273.9, '274 ms'],
    [3_120, '3.1 s'],
    [125_000, '2 min 5 s'],
  ])('a duration of %d ms is %s', (ms, words) => {
    expect(durationWords(ms)).toBe(words);
  });
});

describe('codes', () => {
  it('say what became of a handoff', () => {
    expect(standingWords(null, null)).toBe('No handoff');
    expect(standingWords('confirming', 'completed')).toBe('Confirming');
    expect(standingWords('settled', 'completed')).toBe('Handed over');
    expect(standingWords('settled', 'dead_lettered')).toBe('Dead lettered');
    expect([null, 'completed', 'cancelled', 'dead_lettered', 'refused'].map(isTrouble)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it('say what happened, and what is not known in its own words', () => {
    expect(eventWords('HolderChanged', { holder: 'queue' })).toBe('In a queue');
    expect(eventWords('HandoffSettled', { outcome: 'completed' })).toBe('Handed over');
    expect(eventWords('HandoffSettled', { outcome: 'cancelled' })).toBe('The handoff settled: cancelled');
    expect(eventWords('ReservationRedeemed', { late: true })).toBe('The call came in late at the destination');
    expect(eventWords('ReservationRedeemed', {})).toBe('The call came in at the destination');
    expect(eventWords('CycleObserved', { status: 'mismatch' })).toBe('The two sides do not agree');
    expect(eventWords('CycleObserved', { status: 'in_sync' })).toBe('Both sides were looked at');
    expect(eventWords('VerdictGiven', { accept: true })).toBe('The transfer was accepted');
    expect(eventWords('VerdictGiven', { accept: false })).toBe('The transfer was declined');
    expect(eventWords('CallParked', {})).toBe('Call parked');
    expect(codeWords('genesys_cloud')).toBe('Genesys cloud');
  });
});
