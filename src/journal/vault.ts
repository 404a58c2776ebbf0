// Owns the keys: one data key per interaction or blob, wrapped by the master key, and AES-256-GCM under a nonce that never
// repeats: a random prefix of this process and a counter, also when two nodes race for the same version. Nothing personal is
// stored outside what it seals.

import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const PREFIX_BYTES = 8;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** Without it a shortened tag would be taken too. */
const TAG = { authTagLength: TAG_BYTES };
/** What four bytes can count. */
const NONCES_PER_PREFIX = 0xffff_ffff;

export type DataKey = { readonly key: KeyObject; readonly wrapped: Uint8Array };

export type RandomBytes = (size: number) => Uint8Array;

/** The sealed bytes were changed, belong elsewhere, or were sealed under another key. */
export class SealBroken extends Error {}

export class Vault {
  readonly #master: KeyObject;
  readonly #randomBytes: RandomBytes;
  readonly #noncesPerPrefix: number;
  #prefix: Uint8Array;
  #counter = 0;
  #subjectKey: KeyObject | null = null;

  /** `masterKey` is 32 bytes; anything else throws. */
  constructor(masterKey: Uint8Array, randomBytes: RandomBytes, noncesPerPrefix = NONCES_PER_PREFIX) {
    if (masterKey.length !== KEY_BYTES)
      throw new Error(`The master key must be ${KEY_BYTES} bytes, not ${masterKey.length}.`);
    this.#master = createSecretKey(masterKey);
    this.#randomBytes = randomBytes;
    this.#noncesPerPrefix = noncesPerPrefix;
    this.#prefix = randomBytes(PREFIX_BYTES);
  }

  newDataKey(): DataKey {
    const raw = this.#randomBytes(KEY_BYTES);
    const wrapped = this.#encrypt(this.#master, raw, 'data-key');
    const key = createSecretKey(raw);
    raw.fill(0);
    return { key, wrapped };
  }

  unwrap(wrapped: Uint8Array): DataKey {
    return { key: createSecretKey(this.#decrypt(this.#master, wrapped, 'data-key')), wrapped };
  }

  /** Seals UTF-8 text. `context` says where it belongs and must be the same when it is opened. */
  seal(key: DataKey, text: string, context: string): Uint8Array {
    return this.#encrypt(key.key, Buffer.from(text, 'utf8'), context);
  }

  /** Throws SealBroken. */
  open(key: DataKey, sealed: Uint8Array, context: string): string {
    return this.#decrypt(key.key, sealed, context).toString('utf8');
  }

  /** The key of the keyed hashes: wrapped by the master key, but never rotated with it. */
  newSubjectKey(): Uint8Array {
    return this.#encrypt(this.#master, this.#randomBytes(KEY_BYTES), 'subject-key');
  }

  useSubjectKey(wrapped: Uint8Array): void {
    this.#subjectKey = createSecretKey(this.#decrypt(this.#master, wrapped, 'subject-key'));
  }

  /** The keyed hash of something personal, such as `phone` and an E.164 number: findable, not readable. */
  subject(kind: string, value: string): Uint8Array {
    if (!this.#subjectKey) throw new Error('The subject key was not set before a subject was hashed.');
    return createHmac('sha256', this.#subjectKey).update(`${kind}\0${value}`).digest();
  }

  #encrypt(key: KeyObject, plain: Uint8Array, context: string): Uint8Array {
    const nonce = this.#nonce();
    const cipher = createCipheriv(ALGORITHM, key, nonce, TAG);
    cipher.setAAD(Buffer.from(context));
    const body = cipher.update(plain);
    cipher.final();
    return Buffer.concat([nonce, body, cipher.getAuthTag()]);
  }

  #decrypt(key: KeyObject, sealed: Uint8Array, context: string): Buffer {
    try {
      const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), TAG);
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      return Buffer.concat([
        decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)),
        decipher.final(),
      ]);
    } catch (cause) {
      throw new SealBroken(
        `The seal of ${context} does not open: wrong master key, or the stored bytes were changed.`,
        { cause },
      );
    }
  }

  #nonce(): Buffer {
    if (this.#counter === this.#noncesPerPrefix) {
      this.#prefix = this.#randomBytes(PREFIX_BYTES);
      this.#counter = 0;
    }
    this.#counter += 1;
    const nonce = Buffer.allocUnsafe(NONCE_BYTES);
    nonce.set(this.#prefix);
    nonce.writeUInt32BE(this.#counter, PREFIX_BYTES);
    return nonce;
  }
}
