// Owns what a raw caller number is worth: the phone it names, or nothing when it is anonymous or unusable. The caller matters
// more than their number.

import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** E.164 from what flows pass on: a number with its country, bare or as a `tel:` or `sip:` URI (RFC 3966, RFC 3261 §19.1). */
export function phoneIn(ani: string): string | undefined {
  const [user = ''] = ani
    .trim()
    .replace(/^(tel|sips?):/i, '')
    .split(/[@;]/);
  const parsed = user.startsWith('+') ? parsePhoneNumberFromString(user) : undefined;
  return parsed?.isPossible() ? parsed.number : undefined;
}
