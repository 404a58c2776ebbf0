// Owns when a customer may be called (TCPA, 47 CFR 64.1200(c)(1): 8 to 21 h at the called party's location). Where their time zone is not
// known, the hour must be right in every zone of their number's country; where that is not known either, in every zone there is, so only hours
// that are the whole day are. Pure: the instant comes in, and the zones' rules are the platform's.

import type { Instant } from '../ids.ts';
import { ZoneFormatters } from './zone-formatters.ts';

/** Local hours, from inclusive to exclusive. */
export type CallingHours = { readonly fromHour: number; readonly toHour: number };

const QUARTER_MS = 15 * 60_000;
/** Beyond a week something else is wrong. */
const FURTHEST_MS = 7 * 24 * 3_600_000;

/** Whether it is within `hours` in every one of `zones` (IANA names) at that instant; without a zone, wherever it might be. */
export function mayCall(at: Instant, zones: readonly string[], { fromHour, toHour }: CallingHours): boolean {
  if (zones.length === 0) return fromHour <= 0 && toHour >= 24;
  return zones.every((zone) => {
    const hour = hourIn(at, zone);
    return hour >= fromHour && hour < toHour;
  });
}

/** The first quarter of an hour from `at` on in which a call may be made; null when there is none within a week. */
export function nextCall(at: Instant, zones: readonly string[], hours: CallingHours): Instant | null {
  if (mayCall(at, zones, hours)) return at;
  const first = Math.ceil(at / QUARTER_MS) * QUARTER_MS;
  for (let instant = first; instant <= at + FURTHEST_MS; instant += QUARTER_MS) {
    if (mayCall(instant, zones, hours)) return instant;
  }
  return null;
}

/** The first quarter of an hour from `at` to `until` from which on no call may be made; undefined when there is none. */
export function forbiddenFrom(
  at: Instant,
  until: Instant,
  zones: readonly string[],
  hours: CallingHours,
): Instant | undefined {
  for (let instant = Math.ceil(at / QUARTER_MS) * QUARTER_MS; instant <= until; instant += QUARTER_MS) {
    if (!mayCall(instant, zones, hours)) return instant;
  }
  return undefined;
}

/**
 * The zones to respect for a number of `country` (ISO 3166-1 alpha-2): the customer's `own` where it is known and valid, else all of the
 * country's, else the one that the operator takes for all others. None where nothing is known.
 */
export function zonesFor(
  country: string | undefined,
  own: string | undefined,
  otherwise?: string | undefined,
): readonly string[] {
  if (own !== undefined && isZone(own)) return [own];
  const all = country === undefined ? [] : zonesOf(country);
  if (all.length > 0) return all;
  return otherwise === undefined ? [] : [otherwise];
}

export function isZone(name: string): boolean {
  try {
    return formatters.of(name) !== null;
  } catch {
    return false;
  }
}

function zonesOf(country: string): readonly string[] {
  if (!/^[A-Z]{2}$/.test(country)) return [];
  // ECMA-402's Intl Locale Info: the zones in use in a region.
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & { getTimeZones?: () => readonly string[] };
  return locale.getTimeZones?.() ?? [];
}

/** Twice the zones of the country that has most of them. */
const formatters = new ZoneFormatters(64);

function hourIn(at: Instant, zone: string): number {
  return Number(formatters.of(zone).format(at));
}
