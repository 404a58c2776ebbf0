// Owns which of a pool's numbers a call came in on, as its platform has it: with or without the country, bare or as a URI.

import { phoneIn } from './ani.ts';

/** Fewer digits than this could end many numbers. */
const FEWEST_DIGITS = 7;

/** The one number of the pool (E.164) that `dnis` is or ends, or undefined when there is none or more than one. */
export function numberDialed(dnis: string, pool: readonly string[]): string | undefined {
  const whole = phoneIn(dnis);
  if (whole !== undefined && pool.includes(whole)) return whole;
  const [user = ''] = dnis.replace(/^\s*(tel|sips?):/i, '').split(/[@;]/);
  const digits = user.replace(/\D/g, '').replace(/^0+/, '');
  if (digits.length < FEWEST_DIGITS) return undefined;
  const ending = pool.filter((number) => number.endsWith(digits));
  return ending.length === 1 ? ending[0] : undefined;
}
