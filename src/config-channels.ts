// Owns how customers are reached, as the configuration file says it: who sends text messages, what a deflection is run with, and when callbacks
// may be made. What must be true of them together is told with everything else. No secret is ever echoed in a fault.

import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { composeText, DEFAULT_TEMPLATE, templateFaults } from './channels/sms/message-text.ts';
import type { Sender } from './channels/sms/sender-pool.ts';
import type { PlatformEntry } from './config-platforms.ts';
import { type CallingHours, isZone } from './protocols/calling-hours.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
/** Stands for the key that a twin makes when it starts. */
export const TWINS_OWN_KEY = 'made by the twin';
/** As long as a claim's token is. */
const SAMPLE_TOKEN = 'A'.repeat(22);
const MOST_TTL_MINUTES = 24 * 60;

const text = z.string().min(1, 'must not be empty');
/** An address of ours, or of this machine. */
const ownUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => url.startsWith('https:') || LOOPBACK.has(new URL(url).hostname),
    'must be https, unless it is this machine',
  )
  .transform((url) => url.replace(/\/+$/, ''));
const vendorUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
const e164 = z.string().regex(/^\+[1-9]\d{4,14}$/, 'must be E.164');
const sender = z
  .union([
    e164,
    z.strictObject({
      number: e164,
      countries: z
        .array(z.string().regex(/^[A-Z]{2}$/))
        .min(1)
        .optional(),
    }),
  ])
  .transform((given): Sender => {
    if (typeof given === 'string') return { number: given };
    return { number: given.number, ...(given.countries && { countries: given.countries }) };
  });
const numbers = z.array(sender).min(1, 'give at least one number');

const twilio = z.strictObject({
  kind: z.literal('twilio'),
  /** Of another region; Twilio's own where it is left out. */
  apiUrl: vendorUrl.default('https://api.twilio.com'),
  accountSid: z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'must be such as AC…'),
  /** Signs the hooks, and logs in where there is no API key. */
  authToken: text.optional(),
  authTokenEnv: text.optional(),
  /** Accepted beside it while it is changed. */
  oldAuthTokenEnv: text.optional(),
  apiKeySid: text.optional(),
  apiKeySecret: text.optional(),
  apiKeySecretEnv: text.optional(),
  /** False where Twilio's own answers to STOP, START and HELP were switched off. */
  answersKeywords: z.boolean().default(true),
  numbers,
});
const vonage = z.strictObject({
  kind: z.literal('vonage'),
  apiUrl: vendorUrl.default('https://api.nexmo.com'),
  applicationId: text,
  /** PEM. */
  privateKey: text.optional(),
  privateKeyEnv: text.optional(),
  apiKey: text,
  signatureSecret: text.optional(),
  signatureSecretEnv: text.optional(),
  oldSignatureSecretEnv: text.optional(),
  optOutAssist: z.boolean().default(false),
  numbers,
});
const genesys = z.strictObject({
  kind: z.literal('genesys'),
  /** The platform of the configuration whose credentials and quota it goes under. */
  platform: text.default('genesys_cloud'),
  numbers,
});
const provider = z.discriminatedUnion('kind', [twilio, vonage, genesys]);
type Provider = z.output<typeof provider>;

const sms = z.strictObject({
  /** Under which providers reach our hooks. */
  webhookUrl: ownUrl,
  /** In order of preference: the next is used when one fails or stays silent. */
  providers: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/, 'lower case, digits, - and _'), provider),
});

/** What the file may say of channels; each has its defaults. */
export const channelFields = {
  channels: z.strictObject({ sms: sms.optional() }).prefault({}),
  deflection: z
    .strictObject({
      ttlMinutes: z.int().min(1).max(MOST_TTL_MINUTES).default(60),
      /** Without a receipt for so long a message counts as unconfirmed. */
      receiptWaitSec: z.number().min(5).max(300).default(20),
      template: z.string().default(DEFAULT_TEMPLATE.text),
      maxSegments: z.union([z.literal(1), z.literal(2)]).default(2),
      brand: text.max(40).optional(),
      /** Under which customers reach us; links begin with it. */
      publicUrl: ownUrl.optional(),
      /** Context fields and attributes that go with the first use of a link. */
      purgeOnFirstUse: z.array(text).max(50).default([]),
    })
    .prefault({}),
  callbacks: z
    .strictObject({
      /** Whose queue calls; none can without. */
      platform: text.optional(),
      queue: text.optional(),
      /** Local time where the customer is. */
      hours: z
        .strictObject({ from: z.int().min(0).max(23).default(8), to: z.int().min(1).max(24).default(21) })
        .refine(({ from, to }) => from < to, 'from must be before to')
        .prefault({}),
      /** The time zone (IANA) that is taken for numbers of which none is known; without it they are not called. */
      otherwiseIn: z.string().refine(isZone, 'is no IANA time zone').optional(),
      /** The context attribute that must say that the customer agreed to be called. */
      consentAttribute: text.optional(),
      /** Whether the customer may be called at once and joined with the queue (seed 000 §5 B). */
      bridged: z.boolean().default(false),
      settleWithinSec: z.number().min(10).max(900).default(120),
    })
    .prefault({}),
} as const;

