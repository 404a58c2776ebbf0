// Owns what Twilio's words mean in ours: its message statuses (Messages resource, "Message Status values") and the error codes of
// refusals (2xxxx) and deliveries (3xxxx), https://www.twilio.com/docs/api/errors. A code that is not here is `unknown`.

import type { SmsReason, SmsStatus } from './sms-status.ts';

const STATUSES: Readonly<Record<string, SmsStatus>> = {
  accepted: 'queued',
  scheduled: 'queued',
  queued: 'queued',
  sending: 'queued',
  sent: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  undelivered: 'undelivered',
  failed: 'failed',
  canceled: 'failed',
};

const REASONS: Readonly<Record<string, SmsReason>> = {
  20003: 'account',
  20429: 'throttled',
  21211: 'invalid-number',
  21212: 'sender-refused',
  21408: 'region-not-allowed',
  21602: 'content-refused',
  21606: 'sender-refused',
  21608: 'account',
  21610: 'opted-out',
  21612: 'sender-refused',
  21614: 'landline',
  21617: 'content-refused',
  21635: 'landline',
  21659: 'sender-refused',
  21660: 'sender-refused',
  21703: 'sender-refused',
  30001: 'throttled',
  30002: 'account',
  30003: 'unreachable',
  30004: 'blocked',
  30005: 'invalid-number',
  30006: 'landline',
  30007: 'spam-filtered',
  30010: 'account',
  30022: 'throttled',
  30032: 'sender-refused',
  30034: 'sender-refused',
  30036: 'expired',
  30410: 'network',
};

export function twilioStatus(status: string): SmsStatus {
  return Object.hasOwn(STATUSES, status) ? (STATUSES[status] ?? 'unknown') : 'unknown';
}

/** `code` as a number or as a form's text; undefined when there is none. */
export function twilioReason(code: unknown): SmsReason | undefined {
  const text = typeof code === 'number' ? String(code) : code;
  if (typeof text !== 'string' || text === '' || text === '0') return undefined;
  return Object.hasOwn(REASONS, text) ? REASONS[text] : 'unknown';
}
