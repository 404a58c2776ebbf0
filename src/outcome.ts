// Owns the four ways a call to another system ends (types only). Edges make outcomes, protocols read them, and policy reads
// the code, never the text (H5).

/** Stable, closed; documented in docs/errors.md. */
export type FailureCode =
  /** The vendor's quota, or our governor's share of it, is spent: nothing was sent or the vendor said 429. */
  | 'rate-limited'
  /** No connection was made, so nothing was taken. */
  | 'unreachable'
  /** The breaker of this credential is open: nothing was sent. */
  | 'circuit-open'
  /** The lease or the command's time ran out before anything was written to the wire. */
  | 'not-sent'
  /** The vendor said it is unavailable (503) without having taken the request. */
  | 'unavailable'
  /** Sent, and no answer in time. */
  | 'timed-out'
  /** Sent, and the connection broke before the answer. */
  | 'connection-lost'
  /** 5xx after the request was read. */
  | 'vendor-error'
  /** The answer was not of the documented shape. */
  | 'unexpected-answer'
  /** The login refused the credentials (rejected), or a fresh token was refused as well: nothing was taken (transient). */
  | 'unauthorized'
  /** The credentials may not do this. */
  | 'forbidden'
  /** The vendor does not know the conversation or participant. */
  | 'not-found'
  /** The vendor says the request makes no sense in this state (409). */
  | 'conflict'
  /** The vendor refuses the request's content (other 4xx). */
  | 'bad-request'
  /** No queue of exactly that name among those the credentials can see. */
  | 'queue-not-found-or-not-visible';

export type Failure =
  /** Provably not taken: may be sent again after `retryAfterMs` (when the far side said so). */
  | { readonly kind: 'transient'; readonly code: FailureCode; readonly retryAfterMs?: number; readonly detail?: string }
  /** May have been taken: look before anything else (H5). */
  | { readonly kind: 'ambiguous'; readonly code: FailureCode; readonly detail?: string }
  /** Sending it again cannot help. */
  | { readonly kind: 'rejected'; readonly code: FailureCode; readonly detail?: string };

export type Outcome<Value> = { readonly kind: 'done'; readonly value: Value } | Failure;