/** Fields that name a variable of the environment. */
export const CHANNEL_VARIABLES = [
  'authTokenEnv',
  'oldAuthTokenEnv',
  'apiKeySecretEnv',
  'privateKeyEnv',
  'signatureSecretEnv',
  'oldSignatureSecretEnv',
] as const;

const given = z.object(channelFields);
export type ChannelsGiven = z.output<typeof given>;

export type TwilioEntry = Pick<
  z.output<typeof twilio>,
  'kind' | 'apiUrl' | 'accountSid' | 'answersKeywords' | 'numbers'
> & {
  readonly authTokens: readonly string[];
  readonly login: { readonly username: string; readonly password: string };
};
export type VonageEntry = Pick<
  z.output<typeof vonage>,
  'kind' | 'apiUrl' | 'applicationId' | 'apiKey' | 'optOutAssist' | 'numbers'
> & { readonly privateKey: string; readonly signatureSecrets: readonly string[] };
export type SmsEntry = TwilioEntry | VonageEntry | z.output<typeof genesys>;

export type ChannelsConfig = {
  /** By the names of routes, in order of preference; null where nothing can be texted. */
  readonly sms: { readonly webhookUrl: string; readonly routes: ReadonlyMap<string, SmsEntry> } | null;
  readonly deflection: Omit<ChannelsGiven['deflection'], 'brand' | 'publicUrl'> & {
    readonly brand: string;
    readonly publicUrl: string;
  };
  readonly callbacks: {
    /** Null where none can be made. */
    readonly platform: string | null;
    readonly queue: string;
    readonly hours: CallingHours;
    readonly otherwiseIn?: string | undefined;
    readonly consentAttribute: string | null;
    readonly bridged: boolean;
    readonly settleWithinSec: number;
  };
};

type Environment = Readonly<Record<string, string | undefined>>;

/** What the file says, with secrets in the place of variables' names. Faults carry the path of their field. */
export function readChannels(
  { channels, deflection, callbacks }: ChannelsGiven,
  platforms: ReadonlyMap<string, PlatformEntry>,
  env: Environment,
): { readonly channels: ChannelsConfig; readonly faults: readonly string[] } {
  const faults: string[] = [];
  const complain = (path: string, message: string) => faults.push(`${path}: ${message}`);
  const routes = new Map<string, SmsEntry>();
  for (const [name, entry] of Object.entries(channels.sms?.providers ?? {})) {
    routes.set(
      name,
      entryOf(entry, env, (field, says) => complain(`channels.sms.providers.${name}.${field}`, says)),
    );
  }
  checkPlatforms(routes, platforms, complain);
  checkDeflection(deflection, channels.sms !== undefined, complain);
  checkCallbacks(callbacks, platforms, complain);
  if (channels.sms && routes.size === 0) complain('channels.sms.providers', 'give at least one');
  const { platform, queue, hours, consentAttribute, ...rest } = callbacks;
  return {
    faults,
    channels: {
      sms: channels.sms ? { webhookUrl: channels.sms.webhookUrl, routes } : null,
      deflection: { ...deflection, brand: deflection.brand ?? '', publicUrl: deflection.publicUrl ?? '' },
      callbacks: {
        ...rest,
        platform: platform ?? null,
        queue: queue ?? '',
        hours: { fromHour: hours.from, toHour: hours.to },
        consentAttribute: consentAttribute ?? null,
      },
    },
  };
}

type Complain = (path: string, message: string) => void;

