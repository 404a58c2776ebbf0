import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_RECEIPT, type Receipt, withReport } from './receipt.ts';
import type { SmsReason, SmsReport, SmsStatus } from './sms-status.ts';

const STATUSES: readonly SmsStatus[] = ['queued', 'sent', 'delivered', 'failed', 'undelivered', 'unknown'];
const REASONS: readonly SmsReason[] = ['opted-out', 'unreachable', 'landline', 'spam-filtered', 'unknown'];
const report: fc.Arbitrary<SmsReport> = fc.record(
  { status: fc.constantFrom(...STATUSES), reason: fc.constantFrom(...REASONS) },
  { requiredKeys: ['status'] },
);
const fold = (reports: readonly SmsReport[]): Receipt => reports.reduce(withReport, NO_RECEIPT);

describe('a receipt', () => {
  it.each([
    [[], { kind: 'awaited' }],
    [['unknown'], { kind: 'awaited' }],
    [['queued'], { kind: 'under-way', at: 'provider' }],
    [['queued', 'sent'], { kind: 'under-way', at: 'carrier' }],
    [['sent', 'queued'], { kind: 'under-way', at: 'carrier' }],
    [['sent', 'failed'], { kind: 'not-delivered', reason: 'unknown' }],
    [['undelivered', 'sent'], { kind: 'not-delivered', reason: 'unknown' }],
    [['sent', 'delivered'], { kind: 'delivered' }],
    [['delivered', 'sent', 'queued'], { kind: 'delivered' }],
    [['delivered', 'undelivered'], { kind: 'delivered' }],
    [['undelivered', 'delivered'], { kind: 'delivered' }],
  ] as const)('of %j is %j', (statuses, receipt) => {
    expect(fold(statuses.map((status) => ({ status })))).toEqual(receipt);
  });

  it('keeps the reason that says most, an opt-out before all', () => {
    const failed = (reason: SmsReason): SmsReport => ({ status: 'undelivered', reason });
    expect(fold([failed('unknown'), failed('landline')])).toEqual({ kind: 'not-delivered', reason: 'landline' });
    expect(fold([failed('landline'), failed('unknown')])).toEqual({ kind: 'not-delivered', reason: 'landline' });
    expect(fold([failed('landline'), failed('opted-out')])).toEqual({ kind: 'not-delivered', reason: 'opted-out' });
    expect(fold([failed('unreachable'), failed('landline')])).toEqual({ kind: 'not-delivered', reason: 'landline' });
  });

  it('is the same in whatever order its statuses come, and however often', () => {
    const shuffled = fc
      .array(report, { maxLength: 8 })
      .chain((reports) =>
        fc.tuple(
          fc.constant(reports),
          fc.shuffledSubarray([...reports, ...reports], { minLength: reports.length * 2 }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([reports, mixed]) => {
        expect(fold(mixed)).toEqual(fold(reports));
      }),
    );
  });

  it('never goes back from delivered', () => {
    fc.assert(
      fc.property(fc.array(report), fc.array(report), (before, after) => {
        expect(fold([...before, { status: 'delivered' }, ...after])).toEqual({ kind: 'delivered' });
      }),
    );
  });

  it('of a failure that nothing contradicts stays a failure', () => {
    const other = report.filter(({ status }) => status !== 'delivered');
    fc.assert(
      fc.property(fc.array(other), (after) => {
        expect(fold([{ status: 'failed' }, ...after]).kind).toBe('not-delivered');
      }),
    );
  });
});
