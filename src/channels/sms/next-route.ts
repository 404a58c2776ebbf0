// Owns which way the next text takes, after what became of those before it. Pure. When to try again, and how often, is decided by
// whoever asks; this says only by which provider, whether by another sender, or that no way may be taken.

import type { SmsReason } from './sms-status.ts';

export type SmsAttempt = {
  readonly route: string;
  readonly sender: string;
  readonly ended: /** Provably not taken. */
    | { readonly kind: 'not-taken' }
    /** May have been taken, and nobody could find out (H5). */
    | { readonly kind: 'fate-unknown' }
    /** Taken, and no receipt in time. */
    | { readonly kind: 'no-receipt' }
    /** Refused, or taken and not delivered. */
    | { readonly kind: 'failed'; readonly reason: SmsReason };
};

export type NextRoute =
  | { readonly kind: 'take'; readonly route: string; readonly avoidSenders: readonly string[] }
  | { readonly kind: 'stop'; readonly because: 'opted-out' | 'no-way-to-this-number' | 'fate-unknown' | 'all-tried' };

/** No other way reaches these either. */
const NUMBER_IS_AT_FAULT: ReadonlySet<SmsReason> = new Set(['landline', 'invalid-number']);
/** Another sender of the same provider may get through. */
const SENDER_IS_AT_FAULT: ReadonlySet<SmsReason> = new Set(['sender-refused', 'spam-filtered', 'throttled']);

/**
 * `routes` are names in order of preference. A provider that was not tried goes before one that was; one that was may be tried
 * again with another sender, if that was what it fell over, or again as it was, if it took nothing.
 */
export function nextRoute(routes: readonly string[], attempts: readonly SmsAttempt[]): NextRoute {
  const reasons = attempts.flatMap(({ ended }) => (ended.kind === 'failed' ? [ended.reason] : []));
  if (reasons.includes('opted-out')) return { kind: 'stop', because: 'opted-out' };
  if (attempts.some(({ ended }) => ended.kind === 'fate-unknown')) return { kind: 'stop', because: 'fate-unknown' };
  if (reasons.some((reason) => NUMBER_IS_AT_FAULT.has(reason)))
    return { kind: 'stop', because: 'no-way-to-this-number' };
  const untried = routes.find((route) => attempts.every((attempt) => attempt.route !== route));
  if (untried !== undefined) return { kind: 'take', route: untried, avoidSenders: [] };
  const again = routes.find((route) => attempts.every((attempt) => attempt.route !== route || mayGoAgain(attempt)));
  if (again === undefined) return { kind: 'stop', because: 'all-tried' };
  const failed = attempts.filter(({ route, ended }) => route === again && ended.kind === 'failed');
  return { kind: 'take', route: again, avoidSenders: failed.map(({ sender }) => sender) };
}

function mayGoAgain({ ended }: SmsAttempt): boolean {
  return ended.kind === 'not-taken' || (ended.kind === 'failed' && SENDER_IS_AT_FAULT.has(ended.reason));
}
