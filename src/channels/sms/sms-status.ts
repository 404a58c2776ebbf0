// Owns what may be said of a text message after it was handed over: one vocabulary for every provider (types only). Policy reads
// these words, never a provider's own.

/**
 * `queued`: the provider has it. `sent`: the carrier has it. `delivered`: the handset has it. `failed`: it never left the provider.
 * `undelivered`: carrier or handset did not take it. `unknown`: the provider said something that we do not know.
 */
export type SmsStatus = 'queued' | 'sent' | 'delivered' | 'failed' | 'undelivered' | 'unknown';

/** Why a message was refused or not delivered. Stable and closed; documented in docs/vendors/sms.md. */
export type SmsReason =
  /** The customer said STOP. No route may be used. */
  | 'opted-out'
  /** Switched off, out of coverage, or a network that cannot be reached now. */
  | 'unreachable'
  /** A fixed line, or a device that takes no text. */
  | 'landline'
  /** Not a number, or one that no longer exists. */
  | 'invalid-number'
  /** The carrier or the provider blocks messages to this number. */
  | 'blocked'
  /** A filter took the text or its sender for spam. */
  | 'spam-filtered'
  /** This sender may not text there: not registered, not verified, not ours. */
  | 'sender-refused'
  /** Our account may not text to that country or number. */
  | 'region-not-allowed'
  /** Empty, too long, or not allowed there. */
  | 'content-refused'
  /** Its time ran out before it was sent on. */
  | 'expired'
  /** Too many at once, or too many today. */
  | 'throttled'
  /** Suspended, without credit, or not permitted. */
  | 'account'
  /** A fault between provider and carrier. */
  | 'network'
  | 'unknown';

/** What one status says of a message. */
export type SmsReport = { readonly status: SmsStatus; readonly reason?: SmsReason };
