// Owns one gateway entry of the configuration file: its shape, its defaults and what is missing from it. Secrets are named, not
// echoed, in every complaint. Environment variables are read by the composition root only; here they are names.

import { z } from 'zod';
import { referenceCard } from '../card-config.ts';
import { clientTlsConfig } from '../tls-config.ts';
import { hookKey } from './hook.ts';

const url = z.url({ protocol: /^https?$/ }).transform((given) => given.replace(/\/+$/, ''));
const secret = z.string().min(1, 'must not be empty');

const hookSecret = z
  .string()
  .refine((given) => hookKey(given) !== undefined, 'must be whsec_ and the base64 of at least 24 random bytes');

export const gatewayConfig = z
  .strictObject({
    kind: z.literal('gateway'),
    baseUrl: url,
    /** A token that does not change, or the name of the variable that holds it; or else client credentials. */
    token: secret.optional(),
    tokenEnv: secret.optional(),
    tokenUrl: url.optional(),
    clientId: secret.optional(),
    clientSecret: secret.optional(),
    clientSecretEnv: secret.optional(),
    scope: z.string().optional(),
    rateLimitPerMinute: z.int().min(1).max(100_000_000).default(600),
    /** Accepted one beside the other, so that a secret can be changed without a gap. */
    hookSecrets: z.array(hookSecret).max(2).default([]),
    /** Its agents may read briefings; none without it. Whose desktops those are, nobody but the operator knows. */
    card: referenceCard([]).optional(),
    tls: clientTlsConfig.prefault({}),
  })
  .check((context) => {
    const given = context.value;
    const complain = (path: string, message: string) =>
      context.issues.push({ code: 'custom', path: [path], message, input: undefined });
    const tokens = [given.token, given.tokenEnv].filter((one) => one !== undefined).length;
    const secrets = [given.clientSecret, given.clientSecretEnv].filter((one) => one !== undefined).length;
    const credentials = [given.tokenUrl, given.clientId].filter((one) => one !== undefined).length + secrets;
    if (tokens > 1) complain('token', 'give only one of token and tokenEnv');
    if (tokens > 0 && credentials > 0) complain('token', 'give a token or client credentials, not both');
    if (tokens === 0 && credentials === 0)
      complain('token', 'give token or tokenEnv, or tokenUrl with client credentials');
    if (tokens > 0 || credentials === 0) return;
    if (given.tokenUrl === undefined) complain('tokenUrl', 'is missing beside the client credentials');
    if (given.clientId === undefined) complain('clientId', 'is missing beside tokenUrl');
    if (secrets !== 1) complain('clientSecret', 'give exactly one of clientSecret and clientSecretEnv');
  });

export type GatewayConfig = z.output<typeof gatewayConfig>;
