import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SealBroken, Vault } from './vault.ts';

const MASTER = Buffer.alloc(32, 7);
const NONCE_BYTES = 12;
const MASTER_ID_BYTES = 4;

const nonceOf = (sealed: Uint8Array) => Buffer.from(sealed.subarray(0, NONCE_BYTES)).toString('hex');

function flipped(sealed: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(sealed);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

describe('the vault', () => {
  const vault = new Vault(MASTER, randomBytes);

  it('opens what it sealed, whatever the text', () => {
    const key = vault.newDataKey();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, context) => {
        const wellFormed = text.toWellFormed();
        expect(vault.open(key, vault.seal(key, wellFormed, context), context)).toBe(wellFormed);
      }),
    );
  });

  it('shows nothing of the text, nor the same bytes twice', () => {
    const key = vault.newDataKey();
    const sealed = [1, 2].map(() => Buffer.from(vault.seal(key, 'Ana Lima +14155551234', 'here')));
    for (const one of sealed) expect(one.includes('Ana')).toBe(false);
    expect(sealed[0]).not.toEqual(sealed[1]);
  });

  it('refuses bytes that were changed anywhere, cut off or lengthened', () => {
    const key = vault.newDataKey();
    const sealed = vault.seal(key, 'text', 'here');
    for (let at = 0; at < sealed.length; at += 1) {
      expect(() => vault.open(key, flipped(sealed, at), 'here')).toThrow(SealBroken);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => vault.open(key, sealed.subarray(0, length), 'here')).toThrow(SealBroken);
    }
    expect(() => vault.open(key, Buffer.concat([sealed, Buffer.from([0])]), 'here')).toThrow(SealBroken);
  });

  it('refuses what was sealed for another place or under another key', () => {
    const [key, other] = [vault.newDataKey(), vault.newDataKey()];
    const sealed = vault.seal(key, 'text', 'i1.5');
    expect(() => vault.open(key, sealed, 'i1.6')).toThrow(/seal of i1\.6 does not open/);
    expect(() => vault.open(other, sealed, 'i1.5')).toThrow(SealBroken);
  });

  it('wraps data keys, and only the same master key unwraps them', () => {
    const key = vault.newDataKey();
    const sealed = vault.seal(key, 'text', 'here');
    const later = new Vault(MASTER, randomBytes);
    expect(later.open(later.unwrap(key.wrapped), sealed, 'here')).toBe('text');
    const stranger = new Vault(Buffer.alloc(32, 8), randomBytes);
    expect(() => stranger.unwrap(key.wrapped)).toThrow(/wrong master key/);
    expect(() => vault.unwrap(flipped(key.wrapped, 20))).toThrow(SealBroken);
  });

  it('keeps what is wrapped for one purpose from being used for another', () => {
    const subjectKey = vault.newSubjectKey();
    expect(() => vault.unwrap(subjectKey)).toThrow(SealBroken);
    expect(() => vault.useSubjectKey(vault.newDataKey().wrapped)).toThrow(SealBroken);
  });

  it.each([0, 16, 31, 33])('refuses a master key of %i bytes and says how long it must be', (length) => {
    expect(() => new Vault(Buffer.alloc(length), randomBytes)).toThrow(/must be 32 bytes/);
  });

  it('wraps under its own master key, says so, and opens what older ones wrapped', () => {
    const old = new Vault(Buffer.alloc(32, 8), randomBytes);
    const both = new Vault(MASTER, randomBytes, undefined, [Buffer.alloc(32, 9), Buffer.alloc(32, 8), MASTER]);
    const key = old.newDataKey();
    const sealed = old.seal(key, 'text', 'here');
    expect(both.open(both.unwrap(key.wrapped), sealed, 'here')).toBe('text');
    expect([both.isCurrent(key.wrapped), old.isCurrent(key.wrapped)]).toEqual([false, true]);
    expect([both.hasOlderKeys, old.hasOlderKeys]).toEqual([true, false]);
    const rewrapped = both.rewrap(key.wrapped, 'data-key');
    expect(vault.open(vault.unwrap(rewrapped), sealed, 'here')).toBe('text');
    expect(vault.isCurrent(rewrapped)).toBe(true);
    expect(() => old.unwrap(rewrapped)).toThrow(/wrong master key/);
    expect(() => vault.rewrap(key.wrapped, 'data-key')).toThrow(/wrong master key/);
    expect(() => both.rewrap(key.wrapped, 'subject-key')).toThrow(SealBroken);
  });

  it('opens what was wrapped before wrapped keys said by which master key, and counts it as old', () => {
    const key = vault.newDataKey();
    const sealed = vault.seal(key, 'text', 'here');
    const asBefore = key.wrapped.subarray(MASTER_ID_BYTES);
    const later = new Vault(Buffer.alloc(32, 8), randomBytes, undefined, [Buffer.alloc(32, 9), MASTER]);
    for (const one of [vault, later]) expect(one.open(one.unwrap(asBefore), sealed, 'here')).toBe('text');
    expect(vault.isCurrent(asBefore)).toBe(false);
    expect(vault.isCurrent(vault.rewrap(asBefore, 'data-key'))).toBe(true);
    expect(() => new Vault(Buffer.alloc(32, 8), randomBytes).unwrap(asBefore)).toThrow(/wrong master key/);
  });

  it('hashes subjects under a key of their own: the same again, told apart by kind, not without the key', () => {
    const fresh = new Vault(MASTER, randomBytes);
    expect(() => fresh.subject('phone', '+14155551234')).toThrow(/subject key was not set/);
    const wrapped = fresh.newSubjectKey();
    fresh.useSubjectKey(wrapped);
    const hash = fresh.subject('phone', '+14155551234');
    expect(hash).toEqual(fresh.subject('phone', '+14155551234'));
    expect(hash).not.toEqual(fresh.subject('customerId', '+14155551234'));
    const again = new Vault(MASTER, randomBytes);
    again.useSubjectKey(wrapped);
    expect(again.subject('phone', '+14155551234')).toEqual(hash);
    again.useSubjectKey(again.newSubjectKey());
    expect(again.subject('phone', '+14155551234')).not.toEqual(hash);
  });
});

describe("the vault's nonces", () => {
  it('never repeat: a counter runs under a random prefix, and a full counter takes a new prefix', () => {
    let drawn = 0;
    const prefixes: number[] = [];
    const counting = (size: number) => {
      if (size === 8) prefixes.push(++drawn);
      return Buffer.alloc(size, size === 8 ? drawn : 99);
    };
    const vault = new Vault(MASTER, counting, 3);
    const key = vault.newDataKey();
    const nonces = [
      nonceOf(key.wrapped.subarray(MASTER_ID_BYTES)),
      ...[1, 2, 3, 4, 5, 6].map(() => nonceOf(vault.seal(key, 'same', 'same'))),
    ];
    expect(nonces).toEqual(
      [
        [1, 1],
        [1, 2],
        [1, 3],
        [2, 1],
        [2, 2],
        [2, 3],
        [3, 1],
      ].map(([prefix, count]) => `${String(prefix).padStart(2, '0').repeat(8)}${String(count).padStart(8, '0')}`),
    );
    expect(prefixes).toEqual([1, 2, 3]);
  });

  it('differ between two nodes that seal the same text for the same version', () => {
    const nodes = [new Vault(MASTER, randomBytes), new Vault(MASTER, randomBytes)] as const;
    const key = nodes[0].newDataKey();
    const nonces = nodes.flatMap((node) => Array.from({ length: 500 }, () => nonceOf(node.seal(key, 'x', 'i1.2'))));
    expect(new Set(nonces).size).toBe(nonces.length);
  });
});