function entryOf(entry: Provider, env: Environment, complain: Complain): SmsEntry {
  const secret = (value: string | undefined, name: string | undefined) => value ?? env[name ?? ''] ?? '';
  const one = (field: string, value: string | undefined, name: string | undefined) => {
    if ((value === undefined) === (name === undefined)) complain(field, `give exactly one of ${field} and ${field}Env`);
    return secret(value, name);
  };
  const old = (name: string | undefined) => (name === undefined ? [] : [secret(undefined, name)]);
  switch (entry.kind) {
    case 'genesys':
      return entry;
    case 'twilio': {
      const { kind, apiUrl, accountSid, answersKeywords, numbers: pool, apiKeySid } = entry;
      const authToken = one('authToken', entry.authToken, entry.authTokenEnv);
      const login =
        apiKeySid === undefined
          ? { username: accountSid, password: authToken }
          : { username: apiKeySid, password: one('apiKeySecret', entry.apiKeySecret, entry.apiKeySecretEnv) };
      const authTokens = [authToken, ...old(entry.oldAuthTokenEnv)];
      return { kind, apiUrl, accountSid, answersKeywords, numbers: pool, authTokens, login };
    }
    case 'vonage': {
      const { kind, apiUrl, applicationId, apiKey, optOutAssist, numbers: pool } = entry;
      const privateKey = one('privateKey', entry.privateKey, entry.privateKeyEnv);
      // One that is missing or empty has been told already.
      if (privateKey !== '' && privateKey !== TWINS_OWN_KEY && !isRsaKey(privateKey))
        complain('privateKey', 'must be an RSA private key in PEM');
      const signature = one('signatureSecret', entry.signatureSecret, entry.signatureSecretEnv);
      const signatureSecrets = [signature, ...old(entry.oldSignatureSecretEnv)];
      return { kind, apiUrl, applicationId, apiKey, optOutAssist, numbers: pool, privateKey, signatureSecrets };
    }
  }
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

function checkPlatforms(
  routes: ReadonlyMap<string, SmsEntry>,
  platforms: ReadonlyMap<string, PlatformEntry>,
  complain: Complain,
): void {
  for (const [name, entry] of routes) {
    if (entry.kind !== 'genesys' || platforms.get(entry.platform)?.kind === 'genesys') continue;
    complain(`channels.sms.providers.${name}.platform`, 'must be a Genesys Cloud platform of this file');
  }
}

function checkDeflection(deflection: ChannelsGiven['deflection'], texts: boolean, complain: Complain): void {
  const { template, maxSegments, brand, publicUrl } = deflection;
  for (const fault of templateFaults({ text: template, maxSegments })) complain('deflection.template', fault);
  if (!texts) return;
  if (brand === undefined) complain('deflection.brand', 'is missing: a customer must know who texts them');
  if (publicUrl === undefined) complain('deflection.publicUrl', 'is missing: links begin with it');
  if (brand === undefined || publicUrl === undefined) return;
  const link = `${publicUrl}/c/${SAMPLE_TOKEN}`;
  const composed = composeText({ text: template, maxSegments }, { brand, link });
  if (composed.kind === 'refused' && composed.because === 'too-long')
    complain('deflection.template', `with brand and link it is longer than ${maxSegments} segments`);
}

function checkCallbacks(
  { platform, queue, bridged, consentAttribute }: ChannelsGiven['callbacks'],
  platforms: ReadonlyMap<string, PlatformEntry>,
  complain: Complain,
): void {
  if (platform === undefined) {
    if (bridged) complain('callbacks.bridged', 'needs callbacks.platform');
    return;
  }
  const entry = platforms.get(platform);
  if (!entry || entry.kind === 'gateway')
    complain('callbacks.platform', 'must be a Genesys Cloud or CXone platform of this file');
  if (queue === undefined) complain('callbacks.queue', 'is missing: callbacks without a queue of their own go to it');
  if (!bridged) return;
  if (entry?.kind === 'gateway') complain('callbacks.bridged', 'only Genesys Cloud and CXone can');
  if (entry?.kind === 'cxone' && !entry.callbackScript)
    complain('callbacks.bridged', `needs platforms.${platform}.callbackScript: a script of yours that calls`);
  // 47 CFR 64.1200: whoever is called by a machine must have agreed before.
  if (consentAttribute === undefined)
    complain('callbacks.consentAttribute', 'is missing: who is called by a machine must have agreed to it');
}
