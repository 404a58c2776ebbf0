// Owns the keys that are accepted: known by their digests only, and compared in constant time.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from './parts.ts';

/** The keys that are accepted. A digest that is not SHA-256 in hexadecimal throws at once. */
export class Keys {
  readonly #known: readonly KnownKey[];

  constructor(keys: readonly ApiKey[]) {
    this.#known = keys.map(({ name, sha256, scopes }) => ({
      digest: digestIn(name, sha256),
      key: { name, sha256, scopes },
    }));
  }

  /** Every key is compared, whatever the earlier ones said, so that time tells nothing. */
  offered(text: string): ApiKey | undefined {
    const digest = createHash('sha256').update(text).digest();
    return this.#known.filter((known) => timingSafeEqual(known.digest, digest)).at(0)?.key;
  }

  named(name: string): ApiKey | undefined {
    return this.#known.find(({ key }) => key.name === name)?.key;
  }
}

type KnownKey = { readonly digest: Buffer; readonly key: ApiKey };

function digestIn(name: string, sha256: string): Buffer {
  if (!/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new Error(`The key "${name}" needs its SHA-256 as 64 hexadecimal digits.`);
  }
  return Buffer.from(sha256, 'hex');
}
