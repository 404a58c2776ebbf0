// Vectors: Twilio's documentation ("Validating requests", https://www.twilio.com/docs/usage/security#validating-requests) and the
// tests of its own library (GitHub twilio/twilio-php `tests/Twilio/Unit/Security/RequestValidatorTest.php`).

import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HookRequest } from './sms-hook.ts';
import { formIn, twilioVerifier } from './twilio-signature.ts';

const TOKEN = '12345';
const FIELDS = 'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212';
const QUERY = 'foo=1&bar=2';

const request = (signature: string | undefined, body: string | Uint8Array = FIELDS, query = QUERY): HookRequest => ({
  headers: { get: (name) => (name === 'x-twilio-signature' ? signature : undefined) },
  rawBody: typeof body === 'string' ? Buffer.from(body) : body,
  query,
});
const verifies = (url: string, signature: string | undefined, body?: string | Uint8Array, query?: string) =>
  twilioVerifier({ authTokens: [TOKEN], url })(request(signature, body, query));

describe('X-Twilio-Signature', () => {
  it('is taken as Twilio’s documentation computes it', () => {
    const body = FIELDS.replaceAll('75309', '75310');
    expect(verifies('https://example.com/myapp.php', 'L/OH5YylLD5NRKLltdqwSvS0BnU=', body)).toBe(true);
  });

  it.each([
    ['as it is', 'https://mycompany.com/myapp.php', 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['signed without the port that we have', 'https://mycompany.com:1234/myapp.php', 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['signed with the port of http', 'http://mycompany.com/myapp.php', '0ZXoZLH/DfblKGATFgpif+LLRf4='],
    ['signed with the port of https', 'https://mycompany.com/myapp.php', 'kvajT1Ptam85bY51eRf/AJRuM3w='],
    ['signed with our port', 'http://mycompany.com:1234/myapp.php', 'Zmvh+3yNM1Phv2jhDCwEM3q5ebU='],
    ['with a user', 'https://user@mycompany.com/myapp.php', '2YRLlVAflCqxaNicjMpJcSTgzSs='],
    ['with credentials', 'https://user:pass@mycompany.com/myapp.php', 'CukzLTc1tT5dXEDIHm/tKBanW10='],
    ['with credentials and the port', 'https://user:pass@mycompany.com/myapp.php', 'ZQFR1PTIZXF2MXB8ZnKCvnnA+rI='],
  ])('is taken as Twilio’s library computes it: %s', (_how, url, signature) => {
    expect(verifies(url, signature)).toBe(true);
  });

  it('counts each different value of a repeated field once', () => {
    const body = 'Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234';
    expect(verifies('https://mycompany.com/myapp.php', 'IK+Dwps556ElfBT0I3Rgjkr1wJU=', body)).toBe(true);
  });

  it.each([
    ['another field', FIELDS.replace('1234&', '1235&'), QUERY],
    ['one more field', `${FIELDS}&Extra=1`, QUERY],
    ['another query', FIELDS, 'foo=1&bar=3'],
    ['no query', FIELDS, ''],
    ['no body', '', QUERY],
  ])('is refused with %s', (_what, body, query) => {
    expect(verifies('https://mycompany.com/myapp.php', 'RSOYDt4T1cUTdK1PDd93/VVr8B8=', body, query)).toBe(false);
  });

  it.each([undefined, '', 'FAIL', 'RSOYDt4T1cUTdK1PDd93/VVr8B8', 'RSOYDt4T1cUTdK1PDd93/VVr8B9=', '王'])(
    'is refused as %j',
    (signature) => {
      expect(verifies('https://mycompany.com/myapp.php', signature)).toBe(false);
    },
  );

  it('is taken under either of two tokens, and under none without', () => {
    const url = 'https://mycompany.com/myapp.php';
    const signed = request('RSOYDt4T1cUTdK1PDd93/VVr8B8=');
    expect(twilioVerifier({ authTokens: ['old', TOKEN], url })(signed)).toBe(true);
    expect(twilioVerifier({ authTokens: [TOKEN, 'new'], url })(signed)).toBe(true);
    expect(twilioVerifier({ authTokens: ['old'], url })(signed)).toBe(false);
    expect(twilioVerifier({ authTokens: [], url })(signed)).toBe(false);
    const blank = createHmac('sha1', '').update(`${url}?${QUERY}`).digest('base64');
    expect(twilioVerifier({ authTokens: [''], url })(request(blank, ''))).toBe(false);
  });

  it.each(['', 'example.com/hook', 'ftp://example.com/hook', 'https://example.com/hook?a=1', 'https:///hook'])(
    'cannot be checked for the hook %j: that is the configuration’s fault',
    (url) => {
      expect(() => twilioVerifier({ authTokens: [TOKEN], url })).toThrow(TypeError);
    },
  );

  it('never throws and takes nothing, whatever the bytes', () => {
    const verify = twilioVerifier({ authTokens: [TOKEN], url: 'https://mycompany.com/myapp.php' });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), fc.string(), (body, query, signature) => {
        expect(verify(request(signature, body, query))).toBe(false);
      }),
    );
  });
});

describe('a form', () => {
  it('of bytes that are no text, or of far too many fields, is none', () => {
    expect(formIn(new Uint8Array([0xff, 0xfe]))).toBeUndefined();
    expect(formIn(Buffer.from('a=1&'.repeat(501)))).toBeUndefined();
    expect(formIn(Buffer.from('a=%zz'))?.get('a')).toBe('%zz');
  });
});
