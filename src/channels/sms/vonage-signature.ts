// Owns the proof that a request was sent by Vonage: a JWT in Authorization, HS256 under the account's signature secret, that holds
// the SHA-256 of the payload (https://developer.vonage.com/en/messages/concepts/signed-webhooks). The hash is checked always
// and on the raw bytes: without it a token that was seen once would sign anything. Several secrets are accepted at once, so
// that one can be changed without a gap.

import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { HookRequest } from './sms-hook.ts';

export type VonageSecrets = {
  /** The `api_key` that the token must name: a secret of one account proves nothing about another. */
  readonly apiKey: string;
  readonly signatureSecrets: readonly string[];
  readonly clock: Pick<Clock, 'now'>;
  readonly limits?: VonageSkew;
};

export type VonageSkew = {
  /** How far ahead of ours its clock may be. */
  readonly aheadMs: number;
  /**
   * How old a token may be. Vonage repeats a request for 24 h and does not say whether it signs it anew, so by default a day and an
   * hour: what an old token could repeat is the status that it was made for, which changes nothing.
   */
  readonly ageMs: number;
};

export type VonageVerifier = (request: HookRequest) => boolean;

const DEFAULT_SKEW: VonageSkew = { aheadMs: 60_000, ageMs: 25 * 3_600_000 };
const LONGEST_TOKEN = 4_096;

const wireHeader = z.object({ alg: z.literal('HS256') });
const wireClaims = z.object({
  iat: z.number(),
  exp: z.number().optional(),
  nbf: z.number().optional(),
  iss: z.literal('Vonage'),
  api_key: z.string(),
  payload_hash: z.string().regex(/^[0-9a-fA-F]{64}$/),
});

/** Without secrets: never. */
export function vonageVerifier({
  apiKey,
  signatureSecrets,
  clock,
  limits = DEFAULT_SKEW,
}: VonageSecrets): VonageVerifier {
  const secrets = signatureSecrets.filter((secret) => secret !== '');
  return ({ headers, rawBody }) => {
    const token = /^Bearer ([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/i.exec(
      headers.get('authorization') ?? '',
    );
    if (token === null || token[0].length > LONGEST_TOKEN) return false;
    const [, header = '', payload = '', signature = ''] = token;
    // As text: base64url has several spellings of the same bytes, and only one of them is Vonage's.
    const told = Buffer.from(signature);
    // Every secret is tried, whatever the earlier ones said.
    const signed = secrets
      .map((secret) =>
        timingSafeEqual(
          told,
          Buffer.from(createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')),
        ),
      )
      .includes(true);
    if (!signed || !wireHeader.safeParse(partOf(header)).success) return false;
    const claims = wireClaims.safeParse(partOf(payload));
    return (
      claims.success &&
      claims.data.api_key === apiKey &&
      isTimely(claims.data, clock.now(), limits) &&
      timingSafeEqual(Buffer.from(claims.data.payload_hash, 'hex'), hash('sha256', rawBody, 'buffer'))
    );
  };
}

function isTimely(
  { iat, exp, nbf }: z.output<typeof wireClaims>,
  now: number,
  { aheadMs, ageMs }: VonageSkew,
): boolean {
  const issued = iat * 1_000;
  if (issued > now + aheadMs || issued < now - ageMs) return false;
  if (nbf !== undefined && nbf * 1_000 > now + aheadMs) return false;
  return exp === undefined || exp * 1_000 > now - aheadMs;
}

function partOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
