// Tests that a refusal is explained without anything personal.

import { describe, expect, it } from 'vitest';
import { refusalDetail } from './error-body.ts';

const detail = (json: unknown, headers: Record<string, string> = {}) =>
  refusalDetail({ headers: new Headers(headers), body: typeof json === 'string' ? json : JSON.stringify(json) });

describe('refusalDetail', () => {
  it('gives the code, the sentence and the correlation id', () => {
    expect(
      detail({ code: 'missing.any.permissions', message: 'Missing permission' }, { 'inin-correlation-id': 'abc-1' }),
    ).toBe('missing.any.permissions Missing permission (correlation abc-1)');
  });

  it('prefers the sentence without its parameters', () => {
    expect(
      detail({ code: 'not.found', message: 'User Ada Lovelace not found', messageWithParams: 'User {name} not found' }),
    ).toBe('not.found User {name} not found');
  });

  it('takes addresses and numbers out of what the vendor says', () => {
    const said = detail({ message: 'No route to +1 (415) 555-1234 or sip:ada@example.com, tel 4155551234' });
    expect(said).not.toMatch(/555|ada|example/);
    expect(said).toContain('[number]');
    expect(said).toContain('[address]');
  });

  it('leaves ids whole, wherever they stand, and takes out the numbers around them', () => {
    const id = '61a12345-6789-4dcf-9012-345678901234';
    const digits = '12345678-1234-4234-8234-123456789012';
    const said = detail(
      { message: `conversation ${id}, party 4155551234 ${digits.toUpperCase()} of +49 89 123456-${id} (${digits})` },
      { 'inin-correlation-id': digits },
    );
    expect(said).toBe(
      `conversation ${id}, party [number] ${digits} of [number]-${id} (${digits}) (correlation ${digits})`,
    );
  });

  it('takes out what only looks like an id: an address made of one, a longer run of digits', () => {
    const digits = '12345678-1234-4234-8234-123456789012';
    const said = detail({ message: `sip:${digits}@example.com, 9${digits}, ${digits}9` });
    expect(said).toBe('[address] [number], [number]');
  });

  it('is short, whatever the vendor writes', () => {
    expect(detail({ message: 'x'.repeat(1_000_000) })?.length).toBeLessThanOrEqual(240);
  });

  it.each(['', '<html>', '[]', '{}', '{"code":7}'])('says nothing for the body %j', (body) => {
    expect(detail(body)).toBeUndefined();
  });
});
