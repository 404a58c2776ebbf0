// Owns why a customer was not texted or called, beside the reasons of the machine: words for a number, a channel or a permission.

export const REACH_REFUSALS = [
  'no-number',
  'sms-not-configured',
  'opted-out',
  'landline',
  'invalid-number',
  'region-not-allowed',
  'consent-missing',
  'bridged-not-allowed',
] as const;
export type ReachRefusal = (typeof REACH_REFUSALS)[number];
