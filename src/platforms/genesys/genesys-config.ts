// Owns one Genesys entry of the configuration file: its shape, its defaults and what is missing from it. Secrets are named, not
// echoed, in every complaint. Environment variables are read by the composition root only; here they are names.

import { z } from 'zod';
import { desktopOrigin } from '../card-config.ts';
import { clientTlsConfig } from '../tls-config.ts';
import { genesysRegion } from './genesys-region.ts';

const baseUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
const secret = z.string().min(1, 'must not be empty');

/** Who may see briefings beside their conversations, and where (docs/card.md). */
const card = z.strictObject({
  /** An OAuth client of its own: Authorization Code Grant with PKCE, without a secret. */
  clientId: z.string().min(1, 'must not be empty'),
  redirectUri: z.url({ protocol: /^https?$/ }).optional(),
  scope: z.string().default(''),
  /** The desktop of the region where nothing is said. */
  frameAncestors: z.array(desktopOrigin).optional(),
});

export const genesysConfig = z
  .strictObject({
    kind: z.literal('genesys'),
    /** A region's key or domain; or else both URLs. */
    region: z.string().optional(),
    loginUrl: baseUrl.optional(),
    apiUrl: baseUrl.optional(),
    clientId: z.string().min(1, 'must not be empty'),
    clientSecret: secret.optional(),
    /** The environment variable that holds the secret. */
    clientSecretEnv: secret.optional(),
    /** Genesys dev-center rate limits: 300 for one client-credentials token. */
    rateLimitPerMinute: z.int().min(1).max(100_000_000).default(300),
    /** How long after a time-out a transfer may still appear. */
    settleMs: z.int().min(0).max(60_000).default(5_000),
    /** Accepted one beside the other, so that a secret can be changed without a gap. */
    hookSecrets: z.array(z.string().min(16, 'must have at least 16 characters')).max(2).default([]),
    /** Seed 004's rule for what travels inline; a threshold of ours, not a REST limit of Genesys. A reference has 36 bytes. */
    attributeValueBytes: z.int().min(64).max(32_000).default(256),
    /** The count of the bot flows ("Set Participant Data action"); REST itself documents none. */
    attributeCount: z.int().min(8).max(500).default(50),
    notifications: z.boolean().default(false),
    /** A transfer's token goes along as User-to-User: for BYOC trunks that pass it on (not for Genesys Cloud Voice). */
    userToUser: z.boolean().default(false),
    /** Holds the agent who accepts a handoff for so long (docs/agent-hold.md); 0 holds nobody. */
    agentHoldSec: z.number().min(0).max(30).default(0),
    /** The id of the presence that holds: the organisation's own definition. */
    agentHoldPresenceId: z.guid().optional(),
    card: card.optional(),
    tls: clientTlsConfig.prefault({}),
  })
  .check((context) => {
    const { region, loginUrl, apiUrl, clientSecret, clientSecretEnv, agentHoldSec, agentHoldPresenceId } =
      context.value;
    const complain = (path: string, message: string) =>
      context.issues.push({ code: 'custom', path: [path], message, input: undefined });
    if (region !== undefined && (loginUrl ?? apiUrl) !== undefined)
      complain('region', 'give a region or URLs, not both');
    if (region !== undefined && genesysRegion(region) === undefined) complain('region', 'Genesys has no such region');
    if (region === undefined && loginUrl === undefined) complain('loginUrl', 'give a region, or loginUrl and apiUrl');
    if (region === undefined && apiUrl === undefined) complain('apiUrl', 'give a region, or loginUrl and apiUrl');
    if (agentHoldSec > 0 && agentHoldPresenceId === undefined) {
      complain('agentHoldPresenceId', 'is missing: agentHoldSec needs the presence to set');
    }
    if ((clientSecret === undefined) === (clientSecretEnv === undefined)) {
      complain('clientSecret', 'give exactly one of clientSecret and clientSecretEnv');
    }
  })
  .transform(({ region, loginUrl = '', apiUrl = '', card: given, ...entry }) => {
    const { appsUrl, ...urls } = genesysRegion(region ?? '') ?? { loginUrl, apiUrl };
    const desktops = appsUrl === undefined ? [] : [appsUrl];
    return {
      ...entry,
      ...urls,
      ...(given && { card: { ...given, frameAncestors: given.frameAncestors ?? desktops } }),
    };
  });

export type GenesysConfig = z.output<typeof genesysConfig>;
