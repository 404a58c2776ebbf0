// Tests that a sealed session can be read by whoever has the key, and by nobody else.

import { describe, expect, it } from 'vitest';
import { SessionSeal, sessionSecret } from './session-seal.ts';

const master = new Uint8Array(32).fill(1);
const secret = sessionSecret(master);
const content = { name: 'somebody', expiresAt: 1 };

describe('a sealed session', () => {
  it('is read by any node with the same master key, and after a restart', () => {
    const sealed = new SessionSeal(secret, 'console').seal(content);
    expect(new SessionSeal(sessionSecret(new Uint8Array(32).fill(1)), 'console').open(sealed)).toEqual(content);
  });

  it('ends with the master key', () => {
    const sealed = new SessionSeal(secret, 'console').seal(content);
    expect(new SessionSeal(sessionSecret(new Uint8Array(32).fill(2)), 'console').open(sealed)).toBeNull();
  });

  it('is not taken for another purpose’s', () => {
    expect(new SessionSeal(secret, 'card').open(new SessionSeal(secret, 'console').seal(content))).toBeNull();
  });

  it('tells nothing of what it holds, and is never the same twice', () => {
    const seal = new SessionSeal(secret, 'console');
    const sealed = seal.seal(content);
    expect(Buffer.from(sealed.slice(3), 'base64url').toString('latin1')).not.toContain('somebody');
    expect(seal.seal(content)).not.toBe(sealed);
  });

  it('does not open with any one character changed', () => {
    const seal = new SessionSeal(secret, 'console');
    const sealed = seal.seal(content);
    // The last character of base64url carries bits that no byte has: it may be written otherwise.
    for (let at = 0; at < sealed.length - 1; at += 1) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      expect(seal.open(changed), `at ${at}`).toBeNull();
    }
  });

  it.each(['', 'v1', 'v1.', 'v1.AAAA', 'v2.AAAA', `v1.${'A'.repeat(10_000)}`, 'nonsense'])('is not "%.20s"', (text) => {
    expect(new SessionSeal(secret, 'console').open(text)).toBeNull();
  });

  it('does not use the master key itself', () => {
    expect(Buffer.from(secret).equals(Buffer.from(master))).toBe(false);
  });
});
