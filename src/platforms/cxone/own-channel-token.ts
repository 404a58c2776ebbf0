// Owns the tokens that CXone gets from us before it posts to an own channel ("bring your own channel"): client credentials at our
// Authorization URL, and short-lived signed tokens that every node of ours can check. Nothing else protects those posts.

import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../clock.ts';

export type OwnChannelClient = { readonly clientId: string; readonly clientSecret: string };

export type OwnChannelTokens = {
  /** The JSON answer to a request for a token (RFC 6749 §4.4), its client by Basic or in the form. */
  grant(request: { readonly authorization: string | null; readonly form: URLSearchParams }): {
    readonly status: 200 | 400 | 401;
    readonly body: Readonly<Record<string, string | number>>;
  };
  /** Whether this is a bearer of ours that has not expired. */
  accepts(authorization: string | null): boolean;
};

export type OwnChannelTokensOptions = {
  /** Accepted one beside the other, so that a secret can be changed without a gap. */
  readonly clients: readonly OwnChannelClient[];
  /** The same on every node. */
  readonly key: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
  readonly ttlSec?: number;
};

export function ownChannelTokens({ clients, key, clock, ttlSec = 900 }: OwnChannelTokensOptions): OwnChannelTokens {
  const known = clients.map(digestOf);
  const sign = (claim: string) => createHmac('sha256', key).update(`own channel v1 ${claim}`).digest();
  return {
    grant({ authorization, form }) {
      if (form.get('grant_type') !== 'client_credentials')
        return { status: 400, body: { error: 'unsupported_grant_type' } };
      const offered = digestOf(clientOf(authorization, form));
      // Every client is compared, whatever the earlier ones said.
      const isKnown = known.map((one) => timingSafeEqual(one, offered)).includes(true);
      if (!isKnown) return { status: 401, body: { error: 'invalid_client' } };
      const claim = `${Math.floor(clock.now() / 1_000) + ttlSec}.${randomBytes(12).toString('base64url')}`;
      const token = `${claim}.${sign(claim).toString('base64url')}`;
      return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: ttlSec } };
    },
    accepts(authorization) {
      const [, until = '', chance = '', signature = ''] =
        /^Bearer (\d{1,12})\.([\w-]{1,32})\.([\w-]{1,64})$/i.exec(authorization ?? '') ?? [];
      const given = Buffer.from(signature, 'base64url');
      const wanted = sign(`${until}.${chance}`);
      const isOurs = given.length === wanted.length && timingSafeEqual(given, wanted);
      return isOurs && Number(until) * 1_000 > clock.now();
    },
  };
}

function clientOf(authorization: string | null, form: URLSearchParams): OwnChannelClient {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined)
    return { clientId: form.get('client_id') ?? '', clientSecret: form.get('client_secret') ?? '' };
  const [clientId = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { clientId, clientSecret: secret.join(':') };
}

/** The lengths stand before the texts, so that no two clients read the same. */
function digestOf({ clientId, clientSecret }: OwnChannelClient): Buffer {
  return hash('sha256', `${clientId.length}:${clientId}${clientSecret}`, 'buffer');
}
