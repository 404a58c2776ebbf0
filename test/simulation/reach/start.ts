// Owns the hour at which a world begins: any, and often one at whose end somebody's day ends or begins.

import type { Chance } from '../chance.ts';

const MIDNIGHT = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
/** A world lasts about eight minutes. */
const SHORTLY_MS = 7 * 60_000;

export function startOf(chance: Chance): number {
  const hour = MIDNIGHT + chance.below(24) * HOUR_MS;
  return hour + (chance.happens(0.5) ? HOUR_MS - chance.below(SHORTLY_MS) : chance.below(HOUR_MS));
}
