// Owns one CXone entry of the configuration file: its shape, its defaults and what is missing from it. Secrets are named, not echoed, in
// every complaint. Environment variables are read by the composition root only; here they are names.

import { z } from 'zod';

const baseUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
const secret = z.string().min(1, 'must not be empty');

export const cxoneConfig = z
  .strictObject({
    kind: z.literal('nice_cxone'),
    /** Where the discovery documents are (NICE Developer Portal, "Discovery"). */
    issuerUrl: baseUrl.default('https://cxone.niceincontact.com'),
    accessKeyId: z.string().min(1, 'must not be empty'),
    accessKeySecret: secret.optional(),
    /** The environment variable that holds it. */
    accessKeySecretEnv: secret.optional(),
    /** A registered application, which signs in for the access key; or else UserHub's address, which needs none. */
    clientId: z.string().min(1, 'must not be empty').optional(),
    clientSecret: secret.optional(),
    clientSecretEnv: secret.optional(),
    userHubUrl: baseUrl.optional(),
    /** Where a token does not say it. */
    tenantId: z.string().min(1).optional(),
    /** Where the tenant's own document is not to be asked. */
    apiUrl: baseUrl.optional(),
    digitalUrl: baseUrl.optional(),
    apiVersion: z
      .string()
      .regex(/^v\d+\.\d+$/, 'must be such as v30.0')
      .default('v30.0'),
    /** No page tells the limit; ask NICE for the tenant's. */
    rateLimitPerMinute: z.int().min(1).max(100_000_000).default(300),
    attributeValueBytes: z.int().min(64).max(32_000).default(256),
    /** How long after a signal or a time-out an effect may still appear. */
    settleMs: z.int().min(0).max(60_000).default(5_000),
    /** How the scripts let a call go: TRANSFER takes the caller back when nobody answers, BLINDXFER frees both ports. */
    letGoBy: z.enum(['TRANSFER', 'BLINDXFER']).default('TRANSFER'),
    /** Set where the access key's user may join agents' sessions: only then can a warm transfer leave CXone. */
    agentSessions: z
      .strictObject({ dialSkillId: z.string().regex(/^\d+$/, 'must be the number of a skill').optional() })
      .optional(),
    /** The ident of the custom field that carries our id on digital cases. */
    tagField: z.string().min(1).optional(),
    /** Sent along by the scripts' call-outs. Accepted one beside the other, so that a secret can be changed without a gap. */
    hookSecrets: z.array(z.string().min(16, 'must have at least 16 characters')).max(2).default([]),
    /** How often it is asked what has changed, for call-outs that got lost; 0 asks never. */
    pollSec: z.number().min(0).max(300).default(5),
  })
  .check((context) => {
    const given = context.value;
    const complain = (path: string, message: string) =>
      context.issues.push({ code: 'custom', path: [path], message, input: undefined });
    if ((given.accessKeySecret === undefined) === (given.accessKeySecretEnv === undefined))
      complain('accessKeySecret', 'give exactly one of accessKeySecret and accessKeySecretEnv');
    if ((given.clientId === undefined) === (given.userHubUrl === undefined))
      complain('clientId', 'give exactly one of clientId and userHubUrl');
    const secrets = [given.clientSecret, given.clientSecretEnv].filter((one) => one !== undefined).length;
    if (given.clientId !== undefined && secrets !== 1)
      complain('clientSecret', 'give exactly one of clientSecret and clientSecretEnv');
    if (given.clientId === undefined && secrets > 0) complain('clientSecret', 'is nothing without clientId');
    if (given.pollSec > 0 && given.pollSec < 1) complain('pollSec', 'must be 0 or at least 1');
  });

export type CxoneConfig = z.output<typeof cxoneConfig>;
