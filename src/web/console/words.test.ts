// Tests how times, amounts and codes read on the console.

import { describe, expect, it } from 'vitest';
import { ageWords, codeWords, durationWords, eventWords, isTrouble, platformWords, standingWords } from './words.ts';

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
  it('name a platform as its vendor does, and one of the operator’s own as it is called', () => {
    expect(['genesys_cloud', 'nice_cxone', 'five9', 'constructor'].map(platformWords)).toEqual([
      'Genesys Cloud',
      'NICE CXone',
      'Five9',
      'Constructor',
    ]);
  });

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
    expect(eventWords('SmsReported', { status: 'delivered' })).toBe('The text message was delivered');
    expect(eventWords('SmsReported', { status: 'failed' })).toBe('The text message was not delivered');
    expect(eventWords('OfferSettled', { outcome: 'expired' })).toBe('The handoff settled: expired');
    expect(eventWords('CallParked', {})).toBe('Call parked');
    expect(codeWords('genesys_cloud')).toBe('Genesys cloud');
  });
});
