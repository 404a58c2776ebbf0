// Tests what may be told of a CXone refusal.

import { describe, expect, it } from 'vitest';
import { refusalDetail } from './error-body.ts';

const detail = (json: unknown, headers: Record<string, string> = {}) =>
  refusalDetail({ headers: new Headers(headers), body: typeof json === 'string' ? json : JSON.stringify(json) });

describe('refusalDetail', () => {
  it('reads both spellings of the ACD, and says a thing once', () => {
    const icStatusDescription = 'The contact has ended';
    expect(
      detail({ error: 'invalid_state', error_description: 'The contact has ended' }, { icStatusDescription }),
    ).toBe('invalid_state The contact has ended');
    expect(detail({ error: 'invalid_request', errorDescription: 'No such skill' })).toBe(
      'invalid_request No such skill',
    );
    expect(detail({ message: 'Too many' })).toBe('Too many');
  });

  it('reads the list of the digital side with the id that its support asks for', () => {
    const errors = [{ field: 'value', message: 'Unknown identifier', errorCode: 'E1' }, { message: 'second' }];
    expect(detail({ errors, uid: 'u-1' })).toBe('E1 Unknown identifier (uid u-1)');
  });

  it('tells what stands in a header only', () => {
    expect(detail('', { icStatusDescription: 'Invalid ContactId' })).toBe('Invalid ContactId');
  });

  it('takes addresses and numbers out of what the vendor says', () => {
    const said = detail({
      error: { nested: 'ada@example.com' },
      error_description: 'No route to +1 (415) 555-1234, ada@example.com',
    });
    expect(said).toBe('No route to [number], [address]');
  });

  it('is short, whatever the vendor writes', () => {
    const long = 'x'.repeat(100_000);
    expect(detail({ error: long, error_description: `${long}y`, uid: long })?.length).toBeLessThanOrEqual(400);
  });

  it.each(['', '<html>', '[]', '{}', '7', '{"errors":[]}'])('says nothing for the body %j', (body) => {
    expect(detail(body)).toBeUndefined();
  });
});
