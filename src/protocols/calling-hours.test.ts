// Tests when a customer may be called (TCPA: 8 to 21 h where they are).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forbiddenFrom, isZone, mayCall, nextCall, zonesFor } from './calling-hours.ts';

const HOURS = { fromHour: 8, toHour: 21 };
const at = (text: string) => Date.parse(text);

describe('mayCall', () => {
  it.each([
    ['2026-11-26T12:59:59Z', 'America/New_York', false],
    ['2026-11-26T13:00:00Z', 'America/New_York', true],
    ['2026-11-27T01:59:59Z', 'America/New_York', true],
    ['2026-11-27T02:00:00Z', 'America/New_York', false],
    // Summer time: an hour earlier by UTC.
    ['2026-07-01T12:00:00Z', 'America/New_York', true],
    ['2026-11-26T12:59:59Z', 'Europe/Berlin', true],
  ])('%s in %s: %s', (instant, zone, allowed) => {
    expect(mayCall(at(instant), [zone], HOURS)).toBe(allowed);
  });

  it('without a zone is right only where the hours are the whole day', () => {
    for (const instant of ['2026-11-26T02:00:00Z', '2026-11-26T14:00:00Z']) {
      expect(mayCall(at(instant), [], HOURS)).toBe(false);
      expect(mayCall(at(instant), [], { fromHour: 0, toHour: 24 })).toBe(true);
    }
    expect(nextCall(at('2026-11-26T14:00:00Z'), [], HOURS)).toBeNull();
  });

  it('respects every zone that it may be in', () => {
    const zones = ['America/New_York', 'Pacific/Honolulu'];
    expect(mayCall(at('2026-11-26T14:00:00Z'), zones, HOURS)).toBe(false);
    expect(mayCall(at('2026-11-26T18:00:00Z'), zones, HOURS)).toBe(true);
  });
});

describe('forbiddenFrom', () => {
  it('is the first quarter of an hour in which no call may be made, where there is one in time', () => {
    const evening = at('2026-11-27T01:50:00Z');
    const zones = ['America/New_York'];
    expect(forbiddenFrom(evening, evening + 3_600_000, zones, HOURS)).toBe(at('2026-11-27T02:00:00Z'));
    expect(forbiddenFrom(evening, evening + 60_000, zones, HOURS)).toBeUndefined();
  });
});

describe('nextCall', () => {
  it('is now where that is allowed, else the first quarter of an hour that is', () => {
    const noon = at('2026-11-26T17:00:00Z');
    expect(nextCall(noon, ['America/New_York'], HOURS)).toBe(noon);
    expect(nextCall(at('2026-11-26T02:01:00Z'), ['America/New_York'], HOURS)).toBe(at('2026-11-26T13:00:00Z'));
  });

  it('is never where no hour suits all', () => {
    expect(nextCall(0, ['UTC'], { fromHour: 8, toHour: 8 })).toBeNull();
  });

  it('is always allowed, and no earlier than asked', () => {
    const zone = fc.constantFrom('America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Honolulu');
    fc.assert(
      fc.property(fc.integer({ min: 1.7e12, max: 1.9e12 }), zone, (instant, one) => {
        const next = nextCall(instant, [one], HOURS);
        expect(next).not.toBeNull();
        expect(next).toBeGreaterThanOrEqual(instant);
        expect(mayCall(next ?? 0, [one], HOURS)).toBe(true);
      }),
    );
  });
});

describe('zonesFor', () => {
  it('is the customer’s own where it is known, else all of the country’s', () => {
    expect(zonesFor('US', 'America/Chicago')).toEqual(['America/Chicago']);
    expect(zonesFor('US', 'Nowhere/Land')).toEqual(expect.arrayContaining(['America/New_York', 'Pacific/Honolulu']));
    expect(zonesFor('DE', undefined)).toContain('Europe/Berlin');
    expect(zonesFor('US', undefined, 'Europe/Berlin')).not.toContain('Europe/Berlin');
  });

  it('is the one that is taken for all others where the country has none that is known, else none', () => {
    // 001 is the world: what a number has that is no country's.
    for (const country of [undefined, 'x', 'ZZ', '001']) {
      expect(zonesFor(country, undefined)).toEqual([]);
      expect(zonesFor(country, 'Nowhere/Land', 'Europe/Berlin')).toEqual(['Europe/Berlin']);
    }
  });

  it('knows a zone by its name', () => {
    expect([isZone('Europe/Berlin'), isZone('Europe/Atlantis')]).toEqual([true, false]);
  });
});
