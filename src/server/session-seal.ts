// Owns how a session travels in a cookie: sealed, so that any node can read it and nobody else can, and no node keeps anything.
// The key follows from the master key (HKDF, RFC 5869), so that a restart keeps sessions and another master key ends them.

import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG = { authTagLength: 16 };
/** Before every sealed text. A change of the form takes the next number, and the old ones end. */
const VERSION = 'v1';
const LONGEST_TEXT = 4_096;

/** What the server seals with, so that it need not be given the master key itself. */
export function sessionSecret(masterKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', masterKey, '', 'throughline sessions v1', KEY_BYTES));
}

export class SessionSeal {
  readonly #key: KeyObject;

  /** Sessions of one `purpose` are not taken for another's. */
  constructor(secret: Uint8Array, purpose: string) {
    this.#key = createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', `session ${purpose}`, KEY_BYTES)));
  }

  /** Sealed JSON, fit for a cookie. */
  seal(content: object): string {
    // Nodes share the key, so no counter could be theirs alone; 96 random bits do not meet within any number of sessions.
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce, TAG);
    cipher.setAAD(Buffer.from(VERSION));
    const sealed = Buffer.concat([
      nonce,
      cipher.update(JSON.stringify(content), 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `${VERSION}.${sealed.toString('base64url')}`;
  }

  /** What was sealed, or null for anything else. */
  open(text: string): unknown {
    const [version, body = ''] = text.split('.');
    const sealed = Buffer.from(body, 'base64url');
    if (version !== VERSION || text.length > LONGEST_TEXT || sealed.length < NONCE_BYTES + TAG.authTagLength)
      return null;
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#key, sealed.subarray(0, NONCE_BYTES), TAG);
      decipher.setAAD(Buffer.from(VERSION));
      decipher.setAuthTag(sealed.subarray(-TAG.authTagLength));
      const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG.authTagLength));
      return JSON.parse(Buffer.concat([plain, decipher.final()]).toString('utf8'));
    } catch {
      return null;
    }
  }
}
