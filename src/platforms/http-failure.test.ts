// Tests the outcome class of every status (H5).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { httpFailure } from './http-failure.ts';

const failure = (
  method: 'GET' | 'POST' | 'PATCH',
  status: number,
  headers: Record<string, string> = {},
  detail?: string,
) => httpFailure({ method }, { kind: 'answer', status, headers: new Headers(headers), body: '' }, 0, detail);

describe('httpFailure', () => {
  it('is none for any 2xx', () => {
    for (const status of [200, 201, 202, 204]) expect(failure('POST', status)).toBeUndefined();
  });

  it.each([
    [403, 'forbidden'],
    [404, 'not-found'],
    [409, 'conflict'],
    [400, 'bad-request'],
    [413, 'bad-request'],
    [422, 'bad-request'],
  ])('rejects %i as %s, with the detail', (status, code) => {
    expect(failure('POST', status, {}, 'why')).toEqual({ kind: 'rejected', code, detail: 'why' });
  });

  it('takes 401 as said before the operation, so that it was not taken', () => {
    expect(failure('POST', 401, {}, 'why')).toEqual({ kind: 'transient', code: 'unauthorized', detail: 'why' });
  });

  it('takes 429 as provably not taken and tells when to come back', () => {
    expect(failure('POST', 429, { 'retry-after': '3' })).toEqual({
      kind: 'transient',
      code: 'rate-limited',
      retryAfterMs: 3_000,
    });
    expect(failure('POST', 429)).toEqual({ kind: 'transient', code: 'rate-limited' });
  });

  it('takes 408 and 425 as said before the request was processed (RFC 9110 §15.5.9, RFC 8470 §5.2)', () => {
    expect(failure('POST', 408)).toEqual({ kind: 'transient', code: 'unavailable' });
    expect(failure('POST', 425)).toEqual({ kind: 'transient', code: 'unavailable' });
  });

  it('leaves the fate of a write open at any 5xx, even with Retry-After', () => {
    for (const status of [500, 502, 503, 504]) {
      expect(failure('POST', status, { 'retry-after': '1' })).toEqual({ kind: 'ambiguous', code: 'vendor-error' });
      expect(failure('PATCH', status)).toEqual({ kind: 'ambiguous', code: 'vendor-error' });
    }
  });

  it('lets a read be sent again after any 5xx', () => {
    expect(failure('GET', 503, { 'retry-after': '2' })).toEqual({
      kind: 'transient',
      code: 'unavailable',
      retryAfterMs: 2_000,
    });
    expect(failure('GET', 500)).toEqual({ kind: 'transient', code: 'vendor-error' });
  });

  it('does not believe a redirect to be an answer', () => {
    expect(failure('POST', 302)).toEqual({ kind: 'ambiguous', code: 'unexpected-answer' });
  });

  it('never lets a write be repeated unless the vendor said that it did not take it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), (status) => {
        const kind = failure('POST', status)?.kind;
        expect(kind === 'transient').toBe([401, 408, 425, 429].includes(status));
      }),
    );
  });
});
