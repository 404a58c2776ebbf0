// Owns the settings of the CXone twin: what they start as, what may be changed while it runs, and which of them are shown.

import { z } from 'zod';
import { controlRefusal } from '../control-surface.ts';
import type { TwinResponse } from '../exchange.ts';
import { type Hook, hookSchema } from '../hook-post.ts';
import type { RestTarget } from '../rest-action.ts';
import type { OwnChannelSettings } from './own-channel.ts';

export type CxoneSettings = {
  latencyMs: number;
  settleMs: number;
  rateLimitPerMinute: number;
  tokenTtlSec: number;
  entryTimeoutMs: number;
  ringMs: number;
  acwMs: number;
  customFields: readonly string[];
  hook: Hook | undefined;
  entry: RestTarget | undefined;
  /** Where ONANSWER asks for the page that it pops; absent: nothing is popped. */
  card: RestTarget | undefined;
  byoc: OwnChannelSettings | undefined;
};

export type GivenSettings = { readonly [Name in keyof CxoneSettings]?: CxoneSettings[Name] };

const SETTLE_MS = 250;
/** No page tells the ACD's limit; this is what the digital platform publishes for sending. */
const RATE_LIMIT_PER_MINUTE = 6_000;
/** Developer FAQ: generally one hour. */
const TOKEN_TTL_SEC = 3_600;
const ENTRY_TIMEOUT_MS = 30_000;
/** As the guide of the script tells its engineer to set it. */
const RING_MS = 25_000;

/** Those that Throughline's handoffs fill (docs/vendors/cxone.md), as an administrator would have made them, and a few of others. */
const CUSTOM_FIELDS: readonly string[] = [
  'interactionId',
  'agentContextSummary',
  'agent_briefing',
  'handoff_manifest',
  'handoff_manifest_ref',
  'handoff_context_ref',
  'recommended_queue',
  'dtmfSequence',
  'holdDurationSec',
  'piiMasked',
  'segment',
  'Topic',
  'handoffId',
  'cardUrl',
  'cardReference',
  'manifestRef',
  'summary',
  'intent',
  'sentiment',
  'authenticationStatus',
  'accountNumber',
  'customerId',
  'customerName',
  'previousQueue',
  'escalationReason',
  'complianceFlags',
  'originChannel',
];

const settingsSchema = z.strictObject({
  latencyMs: z.number().min(0).optional(),
  settleMs: z.number().min(0).optional(),
  rateLimitPerMinute: z.number().positive().optional(),
  tokenTtlSec: z.number().positive().optional(),
  entryTimeoutMs: z.number().min(0).optional(),
  ringMs: z.number().min(0).optional(),
  acwMs: z.number().min(0).optional(),
  customFields: z.array(z.string().min(1)).optional(),
  hook: hookSchema.nullable().optional(),
  entry: hookSchema.nullable().optional(),
  card: hookSchema.nullable().optional(),
  byoc: z
    .strictObject({
      box: z.url(),
      authorizationUrl: z.url(),
      clientId: z.string(),
      clientSecret: z.string(),
      form: z.enum(['posts', 'outbound']).default('posts'),
    })
    .nullable()
    .optional(),
});
/** What is not given is as at the vendor, as far as its pages tell. */
export function startSettings(options: GivenSettings): CxoneSettings {
  return {
    latencyMs: options.latencyMs ?? 0,
    settleMs: options.settleMs ?? SETTLE_MS,
    rateLimitPerMinute: options.rateLimitPerMinute ?? RATE_LIMIT_PER_MINUTE,
    tokenTtlSec: options.tokenTtlSec ?? TOKEN_TTL_SEC,
    entryTimeoutMs: options.entryTimeoutMs ?? ENTRY_TIMEOUT_MS,
    ringMs: options.ringMs ?? RING_MS,
    acwMs: options.acwMs ?? 0,
    customFields: options.customFields ?? CUSTOM_FIELDS,
    hook: options.hook,
    entry: options.entry,
    card: options.card,
    byoc: options.byoc,
  };
}

/** What `PUT /twin/settings` does. */
export function changeSettings(settings: CxoneSettings, body: unknown): TwinResponse {
  const asked = settingsSchema.safeParse(body);
  if (!asked.success) return controlRefusal(400, 'not settings', asked.error.issues);
  const { hook, entry, card, byoc, ...plain } = asked.data;
  Object.assign(settings, plain);
  if (hook !== undefined) settings.hook = hook ?? undefined;
  if (entry !== undefined) settings.entry = entry ?? undefined;
  if (card !== undefined) settings.card = card ?? undefined;
  if (byoc !== undefined) settings.byoc = byoc ?? undefined;
  return { status: 200, body: shownSettings(settings) };
}

/** Headers and secrets are not shown. */
export function shownSettings({ hook, entry, card, byoc, ...rest }: CxoneSettings) {
  return {
    ...rest,
    hook: hook === undefined ? null : { url: hook.url },
    entry: entry === undefined ? null : { url: entry.url },
    card: card === undefined ? null : { url: card.url },
    byoc: byoc === undefined ? null : { box: byoc.box, authorizationUrl: byoc.authorizationUrl, form: byoc.form },
  };
}
