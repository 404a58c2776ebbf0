// Owns the key that signs seals (Ed25519, RFC 8032): made once, its private half kept wrapped in the journal, its public half
// for everybody. Whoever verifies needs the public half only, and should have it from elsewhere than the journal itself.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

/** The public half, as seals name it and as it is given away. */
export type SealPublicKey = {
  /** The first eight bytes of the SHA-256 of the key's SPKI form, in hex. */
  readonly id: string;
  readonly key: KeyObject;
};

export type SealKey = { readonly public: SealPublicKey; sign(statement: Uint8Array): Uint8Array };

/** A new private key in its PKCS #8 form, to be wrapped at once. */
export function newSealKey(): Buffer {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' });
}

/** `pkcs8` is what `newSealKey` gave. */
export function sealKey(pkcs8: Uint8Array): SealKey {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  return { public: publicKeyOf(createPublicKey(key)), sign: (statement) => sign(null, statement, key) };
}

/** Reads a public key from PEM or from its SPKI form. Throws on anything that is not an Ed25519 public key. */
export function readSealPublicKey(given: string | Uint8Array): SealPublicKey {
  const key =
    typeof given === 'string'
      ? createPublicKey(given)
      : createPublicKey({ key: Buffer.from(given), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('The key is not an Ed25519 public key.');
  return publicKeyOf(key);
}

function publicKeyOf(key: KeyObject): SealPublicKey {
  const id = createHash('sha256').update(spkiOf({ key })).digest('hex').slice(0, 16);
  return { id, key };
}

export function spkiOf({ key }: Pick<SealPublicKey, 'key'>): Buffer {
  return key.export({ format: 'der', type: 'spki' });
}

/** For people and for `--key`. */
export function pemOf({ key }: SealPublicKey): string {
  return String(key.export({ format: 'pem', type: 'spki' }));
}

export function isSignedBy({ key }: SealPublicKey, statement: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, statement, key, signature);
}
