import { describe, expect, it } from 'vitest';
import { answerFailure, jsonOf, unreadableAnswer } from './answer-failure.ts';

const answer = (status: number, retryAfter?: string) => ({
  kind: 'answer' as const,
  status,
  headers: new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  body: '',
});

describe('what a provider’s status means (H5)', () => {
  it.each([
    ['POST', 201, undefined],
    ['POST', 202, undefined],
    ['POST', 400, { kind: 'rejected', code: 'bad-request' }],
    ['POST', 401, { kind: 'rejected', code: 'unauthorized' }],
    ['POST', 402, { kind: 'rejected', code: 'bad-request' }],
    ['POST', 403, { kind: 'rejected', code: 'forbidden' }],
    ['POST', 404, { kind: 'rejected', code: 'not-found' }],
    ['POST', 409, { kind: 'rejected', code: 'conflict' }],
    ['POST', 408, { kind: 'transient', code: 'unavailable' }],
    ['POST', 425, { kind: 'transient', code: 'unavailable' }],
    ['POST', 429, { kind: 'transient', code: 'rate-limited' }],
    ['POST', 500, { kind: 'ambiguous', code: 'vendor-error' }],
    ['POST', 503, { kind: 'ambiguous', code: 'vendor-error' }],
    ['POST', 302, { kind: 'ambiguous', code: 'unexpected-answer' }],
    ['GET', 500, { kind: 'transient', code: 'vendor-error' }],
    ['GET', 503, { kind: 'transient', code: 'unavailable' }],
  ] as const)('%s %i: %j', (method, status, failure) => {
    expect(answerFailure({ method }, answer(status))).toEqual(failure);
  });

  it.each([
    ['7', 7_000],
    ['999999', 120_000],
    ['soon', undefined],
    ['-1', undefined],
  ])('Retry-After %s is %s ms', (told, retryAfterMs) => {
    const failure = answerFailure({ method: 'POST' }, answer(429, told));
    expect(failure).toEqual({
      kind: 'transient',
      code: 'rate-limited',
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  });

  it('an answer that cannot be read may stand for a write that was taken', () => {
    expect(unreadableAnswer({ method: 'POST' }).kind).toBe('ambiguous');
    expect(unreadableAnswer({ method: 'GET' }).kind).toBe('transient');
  });

  it.each([undefined, '', '{', 'null '])('reads %j without throwing', (body) => {
    expect(jsonOf(body) ?? undefined).toBeUndefined();
  });
});
