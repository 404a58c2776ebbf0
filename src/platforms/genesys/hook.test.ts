// Tests who may call the Genesys hook.

import { describe, expect, it } from 'vitest';
import { genesysHookVerifier } from './hook.ts';

const headers = (all: Record<string, string>) => new Headers(all);

describe('genesysHookVerifier', () => {
  const verify = genesysHookVerifier(['old-secret-0123456', 'new-secret-0123456']);

  it('accepts either secret in either header, so that one can be rotated', () => {
    for (const secret of ['old-secret-0123456', 'new-secret-0123456']) {
      expect(verify(headers({ 'x-throughline-secret': secret }))).toBe(true);
      expect(verify(headers({ authorization: `Bearer ${secret}` }))).toBe(true);
      expect(verify(headers({ authorization: `bearer ${secret}` }))).toBe(true);
    }
  });

  it('accepts the right header beside a wrong one', () => {
    expect(verify(headers({ authorization: 'Bearer other', 'x-throughline-secret': 'old-secret-0123456' }))).toBe(true);
  });

  it.each([
    {},
    { 'x-throughline-secret': '' },
    { 'x-throughline-secret': 'old-secret-012345' },
    { 'x-throughline-secret': 'old-secret-01234567' },
    { authorization: 'Basic old-secret-0123456' },
    { authorization: 'Bearer ' },
    { authorization: 'old-secret-0123456' },
  ])('refuses %j', (given) => {
    expect(verify(headers(given as Record<string, string>))).toBe(false);
  });

  it('refuses everybody when no secret is configured', () => {
    for (const secrets of [[], ['']]) {
      const closed = genesysHookVerifier(secrets);
      expect(closed(headers({ 'x-throughline-secret': '' }))).toBe(false);
      expect(closed(headers({}))).toBe(false);
    }
  });
});
