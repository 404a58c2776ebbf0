import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { gatewayHookVerifier, hookKey, SIGNATURE_WINDOW_MS } from './hook.ts';

// The example of Standard Webhooks' own libraries.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = 'whsec_YW5vdGhlci1zZWNyZXQtb2YtMjQtYnl0ZXM=';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const AT_SEC = 1_614_265_330;
const BODY = new TextEncoder().encode('{"test": 2432232314}');
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

const headers = (change: Record<string, string | null> = {}) => {
  const all: Record<string, string | null> = {
    'webhook-id': ID,
    'webhook-timestamp': String(AT_SEC),
    'webhook-signature': SIGNATURE,
    ...change,
  };
  return { get: (name: string) => all[name] ?? null };
};
const verifier = (secrets: readonly string[] = [SECRET], offsetMs = 0) =>
  gatewayHookVerifier(secrets, { now: () => AT_SEC * 1_000 + offsetMs });

describe('the gateway hook', () => {
  it('takes what Standard Webhooks’ own example signs', () => {
    expect(verifier()(headers(), BODY)).toBe(true);
  });

  it('takes either of two secrets, and either of two signatures, so that a secret can be changed without a gap', () => {
    expect(verifier([OTHER, SECRET])(headers(), BODY)).toBe(true);
    expect(verifier([SECRET, OTHER])(headers(), BODY)).toBe(true);
    const both = `v1,${Buffer.alloc(32).toString('base64')} v1a,ignored ${SIGNATURE}`;
    expect(verifier()(headers({ 'webhook-signature': both }), BODY)).toBe(true);
  });

  it.each([
    ['another secret', verifier([OTHER]), headers(), BODY],
    ['no secret at all', verifier([]), headers(), BODY],
    ['a secret that is none', verifier(['', 'whsec_', 'whsec_c2hvcnQ=', 'plain']), headers(), BODY],
    ['another body', verifier(), headers(), new TextEncoder().encode('{"test": 2432232315}')],
    ['another id', verifier(), headers({ 'webhook-id': 'msg_2' }), BODY],
    ['another time', verifier(), headers({ 'webhook-timestamp': String(AT_SEC + 1) }), BODY],
    ['no id', verifier(), headers({ 'webhook-id': null }), BODY],
    ['no time', verifier(), headers({ 'webhook-timestamp': null }), BODY],
    ['a time that is no number', verifier(), headers({ 'webhook-timestamp': '1e9' }), BODY],
    ['no signature', verifier(), headers({ 'webhook-signature': null }), BODY],
    [
      'a signature of another version',
      verifier(),
      headers({ 'webhook-signature': SIGNATURE.replace('v1', 'v2') }),
      BODY,
    ],
    ['half a signature', verifier(), headers({ 'webhook-signature': 'v1,g0hM9SsE' }), BODY],
  ])('refuses %s', (_what, verify, given, body) => {
    expect(verify(given, body)).toBe(false);
  });

  it('refuses what was recorded and is played again later, and what claims to come from the future', () => {
    for (const offsetMs of [SIGNATURE_WINDOW_MS, -SIGNATURE_WINDOW_MS]) {
      expect(verifier([SECRET], offsetMs)(headers(), BODY)).toBe(true);
      expect(verifier([SECRET], offsetMs + Math.sign(offsetMs))(headers(), BODY)).toBe(false);
    }
  });

  it('compares no more than a handful of signatures, however many are sent', () => {
    const many = `${`v1,${Buffer.alloc(32).toString('base64')} `.repeat(8)}${SIGNATURE}`;
    expect(verifier()(headers({ 'webhook-signature': many }), BODY)).toBe(false);
  });

  it('signs over the raw bytes: what is not UTF-8 is compared as it is', () => {
    const raw = Uint8Array.of(0xff, 0xfe);
    const key = hookKey(SECRET) ?? '';
    const right = createHmac('sha256', key).update(`${ID}.${AT_SEC}.`).update(raw).digest('base64');
    expect(verifier()(headers({ 'webhook-signature': `v1,${right}` }), raw)).toBe(true);
    expect(verifier()(headers({ 'webhook-signature': `v1,${right}` }), Uint8Array.of(0xef, 0xbf, 0xbd))).toBe(false);
  });
});
