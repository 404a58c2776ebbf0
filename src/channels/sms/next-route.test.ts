import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextRoute, type SmsAttempt } from './next-route.ts';
import type { SmsReason } from './sms-status.ts';

const routes = ['twilio', 'vonage'];
const attempt = (route: string, ended: SmsAttempt['ended'], sender = '+15055550100'): SmsAttempt => ({
  route,
  sender,
  ended,
});
const failed = (reason: SmsReason): SmsAttempt['ended'] => ({ kind: 'failed', reason });

describe('the next way of a text', () => {
  it('is the preferred one at first', () => {
    expect(nextRoute(routes, [])).toEqual({ kind: 'take', route: 'twilio', avoidSenders: [] });
  });

  it.each([
    failed('spam-filtered'),
    failed('unreachable'),
    failed('account'),
    { kind: 'no-receipt' },
    { kind: 'not-taken' },
  ] as const)('after %j is another provider', (ended) => {
    expect(nextRoute(routes, [attempt('twilio', ended)])).toEqual({ kind: 'take', route: 'vonage', avoidSenders: [] });
  });

  it.each([
    [failed('opted-out'), 'opted-out'],
    [failed('landline'), 'no-way-to-this-number'],
    [failed('invalid-number'), 'no-way-to-this-number'],
    [{ kind: 'fate-unknown' }, 'fate-unknown'],
  ] as const)('after %j there is none: %s', (ended, because) => {
    expect(nextRoute(routes, [attempt('twilio', ended)])).toEqual({ kind: 'stop', because });
  });

  it('is another sender of the same provider when that was what it fell over', () => {
    const next = nextRoute(['twilio'], [attempt('twilio', failed('sender-refused'))]);
    expect(next).toEqual({ kind: 'take', route: 'twilio', avoidSenders: ['+15055550100'] });
  });

  it('is the same again when nothing was taken', () => {
    const next = nextRoute(['twilio'], [attempt('twilio', { kind: 'not-taken' })]);
    expect(next).toEqual({ kind: 'take', route: 'twilio', avoidSenders: [] });
  });

  it('ends when every way was tried', () => {
    const all = routes.map((route) => attempt(route, failed('unreachable')));
    expect(nextRoute(routes, all)).toEqual({ kind: 'stop', because: 'all-tried' });
    expect(nextRoute([], [])).toEqual({ kind: 'stop', because: 'all-tried' });
  });

  it('never leads on after an opt-out or an unknown fate (H5), and only to what is configured', () => {
    const reason = fc.constantFrom<SmsReason>('opted-out', 'landline', 'spam-filtered', 'unreachable', 'unknown');
    const ended: fc.Arbitrary<SmsAttempt['ended']> = fc.oneof(
      fc.constantFrom(
        { kind: 'not-taken' as const },
        { kind: 'fate-unknown' as const },
        { kind: 'no-receipt' as const },
      ),
      reason.map((each) => failed(each)),
    );
    const attempts = fc.array(
      fc.record({ route: fc.constantFrom(...routes), sender: fc.constant('+15055550100'), ended }),
    );
    fc.assert(
      fc.property(attempts, (tried) => {
        const next = nextRoute(routes, tried);
        const forbids = tried.some(
          (each) =>
            each.ended.kind === 'fate-unknown' || (each.ended.kind === 'failed' && each.ended.reason === 'opted-out'),
        );
        if (forbids) expect(next.kind).toBe('stop');
        if (next.kind === 'take') expect(routes).toContain(next.route);
      }),
    );
  });
});
