// Owns what Vonage's words mean in ours: the statuses of the Messages API
// (https://developer.vonage.com/en/messages/concepts/messages-status-callbacks) and its error codes
// (https://developer.vonage.com/en/api-errors/messages). A code that is not here is `unknown`.

import type { SmsReason, SmsStatus } from './sms-status.ts';

const STATUSES: Readonly<Record<string, SmsStatus>> = {
  submitted: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  // By Vonage, by the carrier, or because its time ran out: the error's code says which.
  rejected: 'undelivered',
  // Vonage could not reach the carrier.
  undeliverable: 'failed',
};

const REASONS: Readonly<Record<string, SmsReason>> = {
  1000: 'throttled',
  1040: 'invalid-number',
  1050: 'blocked',
  1060: 'account',
  1070: 'account',
  1080: 'account',
  1090: 'content-refused',
  1100: 'network',
  1120: 'sender-refused',
  1140: 'account',
  1160: 'region-not-allowed',
  1170: 'invalid-number',
  1180: 'unreachable',
  1190: 'invalid-number',
  1200: 'unreachable',
  1210: 'spam-filtered',
  1220: 'unreachable',
  1230: 'network',
  1240: 'opted-out',
  1241: 'throttled',
  1250: 'unreachable',
  1251: 'unreachable',
  1260: 'unreachable',
  1270: 'blocked',
  1280: 'blocked',
  1282: 'blocked',
  1290: 'blocked',
  1310: 'landline',
  1331: 'network',
  1360: 'expired',
  1420: 'sender-refused',
  1430: 'invalid-number',
  1460: 'throttled',
  1470: 'blocked',
  1472: 'throttled',
  1473: 'blocked',
  1480: 'sender-refused',
  1481: 'sender-refused',
  1482: 'content-refused',
  1483: 'sender-refused',
};

export function vonageStatus(status: string): SmsStatus {
  return Object.hasOwn(STATUSES, status) ? (STATUSES[status] ?? 'unknown') : 'unknown';
}

/**
 * From a problem document or a status's `error`: the code is the fragment of `type`, or the `title` (which the documents show both as
 * a number and as text). Undefined when neither holds one.
 */
export function vonageCode(error: { readonly type?: unknown; readonly title?: unknown }): string | undefined {
  const fragment = typeof error.type === 'string' ? /#(\d{3,5})$/.exec(error.type)?.[1] : undefined;
  if (fragment !== undefined) return fragment;
  const title = typeof error.title === 'number' ? String(error.title) : error.title;
  return typeof title === 'string' && /^\d{3,5}$/.test(title.trim()) ? title.trim() : undefined;
}

export function vonageReason(code: string | undefined): SmsReason {
  return code !== undefined && Object.hasOwn(REASONS, code) ? (REASONS[code] ?? 'unknown') : 'unknown';
}
