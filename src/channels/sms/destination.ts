// Owns whether a number may be sent a text: E.164, or a clear refusal. Pure. The library's tables age, so only what they know for
// sure is refused: a range that they do not know passes, and the carrier has the last word.

import { type NumberType, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { SmsReason } from './sms-status.ts';

export type Destination =
  | {
      readonly kind: 'reachable';
      readonly e164: string;
      /** ISO 3166-1 alpha-2, where the number belongs to one country. */
      readonly country?: string;
    }
  | {
      readonly kind: 'refused';
      readonly reason: Extract<SmsReason, 'invalid-number' | 'landline' | 'region-not-allowed'>;
    };

/** Lines that take no text, or where one costs whoever owns the line wants it to cost. */
const REFUSED: Partial<Readonly<Record<NonNullable<NumberType>, 'landline' | 'region-not-allowed'>>> = {
  FIXED_LINE: 'landline',
  TOLL_FREE: 'landline',
  UAN: 'landline',
  VOICEMAIL: 'landline',
  PAGER: 'landline',
  PREMIUM_RATE: 'region-not-allowed',
  SHARED_COST: 'region-not-allowed',
};

/** `number` is E.164 with its plus; a national number has no country to be read in, and is refused. */
export function smsDestination(number: string): Destination {
  const parsed = /^\+[0-9]{5,15}$/.test(number) ? parsePhoneNumberFromString(number) : undefined;
  if (parsed?.isPossible() !== true) return { kind: 'refused', reason: 'invalid-number' };
  const type = parsed.getType();
  const refused = type === undefined ? undefined : REFUSED[type];
  if (refused !== undefined) return { kind: 'refused', reason: refused };
  return { kind: 'reachable', e164: parsed.number, ...(parsed.country !== undefined && { country: parsed.country }) };
}
