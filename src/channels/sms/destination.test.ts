import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smsDestination } from './destination.ts';

describe('a destination', () => {
  it.each([
    ['+14155550123', 'US'],
    ['+15055551234', 'US'],
    ['+33612345678', 'FR'],
    ['+4915112345678', 'DE'],
    ['+447624000000', 'IM'],
  ])('%s can be reached in %s', (e164, country) => {
    expect(smsDestination(e164)).toEqual({ kind: 'reachable', e164, country });
  });

  it.each([
    ['+442079460018', 'landline'],
    ['+33123456789', 'landline'],
    ['+18005550100', 'landline'],
    ['+19005550100', 'region-not-allowed'],
    ['+448431234567', 'region-not-allowed'],
    ['+1234', 'invalid-number'],
    ['+4470123', 'invalid-number'],
    ['4155550123', 'invalid-number'],
    ['tel:+14155550123', 'invalid-number'],
    ['+1 415 555 0123', 'invalid-number'],
    ['anonymous', 'invalid-number'],
    ['', 'invalid-number'],
  ])('%s is refused: %s', (number, reason) => {
    expect(smsDestination(number)).toEqual({ kind: 'refused', reason });
  });

  it('lets a range pass that the library does not know: its tables age', () => {
    expect(smsDestination('+447700900123')).toEqual({ kind: 'reachable', e164: '+447700900123' });
  });

  it('never throws, and what it lets pass is E.164', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\+[0-9]{4,16}$/)), (number) => {
        const destination = smsDestination(number);
        if (destination.kind === 'reachable') expect(destination.e164).toMatch(/^\+[1-9]\d{4,14}$/);
      }),
    );
  });
});
