// Owns the token by which we are known to Vonage: a JWT of the application, RS256 under its private key, fresh for each request and
// short-lived (https://developer.vonage.com/en/getting-started/concepts/authentication). Key and secret would do for
// sending, but then Vonage calls no hook.

import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import type { Instant } from '../../ids.ts';

const LIFE_SEC = 300;

/** Throws at once when the key is not an RSA private key in PEM. */
export function vonageTokens(options: {
  readonly applicationId: string;
  readonly privateKey: string;
  readonly newId?: () => string;
}): (now: Instant) => string {
  const { applicationId, newId = randomUUID } = options;
  const key = createPrivateKey(options.privateKey);
  if (key.asymmetricKeyType !== 'rsa') throw new TypeError('The private key of a Vonage application is an RSA key.');
  return (now) => {
    const iat = Math.floor(now / 1_000);
    const claims = { application_id: applicationId, iat, exp: iat + LIFE_SEC, jti: newId() };
    const signed = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(claims)}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
  };
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
