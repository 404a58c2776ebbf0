// Tests that every vendor's hook asks for the secret in the same way.

import { describe, expect, it } from 'vitest';
import { cxoneHookVerifier } from './cxone/hook.ts';
import { genesysHookVerifier } from './genesys/hook.ts';
import { sharedSecretVerifier } from './shared-secret.ts';

describe('sharedSecretVerifier', () => {
  it.each([
    ['itself', sharedSecretVerifier],
    ['for CXone', cxoneHookVerifier],
    ['for Genesys Cloud', genesysHookVerifier],
  ])('%s accepts one of two secrets in either header, and nobody without', (_, verifier) => {
    const verify = verifier(['old-secret-0123456', 'new-secret-0123456']);
    for (const secret of ['old-secret-0123456', 'new-secret-0123456']) {
      expect(verify(new Headers({ 'x-throughline-secret': secret }))).toBe(true);
      expect(verify(new Headers({ authorization: `Bearer ${secret}` }))).toBe(true);
    }
    expect(verify(new Headers({ 'x-throughline-secret': 'old-secret-012345' }))).toBe(false);
    expect(verify(new Headers())).toBe(false);
    expect(verifier([])(new Headers({ 'x-throughline-secret': '' }))).toBe(false);
  });
});
