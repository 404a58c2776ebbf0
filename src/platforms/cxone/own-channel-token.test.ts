// Tests the tokens that CXone gets from us before it posts to an own channel.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../test/contract/manual-clock.ts';
import { ownChannelTokens } from './own-channel-token.ts';

const clients = [
  { clientId: 'cxone', clientSecret: 'old:secret' },
  { clientId: 'cxone', clientSecret: 'new-secret' },
];
const key = new Uint8Array(32).fill(7);
const form = (fields: Record<string, string> = {}) =>
  new URLSearchParams({ grant_type: 'client_credentials', ...fields });
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

function setUp() {
  const clock = manualClock();
  const tokens = ownChannelTokens({ clients, key, clock });
  const bearer = () =>
    `Bearer ${tokens.grant({ authorization: basic('cxone:new-secret'), form: form() }).body.access_token}`;
  return { clock, tokens, bearer };
}

describe('ownChannelTokens', () => {
  it('grants to either secret, by Basic or in the form', () => {
    const { tokens } = setUp();
    for (const request of [
      { authorization: basic('cxone:old:secret'), form: form() },
      { authorization: basic('cxone:new-secret'), form: form() },
      { authorization: null, form: form({ client_id: 'cxone', client_secret: 'new-secret' }) },
    ]) {
      const { status, body } = tokens.grant(request);
      expect([status, body.token_type, body.expires_in]).toEqual([200, 'Bearer', 900]);
      expect(tokens.accepts(`Bearer ${body.access_token}`)).toBe(true);
    }
  });

  it('refuses other clients and other grants', () => {
    const { tokens } = setUp();
    for (const authorization of [
      null,
      basic('cxone:other'),
      basic('cxone'),
      basic('cxonen:ew-secret'),
      'Bearer x',
      basic(''),
    ])
      expect(tokens.grant({ authorization, form: form() }).status, String(authorization)).toBe(401);
    const asked = { authorization: basic('cxone:new-secret'), form: form({ grant_type: 'password' }) };
    expect(tokens.grant(asked)).toEqual({ status: 400, body: { error: 'unsupported_grant_type' } });
  });

  it('grants to nobody where no client is configured', () => {
    const tokens = ownChannelTokens({ clients: [], key, clock: manualClock() });
    expect(tokens.grant({ authorization: null, form: form() }).status).toBe(401);
  });

  it('accepts what another node has granted, until it expires, and no two are the same', async () => {
    const { clock, bearer } = setUp();
    const other = ownChannelTokens({ clients, key, clock });
    const token = bearer();
    expect(other.accepts(token)).toBe(true);
    expect(bearer()).not.toBe(token);
    await clock.advance(899_000);
    expect(other.accepts(token)).toBe(true);
    await clock.advance(1_000);
    expect(other.accepts(token)).toBe(false);
  });

  it('accepts nothing that it has not signed', () => {
    const { clock, tokens, bearer } = setUp();
    const [until, chance, signature] = bearer().slice('Bearer '.length).split('.');
    const foreign = ownChannelTokens({ clients, key: new Uint8Array(32).fill(8), clock });
    const theirs = foreign.grant({ authorization: basic('cxone:new-secret'), form: form() }).body.access_token;
    for (const authorization of [
      null,
      '',
      'Bearer ',
      `Bearer ${theirs}`,
      `Basic ${until}.${chance}.${signature}`,
      `Bearer ${Number(until) + 1}.${chance}.${signature}`,
      `Bearer ${until}.x.${signature}`,
      `Bearer ${until}.${chance}.`,
      `Bearer ${until}.${chance}.${signature}A`,
      `Bearer ${until}.${chance}.${'A'.repeat(43)}`,
    ])
      expect(tokens.accepts(authorization), String(authorization)).toBe(false);
  });
});
