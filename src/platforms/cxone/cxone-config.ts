// Owns one CXone entry of the configuration file: its shape, its defaults and what is missing from it. Secrets are named, not echoed, in
// every complaint. What no public document settles stands here, so that a tenant can say it (docs/vendors/cxone.md).

import { z } from 'zod';
import { referenceCard } from '../card-config.ts';
import { clientTlsConfig } from '../tls-config.ts';

const baseUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
const text = z.string().min(1, 'must not be empty');
const wholeNumber = z.string().regex(/^\d{1,18}$/, "must be the ACD's whole number");

/**
 * CXone Agent, as NICE's own agent SDK opens it, and MAX, as public code finds it (docs/vendors/cxone.md). Both are the commercial cloud's; a
 * desktop inside a CRM, or another cloud, is said in the configuration.
 */
const DESKTOPS = ['https://cxagent.nicecxone.com', 'https://max.niceincontact.com'];

export const cxoneConfig = z
  .strictObject({
    kind: z.literal('cxone'),
    /** Where the discovery documents are; `https://cxone-gov.niceincontact.com` for US government tenants. */
    issuerUrl: baseUrl.default('https://cxone.niceincontact.com'),
    /** Where a token does not name the tenant. */
    tenantId: text.optional(),
    /** Instead of what the tenant's discovery document says. */
    apiUrl: baseUrl.optional(),
    digitalUrl: baseUrl.optional(),
    /** A registered application, for the central login. */
    clientId: text.optional(),
    clientSecret: text.optional(),
    /** The environment variable that holds the secret. */
    clientSecretEnv: text.optional(),
    /** Instead of an application: the UserHub of the tenant's area, such as `https://na1.nice-incontact.com`. */
    userHubUrl: baseUrl.optional(),
    accessKeyId: text,
    accessKeySecret: text.optional(),
    accessKeySecretEnv: text.optional(),
    apiVersion: z
      .string()
      .regex(/^v\d{2}\.0$/, 'must be such as v30.0')
      .default('v30.0'),
    /** No public page has the ACD's numbers: a figure of ours. */
    rateLimitPerMinute: z.int().min(1).max(100_000_000).default(600),
    /** How long after a signal or a time-out an effect may still appear. */
    settleMs: z.int().min(0).max(60_000).default(5_000),
    /** Accepted one beside the other, so that a secret can be changed without a gap. */
    hookSecrets: z.array(z.string().min(16, 'must have at least 16 characters')).max(2).default([]),
    /** A figure of ours: a signal's values are kept short, and a custom field holds 1,024 characters. */
    attributeValueBytes: z.int().min(64).max(1_024).default(256),
    /** Asks where contacts are, beside what scripts tell; 0 never asks. */
    pollEverySec: z.number().min(0).max(3_600).default(0),
    /** How the scripts let a call go to the other platform. */
    transferAction: z.enum(['TRANSFER', 'BLINDXFER']).default('TRANSFER'),
    /** The access key's user may join agents' sessions: only then can agents' consultations leave CXone. */
    agentSessions: z.boolean().default(false),
    /** The outbound skill under which agents' calls go out. */
    dialSkillId: wholeNumber.optional(),
    /** The ident of the custom field that carries our id on digital cases. */
    tagField: text.optional(),
    /** Idents of custom fields that you have made beside those that carry the handoff itself (docs/vendors/cxone.md). */
    customFields: z.array(text).max(200).default([]),
    tls: clientTlsConfig.prefault({}),
    /** What the agent of a callback is shown: `{interactionId}` stands for our id. */
    callbackScreenPopUrl: z.url({ protocol: /^https?$/ }).optional(),
    /** A script of yours that calls a customer at once and joins an agent (docs/vendors/cxone/outbound-script.md), and its outbound skill. */
    callbackScript: z
      .strictObject({ path: text.optional(), id: wholeNumber.optional(), skillId: wholeNumber })
      .refine(({ path, id }) => (path === undefined) !== (id === undefined), 'give exactly one of path and id')
      .transform(({ path, id = '', skillId }) => ({ script: path === undefined ? { id } : { path }, skillId }))
      .optional(),
    /** Agents may read briefings beside their contacts; none without it. */
    card: referenceCard(DESKTOPS).optional(),
    /** Holds the agent who accepts a handoff for so long (docs/agent-hold.md); 0 holds nobody. */
    agentHoldSec: z.number().min(0).max(30).default(0),
    /** The state that holds: `Unavailable`, with a code of the tenant's own. */
    agentHoldState: z
      .string()
      .regex(/^Unavailable(:\d{1,9})?$/, 'must be such as Unavailable:103')
      .optional(),
  })
  .check((context) => {
    const { value } = context;
    const complain = (path: string, message: string) =>
      context.issues.push({ code: 'custom', path: [path], message, input: undefined });
    if ((value.accessKeySecret === undefined) === (value.accessKeySecretEnv === undefined))
      complain('accessKeySecret', 'give exactly one of accessKeySecret and accessKeySecretEnv');
    if ((value.clientId === undefined) === (value.userHubUrl === undefined))
      complain('clientId', 'give exactly one of clientId (central login) and userHubUrl');
    const secrets = [value.clientSecret, value.clientSecretEnv].filter((one) => one !== undefined).length;
    if (secrets !== (value.clientId === undefined ? 0 : 1))
      complain('clientSecret', 'give exactly one of clientSecret and clientSecretEnv with clientId, and none without');
    if (value.dialSkillId !== undefined && !value.agentSessions)
      complain('dialSkillId', 'is for agentSessions, which are off');
    if (value.agentHoldSec > 0 && value.agentHoldState === undefined)
      complain('agentHoldState', 'is missing: agentHoldSec needs the state to set');
  });

export type CxoneConfig = z.output<typeof cxoneConfig>;
