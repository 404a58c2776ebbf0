// Owns the keys: one data key per interaction or blob, wrapped by the master key, and AES-256-GCM under a nonce that never
// repeats: a random prefix of this process and a counter, also when two nodes race for the same version. Nothing personal is
// stored outside what it seals. What is wrapped opens with the current master key and with the older ones that are still
// accepted; new wrapping is always the current one's.

import { createCipheriv, createDecipheriv, createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { newSealKey, type SealKey, sealKey } from './seal-key.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const PREFIX_BYTES = 8;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const MASTER_ID_BYTES = 4;
/** A wrapped key of the releases before rotation: it does not say which master key wrapped it. */
const WRAPPED_WITHOUT_ID = NONCE_BYTES + KEY_BYTES + TAG_BYTES;
/** Without it a shortened tag would be taken too. */
const TAG = { authTagLength: TAG_BYTES };
/** What four bytes can count. */
const NONCES_PER_PREFIX = 0xffff_ffff;

export type DataKey = { readonly key: KeyObject; readonly wrapped: Uint8Array };

export type RandomBytes = (size: number) => Uint8Array;

/** What a wrapped key is for, bound into it: none opens as another. */
export type WrappedFor = 'data-key' | 'subject-key' | 'seal-key';

type MasterKey = { readonly id: Buffer; readonly key: KeyObject };

/** The sealed bytes were changed, belong elsewhere, or were sealed under another key. */
export class SealBroken extends Error {}

export class Vault {
  readonly #master: MasterKey;
  /** The current one first. */
  readonly #accepted: readonly MasterKey[];
  readonly #randomBytes: RandomBytes;
  readonly #noncesPerPrefix: number;
  #prefix: Uint8Array;
  #counter = 0;
  #subjectKey: KeyObject | null = null;

  /** Each master key is 32 bytes; anything else throws. `olderKeys` only open what they once wrapped. */
  constructor(
    masterKey: Uint8Array,
    randomBytes: RandomBytes,
    noncesPerPrefix = NONCES_PER_PREFIX,
    olderKeys: readonly Uint8Array[] = [],
  ) {
    this.#master = readMasterKey(masterKey);
    const older = olderKeys.map(readMasterKey).filter(({ key }) => !key.equals(this.#master.key));
    this.#accepted = [this.#master, ...older];
    if (older.some(({ id }) => id.equals(this.#master.id))) {
      throw new Error('Two different master keys have the same short id. Make another new one.');
    }
    this.#randomBytes = randomBytes;
    this.#noncesPerPrefix = noncesPerPrefix;
    this.#prefix = randomBytes(PREFIX_BYTES);
  }

  newDataKey(): DataKey {
    const raw = this.#randomBytes(KEY_BYTES);
    const wrapped = this.#wrap(raw, 'data-key');
    const key = createSecretKey(raw);
    raw.fill(0);
    return { key, wrapped };
  }

  unwrap(wrapped: Uint8Array): DataKey {
    return { key: createSecretKey(this.#unwrapped(wrapped, 'data-key')), wrapped };
  }

  /** The current master key's short id, which starts everything it wraps. */
  get masterId(): Uint8Array {
    return this.#master.id;
  }

  /** Whether there is another master key that things may still be wrapped by. */
  get hasOlderKeys(): boolean {
    return this.#accepted.length > 1;
  }

  isCurrent(wrapped: Uint8Array): boolean {
    return wrapped.length !== WRAPPED_WITHOUT_ID && this.#master.id.equals(wrapped.subarray(0, MASTER_ID_BYTES));
  }

  /** The same key under the current master key. */
  rewrap(wrapped: Uint8Array, purpose: WrappedFor): Uint8Array {
    return this.#wrap(this.#unwrapped(wrapped, purpose), purpose);
  }

  #wrap(raw: Uint8Array, purpose: WrappedFor): Uint8Array {
    return Buffer.concat([this.#master.id, this.#encrypt(this.#master.key, raw, purpose)]);
  }

  #unwrapped(wrapped: Uint8Array, purpose: WrappedFor): Buffer {
    if (wrapped.length !== WRAPPED_WITHOUT_ID) {
      const id = wrapped.subarray(0, MASTER_ID_BYTES);
      const by = this.#accepted.find((master) => master.id.equals(id)) ?? this.#master;
      return this.#decrypt(by.key, wrapped.subarray(MASTER_ID_BYTES), purpose);
    }
    for (const older of this.#accepted.slice(1)) {
      try {
        return this.#decrypt(older.key, wrapped, purpose);
      } catch {
        // Another one wrapped it; the current one has the last word, and the refusal.
      }
    }
    return this.#decrypt(this.#master.key, wrapped, purpose);
  }

  /** Seals UTF-8 text. `context` says where it belongs and must be the same when it is opened. */
  seal(key: DataKey, text: string, context: string): Uint8Array {
    return this.#encrypt(key.key, Buffer.from(text, 'utf8'), context);
  }

  /** Throws SealBroken. */
  open(key: DataKey, sealed: Uint8Array, context: string): string {
    return this.#decrypt(key.key, sealed, context).toString('utf8');
  }

  /** The key of the keyed hashes: wrapped by the master key; a rotation changes its wrapping, never the key. */
  newSubjectKey(): Uint8Array {
    return this.#wrap(this.#randomBytes(KEY_BYTES), 'subject-key');
  }

  useSubjectKey(wrapped: Uint8Array): void {
    this.#subjectKey = createSecretKey(this.#unwrapped(wrapped, 'subject-key'));
  }

  /** The key that signs seals, wrapped likewise. */
  newSealKey(): Uint8Array {
    return this.#wrap(newSealKey(), 'seal-key');
  }

  sealKey(wrapped: Uint8Array): SealKey {
    return sealKey(this.#unwrapped(wrapped, 'seal-key'));
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

function readMasterKey(bytes: Uint8Array): MasterKey {
  if (bytes.length !== KEY_BYTES) throw new Error(`The master key must be ${KEY_BYTES} bytes, not ${bytes.length}.`);
  return {
    id: createHash('sha256').update(bytes).digest().subarray(0, MASTER_ID_BYTES),
    key: createSecretKey(bytes),
  };
}
