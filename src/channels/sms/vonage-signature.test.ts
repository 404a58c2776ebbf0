// Claims and header as in the sample of https://developer.vonage.com/en/messages/concepts/signed-webhooks. Vonage publishes no
// signed token with its secret, so the signature is held against RFC 7515 appendix A.1 and the payload's hash against its sample.

import { createHmac, hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HookRequest } from './sms-hook.ts';
import { vonageVerifier } from './vonage-signature.ts';

const SECRET = 'a-signature-secret-of-32-bytes--';
const IAT = 1_587_494_962;
const BODY = '{"message_uuid":"aaaaaaaa-bbbb-cccc-dddd-0123456789ab","status":"delivered"}';
const CLAIMS = {
  iat: IAT,
  jti: 'c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5',
  iss: 'Vonage',
  payload_hash: hash('sha256', BODY),
  api_key: 'a1b2c3d',
  application_id: 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
};
const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
const tokenOf = (claims: object = CLAIMS, secret = SECRET, header: object = { alg: 'HS256', typ: 'JWT' }) => {
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};
const request = (authorization: string | undefined, body = BODY): HookRequest => ({
  headers: { get: (name) => (name === 'authorization' ? authorization : undefined) },
  rawBody: Buffer.from(body),
  query: '',
});
const verifierAt = (seconds: number, secrets: readonly string[] = [SECRET]) =>
  vonageVerifier({ apiKey: 'a1b2c3d', signatureSecrets: secrets, clock: { now: () => seconds * 1_000 } });
const verify = verifierAt(IAT + 5);

describe('Vonage’s token', () => {
  it('is taken with the claims of the documentation’s sample', () => {
    expect(verify(request(`Bearer ${tokenOf()}`))).toBe(true);
    expect(verify(request(`bearer ${tokenOf()}`))).toBe(true);
  });

  it('is signed as RFC 7515 appendix A.1 signs', () => {
    const key = Buffer.from(
      'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
      'base64url',
    );
    const signed =
      'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
    expect(createHmac('sha256', key).update(signed).digest('base64url')).toBe(
      'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    );
  });

  it.each([
    ['of another payload', `Bearer ${tokenOf()}`, BODY.replace('delivered', 'rejected')],
    ['of the same payload with a space', `Bearer ${tokenOf()}`, `${BODY} `],
    ['without a hash', `Bearer ${tokenOf({ ...CLAIMS, payload_hash: undefined })}`, BODY],
    ['with half a hash', `Bearer ${tokenOf({ ...CLAIMS, payload_hash: CLAIMS.payload_hash.slice(32) })}`, BODY],
    ['of another account', `Bearer ${tokenOf({ ...CLAIMS, api_key: 'other' })}`, BODY],
    ['of another issuer', `Bearer ${tokenOf({ ...CLAIMS, iss: 'Somebody' })}`, BODY],
    ['without a time', `Bearer ${tokenOf({ ...CLAIMS, iat: undefined })}`, BODY],
    ['under another secret', `Bearer ${tokenOf(CLAIMS, 'another')}`, BODY],
    ['that names no algorithm', `Bearer ${tokenOf(CLAIMS, SECRET, { alg: 'none' })}`, BODY],
    ['that names another algorithm', `Bearer ${tokenOf(CLAIMS, SECRET, { alg: 'HS512' })}`, BODY],
    ['that is not signed', `Bearer ${encoded({ alg: 'none' })}.${encoded(CLAIMS)}.`, BODY],
    ['that is far too long', `Bearer ${tokenOf({ ...CLAIMS, padding: 'x'.repeat(5_000) })}`, BODY],
    ['that is not there', undefined, BODY],
    ['that is Basic', `Basic ${tokenOf()}`, BODY],
  ])('is refused: one %s', (_what, authorization, body) => {
    expect(verify(request(authorization, body))).toBe(false);
  });

  it('is taken under either of two secrets, and under none without', () => {
    const signed = request(`Bearer ${tokenOf()}`);
    expect(verifierAt(IAT, ['old', SECRET])(signed)).toBe(true);
    expect(verifierAt(IAT, [SECRET, 'new'])(signed)).toBe(true);
    expect(verifierAt(IAT, [])(signed)).toBe(false);
    expect(verifierAt(IAT, [''])(request(`Bearer ${tokenOf(CLAIMS, '')}`))).toBe(false);
  });

  it.each([
    ['a minute ahead', {}, -60, true],
    ['more than a minute ahead', {}, -61, false],
    ['a day old, as a repeat may be', {}, 86_400, true],
    ['older than any repeat', {}, 25 * 3_600 + 1, false],
    ['expired', { exp: IAT + 10 }, 71, false],
    ['expired just now, by another clock', { exp: IAT + 10 }, 69, true],
    ['not valid yet', { nbf: IAT + 100 }, 10, false],
  ])('%s: %j after %i s is %s', (_what, more, later, taken) => {
    expect(verifierAt(IAT + later)(request(`Bearer ${tokenOf({ ...CLAIMS, ...more })}`))).toBe(taken);
  });

  it('is held to other limits where they are given', () => {
    const strict = vonageVerifier({
      apiKey: 'a1b2c3d',
      signatureSecrets: [SECRET],
      clock: { now: () => (IAT + 301) * 1_000 },
      limits: { aheadMs: 0, ageMs: 300_000 },
    });
    expect(strict(request(`Bearer ${tokenOf()}`))).toBe(false);
    expect(verifierAt(IAT + 301)(request(`Bearer ${tokenOf()}`))).toBe(true);
  });

  it('never throws and takes nothing, whatever is sent', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9_-]{0,60}$/);
    const signature = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/);
    fc.assert(
      fc.property(part, part, signature, fc.string(), (header, payload, signed, body) => {
        expect(verify(request(`Bearer ${header}.${payload}.${signed}`, body))).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.json(), (claims) => {
        const signed = `${encoded({ alg: 'HS256' })}.${Buffer.from(claims).toString('base64url')}`;
        const token = `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
        expect(verify(request(`Bearer ${token}`))).toBe(false);
      }),
    );
  });
});
